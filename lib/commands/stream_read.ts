/** XREAD and XREADGROUP: what is new in several streams, waiting for it if need be. */

import { TYPE_STREAM } from "../keyspace/record.ts";
import type { ReplyWriter } from "../resp/reply_writer.ts";
import { Args } from "../router/args.ts";
import { bytesOfText } from "../resp/byte_text.ts";
import type { Call } from "../router/call.ts";
import { CommandError } from "../router/command_error.ts";
import { defineCommand, type KeyFlag } from "../router/command.ts";
import type { Stream } from "../types/stream.ts";
import { streamOf } from "../types/stream_value.ts";
import type { Consumer, ConsumerGroup } from "../types/stream_group.ts";
import { MAX_ID, StreamId } from "../types/stream_id.ts";
import { readId } from "./stream_arguments.ts";
import { addConsumer, deliver, replyHistory } from "./stream_delivery.ts";
import { replyEntries } from "./stream_reply.ts";

const GROUP_IN_XREAD = new CommandError(
  "ERR The GROUP option is only supported by XREADGROUP. You called XREAD instead.",
);
const NOACK_IN_XREAD = new CommandError(
  "ERR The NOACK option is only supported by XREADGROUP. You called XREAD instead.",
);
const NO_GROUP = new CommandError("ERR Missing GROUP option for XREADGROUP");
const LAST_IN_GROUP = new CommandError(
  "ERR The $ ID is meaningless in the context of XREADGROUP: you want to read the history of this consumer by specifying a proper ID, or use the > ID to get new messages. The $ ID would just return an empty result set.",
);
const NEW_WITHOUT_GROUP = new CommandError(
  "ERR The > ID can be specified only when calling XREADGROUP using the GROUP <group> <consumer> option.",
);
const TIMEOUT_NO_INTEGER = new CommandError(
  "ERR timeout is not an integer or out of range",
);
const TIMEOUT_NEGATIVE = new CommandError("ERR timeout is negative");
const TIMEOUT_TOO_LARGE = new CommandError("ERR timeout is out of range");
const INT64_MAX = 9223372036854775807n;
/** Longer timeouts than a double counts exactly need an exact comparison. */
const EXACT_MAX = Number.MAX_SAFE_INTEGER;

const DOLLAR = 36, GREATER = 62, PLUS = 43;

/**
 * XREAD [COUNT count] [BLOCK milliseconds] STREAMS key [key ...] id [id ...]
 *
 * `$` is the last ID of the stream, `+` its last entry.
 * {@link https://redis.io/docs/latest/commands/xread/}
 */
export const xreadCommand = defineCommand({
  name: "xread",
  arity: -4,
  flags: ["readonly", "blocking"],
  group: "stream",
  keys: streamKeys(1, "RO", "access"),
  since: "5.0.0",
  complexity: "",
  summary:
    "Returns messages from multiple streams with IDs greater than the ones requested. Blocks until a message is available otherwise.",
  syntax:
    "[COUNT count] [BLOCK milliseconds] STREAMS (key [key ...] id{:string} [id ...]){streams}",
  run(call, args, reply) {
    read(call, args, reply, false);
  },
});

/**
 * XREADGROUP GROUP group consumer [COUNT count] [BLOCK milliseconds] [NOACK]
 * STREAMS key [key ...] id [id ...]
 *
 * The journal gets an XCLAIM for each entry that was given, and not the command.
 * {@link https://redis.io/docs/latest/commands/xreadgroup/}
 */
export const xreadgroupCommand = defineCommand({
  name: "xreadgroup",
  arity: -7,
  flags: ["write", "blocking"],
  group: "stream",
  keys: streamKeys(4, "RO", "access"),
  since: "5.0.0",
  complexity:
    "For each stream mentioned: O(M) with M being the number of elements returned. If M is constant (e.g. always asking for the first 10 elements with COUNT), you can consider it O(1). On the other side when XREADGROUP blocks, XADD will pay the O(N) time in order to serve the N clients blocked on the stream getting new data.",
  summary:
    "Returns new or historical messages from a stream for a consumer in a group. Blocks until a message is available otherwise.",
  syntax:
    "GROUP (group{:string} consumer{:string}){group-block} [COUNT count] [BLOCK milliseconds] [NOACK] STREAMS (key [key ...] id{:string} [id ...]){streams}",
  run(call, args, reply) {
    try {
      read(call, args, reply, true);
    } finally {
      call.effects.suppress();
    }
  },
});

function streamKeys(startFrom: number, ...flags: KeyFlag[]) {
  return [{
    flags,
    begin: { keyword: "STREAMS", startFrom },
    find: { last: -1, step: 1, limit: 2 },
  }];
}

