/** Commands that pop the lowest or highest members of sorted sets, waiting for one or not. */

import type { Args } from "../router/args.ts";
import type { Call } from "../router/call.ts";
import { CommandError } from "../router/command_error.ts";
import {
  type CommandDefinition,
  defineCommand,
  type KeySpec,
  oneKey,
} from "../router/command.ts";
import { secondsToWait } from "../router/wait_timeout.ts";
import { TYPE_ZSET } from "../keyspace/record.ts";
import type { ReplyWriter } from "../resp/reply_writer.ts";
import { SortedSetReader } from "../types/sorted_set_reader.ts";
import { ZPOPMAX_EVENT, ZPOPMIN_EVENT } from "./sorted_set_event.ts";
import { removeRange } from "./sorted_set_removal.ts";

const NO_KEYS = new CommandError("ERR numkeys should be greater than 0");
const NO_COUNT = new CommandError("ERR count should be greater than 0");

const reader = new SortedSetReader();

const POPS = {
  arity: -2,
  elementIndex: 0,
  flags: ["write", "fast"],
  group: "sorted-set",
  keys: oneKey("RW", "access", "delete"),
  since: "5.0.0",
  complexity:
    "O(log(N)*M) with N being the number of elements in the sorted set, and M being the number of elements popped.",
  syntax: "key [count]",
} satisfies Partial<CommandDefinition>;

/** ZPOPMIN key [count]. {@link https://redis.io/docs/latest/commands/zpopmin/} */
export const zpopminCommand = defineCommand({
  ...POPS,
  name: "zpopmin",
  summary:
    "Returns the lowest-scoring members from a sorted set after removing them. Deletes the sorted set if the last member was popped.",
  run: (call, args, reply) => popOf(call, args, reply, false),
});

/** ZPOPMAX key [count]. {@link https://redis.io/docs/latest/commands/zpopmax/} */
export const zpopmaxCommand = defineCommand({
  ...POPS,
  name: "zpopmax",
  summary:
    "Returns the highest-scoring members from a sorted set after removing them. Deletes the sorted set if the last member was popped.",
  run: (call, args, reply) => popOf(call, args, reply, true),
});

function popOf(
  call: Call,
  args: Args,
  reply: ReplyWriter,
  isMax: boolean,
): void {
  if (args.count > 3) throw CommandError.syntax;
  const hasCount = args.count === 3;
  const wanted = hasCount ? args.integer(2, CommandError.notPositive) : 1;
  if (wanted < 0) throw CommandError.notPositive;
  const ref = call.db.writeType(args, 1, TYPE_ZSET);
  if (ref === 0 || wanted === 0) return reply.array(0);
  const isNested = hasCount && reply.protocol === 3;
  reader.open(call.db.map, ref);
  const count = Math.min(wanted, reader.size);
  reply.array(isNested ? count : count * 2);
  answerAndRemove(call, args, 1, ref, count, isMax, isNested, reply);
}

/** Answers members of the open reader from one end and removes them. */
function answerAndRemove(
  { db }: Call,
  args: Args,
  index: number,
  ref: number,
  count: number,
  isMax: boolean,
  isNested: boolean,
  reply: ReplyWriter,
): void {
  const { size } = reader;
  reader.replyRange(reply, isMax ? size - 1 : 0, count, isMax, true, isNested);
  const first = isMax ? size - count : 0;
  const event = isMax ? ZPOPMAX_EVENT : ZPOPMIN_EVENT;
  removeRange(db, args, index, ref, first, count, event);
}

/** Keys behind their number, which is at an argument. */
function countedKeys(index: number): readonly KeySpec[] {
  return [{
    flags: ["RW", "access", "delete"],
    begin: { index },
    find: { keyNumIndex: 0, firstKey: 1, step: 1 },
  }];
}

const POPS_MANY = {
  group: "sorted-set",
  since: "7.0.0",
  complexity:
    "O(K) + O(M*log(N)) where K is the number of provided keys, N being the number of elements in the sorted set, and M being the number of elements popped.",
} satisfies Partial<CommandDefinition>;

/** ZMPOP numkeys key [key ...] <MIN | MAX> [COUNT count]. {@link https://redis.io/docs/latest/commands/zmpop/} */
export const zmpopCommand = defineCommand({
  ...POPS_MANY,
  name: "zmpop",
  arity: -4,
  flags: ["write"],
  keys: countedKeys(1),
  summary:
    "Returns the highest- or lowest-scoring members from one or more sorted sets after removing them. Deletes the sorted set if the last member was popped.",
  syntax: "numkeys key [key ...] <MIN | MAX>{where} [COUNT count]",
  run(call, args, reply) {
    const wanted = readCountedPop(args, 1);
    if (!popFirst(call, args, reply, wanted)) reply.nullArray();
  },
});

/** BZMPOP timeout numkeys key [key ...] <MIN | MAX> [COUNT count]. {@link https://redis.io/docs/latest/commands/bzmpop/} */
export const bzmpopCommand = defineCommand({
  ...POPS_MANY,
  name: "bzmpop",
  arity: -5,
  flags: ["write", "blocking"],
  keys: countedKeys(2),
  summary:
    "Removes and returns a member by score from one or more sorted sets. Blocks until a member is available otherwise. Deletes the sorted set if the last element was popped.",
  syntax:
    "timeout{:double} numkeys key [key ...] <MIN | MAX>{where} [COUNT count]",
  run(call, args, reply) {
    const wanted = readCountedPop(args, 2);
    const timeoutMs = secondsToWait(args, 1, call.nowMs);
    popFirstOrWait(call, args, reply, wanted, timeoutMs);
  },
});

