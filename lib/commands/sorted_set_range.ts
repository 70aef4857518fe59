/** Ranges of sorted sets: by rank, score or member; answered, counted, stored. */

import type { Args } from "../router/args.ts";
import type { Call } from "../router/call.ts";
import { CommandError } from "../router/command_error.ts";
import {
  type CommandDefinition,
  defineCommand,
  keyAt,
  oneKey,
} from "../router/command.ts";
import { TYPE_ZSET } from "../keyspace/record.ts";
import type { ReplyWriter } from "../resp/reply_writer.ts";
import { ScratchSource } from "../types/inline_entries.ts";
import { SortedSetEdit } from "../types/sorted_set_edit.ts";
import { SortedSetReader } from "../types/sorted_set_reader.ts";
import { RangeBounds, type RangeKind } from "./sorted_set_bounds.ts";
import { ZRANGESTORE_EVENT } from "./sorted_set_event.ts";
import { storeSortedSet } from "./sorted_set_store.ts";

const LIMIT_OF_RANKS = new CommandError(
  "ERR syntax error, LIMIT is only supported in combination with either BYSCORE or BYLEX",
);
const SCORES_OF_MEMBERS = new CommandError(
  "ERR syntax error, WITHSCORES not supported in combination with BYLEX",
);

const reader = new SortedSetReader();
const bounds = new RangeBounds();
const edit = new SortedSetEdit();
const memberSource = new ScratchSource();

/** What the running command asks for, beside its bounds; one for all commands. */
const range = {
  kind: "rank" as RangeKind,
  isReverse: false,
  hasScores: false,
  offset: 0,
  /** Negative for all. */
  limit: -1,
  /** Where to begin, and how many members to take: see `limitRanks`. */
  first: 0,
  count: 0,
};

/** What is settled by the command's name; the rest may be said by its arguments. */
interface RangeForm {
  readonly kind?: RangeKind;
  readonly isReverse?: boolean;
  readonly isStored?: boolean;
}

const BY_ARGUMENTS: RangeForm = {};
const STORED: RangeForm = { isStored: true };

const READS = {
  arity: -4,
  flags: ["readonly"],
  group: "sorted-set",
  keys: oneKey("RO", "access"),
  elementIndex: 0,
} satisfies Partial<CommandDefinition>;
const COMPLEXITY =
  "O(log(N)+M) with N being the number of elements in the sorted set and M the number of elements returned.";
const LIMITED_COMPLEXITY =
  "O(log(N)+M) with N being the number of elements in the sorted set and M the number of elements being returned. If M is constant (e.g. always asking for the first 10 elements with LIMIT), you can consider it O(log(N)).";
const COUNT_COMPLEXITY =
  "O(log(N)) with N being the number of elements in the sorted set.";

/**
 * ZRANGE key start stop [BYSCORE | BYLEX] [REV] [LIMIT offset count] [WITHSCORES]
 *
 * {@link https://redis.io/docs/latest/commands/zrange/}
 */
export const zrangeCommand = defineCommand({
  ...READS,
  name: "zrange",
  since: "1.2.0",
  complexity: COMPLEXITY,
  summary: "Returns members in a sorted set within a range of indexes.",
  syntax:
    "key start{:string} stop{:string} [BYSCORE | BYLEX]{sortby 6.2.0} [REV]{6.2.0} [LIMIT (offset count){limit 6.2.0}] [WITHSCORES]",
  history: [
    ["6.2.0", "Added the `REV`, `BYSCORE`, `BYLEX` and `LIMIT` options."],
  ],
  run: (call, args, reply) => answerRange(call, args, reply, BY_ARGUMENTS),
});

/** ZREVRANGE key start stop [WITHSCORES]. {@link https://redis.io/docs/latest/commands/zrevrange/} */
export const zrevrangeCommand = defineCommand({
  ...READS,
  name: "zrevrange",
  since: "1.2.0",
  complexity: COMPLEXITY,
  summary:
    "Returns members in a sorted set within a range of indexes in reverse order.",
  syntax: "key start{:integer} stop{:integer} [WITHSCORES]",
  deprecatedSince: "6.2.0",
  replacedBy: "`ZRANGE` with the `REV` argument",
  run: (call, args, reply) =>
    answerRange(call, args, reply, { kind: "rank", isReverse: true }),
});

