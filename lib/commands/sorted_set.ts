/** Commands that add, remove and look up members of a sorted set by name. */

import type { Args } from "../router/args.ts";
import { CommandError } from "../router/command_error.ts";
import {
  type CommandDefinition,
  defineCommand,
  oneKey,
} from "../router/command.ts";
import { tableAt } from "../keyspace/collection.ts";
import type { Database } from "../keyspace/database.ts";
import { DEL_EVENT } from "../keyspace/key_event.ts";
import { TYPE_ZSET } from "../keyspace/record.ts";
import type { ReplyWriter } from "../resp/reply_writer.ts";
import { SortedSetEdit } from "../types/sorted_set_edit.ts";
import { SortedSetReader } from "../types/sorted_set_reader.ts";
import { memberScore, sortedSetSize } from "../types/sorted_set_value.ts";
import { storeEdit } from "./collection_store.ts";
import {
  ADD_GT,
  ADD_INCR,
  ADD_LT,
  ADD_NX,
  ADD_XX,
  addMembers,
} from "./sorted_set_add.ts";
import { ZREM_EVENT } from "./sorted_set_event.ts";

const XX_AND_NX = new CommandError(
  "ERR XX and NX options at the same time are not compatible",
);
const GT_LT_AND_NX = new CommandError(
  "ERR GT, LT, and/or NX options at the same time are not compatible",
);
const INCR_OF_MANY = new CommandError(
  "ERR INCR option supports a single increment-element pair",
);

const edit = new SortedSetEdit();
const reader = new SortedSetReader();
let scores = new Float64Array(64);

/**
 * ZADD key [NX | XX] [GT | LT] [CH] [INCR] score member [score member ...]
 *
 * {@link https://redis.io/docs/latest/commands/zadd/}
 */
export const zaddCommand = defineCommand({
  name: "zadd",
  arity: -4,
  elementIndex: 3,
  flags: ["write", "denyoom", "fast"],
  group: "sorted-set",
  keys: oneKey("RW", "update"),
  since: "1.2.0",
  complexity:
    "O(log(N)) for each item added, where N is the number of elements in the sorted set.",
  summary:
    "Adds one or more members to a sorted set, or updates their scores. Creates the key if it doesn't exist.",
  syntax:
    "key [NX | XX]{condition 3.0.2} [GT | LT]{comparison 6.2.0} [CH{change 3.0.2}] [INCR{increment 3.0.2}] (score member){data} [...]",
  history: [
    ["2.4.0", "Accepts multiple elements."],
    ["3.0.2", "Added the `XX`, `NX`, `CH` and `INCR` options."],
    ["6.2.0", "Added the `GT` and `LT` options."],
  ],
  run(call, args, reply) {
    let index = 2, flags = 0, countsChanges = false;
    for (; index < args.count; index++) {
      const flag = optionOf(args, index);
      if (flag === 0) break;
      if (flag < 0) countsChanges = true;
      else flags |= flag;
    }
    const count = (args.count - index) / 2;
    if (count === 0 || !Number.isInteger(count)) throw CommandError.syntax;
    checkFlags(flags, count);
    readScores(args, index, count);
    const done = addMembers(call, args, index + 1, 2, scores, count, flags);
    if ((flags & ADD_INCR) !== 0) {
      if (done.isDone) reply.double(done.score);
      else reply.null();
    } else {reply.integer(
        countsChanges ? done.added + done.updated : done.added,
      );}
  },
});

/** The flag of the option at an argument: -1 for CH, 0 when it is none. */
function optionOf(args: Args, index: number): number {
  const length = args.length(index);
  // Scores begin with digits, signs and points most of the time.
  if (args.bytes[args.offset(index)] < 65) return 0;
  if (length === 2) {
    if (args.is(index, "nx")) return ADD_NX;
    if (args.is(index, "xx")) return ADD_XX;
    if (args.is(index, "gt")) return ADD_GT;
    if (args.is(index, "lt")) return ADD_LT;
    if (args.is(index, "ch")) return -1;
  }
  return args.is(index, "incr") ? ADD_INCR : 0;
}

function checkFlags(flags: number, count: number): void {
  const isNx = (flags & ADD_NX) !== 0;
  const isGt = (flags & ADD_GT) !== 0, isLt = (flags & ADD_LT) !== 0;
  if (isNx && (flags & ADD_XX) !== 0) throw XX_AND_NX;
  if ((isNx && (isGt || isLt)) || (isGt && isLt)) throw GT_LT_AND_NX;
  if ((flags & ADD_INCR) !== 0 && count > 1) throw INCR_OF_MANY;
}

function readScores(args: Args, index: number, count: number): void {
  if (count > scores.length) scores = new Float64Array(count * 2);
  for (let i = 0; i < count; i++) scores[i] = args.float(index + i * 2);
}

/** ZINCRBY key increment member. {@link https://redis.io/docs/latest/commands/zincrby/} */
export const zincrbyCommand = defineCommand({
  name: "zincrby",
  arity: 4,
  elementIndex: 3,
  flags: ["write", "denyoom", "fast"],
  group: "sorted-set",
  keys: oneKey("RW", "access", "update"),
  since: "1.2.0",
  complexity: "O(log(N)) where N is the number of elements in the sorted set.",
  summary: "Increments the score of a member in a sorted set.",
  syntax: "key increment{:integer} member",
  run(call, args, reply) {
    readScores(args, 2, 1);
    const { score } = addMembers(call, args, 3, 2, scores, 1, ADD_INCR);
    reply.double(score);
  },
});

/**
 * ZREM key member [member ...]
 *
 * The last member takes the key with it.
 * {@link https://redis.io/docs/latest/commands/zrem/}
 */
