/** Commands that pop from the first of several lists that has something, waiting for it or not. */

import { TYPE_LIST } from "../keyspace/record.ts";
import type { ReplyWriter } from "../resp/reply_writer.ts";
import type { Args } from "../router/args.ts";
import type { Call } from "../router/call.ts";
import { defineCommand, type KeySpec } from "../router/command.ts";
import { CommandError } from "../router/command_error.ts";
import { secondsToWait } from "../router/wait_timeout.ts";
import { editList } from "../types/list_value.ts";
import { lpopCommand, rpopCommand } from "./list.ts";
import {
  isHeadSide,
  LPOP_EVENT,
  replyAndPop,
  replyAndPopMany,
  RPOP_EVENT,
  storeShrunk,
} from "./list_edit.ts";

const NO_KEYS = new CommandError("ERR numkeys should be greater than 0");
const NO_COUNT = new CommandError("ERR count should be greater than 0");

const KEYS_BEFORE_TIMEOUT: readonly KeySpec[] = [{
  flags: ["RW", "access", "delete"],
  begin: { index: 1 },
  find: { last: -2, step: 1, limit: 0 },
}];
const FRACTIONS: readonly (readonly [string, string])[] = [[
  "6.0.0",
  "`timeout` is interpreted as a double instead of an integer.",
]];
const COMPLEXITY_OF_MANY =
  "O(N+M) where N is the number of provided keys and M is the number of elements returned.";

/** Keys behind their number, which is at an argument. */
function countedKeys(index: number): readonly KeySpec[] {
  return [{
    flags: ["RW", "access", "delete"],
    begin: { index },
    find: { keyNumIndex: 0, firstKey: 1, step: 1 },
  }];
}

/** BLPOP key [key ...] timeout. {@link https://redis.io/docs/latest/commands/blpop/} */
export const blpopCommand = defineCommand({
  name: "blpop",
  arity: -3,
  flags: ["write", "blocking"],
  group: "list",
  keys: KEYS_BEFORE_TIMEOUT,
  since: "2.0.0",
  complexity: "O(N) where N is the number of provided keys.",
  summary:
    "Removes and returns the first element in a list. Blocks until an element is available otherwise. Deletes the list if the last element was popped.",
  syntax: "key [key ...] timeout{:double}",
  history: FRACTIONS,
  run: (call, args, reply) => popOneOrWait(call, args, reply, true),
});

/** BRPOP key [key ...] timeout. {@link https://redis.io/docs/latest/commands/brpop/} */
export const brpopCommand = defineCommand({
  name: "brpop",
  arity: -3,
  flags: ["write", "blocking"],
  group: "list",
  keys: KEYS_BEFORE_TIMEOUT,
  since: "2.0.0",
  complexity: "O(N) where N is the number of provided keys.",
  summary:
    "Removes and returns the last element in a list. Blocks until an element is available otherwise. Deletes the list if the last element was popped.",
  syntax: "key [key ...] timeout{:double}",
  history: FRACTIONS,
  run: (call, args, reply) => popOneOrWait(call, args, reply, false),
});

function popOneOrWait(
  call: Call,
  args: Args,
  reply: ReplyWriter,
  isHead: boolean,
): void {
  const keyCount = args.count - 2;
  const timeoutMs = secondsToWait(args, args.count - 1, call.nowMs);
  if (popFirst(call, args, reply, { keyIndex: 1, keyCount, isHead })) return;
  waitForLists(call, args, reply, 1, keyCount, timeoutMs);
}

/** LMPOP numkeys key [key ...] <LEFT | RIGHT> [COUNT count]. {@link https://redis.io/docs/latest/commands/lmpop/} */
export const lmpopCommand = defineCommand({
  name: "lmpop",
  arity: -4,
  flags: ["write"],
  group: "list",
  keys: countedKeys(1),
  since: "7.0.0",
  complexity: COMPLEXITY_OF_MANY,
  summary:
    "Returns multiple elements from a list after removing them. Deletes the list if the last element was popped.",
  syntax: "numkeys key [key ...] <LEFT | RIGHT>{where} [COUNT count]",
  run(call, args, reply) {
    const wanted = readCountedPop(args, 1);
    if (!popFirst(call, args, reply, wanted)) reply.nullArray();
  },
});

