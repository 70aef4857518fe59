/** XCLAIM and XAUTOCLAIM: pending entries change their owner. */

import { TYPE_STREAM } from "../keyspace/record.ts";
import type { Args } from "../router/args.ts";
import type { Call } from "../router/call.ts";
import { CommandError } from "../router/command_error.ts";
import type { ReplyWriter } from "../resp/reply_writer.ts";
import { defineCommand, oneKey } from "../router/command.ts";
import type { Stream } from "../types/stream.ts";
import { streamOf } from "../types/stream_value.ts";
import type { Consumer, ConsumerGroup } from "../types/stream_group.ts";
import { MIN_ID, StreamId } from "../types/stream_id.ts";
import { isId, readId, readStart } from "./stream_arguments.ts";
import { addConsumer, passOnClaim, passOnLastId } from "./stream_delivery.ts";
import { noSuchKeyOrGroup } from "./stream_error.ts";
import { replyId, replyOneEntry } from "./stream_reply.ts";

const BAD_CLAIM_IDLE = new CommandError(
  "ERR Invalid min-idle-time argument for XCLAIM",
);
const BAD_AUTO_IDLE = new CommandError(
  "ERR Invalid min-idle-time argument for XAUTOCLAIM",
);
const BAD_IDLE = new CommandError(
  "ERR Invalid IDLE option argument for XCLAIM",
);
const BAD_TIME = new CommandError(
  "ERR Invalid TIME option argument for XCLAIM",
);
const BAD_RETRYCOUNT = new CommandError(
  "ERR Invalid RETRYCOUNT option argument for XCLAIM",
);
const BAD_COUNT = new CommandError("ERR COUNT must be > 0");
const COUNT_TOO_HIGH = new CommandError(
  "ERR Insufficient memory, failed allocating transient memory, COUNT too high.",
);

/** XAUTOCLAIM looks at so many times more entries than it may answer. */
const ATTEMPTS_FACTOR = 10;
const COUNT_DEFAULT = 100;
/** Beyond this, IDs of 16 bytes are no number of bytes any more. */
const COUNT_MAX = 2 ** 59 - 1;
/** More IDs than a process has addresses for. */
const COUNT_ALLOCATED_MAX = 2 ** 43;
const NOT_GIVEN = -1;

const id = new StreamId();

/**
 * XCLAIM key group consumer min-idle-time id [id ...] [IDLE ms]
 * [TIME unix-time-milliseconds] [RETRYCOUNT count] [FORCE] [JUSTID] [LASTID lastid]
 *
 * Entries that were deleted from the stream are no longer pending then. The journal
 * gets an XCLAIM for each entry that changed.
 * {@link https://redis.io/docs/latest/commands/xclaim/}
 */
export const xclaimCommand = defineCommand({
  name: "xclaim",
  arity: -6,
  flags: ["write", "fast"],
  group: "stream",
  keys: oneKey("RW", "update"),
  since: "5.0.0",
  complexity:
    "O(log N) with N being the number of messages in the PEL of the consumer group.",
  summary:
    "Changes, or acquires, ownership of a message in a consumer group, as if the message was delivered a consumer group member.",
  syntax:
    "key group{:string} consumer{:string} min-idle-time{:string} id{:string} [id ...] [IDLE ms] [TIME unix-time-milliseconds] [RETRYCOUNT count] [FORCE] [JUSTID] [LASTID lastid{:string}]",
  tips: ["nondeterministic_output"],
  run(call, args, reply) {
    findGroup(call, args);
    const minIdleMs = args.integer(4, BAD_CLAIM_IDLE);
    let idsEnd = 5;
    while (idsEnd < args.count && isId(args, idsEnd, id)) idsEnd++;
    const options = readClaimOptions(call, args, idsEnd);
    const claim = beginClaim(call, args, minIdleMs, options);
    const { group } = claim;
    const isAhead = options.lastId.compare(group.lastId) > 0;
    if (isAhead) group.lastId.copyFrom(options.lastId);
    const mark = reply.beginDeferred();
    let count = 0;
    for (let i = 5; i < idsEnd; i++) {
      readId(args, i, id);
      if (claimEntry(call, args, reply, claim, id, args.slice(i))) count++;
    }
    if (isAhead && claim.passedOn === 0) {
      passOnLastId(call, args, 1, 2, group);
      call.keyspace.dirty++;
    }
    reply.endDeferred(mark, count);
    call.effects.suppress();
  },
});