/** What was asked; one serves all calls. */
class ReadOptions {
  isGroup = false;
  nowMs = 0;
  timeoutMs = -1;
  countMax = Infinity;
  hasNoAck = false;
  /** Indices of the group's name, or 0, and of the first key, or 0. */
  groupAt = 0;
  firstKey = 0;
  keyCount = 0;
  /** Behind which ID to read, by key. */
  readonly after: StreamId[] = [];

  /** @throws {CommandError} many */
  read({ nowMs }: Call, args: Args, isGroup: boolean): void {
    this.nowMs = nowMs;
    this.isGroup = isGroup;
    this.timeoutMs = -1;
    this.countMax = Infinity;
    this.hasNoAck = false;
    this.groupAt = this.firstKey = this.keyCount = 0;
    for (let i = 1; i < args.count && this.firstKey === 0;) {
      i = this.#readOption(args, i);
    }
    if (this.firstKey === 0) throw CommandError.syntax;
    if (isGroup && this.groupAt === 0) throw NO_GROUP;
    while (this.after.length < this.keyCount) this.after.push(new StreamId());
  }

  /** Reads the option at `i`; returns where the next one is. */
  #readOption(args: Args, i: number): number {
    const more = args.count - i - 1;
    if (more > 0 && args.is(i, "block")) {
      this.timeoutMs = readTimeout(args, i + 1, this.nowMs);
      return i + 2;
    }
    if (more > 0 && args.is(i, "count")) {
      const count = args.integer(i + 1);
      this.countMax = count <= 0 ? Infinity : count;
      return i + 2;
    }
    if (more > 0 && args.is(i, "streams")) {
      if (more % 2 !== 0) throw unbalanced(this.isGroup);
      this.firstKey = i + 1;
      this.keyCount = more / 2;
      return args.count;
    }
    if (more > 1 && args.is(i, "group")) {
      if (!this.isGroup) throw GROUP_IN_XREAD;
      this.groupAt = i + 1;
      return i + 3;
    }
    if (!args.is(i, "noack")) throw CommandError.syntax;
    if (!this.isGroup) throw NOACK_IN_XREAD;
    this.hasNoAck = true;
    return i + 1;
  }
}

const options = new ReadOptions();
const lastEntryId = new StreamId();
const start = new StreamId();

function unbalanced(isGroup: boolean): CommandError {
  const [name, symbol] = isGroup ? ["xreadgroup", ">"] : ["xread", "$"];
  return new CommandError(
    `ERR Unbalanced '${name}' list of streams: for each stream key an ID or '${symbol}' must be specified.`,
  );
}

function readTimeout(args: Args, index: number, nowMs: number): number {
  const timeoutMs = args.integer(index, TIMEOUT_NO_INTEGER);
  if (timeoutMs < 0) throw TIMEOUT_NEGATIVE;
  if (timeoutMs > EXACT_MAX) {
    // Together with the moment it must fit 64 bits.
    if (args.bigint(index) > INT64_MAX - BigInt(nowMs)) {
      throw TIMEOUT_TOO_LARGE;
    }
  }
  return timeoutMs;
}

function read(
  call: Call,
  args: Args,
  reply: ReplyWriter,
  isGroup: boolean,
): void {
  options.read(call, args, isGroup);
  for (let i = 0; i < options.keyCount; i++) readStart(call, args, i);
  const mark = reply.beginDeferred();
  let answered = 0;
  for (let i = 0; i < options.keyCount; i++) {
    const isAnswered = isGroup
      ? readForGroup(call, args, reply, i)
      : readNew(call, args, reply, i);
    if (isAnswered) answered++;
  }
  if (answered > 0) {
    return reply.endDeferred(
      mark,
      answered,
      reply.protocol === 2 ? "array" : "map",
    );
  }
  if (options.timeoutMs < 0 || !call.mayBlock) return reply.nullArray();
  wait(call, args, isGroup);
}

