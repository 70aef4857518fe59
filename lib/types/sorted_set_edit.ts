/** Changes to a sorted set: see collection_edit.ts. What is changed is found first. */

import type { ByteMap } from "../keyspace/byte_map.ts";
import type { EncodingLimits } from "../keyspace/encoding_limits.ts";
import { INLINE_COLLECTION_MAX } from "../keyspace/record.ts";
import type { ByteSource } from "../keyspace/record_store.ts";
import { compareBytes } from "./byte_order.ts";
import {
  entryLength,
  entryStart,
  INLINE_HEAD_BYTES,
  nextEntry,
} from "./inline_entries.ts";
import { readScore, writeScore } from "./inline_score.ts";
import { CollectionEdit } from "./collection_edit.ts";
import { packedLength } from "./packed.ts";
import {
  SORTED_SET_LISTPACK,
  SORTED_SET_SKIPLIST,
  type SortedSetObject,
  unpackSortedSet,
} from "./sorted_set_object.ts";

const SCORE_BYTES_MAX = 8;
const scoreBytes = new Uint8Array(SCORE_BYTES_MAX);

/** See the top of the file. */
export class SortedSetEdit extends CollectionEdit<SortedSetObject> {
  /** The score of the member that was found. */
  score = 0;
  /** Where it is: an offset in `packed`, or a ref of the object's table. */
  #found = 0;
  /** Where in `packed` the last member is; 0 when nobody knows. */
  #lastAt = 0;

  protected unpack(bytes: Uint8Array): SortedSetObject {
    return unpackSortedSet(bytes);
  }

  override begin(limits: EncodingLimits): void {
    super.begin(limits);
    this.#lastAt = 0;
  }

  override open(map: ByteMap, ref: number, limits: EncodingLimits): void {
    super.open(map, ref, limits);
    this.#lastAt = 0;
  }

  /** Tells that up to so many members will be added, the first of so many bytes: Redis converts in advance. */
  expect(count: number, firstLength = 0): void {
    const { zsetMaxListpackEntries, zsetMaxListpackValue } = this.limits;
    if (count > zsetMaxListpackEntries || firstLength > zsetMaxListpackValue) {
      this.become(SORTED_SET_SKIPLIST);
    }
  }

  /** Finds a member and its `score`. */
  find(source: ByteSource, offset: number, length: number): boolean {
    const { packed, object } = this;
    if (object !== undefined) {
      const ref = this.#found = object.table.find(source, offset, length);
      if (ref !== 0) this.score = object.score(ref);
      return ref !== 0;
    }
    const at = this.#found = this.findPacked(source, offset, length, 2);
    if (at < 0) return false;
    this.score = readScore(packed.bytes, packed.next(at));
    return true;
  }

  /** After find, which found nothing: adds the member. */
  add(source: ByteSource, offset: number, length: number, score: number): void {
    this.expect(this.size + 1, length);
    score = this.#kept(score);
    if (this.object === undefined) {
      const needed = this.packed.length + packedLength(length) +
        packedLength(SCORE_BYTES_MAX);
      if (needed <= INLINE_COLLECTION_MAX) {
        this.#insert(source.bytes, offset, length, score);
        this.count++;
        return;
      }
      this.toObject().table.find(source, offset, length);
    }
    this.object!.add(source, offset, length, score);
  }

  /** After find, which found the member of these bytes: gives it another score. */
  setScore(
    source: ByteSource,
    offset: number,
    length: number,
    score: number,
  ): void {
    score = this.#kept(score);
    if (this.object !== undefined) {
      this.object.update(this.#found, score);
      return;
    }
    this.packed.remove(this.#found, 2);
    this.#lastAt = 0;
    this.#insert(source.bytes, offset, length, score);
  }

  /** After find, which found a member: removes it. */
  remove(): void {
    if (this.object !== undefined) {
      this.object.remove(this.#found);
      return;
    }
    this.packed.remove(this.#found, 2);
    this.#lastAt = 0;
    this.count--;
  }

  /** Removes `count` members from a rank on. */
  removeRange(rank: number, count: number): void {
    if (this.object !== undefined) {
      this.object.removeRange(rank, count);
      return;
    }
    const { packed } = this;
    let at = INLINE_HEAD_BYTES;
    for (let i = 2 * rank; i > 0; i--) at = packed.next(at);
    packed.remove(at, 2 * count);
    this.#lastAt = 0;
    this.count -= count;
  }

  /** A score as it is kept: Redis's listpacks do not know -0. */
  #kept(score: number): number {
    return this.kind === SORTED_SET_LISTPACK ? score + 0 : score;
  }

  /** Puts a member and its score where they belong. */
  #insert(
    from: Uint8Array,
    offset: number,
    length: number,
    score: number,
  ): void {
    const { packed } = this, { bytes } = packed;
    const scoreLength = writeScore(scoreBytes, score);
    const isLast = packed.length === INLINE_HEAD_BYTES ||
      (this.#lastAt !== 0 &&
        this.#isBefore(this.#lastAt, from, offset, length, score));
    if (isLast) {
      this.#lastAt = packed.length;
      packed.append(from, offset, length);
      return packed.append(scoreBytes, 0, scoreLength);
    }
    let at = INLINE_HEAD_BYTES;
    while (
      at < packed.length && this.#isBefore(at, from, offset, length, score)
    ) at = nextEntry(bytes, nextEntry(bytes, at));
    packed.insert(at, from, offset, length);
    packed.insert(packed.next(at), scoreBytes, 0, scoreLength);
    this.#lastAt = 0;
  }

  /** Whether the member at an offset of `packed` comes before another one. */
  #isBefore(
    at: number,
    from: Uint8Array,
    offset: number,
    length: number,
    score: number,
  ): boolean {
    const { bytes } = this.packed;
    const other = readScore(bytes, nextEntry(bytes, at));
    return other !== score ? other < score : compareBytes(
      bytes,
      entryStart(bytes, at),
      entryLength(bytes, at),
      from,
      offset,
      length,
    ) < 0;
  }
}
