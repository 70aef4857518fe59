/** Commands on the ends of a list, and those that read it. */

import { TYPE_LIST } from "../keyspace/record.ts";
import type { ReplyWriter } from "../resp/reply_writer.ts";
import type { Args } from "../router/args.ts";
import type { Call } from "../router/call.ts";
import { defineCommand, oneKey } from "../router/command.ts";
import { CommandError } from "../router/command_error.ts";
import { editList, listLength } from "../types/list_value.ts";
import {
  growForArgs,
  LPOP_EVENT,
  LPUSH_EVENT,
  push,
  replyAndPop,
  replyAndPopMany,
  RPOP_EVENT,
  RPUSH_EVENT,
  storeList,
  storeShrunk,
} from "./list_edit.ts";

const COMPLEXITY_OF_PUSH =
  "O(1) for each element added, so O(N) to add N elements when the command is called with multiple arguments.";
const MULTIPLE_ELEMENTS = "Accepts multiple `element` arguments.";

/** LPUSH key element [element ...]. {@link https://redis.io/docs/latest/commands/lpush/} */
export const lpushCommand = defineCommand({
  name: "lpush",
  arity: -3,
  flags: ["write", "denyoom", "fast"],
  group: "list",
  keys: oneKey("RW", "insert"),
  since: "1.0.0",
  complexity: COMPLEXITY_OF_PUSH,
  summary:
    "Prepends one or more elements to a list. Creates the key if it doesn't exist.",
  syntax: "key element [element ...]",
  history: [["2.4.0", MULTIPLE_ELEMENTS]],
  run: (call, args, reply) => pushAll(call, args, reply, true, false),
});

/** RPUSH key element [element ...]. {@link https://redis.io/docs/latest/commands/rpush/} */
export const rpushCommand = defineCommand({
  name: "rpush",
  arity: -3,
  flags: ["write", "denyoom", "fast"],
  group: "list",
  keys: oneKey("RW", "insert"),
  since: "1.0.0",
  complexity: COMPLEXITY_OF_PUSH,
  summary:
    "Appends one or more elements to a list. Creates the key if it doesn't exist.",
  syntax: "key element [element ...]",
  history: [["2.4.0", MULTIPLE_ELEMENTS]],
  run: (call, args, reply) => pushAll(call, args, reply, false, false),
});

/** LPUSHX key element [element ...]. {@link https://redis.io/docs/latest/commands/lpushx/} */
export const lpushxCommand = defineCommand({
  name: "lpushx",
  arity: -3,
  flags: ["write", "denyoom", "fast"],
  group: "list",
  keys: oneKey("RW", "insert"),
  since: "2.2.0",
  complexity: COMPLEXITY_OF_PUSH,
  summary: "Prepends one or more elements to a list only when the list exists.",
  syntax: "key element [element ...]",
  history: [["4.0.0", MULTIPLE_ELEMENTS]],
  run: (call, args, reply) => pushAll(call, args, reply, true, true),
});

/** RPUSHX key element [element ...]. {@link https://redis.io/docs/latest/commands/rpushx/} */
export const rpushxCommand = defineCommand({
  name: "rpushx",
  arity: -3,
  flags: ["write", "denyoom", "fast"],
  group: "list",
  keys: oneKey("RW", "insert"),
  since: "2.2.0",
  complexity: COMPLEXITY_OF_PUSH,
  summary: "Appends an element to a list only when the list exists.",
  syntax: "key element [element ...]",
  history: [["4.0.0", MULTIPLE_ELEMENTS]],
  run: (call, args, reply) => pushAll(call, args, reply, false, true),
});

function pushAll(
  { db, keyspace }: Call,
  args: Args,
  reply: ReplyWriter,
  isHead: boolean,
  isExistingOnly: boolean,
): void {
  const ref = db.writeType(args, 1, TYPE_LIST);
  if (ref === 0 && isExistingOnly) return reply.integer(0);
  let list = editList(db.map, ref);
  // A quicklist grows where it is.
  const { isQuicklist } = list;
  if (!isQuicklist) list = growForArgs(list, db, ref, args, 2);
  const { bytes } = args;
  for (let i = 2; i < args.count; i++) {
    push(list, isHead, bytes, args.offset(i), args.length(i));
  }
  if (!isQuicklist) storeList(db, args, 1, ref, list);
  db.changed(args, 1, isHead ? LPUSH_EVENT : RPUSH_EVENT);
  keyspace.dirty += args.count - 3;
  reply.integer(list.length);
}