/** Reads behind which ID to begin in a stream, which must be right for all before one is read. */
function readStart({ db }: Call, args: Args, i: number): void {
  const keyAt = options.firstKey + i, idAt = keyAt + options.keyCount;
  const ref = db.readType(args, keyAt, TYPE_STREAM);
  const stream = ref === 0 ? undefined : streamOf(db.map, ref);
  const { isGroup, groupAt } = options, after = options.after[i];
  if (isGroup && stream?.group(args.slice(groupAt)) === undefined) {
    throw new CommandError(
      `NOGROUP No such key '${args.shown(keyAt)}' or consumer group '${
        args.shown(groupAt)
      }' in XREADGROUP with GROUP option`,
    );
  }
  const symbol = args.length(idAt) === 1 ? args.bytes[args.offset(idAt)] : 0;
  after.set(0, 0, 0, 0);
  if (symbol === DOLLAR) {
    if (isGroup) throw LAST_IN_GROUP;
    if (stream !== undefined) after.copyFrom(stream.lastId);
  } else if (symbol === GREATER) {
    if (!isGroup) throw NEW_WITHOUT_GROUP;
    after.setMax();
  } else if (symbol === PLUS && !isGroup) {
    if (stream?.readLastEntryId(after)) after.decrement();
  } else readId(args, idAt, after);
}

/** Answers what is new in a stream; false, and nothing answered, when nothing is. */
function readNew(
  { db }: Call,
  args: Args,
  reply: ReplyWriter,
  i: number,
): boolean {
  const keyAt = options.firstKey + i, after = options.after[i];
  const ref = db.readType(args, keyAt, TYPE_STREAM);
  if (ref === 0) return false;
  const stream = streamOf(db.map, ref);
  if (!stream.readLastEntryId(lastEntryId)) return false;
  if (lastEntryId.compare(after) <= 0) return false;
  replyKey(args, reply, keyAt);
  start.copyFrom(after);
  start.increment();
  replyEntries(reply, stream, start, MAX_ID, false, options.countMax);
  return true;
}

/** Gives the consumer what is new to its group, or answers what it has. */
function readForGroup(
  call: Call,
  args: Args,
  reply: ReplyWriter,
  i: number,
): boolean {
  const { db, keyspace, nowMs } = call;
  const keyAt = options.firstKey + i, after = options.after[i];
  db.readType(args, keyAt, TYPE_STREAM);
  const ref = db.writeType(args, keyAt, TYPE_STREAM);
  const stream = streamOf(db.map, ref);
  const group = stream.group(args.slice(options.groupAt))!;
  const consumer = consumerOf(call, args, keyAt, group);
  consumer.seenTimeMs = nowMs;
  const isHistory = !after.isMax;
  if (!isHistory && !hasNew(stream, group)) return false;
  replyKey(args, reply, keyAt);
  start.copyFrom(isHistory ? after : group.lastId);
  const isBounded = start.increment();
  const { countMax } = options;
  if (isHistory) {
    replyHistory(reply, stream, group, consumer, start, countMax, nowMs);
  } else if (isBounded) {
    const delivery = {
      keyAt,
      groupAt: options.groupAt,
      countMax,
      hasNoAck: options.hasNoAck,
    };
    deliver(call, args, reply, stream, group, consumer, start, delivery);
  }
  keyspace.dirty++;
  return true;
}

function hasNew(stream: Stream, group: ConsumerGroup): boolean {
  return stream.readLastEntryId(lastEntryId) &&
    lastEntryId.compare(group.lastId) > 0;
}

function consumerOf(
  call: Call,
  args: Args,
  keyAt: number,
  group: ConsumerGroup,
): Consumer {
  const name = args.slice(options.groupAt + 1);
  const known = group.consumer(name);
  if (known !== undefined) return known;
  const consumer = addConsumer(call, args, keyAt, group, name);
  if (options.hasNoAck) {
    call.effects.replaceWith(
      "XGROUP",
      "CREATECONSUMER",
      args.slice(keyAt),
      args.slice(options.groupAt),
      name,
    );
  }
  return consumer;
}

function replyKey(args: Args, reply: ReplyWriter, keyAt: number): void {
  if (reply.protocol === 2) reply.array(2);
  reply.bulkRange(args.bytes, args.offset(keyAt), args.length(keyAt));
}

/** Waits; run again, the command is to begin where it would have now. */
function wait(call: Call, args: Args, isGroup: boolean): void {
  const { firstKey, keyCount, timeoutMs, after } = options;
  const words: Uint8Array[] = [];
  for (let i = 0; i < args.count; i++) words.push(args.slice(i));
  if (!isGroup) {
    for (let i = 0; i < keyCount; i++) {
      words[firstKey + keyCount + i] = bytesOfText(after[i].toString());
    }
  }
  const keys: Uint8Array[] = [];
  for (let i = 0; i < keyCount; i++) keys.push(args.copy(firstKey + i));
  call.block(Args.of(...words), {
    keys,
    type: TYPE_STREAM,
    wakesWithoutKey: isGroup,
    timeoutMs,
    replyTimeout: (reply) => reply.nullArray(),
  });
}