/** ZRANGEBYSCORE key min max [WITHSCORES] [LIMIT offset count]. {@link https://redis.io/docs/latest/commands/zrangebyscore/} */
export const zrangebyscoreCommand = defineCommand({
  ...READS,
  name: "zrangebyscore",
  since: "1.0.5",
  complexity: LIMITED_COMPLEXITY,
  summary: "Returns members in a sorted set within a range of scores.",
  syntax:
    "key min{:double} max{:double} [WITHSCORES]{2.0.0} [LIMIT (offset count){limit}]",
  history: [["2.0.0", "Added the `WITHSCORES` modifier."]],
  deprecatedSince: "6.2.0",
  replacedBy: "`ZRANGE` with the `BYSCORE` argument",
  run: (call, args, reply) =>
    answerRange(call, args, reply, { kind: "score", isReverse: false }),
});

/** ZREVRANGEBYSCORE key max min [WITHSCORES] [LIMIT offset count]. {@link https://redis.io/docs/latest/commands/zrevrangebyscore/} */
export const zrevrangebyscoreCommand = defineCommand({
  ...READS,
  name: "zrevrangebyscore",
  since: "2.2.0",
  complexity: LIMITED_COMPLEXITY,
  summary:
    "Returns members in a sorted set within a range of scores in reverse order.",
  syntax:
    "key max{:double} min{:double} [WITHSCORES] [LIMIT (offset count){limit}]",
  history: [["2.1.6", "`min` and `max` can be exclusive."]],
  deprecatedSince: "6.2.0",
  replacedBy: "`ZRANGE` with the `REV` and `BYSCORE` arguments",
  run: (call, args, reply) =>
    answerRange(call, args, reply, { kind: "score", isReverse: true }),
});

/** ZRANGEBYLEX key min max [LIMIT offset count]. {@link https://redis.io/docs/latest/commands/zrangebylex/} */
export const zrangebylexCommand = defineCommand({
  ...READS,
  name: "zrangebylex",
  since: "2.8.9",
  complexity: LIMITED_COMPLEXITY,
  summary: "Returns members in a sorted set within a lexicographical range.",
  syntax: "key min{:string} max{:string} [LIMIT (offset count){limit}]",
  deprecatedSince: "6.2.0",
  replacedBy: "`ZRANGE` with the `BYLEX` argument",
  run: (call, args, reply) =>
    answerRange(call, args, reply, { kind: "member", isReverse: false }),
});

/** ZREVRANGEBYLEX key max min [LIMIT offset count]. {@link https://redis.io/docs/latest/commands/zrevrangebylex/} */
export const zrevrangebylexCommand = defineCommand({
  ...READS,
  name: "zrevrangebylex",
  since: "2.8.9",
  complexity: LIMITED_COMPLEXITY,
  summary:
    "Returns members in a sorted set within a lexicographical range in reverse order.",
  syntax: "key max{:string} min{:string} [LIMIT (offset count){limit}]",
  deprecatedSince: "6.2.0",
  replacedBy: "`ZRANGE` with the `REV` and `BYLEX` arguments",
  run: (call, args, reply) =>
    answerRange(call, args, reply, { kind: "member", isReverse: true }),
});

/** ZRANGESTORE dst src min max [BYSCORE | BYLEX] [REV] [LIMIT offset count]. {@link https://redis.io/docs/latest/commands/zrangestore/} */
export const zrangestoreCommand = defineCommand({
  name: "zrangestore",
  arity: -5,
  flags: ["write", "denyoom"],
  group: "sorted-set",
  keys: [keyAt(1, "OW", "update"), keyAt(2, "RO", "access")],
  since: "6.2.0",
  complexity:
    "O(log(N)+M) with N being the number of elements in the sorted set and M the number of elements stored into the destination key.",
  summary: "Stores a range of members from sorted set in a key.",
  syntax:
    "dst src min{:string} max{:string} [BYSCORE | BYLEX]{sortby} [REV] [LIMIT (offset count){limit}]",
  run(call, args, reply) {
    const { db, keyspace } = call;
    readRange(args, 2, STORED);
    reader.open(db.map, db.readType(args, 2, TYPE_ZSET));
    edit.begin(keyspace.limits);
    limitRanks();
    const { first, count } = range;
    if (range.kind === "rank") edit.expect(count);
    if (count > 0) reader.seek(first);
    for (let i = 0; i < count; i++) {
      reader.load();
      const { bytes, offset, length, score } = reader;
      memberSource.hold(bytes.subarray(offset, offset + length));
      edit.find(memberSource, 0, length);
      edit.add(memberSource, 0, length, score);
      if (range.isReverse) reader.previous();
      else reader.next();
    }
    storeSortedSet(db, args, edit, ZRANGESTORE_EVENT, reply);
  },
});

