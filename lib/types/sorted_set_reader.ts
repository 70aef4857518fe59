/**
 * Reads a sorted set by rank, score and member, small or large.
 *
 * Every range is one of ranks: where it begins and ends is found by counting what
 * is below a score or a member. After `seek`, `next` and `previous` the member is
 * `length` bytes of `bytes` from `offset` on. One reader serves one sorted set at
 * a time, until that changes.
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
import {
  SORTED_SET_LISTPACK,
  type SortedSetObject,
} from "./sorted_set_object.ts";

/** An entry takes at least three bytes. */
const INLINE_MEMBERS_MAX = Math.ceil(INLINE_COLLECTION_MAX / 3);

/** See the top of the file. */
export class SortedSetReader {
  size = 0;
  /** Whether Redis would go through it from an end, not look its ranges up. */
  isListpack = true;
  /** The member that was come to. */
  bytes: Uint8Array = new Uint8Array(0);
  offset = 0;
  length = 0;
  score = 0;

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
    if (this.#object === undefined) return this.#takeInline();
    this.#object.order.seek(rank);
    this.#takeFromTable();
  }

  /** Goes to the next member; behind the last one nothing happens. */
  next(): void {
    if (this.#rank + 1 >= this.size) return;
    this.#rank++;
    if (this.#object === undefined) return this.#takeInline();
    this.#object.order.next();
    this.#takeFromTable();
  }

  /** Goes to the member before; before the first one nothing happens. */
  previous(): void {
    if (this.#rank === 0) return;
    this.#rank--;
    if (this.#object === undefined) return this.#takeInline();
    this.#object.order.previous();
    this.#takeFromTable();
  }

  /** Answers `count` members from a rank on, up or down, each with its score if asked for; in RESP3 as pairs. */
  replyRange(
    reply: ReplyWriter,
    rank: number,
    count: number,
    isReverse: boolean,
    hasScores: boolean,
  ): void {
    if (count <= 0) return;
    const isNested = hasScores && reply.protocol === 3;
    const object = this.#object;
    if (object !== undefined) object.order.seek(rank);
    while (true) {
      if (isNested) reply.array(2);
      if (object !== undefined) {
        object.table.replyKey(reply, object.order.ref);
        if (hasScores) reply.double(object.order.score);
      } else {
        reply.bulkRange(this.bytes, this.#starts[rank], this.#lengths[rank]);
        if (hasScores) reply.double(this.#scores[rank]);
      }
      if (--count === 0) return;
      rank += isReverse ? -1 : 1;
      if (object === undefined) continue;
      if (isReverse) object.order.previous();
      else object.order.next();
    }
  }

  /** Number of members with a lower score, or with `isInclusive` with one that is not higher. */
  countBelowScore(score: number, isInclusive: boolean): number {
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

  #takeInline(): void {
    const rank = this.#rank;
    this.offset = this.#starts[rank];
    this.length = this.#lengths[rank];
    this.score = this.#scores[rank];
  }

  #takeFromTable(): void {
    const { table, order } = this.#object!, { ref } = order;
    this.bytes = table.chunkOf(ref).bytes;
    this.offset = table.keyOffset(ref);
    this.length = table.keyLength(ref);
    this.score = order.score;
  }
}
