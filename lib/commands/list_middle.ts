/** Commands on elements inside of a list, found by their place or by what they are. */

import { keyEvent, NOTIFY_LIST } from "../keyspace/key_event.ts";
import { TYPE_LIST } from "../keyspace/record.ts";
import type { Args } from "../router/args.ts";
import { defineCommand, oneKey } from "../router/command.ts";
import { CommandError } from "../router/command_error.ts";
import { editList } from "../types/list_value.ts";
import {
  growForOne,
  noteShrinking,
  storeList,
  storeShrunk,
} from "./list_edit.ts";

const LSET_EVENT = keyEvent(NOTIFY_LIST, "lset");
const LINSERT_EVENT = keyEvent(NOTIFY_LIST, "linsert");
const LREM_EVENT = keyEvent(NOTIFY_LIST, "lrem");
const LTRIM_EVENT = keyEvent(NOTIFY_LIST, "ltrim");
const RANK_IS_ZERO = new CommandError(
  "ERR RANK can't be zero: use 1 to start from the first match, 2 from the second ... or use negative to start from the end of the list",
);
const RANK_OUT_OF_RANGE = new CommandError(
  "ERR value is out of range, value must between -9223372036854775807 and 9223372036854775807",
);
const NEGATIVE_COUNT = new CommandError("ERR COUNT can't be negative");
const NEGATIVE_MAXLEN = new CommandError("ERR MAXLEN can't be negative");
const INT64_MIN = -9223372036854775808n;

/** LINDEX key index. {@link https://redis.io/docs/latest/commands/lindex/} */
export const lindexCommand = defineCommand({
  name: "lindex",
  arity: 3,
  flags: ["readonly"],
  group: "list",
  keys: oneKey("RO", "access"),
  since: "1.0.0",
  complexity:
    "O(N) where N is the number of elements to traverse to get to the element at index. This makes asking for the first or the last element of the list O(1).",
  summary: "Returns an element from a list by its index.",
  syntax: "key index",
  run({ db }, args, reply) {
    const ref = db.readType(args, 1, TYPE_LIST);
    if (ref === 0) return reply.null();
    const wanted = args.integer(2), list = editList(db.map, ref);
    const index = wanted < 0 ? list.length + wanted : wanted;
    if (index < 0 || index >= list.length) return reply.null();
    list.seek(index);
    list.replyFound(reply);
  },
});

/** LSET key index element. {@link https://redis.io/docs/latest/commands/lset/} */
export const lsetCommand = defineCommand({
  name: "lset",
  arity: 4,
  flags: ["write", "denyoom"],
  group: "list",
  keys: oneKey("RW", "update"),
  since: "1.0.0",
  complexity:
    "O(N) where N is the length of the list. Setting either the first or the last element of the list is O(1).",
  summary: "Sets the value of an element in a list by its index.",
  syntax: "key index element",
  run({ db, keyspace }, args, reply) {
    const ref = db.writeType(args, 1, TYPE_LIST);
    if (ref === 0) throw CommandError.noSuchKey;
    const wanted = args.integer(2);
    const list = growForOne(editList(db.map, ref), db, ref, args.length(3));
    const index = wanted < 0 ? list.length + wanted : wanted;
    if (index < 0 || index >= list.length) {
      if (list.isQuicklist) storeList(db, args, 1, ref, list);
      throw CommandError.indexOutOfRange;
    }
    list.set(index, args.bytes, args.offset(3), args.length(3));
    noteShrinking(list, keyspace.limits);
    storeList(db, args, 1, ref, list);
    db.changed(args, 1, LSET_EVENT);
    reply.ok();
  },
});

/**
 * LINSERT key <BEFORE | AFTER> pivot element
 *
 * Answers -1 when there is no such pivot.
 * {@link https://redis.io/docs/latest/commands/linsert/}
 */
export const linsertCommand = defineCommand({
  name: "linsert",
  arity: 5,
  flags: ["write", "denyoom"],
  group: "list",
  keys: oneKey("RW", "insert"),
  since: "2.2.0",
  complexity:
    "O(N) where N is the number of elements to traverse before seeing the value pivot. This means that inserting somewhere on the left end on the list (head) can be considered O(1) and inserting somewhere on the right end (tail) is O(N).",
  summary: "Inserts an element before or after another element in a list.",
  syntax: "key <BEFORE | AFTER>{where} pivot element",
  run({ db }, args, reply) {
    const isAfter = args.is(2, "after");
    if (!isAfter && !args.is(2, "before")) throw CommandError.syntax;
    const ref = db.writeType(args, 1, TYPE_LIST);
    if (ref === 0) return reply.integer(0);
    const { bytes } = args;
    const list = growForOne(editList(db.map, ref), db, ref, args.length(4));
    if (!list.seekEqual(bytes, args.offset(3), args.length(3))) {
      if (list.isQuicklist) storeList(db, args, 1, ref, list);
      return reply.integer(-1);
    }
    list.insertFound(isAfter, bytes, args.offset(4), args.length(4));
    storeList(db, args, 1, ref, list);
    db.changed(args, 1, LINSERT_EVENT);
    reply.integer(list.length);
  },
});

/**
 * LREM key count element
 *
 * Removes from the tail on when count is negative, all when it is 0.
 * {@link https://redis.io/docs/latest/commands/lrem/}
 */
