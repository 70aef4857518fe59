/** What XREADGROUP, XCLAIM and XAUTOCLAIM do to a group, and how they pass it on. */

import type { ReplyWriter } from "../resp/reply_writer.ts";
import type { Args } from "../router/args.ts";
import type { Call } from "../router/call.ts";
import { advanceGroup } from "../types/stream_counters.ts";
import { StreamCursor } from "../types/stream_cursor.ts";
import type { Stream } from "../types/stream.ts";
import type { Consumer, ConsumerGroup } from "../types/stream_group.ts";
import { MAX_ID, StreamId } from "../types/stream_id.ts";
import { CREATE_CONSUMER_EVENT } from "./stream_event.ts";
import {
  countText,
  replyEntry,
  replyId,
  replyOneEntry,
} from "./stream_reply.ts";

const entries = new StreamCursor();
const id = new StreamId();

/** Makes a consumer and tells of it. */
export function addConsumer(
  { db, nowMs }: Call,
  args: Args,
  keyAt: number,
  group: ConsumerGroup,
  name: Uint8Array,
): Consumer {
  const consumer = group.addConsumer(name, nowMs);
  db.changed(args, keyAt, CREATE_CONSUMER_EVENT);
  return consumer;
}

/** How entries are given to a consumer. */
export interface Delivery {
  /** Indices of the key and of the group's name. */
  readonly keyAt: number;
  readonly groupAt: number;
  readonly countMax: number;
  /** The entries do not become pending. */
  readonly hasNoAck: boolean;
}

/** Answers the entries from `start` on as an array and gives them to the consumer. */
export function deliver(
  call: Call,
  args: Args,
  reply: ReplyWriter,
  stream: Stream,
  group: ConsumerGroup,
  consumer: Consumer,
  start: StreamId,
  { keyAt, groupAt, countMax, hasNoAck }: Delivery,
): void {
  const { nowMs, effects } = call;
  const mark = reply.beginDeferred();
  let count = 0, hasAdvanced = false;
  entries.start(stream, start, MAX_ID);
  while (count < countMax && entries.next()) {
    if (entries.id.compare(group.lastId) > 0) {
      advanceGroup(group, stream, entries.id);
      hasAdvanced = true;
    }
    replyEntry(reply, entries);
    count++;
    if (hasNoAck) continue;
    let slot = group.pending.get(entries.id);
    if (slot < 0) slot = group.addPending(entries.id, consumer, nowMs, 1);
    else {
      group.give(entries.id, slot, consumer);
      group.setDelivery(slot, nowMs, 1);
    }
    consumer.activeTimeMs = nowMs;
    if (effects.isWanted) {
      passOnClaim(call, args, keyAt, groupAt, group, slot, entries.id);
    }
  }
  if (hasNoAck && hasAdvanced) passOnLastId(call, args, keyAt, groupAt, group);
  reply.endDeferred(mark, count);
}

/** Answers what the consumer has pending from `start` on; entries that are gone without contents. */
export function replyHistory(
  reply: ReplyWriter,
  stream: Stream,
  group: ConsumerGroup,
  consumer: Consumer,
  start: StreamId,
  countMax: number,
  nowMs: number,
): void {
  const mark = reply.beginDeferred();
  let count = 0;
  id.copyFrom(start);
  while (count < countMax) {
    const slot = consumer.pending.seek(id);
    if (slot < 0) break;
    count++;
    if (replyOneEntry(reply, stream, id)) {
      group.setDelivery(slot, nowMs, group.deliveryCountOf(slot) + 1);
    } else {
      reply.array(2);
      replyId(reply, id);
      reply.nullArray();
    }
    if (!id.increment()) break;
  }
  reply.endDeferred(mark, count);
}

/** Passes on who has a pending entry now, and up to where the group has read. */
export function passOnClaim(
  { effects }: Call,
  args: Args,
  keyAt: number,
  groupAt: number,
  group: ConsumerGroup,
  slot: number,
  entryId: StreamId | Uint8Array,
): void {
  effects.replaceWith(
    "XCLAIM",
    args.slice(keyAt),
    args.slice(groupAt),
    group.ownerOf(slot)!.name,
    "0",
    entryId instanceof StreamId ? entryId.toString() : entryId,
    "TIME",
    `${group.deliveryTimeOf(slot)}`,
    "RETRYCOUNT",
    countText(group.deliveryCountOf(slot)),
    "FORCE",
    "JUSTID",
    "LASTID",
    group.lastId.toString(),
  );
}

/** Passes on up to where the group has read. */
export function passOnLastId(
  { effects }: Call,
  args: Args,
  keyAt: number,
  groupAt: number,
  group: ConsumerGroup,
): void {
  effects.replaceWith(
    "XGROUP",
    "SETID",
    args.slice(keyAt),
    args.slice(groupAt),
    group.lastId.toString(),
    "ENTRIESREAD",
    countText(group.entriesRead),
  );
}
