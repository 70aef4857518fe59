/** Adding to a sorted set: what ZADD, ZINCRBY and GEOADD have in common. */

import type { Args } from "../router/args.ts";
import type { Call } from "../router/call.ts";
import { CommandError } from "../router/command_error.ts";
import { TYPE_ZSET } from "../keyspace/record.ts";
import { SortedSetEdit } from "../types/sorted_set_edit.ts";
import { storeEdit } from "./collection_store.ts";
import { ZADD_EVENT, ZINCR_EVENT } from "./sorted_set_event.ts";

const SCORE_IS_NAN = new CommandError(
  "ERR resulting score is not a number (NaN)",
);

/** Conditions and modes, as bits. */
export const ADD_NX = 1, ADD_XX = 2, ADD_GT = 4, ADD_LT = 8, ADD_INCR = 16;

const edit = new SortedSetEdit();

/** What the last call of `addMembers` did; one for all calls. */
const outcome = {
  added: 0,
  updated: 0,
  /** Score of the last member, when its conditions held. */
  score: 0,
  isDone: false,
};

/**
 * Adds members to the sorted set at argument 1: the first at argument `index`, the
 * others every `step` arguments behind it, with the scores from `scores`.
 *
 * @throws {CommandError} `ERR resulting score is not a number (NaN)`
 */
export function addMembers(
  call: Call,
  args: Args,
  index: number,
  step: number,
  scores: Float64Array,
  count: number,
  flags: number,
): typeof outcome {
  const { db, keyspace } = call;
  outcome.added = outcome.updated = 0;
  outcome.isDone = false;
  const ref = db.writeType(args, 1, TYPE_ZSET);
  if (ref === 0 && (flags & ADD_XX) !== 0) return outcome;
  if (ref === 0) edit.begin(keyspace.limits);
  else edit.open(db.map, ref, keyspace.limits);
  edit.expect(count, ref === 0 ? args.length(index) : 0);
  for (let i = 0; i < count; i++) {
    addOne(args, index + i * step, scores[i], flags);
  }
  const changes = outcome.added + outcome.updated;
  if (edit.size > 0 && (changes > 0 || count > 1)) {
    storeEdit(db, args, 1, ref, TYPE_ZSET, edit);
  }
  if (changes > 0) {
    db.changed(args, 1, (flags & ADD_INCR) !== 0 ? ZINCR_EVENT : ZADD_EVENT);
    keyspace.dirty += changes - 1;
  }
  return outcome;
}

function addOne(args: Args, index: number, score: number, flags: number): void {
  const offset = args.offset(index), length = args.length(index);
  if (!edit.find(args, offset, length)) {
    if ((flags & ADD_XX) !== 0) return;
    edit.add(args, offset, length, score);
    outcome.added++;
  } else {
    if ((flags & ADD_NX) !== 0) return;
    const current = edit.score;
    if ((flags & ADD_INCR) !== 0) score += current;
    if (score !== score) throw SCORE_IS_NAN;
    if ((flags & ADD_LT) !== 0 && score >= current) return;
    if ((flags & ADD_GT) !== 0 && score <= current) return;
    if (score !== current) {
      edit.setScore(args, offset, length, score);
      outcome.updated++;
    }
  }
  outcome.score = score;
  outcome.isDone = true;
}
