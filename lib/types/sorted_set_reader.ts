/**
 * Reads a sorted set by rank, score and member, small or large.
 *
 * Every range is one of ranks: where it begins and ends is found by counting what
 * is below a score or a member. After `seek`, `next` and `previous` there are the
 * `score` of what was come to and its number, for which `load` finds its bytes. One
 * reader serves one sorted set at a time, until that changes.
 */

import type { ByteMap } from "../keyspace/byte_map.ts";
import { INLINE_COLLECTION_MAX } from "../keyspace/record.ts";
import type { ByteSource } from "../keyspace/record_store.ts";
import type { ReplyWriter } from "../resp/reply_writer.ts";
import { compareBytes } from "./byte_order.ts";
import {
  entryLength,
  entryStart,
  inlineCount,
  inlineKind,
  inlineStart,
  nextEntry,
} from "./inline_entries.ts";
import { readScore } from "./inline_score.ts";
import type { SortedBlocks } from "./sorted_blocks.ts";
import {
  SORTED_SET_LISTPACK,
  type SortedSetObject,
} from "./sorted_set_object.ts";

const NO_SCORES: Float64Array = new Float64Array(0);
/** An entry takes at least three bytes. */
const INLINE_MEMBERS_MAX = Math.ceil(INLINE_COLLECTION_MAX / 3);
/** The members of a small one, which are named by their ranks. */
const RANKS = Int32Array.from({ length: INLINE_MEMBERS_MAX }, (_, i) => i);

/** See the top of the file. */
export class SortedSetReader {
  size = 0;
  /** Whether Redis would go through it from an end, not look its ranges up. */
  isListpack = true;
  /** What was come to: names a member until the sorted set changes. */
  member = 0;
  score = 0;
  /** The member that was loaded: `length` bytes of `bytes` from `offset` on. */
  bytes: Uint8Array = new Uint8Array(0);
  offset = 0;
  length = 0;
  /** The run that was come to: so many members and their scores from an index of both arrays on. */
  runMembers: Int32Array = RANKS;
  runScores = NO_SCORES;
  runAt = 0;
  runLength = 0;

  #object: SortedSetObject | undefined;
  // Of a small one: where each member is, and its score.
  readonly #starts = new Int32Array(INLINE_MEMBERS_MAX);
  readonly #lengths = new Int32Array(INLINE_MEMBERS_MAX);
  readonly #scores = new Float64Array(INLINE_MEMBERS_MAX);
  #rank = 0;

  /** Begins with the sorted set at `ref`; 0 is an empty one. */
  open(map: ByteMap, ref: number): void {
    this.#object = undefined;
    this.size = 0;
    if (ref === 0) return;
    if (map.isObject(ref)) {
      this.#object = map.object(ref) as SortedSetObject;
      this.size = this.#object.size;
      this.isListpack = this.#object.kind === SORTED_SET_LISTPACK;
      return;
    }
    const bytes = this.bytes = map.arena.bytes[ref >>> 20];
    const size = this.size = inlineCount(map, ref);
    this.isListpack = inlineKind(map, ref) === SORTED_SET_LISTPACK;
    let at = inlineStart(map, ref);
    for (let rank = 0; rank < size; rank++) {
      const start = entryStart(bytes, at), length = entryLength(bytes, at);
      this.#starts[rank] = start;
      this.#lengths[rank] = length;
      at = start + length;
      this.#scores[rank] = readScore(bytes, at);
      at = nextEntry(bytes, at);
    }
  }

  /** Goes to a rank from 0 to size - 1. */
  seek(rank: number): void {
    this.#rank = rank;
    this.#object?.order.seek(rank);
    this.#take();
  }

