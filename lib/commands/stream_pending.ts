/** XACK and XPENDING: entries that were given to consumers and not acknowledged. */

import { TYPE_STREAM } from "../keyspace/record.ts";
import type { ReplyWriter } from "../resp/reply_writer.ts";
import type { Args } from "../router/args.ts";
import type { Call } from "../router/call.ts";
import { CommandError } from "../router/command_error.ts";
import { defineCommand, oneKey } from "../router/command.ts";
import { streamOf } from "../types/stream_value.ts";
import type { ConsumerGroup } from "../types/stream_group.ts";
import { StreamId } from "../types/stream_id.ts";
import { readEnd, readId, readStart } from "./stream_arguments.ts";
import { noSuchKeyOrGroup } from "./stream_error.ts";
import { replyCount, replyId } from "./stream_reply.ts";

const first = new StreamId();
const last = new StreamId();

/** XACK key group id [id ...]. {@link https://redis.io/docs/latest/commands/xack/} */
export const xackCommand = defineCommand({
  name: "xack",
  arity: -4,
  flags: ["write", "fast"],
  group: "stream",
  keys: oneKey("RW", "update"),
  since: "5.0.0",
  complexity: "O(1) for each message ID processed.",
  summary:
    "Returns the number of messages that were successfully acknowledged by the consumer group member of a stream.",
  syntax: "key group{:string} id{:string} [id ...]",
  run(call, args, reply) {
    const { db, keyspace } = call;
    if (findGroup(call, args) === undefined) return reply.integer(0);
    for (let i = 3; i < args.count; i++) readId(args, i, first);
    const ref = db.writeType(args, 1, TYPE_STREAM);
    const group = streamOf(db.map, ref).group(args.slice(2))!;
    let count = 0;
    for (let i = 3; i < args.count; i++) {
      readId(args, i, first);
      if (group.deletePending(first)) count++;
    }
    keyspace.dirty += count;
    reply.integer(count);
  },
});

/**
 * XPENDING key group [[IDLE min-idle-time] start end count [consumer]]
 *
 * {@link https://redis.io/docs/latest/commands/xpending/}
 */
export const xpendingCommand = defineCommand({
  name: "xpending",
  arity: -3,
  flags: ["readonly"],
  group: "stream",
  keys: oneKey("RO", "access"),
  since: "5.0.0",
  complexity:
    "O(N) with N being the number of elements returned, so asking for a small fixed number of entries per call is O(1). O(M), where M is the total number of entries scanned when used with the IDLE filter. When the command returns just the summary and the list of consumers is small, it runs in O(1) time; otherwise, an additional O(N) time for iterating every consumer.",
  summary:
    "Returns the information and entries from a stream consumer group's pending entries list.",
  syntax:
    "key group{:string} [[IDLE min-idle-time{:integer}]{6.2.0} start{:string} end{:string} count [consumer{:string}]]{filters}",
  tips: ["nondeterministic_output"],
  history: [[
    "6.2.0",
    "Added the `IDLE` option and exclusive range intervals.",
  ]],
  run(call, args, reply) {
    const { count: words } = args;
    if (words !== 3 && (words < 6 || words > 9)) throw CommandError.syntax;
    if (words === 3) {
      const group = findGroup(call, args);
      if (group === undefined) throw noSuchKeyOrGroup(args);
      return replySummary(reply, group);
    }
    const hasIdle = args.is(3, "idle");
    const minIdleMs = hasIdle ? args.integer(4) : 0;
    if (hasIdle && words < 8) throw CommandError.syntax;
    const startAt = hasIdle ? 5 : 3;
    const countMax = args.integer(startAt + 2);
    readStart(args, startAt, first);
    readEnd(args, startAt + 1, last);
    const group = findGroup(call, args);
    if (group === undefined) throw noSuchKeyOrGroup(args);
    const consumerAt = startAt + 3 < words ? startAt + 3 : 0;
    const pending = consumerAt === 0
      ? group.pending
      : group.consumer(args.slice(consumerAt))?.pending;
    if (pending === undefined) return reply.array(0);
    const mark = reply.beginDeferred();
    let count = 0;
    while (count < countMax) {
      const slot = pending.seek(first);
      if (slot < 0 || first.compare(last) > 0) break;
      const idleMs = call.nowMs - group.deliveryTimeOf(slot);
      if (minIdleMs === 0 || idleMs >= minIdleMs) {
        replyPending(reply, group, slot, idleMs);
        count++;
      }
      if (!first.increment()) break;
    }
    reply.endDeferred(mark, count);
  },
});

/** The group that is named; undefined without it or its key. */
function findGroup({ db }: Call, args: Args): ConsumerGroup | undefined {
  const ref = db.readType(args, 1, TYPE_STREAM);
  return ref === 0 ? undefined : streamOf(db.map, ref).group(args.slice(2));
}

/** How many entries are pending, the first and the last one, and how many each consumer has. */
function replySummary(reply: ReplyWriter, group: ConsumerGroup): void {
  const { pending } = group;
  reply.array(4);
  reply.integer(pending.size);
  if (pending.size === 0) {
    reply.null();
    reply.null();
    return reply.nullArray();
  }
  first.set(0, 0, 0, 0);
  pending.seek(first);
  replyId(reply, first);
  pending.seekLast(last);
  replyId(reply, last);
  const owners = group.consumers().filter(({ pending }) => pending.size > 0);
  reply.array(owners.length);
  for (const { name, pending } of owners) {
    reply.array(2);
    reply.bulk(name);
    reply.bulkText(`${pending.size}`);
  }
}

/** The pending entry `first`: who has it, for how long, and how often it was given. */
function replyPending(
  reply: ReplyWriter,
  group: ConsumerGroup,
  slot: number,
  idleMs: number,
): void {
  reply.array(4);
  replyId(reply, first);
  reply.bulk(group.ownerOf(slot)!.name);
  reply.integer(Math.max(0, idleMs));
  replyCount(reply, group.deliveryCountOf(slot));
}