/** BLMPOP timeout numkeys key [key ...] <LEFT | RIGHT> [COUNT count]. {@link https://redis.io/docs/latest/commands/blmpop/} */
export const blmpopCommand = defineCommand({
  name: "blmpop",
  arity: -5,
  flags: ["write", "blocking"],
  group: "list",
  keys: countedKeys(2),
  since: "7.0.0",
  complexity: COMPLEXITY_OF_MANY,
  summary:
    "Pops the first element from one of multiple lists. Blocks until an element is available otherwise. Deletes the list if the last element was popped.",
  syntax:
    "timeout{:double} numkeys key [key ...] <LEFT | RIGHT>{where} [COUNT count]",
  run(call, args, reply) {
    const wanted = readCountedPop(args, 2);
    const timeoutMs = secondsToWait(args, 1, call.nowMs);
    if (popFirst(call, args, reply, wanted)) return;
    const { keyIndex, keyCount } = wanted;
    waitForLists(call, args, reply, keyIndex, keyCount, timeoutMs);
  },
});

/** What to pop, and from which lists. */
interface Pop {
  readonly keyIndex: number;
  readonly keyCount: number;
  readonly isHead: boolean;
  /** How many elements, which are answered as an array; undefined for one alone. */
  readonly count?: number;
}

function readCountedPop(args: Args, index: number): Pop {
  const keyCount = args.integer(index, NO_KEYS);
  if (keyCount < 1) throw NO_KEYS;
  const keyIndex = index + 1, sideIndex = keyIndex + keyCount;
  if (sideIndex >= args.count) throw CommandError.syntax;
  const isHead = isHeadSide(args, sideIndex);
  let count: number | undefined;
  for (let i = sideIndex + 1; i < args.count; i += 2) {
    const isCount = count === undefined && args.is(i, "count");
    if (!isCount || i + 1 === args.count) throw CommandError.syntax;
    count = args.integer(i + 1, NO_COUNT);
    if (count < 1) throw NO_COUNT;
  }
  return { keyIndex, keyCount, isHead, count: count ?? 1 };
}

/**
 * Pops from the first of the lists that is there, and answers its key with what
 * was popped; false when there is none. Others get an LPOP or RPOP.
 */
function popFirst(
  { db, effects }: Call,
  args: Args,
  reply: ReplyWriter,
  { keyIndex, keyCount, isHead, count }: Pop,
): boolean {
  for (let index = keyIndex; index < keyIndex + keyCount; index++) {
    const ref = db.writeType(args, index, TYPE_LIST);
    if (ref === 0) continue;
    const list = editList(db.map, ref);
    const popped = Math.min(count ?? 1, list.length);
    reply.array(2);
    reply.bulkRange(args.bytes, args.offset(index), args.length(index));
    if (count === undefined) replyAndPop(list, isHead, reply);
    else replyAndPopMany(list, isHead, popped, reply);
    const event = isHead ? LPOP_EVENT : RPOP_EVENT;
    storeShrunk(db, args, index, ref, list, popped, event);
    if (effects.isWanted) {
      const { name } = isHead ? lpopCommand : rpopCommand;
      const key = args.slice(index);
      if (count === undefined) effects.replaceWith(name, key);
      else effects.replaceWith(name, key, String(popped));
    }
    return true;
  }
  return false;
}

function waitForLists(
  call: Call,
  args: Args,
  reply: ReplyWriter,
  keyIndex: number,
  keyCount: number,
  timeoutMs: number,
): void {
  if (!call.mayBlock) return reply.nullArray();
  const keys: Uint8Array[] = [];
  for (let i = 0; i < keyCount; i++) keys.push(args.copy(keyIndex + i));
  call.block(args, {
    keys,
    type: TYPE_LIST,
    timeoutMs,
    replyTimeout: (reply) => reply.nullArray(),
  });
}
