/** HRANDFIELD: fields picked at random. */

import type { Call } from "../router/call.ts";
import { CommandError } from "../router/command_error.ts";
import { defineCommand, oneKey } from "../router/command.ts";
import { TYPE_HASH } from "../keyspace/record.ts";
import type { ReplyWriter } from "../resp/reply_writer.ts";
import {
  type Elements,
  InlineElements,
  ListedElements,
  pickDistinct,
} from "../types/elements.ts";
import type { HashObject } from "../types/hash_object.ts";
import { checkRepetitions, randomCount } from "./random_count.ts";

/** Counts of pairs are bounded by half of a 64-bit integer. */
const PAIRS_MAX = 2 ** 62;

/**
 * HRANDFIELD key [count [WITHVALUES]]
 *
 * A negative count is one of fields that may repeat.
 * {@link https://redis.io/docs/latest/commands/hrandfield/}
 */
export const hrandfieldCommand = defineCommand({
  name: "hrandfield",
  arity: -2,
  flags: ["readonly"],
  group: "hash",
  keys: oneKey("RO", "access"),
  since: "6.2.0",
  complexity: "O(N) where N is the number of fields returned",
  summary: "Returns one or more random fields from a hash.",
  syntax: "key [count [WITHVALUES]]{options}",
  tips: ["nondeterministic_output"],
  run(call, args, reply) {
    const hasCount = args.count > 2,
      count = hasCount ? randomCount(args, 2) : 1;
    if (args.count > 4 || (args.count === 4 && !args.is(3, "withvalues"))) {
      throw CommandError.syntax;
    }
    const hasValues = args.count === 4;
    if (hasValues && Math.abs(count) >= PAIRS_MAX) {
      throw CommandError.outOfRange;
    }
    const { db, keyspace: { random, fieldExpiry } } = call;
    const ref = db.readType(args, 1, TYPE_HASH);
    const elements = ref === 0 ? undefined : elementsOf(call, ref);
    if (elements === undefined || elements.size === 0 || count === 0) {
      if (hasCount) reply.array(0);
      else reply.null();
    } else if (!hasCount) elements.replyKey(reply, elements.random(random));
    else answerSome(reply, elements, count, hasValues, random);
    if (ref !== 0) fieldExpiry.removeAll(db, args);
  },
});

function answerSome(
  reply: ReplyWriter,
  elements: Elements,
  count: number,
  hasValues: boolean,
  random: () => number,
): void {
  checkRepetitions(count);
  const picked = count < 0 ? -count : Math.min(count, elements.size);
  const isFlat = hasValues && reply.protocol === 2;
  reply.array(isFlat ? picked * 2 : picked);
  const take = (at: number) => answer(reply, elements, at, hasValues);
  if (count > 0) pickDistinct(elements, picked, random, take);
  else for (let i = 0; i < picked; i++) take(elements.random(random));
}

/** The fields of a hash without those whose time is over. */
function elementsOf(
  { db, keyspace: { fieldNowMs } }: Call,
  ref: number,
): Elements {
  if (!db.map.isObject(ref)) return new InlineElements(db.map, ref, true);
  const hash = db.map.object(ref) as HashObject, { table } = hash;
  if (hash.volatileCount === 0) return table;
  const live: number[] = [];
  for (let at = table.first(); at !== 0; at = table.next(at)) {
    if (hash.isLive(at, fieldNowMs)) live.push(at);
  }
  return new ListedElements(table, live);
}

function answer(
  reply: ReplyWriter,
  elements: Elements,
  at: number,
  hasValues: boolean,
): void {
  if (hasValues && reply.protocol === 3) reply.array(2);
  elements.replyKey(reply, at);
  if (hasValues) elements.replyValue(reply, at);
}
