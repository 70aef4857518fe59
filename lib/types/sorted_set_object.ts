/** Sorted sets that are objects: the large ones. */

import type { Collection } from "../keyspace/collection.ts";
import type { ByteSource } from "../keyspace/record_store.ts";
import { ByteTable } from "./byte_table.ts";
import {
  entryLength,
  entryStart,
  INLINE_HEAD_BYTES,
  nextEntry,
  ScratchSource,
} from "./inline_entries.ts";
import { readScore } from "./inline_score.ts";
import { SortedBlocks } from "./sorted_blocks.ts";

/** Kinds of sorted sets: what OBJECT ENCODING answers for them. */
export const SORTED_SET_LISTPACK = 0;
export const SORTED_SET_SKIPLIST = 1;
export const SORTED_SET_ENCODINGS: readonly string[] = ["listpack", "skiplist"];

const SCORE_BYTES = 8;
/** Members looked up together before they are removed one after the other. */
const AHEAD = 16;
/** In smaller sets what they need is in the CPU's caches. */
const AHEAD_SIZE_MIN = 20_000;
const aheadHashes = new Int32Array(AHEAD);
const aheadRefs = new Int32Array(AHEAD);
const scoreSource = new ScratchSource();

/** A map from members to scores, and the order of both. */
export class SortedSetObject implements Collection {
  kind = SORTED_SET_LISTPACK;
  /** Removals until members are looked up ahead again. */
  #lookedUp = 0;
  /** Keeps the loads alive. */
  #sum = 0;

  constructor(
    readonly table: ByteTable = new ByteTable(true),
    readonly order: SortedBlocks = new SortedBlocks(table),
  ) {
    table.onMove = (ref, made) => order.moved(this.score(made), ref, made);
  }

  get size(): number {
    return this.table.size;
  }

  get encoding(): string {
    return SORTED_SET_ENCODINGS[this.kind];
  }

  get memoryBytes(): number {
    return this.table.memoryBytes + this.order.memoryBytes;
  }

  copy(): SortedSetObject {
    const table = this.table.copy();
    const copy = new SortedSetObject(table, this.order.copy(table));
    copy.kind = this.kind;
    return copy;
  }

  /** The score of the member at `ref` of the table. */
  score(ref: number): number {
    const { table } = this;
    return table.chunkOf(ref).view.getFloat64(table.valueOffset(ref), true);
  }

  /** After a find in the table that found nothing: adds a member. */
  add(source: ByteSource, offset: number, length: number, score: number): void {
    scoreSource.view.setFloat64(0, score, true);
    const ref = this.table.add(
      source,
      offset,
      length,
      scoreSource,
      0,
      SCORE_BYTES,
    );
    this.order.add(score, ref);
  }

  /** Gives the member at `ref` another score. */
  update(ref: number, score: number): void {
    const { table } = this, chunk = table.chunkOf(ref);
    this.order.update(this.score(ref), ref, score);
    chunk.thaw();
    chunk.view.setFloat64(table.valueOffset(ref), score, true);
  }

  /** After a find in the table: removes the member at `ref`. */
  remove(ref: number): void {
    this.order.remove(this.score(ref), ref);
    this.table.remove(ref);
  }

  /** Removes `count` members from a rank on. */
  removeRange(rank: number, count: number): void {
    const { order, table } = this;
    const isFromEnd = rank + count === order.size;
    for (; count > 0; count--) {
      order.seek(isFromEnd ? rank + count - 1 : rank);
      if (this.#lookedUp > 0) this.#lookedUp--;
      else this.#lookUpAhead(isFromEnd);
      const { ref } = order;
      order.removeHere();
      table.select(ref);
      table.remove(ref);
    }
  }

  /** Loads what the removals of the members that come next will need, so that their cache misses overlap. */
  #lookUpAhead(isFromEnd: boolean): void {
    const { order, table } = this;
    if (table.size < AHEAD_SIZE_MIN) return;
    order.takeRun(isFromEnd);
    const { refs, runAt } = order, step = isFromEnd ? -1 : 1;
    const count = Math.min(AHEAD, order.runLength);
    this.#lookedUp = count - 1;
    for (let i = 0; i < count; i++) {
      aheadHashes[i] = table.hashOfRef(refs[runAt + i * step]);
    }
    this.#sum ^= table.index.warm(aheadHashes, count, aheadRefs);
  }
}

const memberSource = new ScratchSource();

/** The object for an inline sorted set's bytes. */
export function unpackSortedSet(bytes: Uint8Array): SortedSetObject {
  const set = new SortedSetObject();
  set.kind = bytes[0];
  for (let at = INLINE_HEAD_BYTES; at < bytes.length;) {
    const start = entryStart(bytes, at), length = entryLength(bytes, at);
    const scoreAt = start + length;
    memberSource.hold(bytes.subarray(start, scoreAt));
    set.table.find(memberSource, 0, length);
    set.add(memberSource, 0, length, readScore(bytes, scoreAt));
    at = nextEntry(bytes, scoreAt);
  }
  return set;
}