/** ZCOUNT key min max. {@link https://redis.io/docs/latest/commands/zcount/} */
export const zcountCommand = defineCommand({
  ...READS,
  name: "zcount",
  arity: 4,
  flags: ["readonly", "fast"],
  since: "2.0.0",
  complexity: COUNT_COMPLEXITY,
  summary:
    "Returns the count of members in a sorted set that have scores within a range.",
  syntax: "key min{:double} max{:double}",
  run: (call, args, reply) => answerCount(call, args, reply, "score"),
});

/** ZLEXCOUNT key min max. {@link https://redis.io/docs/latest/commands/zlexcount/} */
export const zlexcountCommand = defineCommand({
  ...READS,
  name: "zlexcount",
  arity: 4,
  flags: ["readonly", "fast"],
  since: "2.8.9",
  complexity: COUNT_COMPLEXITY,
  summary:
    "Returns the number of members in a sorted set within a lexicographical range.",
  syntax: "key min{:string} max{:string}",
  run: (call, args, reply) => answerCount(call, args, reply, "member"),
});

function answerCount(
  { db }: Call,
  args: Args,
  reply: ReplyWriter,
  kind: RangeKind,
): void {
  bounds.read(args, kind, 2, 3, false);
  reader.open(db.map, db.readType(args, 1, TYPE_ZSET));
  bounds.find(reader);
  reply.integer(Math.max(0, bounds.end - bounds.first));
}

/** Reads the range of the key at an argument. */
function readRange(args: Args, index: number, form: RangeForm): void {
  let { kind, isReverse } = form;
  let hasScores = false, offset = 0, limit = -1;
  for (let i = index + 3; i < args.count; i++) {
    if (form.isStored !== true && args.is(i, "withscores")) hasScores = true;
    else if (args.is(i, "limit") && args.count - i > 2) {
      offset = args.integer(i + 1);
      limit = args.integer(i + 2);
      i += 2;
    } else if (form.isReverse === undefined && args.is(i, "rev")) {
      if (isReverse === true) throw CommandError.syntax;
      isReverse = true;
    } else if (kind === undefined && args.is(i, "bylex")) kind = "member";
    else if (kind === undefined && args.is(i, "byscore")) kind = "score";
    else throw CommandError.syntax;
  }
  kind ??= "rank";
  isReverse ??= false;
  if (limit !== -1 && kind === "rank") throw LIMIT_OF_RANKS;
  if (hasScores && kind === "member") throw SCORES_OF_MEMBERS;
  const isSwapped = isReverse && kind !== "rank";
  const min = index + (isSwapped ? 2 : 1), max = index + (isSwapped ? 1 : 2);
  bounds.read(args, kind, min, max, isReverse);
  range.kind = kind;
  range.isReverse = isReverse;
  range.hasScores = hasScores;
  range.offset = offset;
  range.limit = limit;
}

/** Finds out where to begin in the open reader, and how many members to take. */
function limitRanks(): void {
  const { isReverse, limit } = range;
  const offset = range.kind === "rank" ? 0 : range.offset;
  bounds.find(reader);
  const { first, end } = bounds;
  const count = offset < 0 ? 0 : Math.max(0, end - first - offset);
  range.first = isReverse ? end - 1 - offset : first + offset;
  range.count = limit >= 0 ? Math.min(count, limit) : count;
}

function answerRange(
  { db }: Call,
  args: Args,
  reply: ReplyWriter,
  form: RangeForm,
): void {
  readRange(args, 1, form);
  reader.open(db.map, db.readType(args, 1, TYPE_ZSET));
  limitRanks();
  const { first, count, isReverse, hasScores } = range;
  const isNested = hasScores && reply.protocol === 3;
  reply.array(hasScores && !isNested ? count * 2 : count);
  reader.replyRange(reply, first, count, isReverse, hasScores, isNested);
}