  /** Goes to the next member; behind the last one nothing happens. */
  next(): void {
    if (this.#rank + 1 >= this.size) return;
    this.#rank++;
    this.#object?.order.next();
    this.#take();
  }

  /** Goes to the member before; before the first one nothing happens. */
  previous(): void {
    if (this.#rank === 0) return;
    this.#rank--;
    this.#object?.order.previous();
    this.#take();
  }

  /** Takes the run that begins with the first score that is not lower; it may be empty. */
  seekScore(score: number): void {
    if (this.#object !== undefined) {
      this.#object.order.seekScore(score);
      this.#object.order.takeRun();
      return this.#takeRun(this.#object.order);
    }
    this.runMembers = RANKS;
    this.runScores = this.#scores;
    this.runAt = this.countBelowScore(score, false);
    this.runLength = this.size - this.runAt;
  }

  /** Takes the run behind the last one; false when there is none. */
  nextRun(): boolean {
    const order = this.#object?.order;
    if (order === undefined || !order.nextRun()) return false;
    this.#takeRun(order);
    return true;
  }

  #takeRun({ refs, scores, runAt, runLength }: SortedBlocks): void {
    this.runMembers = refs;
    this.runScores = scores;
    this.runAt = runAt;
    this.runLength = runLength;
  }

  /** Answers a member. */
  replyMember(reply: ReplyWriter, member: number): void {
    if (this.#object !== undefined) {
      return this.#object.table.replyKey(reply, member);
    }
    reply.bulkRange(this.bytes, this.#starts[member], this.#lengths[member]);
  }

  /** Finds the bytes of a member. */
  load(member = this.member): void {
    if (this.#object === undefined) {
      this.offset = this.#starts[member];
      this.length = this.#lengths[member];
      return;
    }
    const { table } = this.#object;
    this.bytes = table.chunkOf(member).bytes;
    this.offset = table.keyOffset(member);
    this.length = table.keyLength(member);
  }

  /** Answers `count` members from a rank on, up or down, each with its score if asked for, as pairs if `isNested`. */
  replyRange(
    reply: ReplyWriter,
    rank: number,
    count: number,
    isReverse: boolean,
    hasScores: boolean,
    isNested: boolean,
  ): void {
    if (count <= 0) return;
    const object = this.#object, step = isReverse ? -1 : 1;
    if (object === undefined) {
      for (; count > 0; count--, rank += step) {
        if (isNested) reply.array(2);
        reply.bulkRange(this.bytes, this.#starts[rank], this.#lengths[rank]);
        if (hasScores) reply.double(this.#scores[rank]);
      }
      return;
    }
    const { order, table } = object;
    order.seek(rank);
    order.takeRun(isReverse);
    do {
      const { refs, scores, runAt } = order;
      const end = runAt + step * Math.min(count, order.runLength);
      for (let at = runAt; at !== end; at += step) {
        if (isNested) reply.array(2);
        table.replyKey(reply, refs[at]);
        if (hasScores) reply.double(scores[at]);
      }
      count -= order.runLength;
    } while (count > 0 && order.nextRun(isReverse));
  }

  /** Number of members with a lower score, or with `isInclusive` with one that is not higher. */
  countBelowScore(score: number, isInclusive: boolean): number {
    if (score === Infinity && isInclusive) return this.size;
    if (this.#object !== undefined) {
      return this.#object.order.countBelowScore(score, isInclusive);
    }
    const scores = this.#scores, { size } = this;
    let count = 0;
    while (
      count < size &&
      (scores[count] < score || (isInclusive && scores[count] === score))
    ) count++;
    return count;
  }

  /** Number of members before these bytes, or with `isInclusive` up to them, where all scores are equal. */
  countBelowMember(
    bytes: Uint8Array,
    offset: number,
    length: number,
    isInclusive: boolean,
  ): number {
    if (this.#object !== undefined) {
      const { order } = this.#object;
      return order.countBelowMember(bytes, offset, length, isInclusive);
    }
    let count = 0;
    for (; count < this.size; count++) {
      const order = compareBytes(
        this.bytes,
        this.#starts[count],
        this.#lengths[count],
        bytes,
        offset,
        length,
      );
      if (order > 0 || (order === 0 && !isInclusive)) break;
    }
    return count;
  }

  /** The rank of a member, whose `score` is then known; -1 when it is not there. */
  rankOf(source: ByteSource, offset: number, length: number): number {
    if (this.#object !== undefined) {
      const { table, order } = this.#object;
      const ref = table.find(source, offset, length);
      if (ref === 0) return -1;
      this.score = this.#object.score(ref);
      return order.rankOf(this.score, ref);
    }
    for (let rank = 0; rank < this.size; rank++) {
      if (this.#lengths[rank] !== length) continue;
      const start = this.#starts[rank];
      let i = 0;
      while (i < length && this.bytes[start + i] === source.bytes[offset + i]) {
        i++;
      }
      if (i < length) continue;
      this.score = this.#scores[rank];
      return rank;
    }
    return -1;
  }

  #take(): void {
    if (this.#object === undefined) {
      this.member = this.#rank;
      this.score = this.#scores[this.#rank];
    } else {
      this.member = this.#object.order.ref;
      this.score = this.#object.order.score;
    }
  }
}