/**
 * XAUTOCLAIM key group consumer min-idle-time start [COUNT count] [JUSTID]
 *
 * Answers where to go on, the entries, and the IDs of those that no longer exist.
 * {@link https://redis.io/docs/latest/commands/xautoclaim/}
 */
export const xautoclaimCommand = defineCommand({
  name: "xautoclaim",
  arity: -6,
  flags: ["write", "fast"],
  group: "stream",
  keys: oneKey("RW", "delete"),
  since: "6.2.0",
  complexity: "O(1) if COUNT is small.",
  summary:
    "Changes, or acquires, ownership of messages in a consumer group, as if the messages were delivered to as consumer group member.",
  syntax:
    "key group{:string} consumer{:string} min-idle-time{:string} start{:string} [COUNT count] [JUSTID]",
  tips: ["nondeterministic_output"],
  history: [[
    "7.0.0",
    "Added an element to the reply array, containing deleted entries the command cleared from the PEL",
  ]],
  run(call, args, reply) {
    const { db } = call;
    // Its use of the key counts even when what follows is wrong.
    const found = db.read(args, 1);
    const minIdleMs = args.integer(4, BAD_AUTO_IDLE);
    readStart(args, 5, id);
    const options = { ...newOptions(call.nowMs), countMax: COUNT_DEFAULT };
    for (let i = 6; i < args.count; i++) {
      if (args.is(i, "count") && i + 1 < args.count) {
        options.countMax = args.integer(++i, BAD_COUNT);
        if (options.countMax < 1 || options.countMax > COUNT_MAX) {
          throw BAD_COUNT;
        }
      } else if (args.is(i, "justid")) options.isJustId = true;
      else throw CommandError.syntax;
    }
    if (found === 0) throw noSuchKeyOrGroup(args);
    const stream = streamOf(db.map, db.writeType(args, 1, TYPE_STREAM));
    if (stream.group(args.slice(2)) === undefined) throw noSuchKeyOrGroup(args);
    if (options.countMax > COUNT_ALLOCATED_MAX) throw COUNT_TOO_HIGH;
    const claim = beginClaim(call, args, minIdleMs, options);
    claimFrom(call, args, reply, claim, options.countMax);
    call.effects.suppress();
  },
});

/** What XCLAIM is told. */
interface ClaimOptions {
  deliveryTimeMs: number;
  retryCount: number;
  isForced: boolean;
  isJustId: boolean;
  readonly lastId: StreamId;
}

/** Who claims what, and how. */
interface Claim extends ClaimOptions {
  readonly stream: Stream;
  readonly group: ConsumerGroup;
  readonly consumer: Consumer;
  readonly minIdleMs: number;
  /** Entries that were passed on. */
  passedOn: number;
}

function newOptions(deliveryTimeMs: number): ClaimOptions {
  return {
    deliveryTimeMs,
    retryCount: NOT_GIVEN,
    isForced: false,
    isJustId: false,
    lastId: MIN_ID.copy(),
  };
}

function readClaimOptions(
  { nowMs }: Call,
  args: Args,
  from: number,
): ClaimOptions {
  const options = newOptions(NOT_GIVEN);
  for (let i = from; i < args.count; i++) {
    const hasMore = i + 1 < args.count;
    if (args.is(i, "force")) options.isForced = true;
    else if (args.is(i, "justid")) options.isJustId = true;
    else if (args.is(i, "idle") && hasMore) {
      options.deliveryTimeMs = nowMs - args.integer(++i, BAD_IDLE);
    } else if (args.is(i, "time") && hasMore) {
      options.deliveryTimeMs = args.integer(++i, BAD_TIME);
    } else if (args.is(i, "retrycount") && hasMore) {
      options.retryCount = args.integer(++i, BAD_RETRYCOUNT);
    } else if (args.is(i, "lastid") && hasMore) {
      readId(args, ++i, options.lastId);
    } else {
      throw new CommandError(
        `ERR Unrecognized XCLAIM option '${args.shown(i)}'`,
      );
    }
  }
  // A moment that cannot be right, as of another machine's clock, is now.
  if (options.deliveryTimeMs < 0 || options.deliveryTimeMs > nowMs) {
    options.deliveryTimeMs = nowMs;
  }
  return options;
}