export const zremCommand = defineCommand({
  name: "zrem",
  arity: -3,
  flags: ["write", "fast"],
  group: "sorted-set",
  keys: oneKey("RW", "delete"),
  since: "1.2.0",
  complexity:
    "O(M*log(N)) with N being the number of elements in the sorted set and M the number of elements to be removed.",
  summary:
    "Removes one or more members from a sorted set. Deletes the sorted set if all members were removed.",
  syntax: "key member [member ...]",
  history: [["2.4.0", "Accepts multiple elements."]],
  run({ db, keyspace }, args, reply) {
    const ref = db.writeType(args, 1, TYPE_ZSET);
    if (ref === 0) return reply.integer(0);
    edit.open(db.map, ref, keyspace.limits);
    let removed = 0;
    for (let i = 2; i < args.count && edit.size > 0; i++) {
      if (!edit.find(args, args.offset(i), args.length(i))) continue;
      edit.remove();
      removed++;
    }
    if (removed > 0) {
      const isEmpty = edit.size === 0;
      if (isEmpty) db.discard(ref);
      else storeEdit(db, args, 1, ref, TYPE_ZSET, edit);
      db.changed(args, 1, ZREM_EVENT);
      if (isEmpty) db.changedToo(args, 1, DEL_EVENT);
      keyspace.dirty += removed - 1;
    }
    reply.integer(removed);
  },
});

/** ZCARD key. {@link https://redis.io/docs/latest/commands/zcard/} */
export const zcardCommand = defineCommand({
  name: "zcard",
  arity: 2,
  flags: ["readonly", "fast"],
  group: "sorted-set",
  keys: oneKey("RO"),
  since: "1.2.0",
  complexity: "O(1)",
  summary: "Returns the number of members in a sorted set.",
  syntax: "key",
  run({ db }, args, reply) {
    const ref = db.readType(args, 1, TYPE_ZSET);
    reply.integer(ref === 0 ? 0 : sortedSetSize(db.map, ref));
  },
});

/** What commands that read scores have in common. */
const READS_SCORES = {
  flags: ["readonly", "fast"],
  group: "sorted-set",
  keys: oneKey("RO", "access"),
} satisfies Partial<CommandDefinition>;

/** ZSCORE key member. {@link https://redis.io/docs/latest/commands/zscore/} */
export const zscoreCommand = defineCommand({
  ...READS_SCORES,
  name: "zscore",
  arity: 3,
  since: "1.2.0",
  complexity: "O(1)",
  summary: "Returns the score of a member in a sorted set.",
  syntax: "key member",
  run({ db }, args, reply) {
    answerScore(db, db.readType(args, 1, TYPE_ZSET), args, 2, reply);
  },
});

/** ZMSCORE key member [member ...]. {@link https://redis.io/docs/latest/commands/zmscore/} */
export const zmscoreCommand = defineCommand({
  ...READS_SCORES,
  name: "zmscore",
  arity: -3,
  since: "6.2.0",
  complexity: "O(N) where N is the number of members being requested.",
  summary: "Returns the score of one or more members in a sorted set.",
  syntax: "key member [member ...]",
  run({ db, keyspace }, args, reply) {
    const ref = db.readType(args, 1, TYPE_ZSET), table = tableAt(db.map, ref);
    let warmed = 2;
    reply.array(args.count - 2);
    for (let i = 2; i < args.count; i++) {
      if (i === warmed) warmed = keyspace.warmPass.load(table, args, i, 1);
      answerScore(db, ref, args, i, reply);
    }
  },
});

function answerScore(
  db: Database,
  ref: number,
  args: Args,
  index: number,
  reply: ReplyWriter,
): void {
  const score = ref === 0
    ? NaN
    : memberScore(db.map, ref, args, args.offset(index), args.length(index));
  if (score === score) reply.double(score);
  else reply.null();
}

/** What both commands about ranks have in common. */
const READS_RANK = {
  ...READS_SCORES,
  arity: -3,
  since: "2.0.0",
  complexity: "O(log(N))",
  syntax: "key member [WITHSCORE]",
  history: [["7.2.0", "Added the optional `WITHSCORE` argument."]],
} satisfies Partial<CommandDefinition>;

/** ZRANK key member [WITHSCORE]. {@link https://redis.io/docs/latest/commands/zrank/} */
export const zrankCommand = defineCommand({
  ...READS_RANK,
  name: "zrank",
  summary:
    "Returns the index of a member in a sorted set ordered by ascending scores.",
  run: (call, args, reply) =>
    answerRank(call.db, args, reply, call.command.fullName, false),
});

/** ZREVRANK key member [WITHSCORE]. {@link https://redis.io/docs/latest/commands/zrevrank/} */
export const zrevrankCommand = defineCommand({
  ...READS_RANK,
  name: "zrevrank",
  summary:
    "Returns the index of a member in a sorted set ordered by descending scores.",
  run: (call, args, reply) =>
    answerRank(call.db, args, reply, call.command.fullName, true),
});

function answerRank(
  db: Database,
  args: Args,
  reply: ReplyWriter,
  fullName: string,
  isReverse: boolean,
): void {
  if (args.count > 4) throw CommandError.wrongArity(fullName);
  const hasScore = args.count === 4;
  if (hasScore && !args.is(3, "withscore")) throw CommandError.syntax;
  const ref = db.readType(args, 1, TYPE_ZSET);
  reader.open(db.map, ref);
  const rank = reader.rankOf(args, args.offset(2), args.length(2));
  if (rank < 0) {
    if (hasScore) reply.nullArray();
    else reply.null();
    return;
  }
  if (hasScore) reply.array(2);
  reply.integer(isReverse ? reader.size - 1 - rank : rank);
  if (hasScore) reply.double(reader.score);
}
