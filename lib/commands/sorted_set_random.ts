/** ZRANDMEMBER and ZSCAN: members of a sorted set at random, and all of them in steps. */

import type { Args } from "../router/args.ts";
import { CommandError } from "../router/command_error.ts";
import { defineCommand, oneKey } from "../router/command.ts";
import { formatFloat } from "../router/number_text.ts";
import type { Database } from "../keyspace/database.ts";
import { TYPE_ZSET } from "../keyspace/record.ts";
import type { ReplyWriter } from "../resp/reply_writer.ts";
import {
  type Elements,
  InlineElements,
  pickDistinct,
} from "../types/elements.ts";
import { formatG17 } from "../types/float_g17.ts";
import { inlineKind, nextEntry } from "../types/inline_entries.ts";
import { readScore } from "../types/inline_score.ts";
import {
  SORTED_SET_SKIPLIST,
  type SortedSetObject,
} from "../types/sorted_set_object.ts";
import { SortedSetReader } from "../types/sorted_set_reader.ts";
import { checkRepetitions, randomCount } from "./random_count.ts";
import { scanCursor, scanOptions } from "./scan_arguments.ts";
import { scanNothing, scanTable, scanWhole } from "./table_scan.ts";

/** Counts of pairs are bounded by half of a 64-bit integer. */
const PAIRS_MAX = 2 ** 62;
const reader = new SortedSetReader();

/** The members of a sorted set, and the score of each. */
interface ScoredElements {
  elements: Elements;
  scoreOf(at: number): number;
}

function scoredElements({ map }: Database, ref: number): ScoredElements {
  if (map.isObject(ref)) {
    const set = map.object(ref) as SortedSetObject;
    return { elements: set.table, scoreOf: (at) => set.score(at) };
  }
  const bytes = map.arena.bytes[ref >>> 20];
  return {
    elements: new InlineElements(map, ref, true),
    scoreOf: (at) => readScore(bytes, nextEntry(bytes, at)),
  };
}

/**
 * ZRANDMEMBER key [count [WITHSCORES]]
 *
 * A negative count is one of members that may repeat.
 * {@link https://redis.io/docs/latest/commands/zrandmember/}
 */
export const zrandmemberCommand = defineCommand({
  name: "zrandmember",
  arity: -2,
  flags: ["readonly"],
  group: "sorted-set",
  keys: oneKey("RO", "access"),
  since: "6.2.0",
  complexity: "O(N) where N is the number of members returned",
  summary: "Returns one or more random members from a sorted set.",
  syntax: "key [count [WITHSCORES]]{options}",
  tips: ["nondeterministic_output"],
  run({ db, keyspace: { random } }, args, reply) {
    const hasCount = args.count > 2;
    const count = hasCount ? randomCount(args, 2) : 1;
    const hasScores = readsScores(args, count);
    const ref = db.readType(args, 1, TYPE_ZSET);
    if (ref === 0 || count === 0) {
      return hasCount ? reply.array(0) : reply.null();
    }
    const { elements, scoreOf } = scoredElements(db, ref);
    if (!hasCount) return elements.replyKey(reply, elements.random(random));
    checkRepetitions(count);
    const picked = count < 0 ? -count : Math.min(count, elements.size);
    const isNested = hasScores && reply.protocol === 3;
    reply.array(hasScores && !isNested ? picked * 2 : picked);
    const take = (at: number) => {
      if (isNested) reply.array(2);
      elements.replyKey(reply, at);
      if (hasScores) reply.double(scoreOf(at));
    };
    if (count > 1 && picked === elements.size) {
      return answerAll(db, ref, reply, hasScores);
    }
    if (count > 0) pickDistinct(elements, picked, random, take);
    else for (let i = 0; i < picked; i++) take(elements.random(random));
  },
});

/** Answers all members, the highest score first as Redis does. */
function answerAll(
  { map }: Database,
  ref: number,
  reply: ReplyWriter,
  hasScores: boolean,
): void {
  reader.open(map, ref);
  const { size } = reader, isNested = hasScores && reply.protocol === 3;
  reader.replyRange(reply, size - 1, size, true, hasScores, isNested);
}

/** Whether ZRANDMEMBER's arguments ask for scores. */
function readsScores(args: Args, count: number): boolean {
  if (args.count < 4) return false;
  if (args.count > 4 || !args.is(3, "withscores")) throw CommandError.syntax;
  if (Math.abs(count) >= PAIRS_MAX) throw CommandError.outOfRange;
  return true;
}

/**
 * ZSCAN key cursor [MATCH pattern] [COUNT count]
 *
 * Scores are strings in RESP3, too; those of a skiplist have 17 digits.
 * {@link https://redis.io/docs/latest/commands/zscan/}
 */
export const zscanCommand = defineCommand({
  name: "zscan",
  arity: -3,
  flags: ["readonly"],
  group: "sorted-set",
  keys: oneKey("RO", "access"),
  since: "2.8.0",
  complexity:
    "O(1) for every call. O(N) for a complete iteration, including enough command calls for the cursor to return back to 0. N is the number of elements inside the collection.",
  summary: "Iterates over members and scores of a sorted set.",
  syntax: "key cursor [MATCH pattern] [COUNT count]",
  tips: ["nondeterministic_output"],
  run({ db }, args, reply) {
    const cursor = scanCursor(args, 2);
    const { map } = db, ref = db.readType(args, 1, TYPE_ZSET);
    if (ref === 0) return scanNothing(reply);
    const options = scanOptions(args, 3);
    const { elements, scoreOf } = scoredElements(db, ref);
    const set = map.isObject(ref)
      ? map.object(ref) as SortedSetObject
      : undefined;
    const kind = set === undefined ? inlineKind(map, ref) : set.kind;
    const isSkiplist = kind === SORTED_SET_SKIPLIST;
    const answer = answerPair(reply, scoreOf, isSkiplist);
    if (set !== undefined && isSkiplist) {
      scanTable(reply, set.table, cursor, options, answer);
    } else scanWhole(reply, elements, options, answer);
  },
});

function answerPair(
  reply: ReplyWriter,
  scoreOf: (at: number) => number,
  isSkiplist: boolean,
): (elements: Elements, at: number) => number {
  const format = isSkiplist ? formatG17 : formatFloat;
  return (elements, at) => {
    elements.replyKey(reply, at);
    reply.bulkText(format(scoreOf(at)));
    return 2;
  };
}
