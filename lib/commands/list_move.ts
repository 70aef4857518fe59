/** Commands that move an element from one list to another, waiting for it or not. */

import { DEL_EVENT } from "../keyspace/key_event.ts";
import { TYPE_LIST } from "../keyspace/record.ts";
import type { ReplyWriter } from "../resp/reply_writer.ts";
import type { Args } from "../router/args.ts";
import type { Call } from "../router/call.ts";
import { defineCommand, keyAt } from "../router/command.ts";
import { secondsToWait } from "../router/wait_timeout.ts";
import { editList } from "../types/list_value.ts";
import {
  growForOne,
  isHeadSide,
  LPOP_EVENT,
  LPUSH_EVENT,
  noteShrinking,
  push,
  RPOP_EVENT,
  RPUSH_EVENT,
  storeList,
} from "./list_edit.ts";

const KEYS = [keyAt(1, "RW", "access", "delete"), keyAt(2, "RW", "insert")];
const SIDES = "<LEFT | RIGHT>{wherefrom} <LEFT | RIGHT>{whereto}";

/** LMOVE source destination <LEFT | RIGHT> <LEFT | RIGHT>. {@link https://redis.io/docs/latest/commands/lmove/} */
export const lmoveCommand = defineCommand({
  name: "lmove",
  arity: 5,
  flags: ["write", "denyoom"],
  group: "list",
  keys: KEYS,
  since: "6.2.0",
  complexity: "O(1)",
  summary:
    "Returns an element after popping it from one list and pushing it to another. Deletes the list if the last element was moved.",
  syntax: `source destination ${SIDES}`,
  run(call, args, reply) {
    const isFromHead = isHeadSide(args, 3), isToHead = isHeadSide(args, 4);
    if (!move(call, args, reply, isFromHead, isToHead)) reply.null();
  },
});

/** RPOPLPUSH source destination. {@link https://redis.io/docs/latest/commands/rpoplpush/} */
export const rpoplpushCommand = defineCommand({
  name: "rpoplpush",
  arity: 3,
  flags: ["write", "denyoom"],
  group: "list",
  keys: KEYS,
  since: "1.2.0",
  complexity: "O(1)",
  summary:
    "Returns the last element of a list after removing and pushing it to another list. Deletes the list if the last element was popped.",
  syntax: "source destination",
  deprecatedSince: "6.2.0",
  replacedBy: "`LMOVE` with the `RIGHT` and `LEFT` arguments",
  run(call, args, reply) {
    if (!move(call, args, reply, false, true)) reply.null();
  },
});

/**
 * BLMOVE source destination <LEFT | RIGHT> <LEFT | RIGHT> timeout
 *
 * Replicas get an LMOVE. {@link https://redis.io/docs/latest/commands/blmove/}
 */
export const blmoveCommand = defineCommand({
  name: "blmove",
  arity: 6,
  flags: ["write", "denyoom", "blocking"],
  group: "list",
  keys: KEYS,
  since: "6.2.0",
  complexity: "O(1)",
  summary:
    "Pops an element from a list, pushes it to another list and returns it. Blocks until an element is available otherwise. Deletes the list if the last element was moved.",
  syntax: `source destination ${SIDES} timeout{:double}`,
  run(call, args, reply) {
    const isFromHead = isHeadSide(args, 3), isToHead = isHeadSide(args, 4);
    const timeoutMs = secondsToWait(args, 5, call.nowMs);
    if (move(call, args, reply, isFromHead, isToHead)) {
      const { effects } = call;
      if (!effects.isWanted) return;
      effects.replaceWith(
        lmoveCommand.name,
        args.slice(1),
        args.slice(2),
        args.slice(3),
        args.slice(4),
      );
    } else waitForSource(call, args, reply, timeoutMs);
  },
});

/**
 * BRPOPLPUSH source destination timeout
 *
 * Replicas get an RPOPLPUSH. {@link https://redis.io/docs/latest/commands/brpoplpush/}
 */
export const brpoplpushCommand = defineCommand({
  name: "brpoplpush",
  arity: 4,
  flags: ["write", "denyoom", "blocking"],
  group: "list",
  keys: KEYS,
  since: "2.2.0",
  complexity: "O(1)",
  summary:
    "Pops an element from a list, pushes it to another list and returns it. Block until an element is available otherwise. Deletes the list if the last element was popped.",
  syntax: "source destination timeout{:double}",
  history: [[
    "6.0.0",
    "`timeout` is interpreted as a double instead of an integer.",
  ]],
  deprecatedSince: "6.2.0",
  replacedBy: "`BLMOVE` with the `RIGHT` and `LEFT` arguments",
  run(call, args, reply) {
    const timeoutMs = secondsToWait(args, 3, call.nowMs);
    if (move(call, args, reply, false, true)) {
      const { effects } = call;
      if (!effects.isWanted) return;
      effects.replaceWith(
        rpoplpushCommand.name,
        args.slice(1),
        args.slice(2),
      );
    } else waitForSource(call, args, reply, timeoutMs);
  },
});

function waitForSource(
  call: Call,
  args: Args,
  reply: ReplyWriter,
  timeoutMs: number,
): void {
  if (!call.mayBlock) return reply.null();
  call.block(args, {
    keys: [args.copy(1)],
    type: TYPE_LIST,
    timeoutMs,
    replyTimeout: (reply) => reply.nullArray(),
  });
}

/** Moves an element of the list at argument 1 to that at argument 2, and answers it; false when there is none. */
function move(
  { db, keyspace }: Call,
  args: Args,
  reply: ReplyWriter,
  isFromHead: boolean,
  isToHead: boolean,
): boolean {
  if (db.writeType(args, 1, TYPE_LIST) === 0) return false;
  db.writeType(args, 2, TYPE_LIST);
  const source = db.peek(args, 1);
  let list = editList(db.map, source);
  if (isFromHead) list.seekHead();
  else list.seekTail();
  list.replyFound(reply);
  const element = list.found().slice();
  if (isFromHead) list.dropHead(1);
  else list.dropTail(1);

  const { limits } = keyspace, { length } = element;
  const isRotation = args.areEqual(1, 2);
  if (isRotation) {
    list = growForOne(list, db, source, length);
    push(list, isToHead, element, 0, length);
  }
  const isEmpty = list.length === 0;
  if (isEmpty) db.discard(source);
  else {
    noteShrinking(list, limits);
    storeList(db, args, 1, source, list);
  }
  if (!isRotation) {
    const destination = db.peek(args, 2);
    const target = growForOne(
      editList(db.map, destination),
      db,
      destination,
      length,
    );
    push(target, isToHead, element, 0, length);
    storeList(db, args, 2, destination, target);
  }
  db.changedToo(args, 2, isToHead ? LPUSH_EVENT : RPUSH_EVENT);
  db.changed(args, 1, isFromHead ? LPOP_EVENT : RPOP_EVENT);
  if (isEmpty) db.changedToo(args, 1, DEL_EVENT);
  return true;
}