/** @throws {CommandError} NOGROUP without the key or the group */
function findGroup({ db }: Call, args: Args): void {
  const ref = db.readType(args, 1, TYPE_STREAM);
  if (ref === 0 || !streamOf(db.map, ref).group(args.slice(2))) {
    throw noSuchKeyOrGroup(args);
  }
}

/** Finds the group to change it, and the consumer, who is made if need be. */
function beginClaim(
  call: Call,
  args: Args,
  minIdleMs: number,
  options: ClaimOptions,
): Claim {
  const { db, nowMs } = call;
  const stream = streamOf(db.map, db.writeType(args, 1, TYPE_STREAM));
  const group = stream.group(args.slice(2))!, name = args.slice(3);
  const consumer = group.consumer(name) ??
    addConsumer(call, args, 1, group, name);
  consumer.seenTimeMs = nowMs;
  return { ...options, stream, group, consumer, minIdleMs, passedOn: 0 };
}

/** Claims one entry and answers it; false, and nothing answered, when that may not be. */
function claimEntry(
  call: Call,
  args: Args,
  reply: ReplyWriter,
  claim: Claim,
  id: StreamId,
  idText: Uint8Array,
): boolean {
  const { stream, group, consumer, minIdleMs } = claim;
  let slot = group.pending.get(id);
  if (!stream.has(id)) {
    if (slot >= 0) forget(call, args, claim, id, slot, idText);
    return false;
  }
  if (slot < 0) {
    if (!claim.isForced) return false;
    slot = group.addPending(id, undefined, call.nowMs, 1);
  } else if (
    minIdleMs > 0 && call.nowMs - group.deliveryTimeOf(slot) < minIdleMs
  ) return false;
  take(call, args, claim, id, slot, idText);
  if (claim.isJustId) replyId(reply, id);
  else replyOneEntry(reply, stream, id);
  consumer.activeTimeMs = call.nowMs;
  return true;
}

/** Gives a pending entry to the claimer. */
function take(
  call: Call,
  args: Args,
  claim: Claim,
  id: StreamId,
  slot: number,
  idText: StreamId | Uint8Array,
): void {
  const { group, consumer, retryCount, isJustId, deliveryTimeMs } = claim;
  const count = retryCount >= 0
    ? retryCount
    : group.deliveryCountOf(slot) + (isJustId ? 0 : 1);
  group.setDelivery(slot, deliveryTimeMs, count);
  group.give(id, slot, consumer);
  passOn(call, args, claim, slot, idText);
}

/** Removes a pending entry that the stream no longer has. */
function forget(
  call: Call,
  args: Args,
  claim: Claim,
  id: StreamId,
  slot: number,
  idText: StreamId | Uint8Array,
): void {
  passOn(call, args, claim, slot, idText);
  claim.group.deletePending(id);
}

function passOn(
  call: Call,
  args: Args,
  claim: Claim,
  slot: number,
  idText: StreamId | Uint8Array,
): void {
  if (call.effects.isWanted) {
    passOnClaim(call, args, 1, 2, claim.group, slot, idText);
  }
  claim.passedOn++;
  call.keyspace.dirty++;
}

/** Claims what is pending from `id` on. */
function claimFrom(
  call: Call,
  args: Args,
  reply: ReplyWriter,
  claim: Claim,
  countMax: number,
): void {
  const { stream, group, consumer, minIdleMs } = claim;
  const claimed: StreamId[] = [], deleted: StreamId[] = [];
  let attempts = countMax * ATTEMPTS_FACTOR, hasMore = true;
  while (attempts-- > 0 && claimed.length + deleted.length < countMax) {
    const slot = hasMore ? group.pending.seek(id) : -1;
    hasMore = slot >= 0;
    if (!hasMore) break;
    if (!stream.has(id)) {
      forget(call, args, claim, id, slot, id);
      deleted.push(id.copy());
    } else if (
      minIdleMs <= 0 || call.nowMs - group.deliveryTimeOf(slot) >= minIdleMs
    ) {
      take(call, args, claim, id, slot, id);
      consumer.activeTimeMs = call.nowMs;
      claimed.push(id.copy());
    }
    hasMore = id.increment();
  }
  if (!hasMore || group.pending.seek(id) < 0) id.copyFrom(MIN_ID);
  reply.array(3);
  replyId(reply, id);
  reply.array(claimed.length);
  for (const one of claimed) {
    if (claim.isJustId) replyId(reply, one);
    else replyOneEntry(reply, stream, one);
  }
  reply.array(deleted.length);
  for (const one of deleted) replyId(reply, one);
}