const WAITS = {
  arity: -3,
  flags: ["write", "blocking", "fast"],
  group: "sorted-set",
  keys: [{
    flags: ["RW", "access", "delete"],
    begin: { index: 1 },
    find: { last: -2, step: 1, limit: 0 },
  }],
  since: "5.0.0",
  complexity:
    "O(log(N)) with N being the number of elements in the sorted set.",
  syntax: "key [key ...] timeout{:double}",
  history: [[
    "6.0.0",
    "`timeout` is interpreted as a double instead of an integer.",
  ]],
} satisfies Partial<CommandDefinition>;

/** BZPOPMIN key [key ...] timeout. {@link https://redis.io/docs/latest/commands/bzpopmin/} */
export const bzpopminCommand = defineCommand({
  ...WAITS,
  name: "bzpopmin",
  summary:
    "Removes and returns the member with the lowest score from one or more sorted sets. Blocks until a member is available otherwise. Deletes the sorted set if the last element was popped.",
  run: (call, args, reply) => popOneOrWait(call, args, reply, false),
});

/** BZPOPMAX key [key ...] timeout. {@link https://redis.io/docs/latest/commands/bzpopmax/} */
export const bzpopmaxCommand = defineCommand({
  ...WAITS,
  name: "bzpopmax",
  summary:
    "Removes and returns the member with the highest score from one or more sorted sets. Blocks until a member available otherwise.  Deletes the sorted set if the last element was popped.",
  run: (call, args, reply) => popOneOrWait(call, args, reply, true),
});

function popOneOrWait(
  call: Call,
  args: Args,
  reply: ReplyWriter,
  isMax: boolean,
): void {
  const keyCount = args.count - 2;
  const timeoutMs = secondsToWait(args, args.count - 1, call.nowMs);
  const wanted = { keyIndex: 1, keyCount, isMax };
  popFirstOrWait(call, args, reply, wanted, timeoutMs);
}

/** What to pop, and from which sorted sets. */
interface Pop {
  readonly keyIndex: number;
  readonly keyCount: number;
  readonly isMax: boolean;
  /** How many members, which are answered as an array; undefined for one alone. */
  readonly count?: number;
}

function readCountedPop(args: Args, index: number): Pop {
  const keyCount = args.integer(index, NO_KEYS);
  if (keyCount < 1) throw NO_KEYS;
  const keyIndex = index + 1, endIndex = keyIndex + keyCount;
  if (endIndex >= args.count) throw CommandError.syntax;
  const isMax = args.is(endIndex, "max");
  if (!isMax && !args.is(endIndex, "min")) throw CommandError.syntax;
  let count: number | undefined;
  for (let i = endIndex + 1; i < args.count; i += 2) {
    const isCount = count === undefined && args.is(i, "count");
    if (!isCount || i + 1 === args.count) throw CommandError.syntax;
    count = args.integer(i + 1, NO_COUNT);
    if (count < 1) throw NO_COUNT;
  }
  return { keyIndex, keyCount, isMax, count: count ?? 1 };
}

/**
 * Pops from the first of the sorted sets that is there, and answers its key with
 * what was popped; false when there is none. Others get a ZPOPMIN or ZPOPMAX.
 */
function popFirst(
  call: Call,
  args: Args,
  reply: ReplyWriter,
  { keyIndex, keyCount, isMax, count }: Pop,
): boolean {
  const { db, effects } = call;
  for (let index = keyIndex; index < keyIndex + keyCount; index++) {
    const ref = db.writeType(args, index, TYPE_ZSET);
    if (ref === 0) continue;
    reader.open(db.map, ref);
    const popped = Math.min(count ?? 1, reader.size);
    const isNested = count !== undefined;
    reply.array(isNested ? 2 : 3);
    reply.bulkRange(args.bytes, args.offset(index), args.length(index));
    if (isNested) reply.array(popped);
    answerAndRemove(call, args, index, ref, popped, isMax, isNested, reply);
    if (effects.isWanted) {
      const { name } = isMax ? zpopmaxCommand : zpopminCommand;
      const key = args.slice(index);
      if (count === undefined) effects.replaceWith(name, key);
      else effects.replaceWith(name, key, String(popped));
    }
    return true;
  }
  return false;
}

function popFirstOrWait(
  call: Call,
  args: Args,
  reply: ReplyWriter,
  wanted: Pop,
  timeoutMs: number,
): void {
  if (popFirst(call, args, reply, wanted)) return;
  if (!call.mayBlock) return reply.nullArray();
  const keys: Uint8Array[] = [];
  for (let i = 0; i < wanted.keyCount; i++) {
    keys.push(args.copy(wanted.keyIndex + i));
  }
  call.block(args, {
    keys,
    type: TYPE_ZSET,
    timeoutMs,
    replyTimeout: (reply) => reply.nullArray(),
  });
}