/** LPOP key [count]. {@link https://redis.io/docs/latest/commands/lpop/} */
export const lpopCommand = defineCommand({
  name: "lpop",
  arity: -2,
  flags: ["write", "fast"],
  group: "list",
  keys: oneKey("RW", "access", "delete"),
  since: "1.0.0",
  complexity: "O(N) where N is the number of elements returned",
  summary:
    "Returns the first elements in a list after removing it. Deletes the list if the last element was popped.",
  syntax: "key [count]{6.2.0}",
  history: [["6.2.0", "Added the `count` argument."]],
  run: (call, args, reply) => pop(call, args, reply, true),
});

/** RPOP key [count]. {@link https://redis.io/docs/latest/commands/rpop/} */
export const rpopCommand = defineCommand({
  name: "rpop",
  arity: -2,
  flags: ["write", "fast"],
  group: "list",
  keys: oneKey("RW", "access", "delete"),
  since: "1.0.0",
  complexity: "O(N) where N is the number of elements returned",
  summary:
    "Returns and removes the last elements of a list. Deletes the list if the last element was popped.",
  syntax: "key [count]{6.2.0}",
  history: [["6.2.0", "Added the `count` argument."]],
  run: (call, args, reply) => pop(call, args, reply, false),
});

function pop(
  { db, command }: Call,
  args: Args,
  reply: ReplyWriter,
  isHead: boolean,
): void {
  if (args.count > 3) throw CommandError.wrongArity(command.fullName);
  const hasCount = args.count === 3;
  const wanted = hasCount ? positive(args, 2) : 1;
  const ref = db.writeType(args, 1, TYPE_LIST);
  if (ref === 0) return hasCount ? reply.nullArray() : reply.null();
  if (wanted === 0) return reply.array(0);
  const list = editList(db.map, ref), count = Math.min(wanted, list.length);
  if (hasCount) replyAndPopMany(list, isHead, count, reply);
  else replyAndPop(list, isHead, reply);
  const event = isHead ? LPOP_EVENT : RPOP_EVENT;
  storeShrunk(db, args, 1, ref, list, count, event);
}

/** @throws {CommandError} `ERR value is out of range, must be positive`, for what is no integer too */
function positive(args: Args, index: number): number {
  const value = args.integer(index, CommandError.notPositive);
  if (value < 0) throw CommandError.notPositive;
  return value;
}

/** LLEN key. {@link https://redis.io/docs/latest/commands/llen/} */
export const llenCommand = defineCommand({
  name: "llen",
  arity: 2,
  flags: ["readonly", "fast"],
  group: "list",
  keys: oneKey("RO"),
  since: "1.0.0",
  complexity: "O(1)",
  summary: "Returns the length of a list.",
  syntax: "key",
  run({ db }, args, reply) {
    const ref = db.readType(args, 1, TYPE_LIST);
    reply.integer(ref === 0 ? 0 : listLength(db.map, ref));
  },
});

/** LRANGE key start stop. {@link https://redis.io/docs/latest/commands/lrange/} */
export const lrangeCommand = defineCommand({
  name: "lrange",
  arity: 4,
  flags: ["readonly"],
  group: "list",
  keys: oneKey("RO", "access"),
  since: "1.0.0",
  complexity:
    "O(S+N) where S is the distance of start offset from HEAD for small lists, from nearest end (HEAD or TAIL) for large lists; and N is the number of elements in the specified range.",
  summary: "Returns a range of elements from a list.",
  syntax: "key start{:integer} stop{:integer}",
  run({ db }, args, reply) {
    const first = args.integer(2), last = args.integer(3);
    const ref = db.readType(args, 1, TYPE_LIST);
    if (ref === 0) return reply.array(0);
    const list = editList(db.map, ref), { length } = list;
    const start = Math.max(first < 0 ? length + first : first, 0);
    const stop = Math.min(last < 0 ? length + last : last, length - 1);
    const count = stop - start + 1;
    if (count <= 0) return reply.array(0);
    reply.array(count);
    list.replyRange(reply, start, count);
  },
});