export const lremCommand = defineCommand({
  name: "lrem",
  arity: 4,
  flags: ["write"],
  group: "list",
  keys: oneKey("RW", "delete"),
  since: "1.0.0",
  complexity:
    "O(N+M) where N is the length of the list and M is the number of elements removed.",
  summary:
    "Removes elements from a list. Deletes the list if the last element was removed.",
  syntax: "key count element",
  run({ db }, args, reply) {
    const count = args.integer(2);
    const ref = db.writeType(args, 1, TYPE_LIST);
    if (ref === 0) return reply.integer(0);
    const list = editList(db.map, ref);
    const removed = list.remove(
      args.bytes,
      args.offset(3),
      args.length(3),
      count === 0 ? Infinity : Math.abs(count),
      count < 0,
    );
    if (removed > 0) {
      storeShrunk(db, args, 1, ref, list, removed, LREM_EVENT);
    }
    reply.integer(removed);
  },
});

/** LTRIM key start stop. {@link https://redis.io/docs/latest/commands/ltrim/} */
export const ltrimCommand = defineCommand({
  name: "ltrim",
  arity: 4,
  flags: ["write"],
  group: "list",
  keys: oneKey("RW", "delete"),
  since: "1.0.0",
  complexity:
    "O(N) where N is the number of elements to be removed by the operation.",
  summary:
    "Removes elements from both ends a list. Deletes the list if all elements were trimmed.",
  syntax: "key start{:integer} stop{:integer}",
  run({ db }, args, reply) {
    const first = args.integer(2), last = args.integer(3);
    const ref = db.writeType(args, 1, TYPE_LIST);
    if (ref === 0) return reply.ok();
    const list = editList(db.map, ref), { length } = list;
    const start = Math.max(first < 0 ? length + first : first, 0);
    const stop = Math.min(last < 0 ? length + last : last, length - 1);
    const isEmpty = start > stop;
    const removed = isEmpty ? length : length - (stop - start + 1);
    list.dropTail(isEmpty ? length : length - stop - 1);
    list.dropHead(isEmpty ? 0 : start);
    storeShrunk(db, args, 1, ref, list, removed, LTRIM_EVENT);
    reply.ok();
  },
});

/** Options of LPOS. */
interface PositionOptions {
  /** Which match to answer first, from 1 on. */
  rank: number;
  isFromTail: boolean;
  /** How many matches to answer, as an array; undefined for one. */
  count: number | undefined;
  /** How many elements to look at. */
  lengthMax: number;
}

/**
 * LPOS key element [RANK rank] [COUNT num-matches] [MAXLEN len]
 *
 * A negative rank searches from the tail; places count from the head all the same.
 * {@link https://redis.io/docs/latest/commands/lpos/}
 */
export const lposCommand = defineCommand({
  name: "lpos",
  arity: -3,
  flags: ["readonly"],
  group: "list",
  keys: oneKey("RO", "access"),
  since: "6.0.6",
  complexity:
    "O(N) where N is the number of elements in the list, for the average case. When searching for elements near the head or the tail of the list, or when the MAXLEN option is provided, the command may run in constant time.",
  summary: "Returns the index of matching elements in a list.",
  syntax: "key element [RANK rank] [COUNT num-matches] [MAXLEN len]",
  run({ db }, args, reply) {
    const { rank, isFromTail, count, lengthMax } = readPositionOptions(args);
    const ref = db.readType(args, 1, TYPE_LIST);
    if (ref === 0) {
      return count === undefined ? reply.null() : reply.array(0);
    }
    const most = count === 0 ? Infinity : count ?? 1;
    const found: number[] = [];
    let matches = 0;
    editList(db.map, ref).findEqual(
      args.bytes,
      args.offset(2),
      args.length(2),
      isFromTail,
      lengthMax,
      (index) => {
        if (++matches >= rank) found.push(index);
        return found.length < most;
      },
    );
    if (count !== undefined) {
      reply.array(found.length);
      for (const index of found) reply.integer(index);
    } else if (found.length > 0) reply.integer(found[0]);
    else reply.null();
  },
});

function readPositionOptions(args: Args): PositionOptions {
  const options: PositionOptions = {
    rank: 1,
    isFromTail: false,
    count: undefined,
    lengthMax: Infinity,
  };
  for (let i = 3; i < args.count; i += 2) {
    if (i + 1 === args.count) throw CommandError.syntax;
    if (args.is(i, "rank")) {
      const rank = args.integer(i + 1);
      if (rank === 0) throw RANK_IS_ZERO;
      if (args.bigint(i + 1) === INT64_MIN) throw RANK_OUT_OF_RANGE;
      options.rank = Math.abs(rank);
      options.isFromTail = rank < 0;
    } else if (args.is(i, "count")) {
      options.count = args.integer(i + 1, NEGATIVE_COUNT);
      if (options.count < 0) throw NEGATIVE_COUNT;
    } else if (args.is(i, "maxlen")) {
      const length = args.integer(i + 1, NEGATIVE_MAXLEN);
      if (length < 0) throw NEGATIVE_MAXLEN;
      options.lengthMax = length === 0 ? Infinity : length;
    } else throw CommandError.syntax;
  }
  return options;
}
