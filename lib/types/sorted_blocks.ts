/**
 * The order of a large sorted set: pairs of a score and a ref of the member in a
 * ByteTable, sorted by score and, where scores are equal, by the member's bytes.
 *
 * Pairs are in blocks of up to 256, blocks in slabs of up to 64. The directory has
 * a place for each block, in order: which block, where in it the pairs begin, how
 * many they are, and the first score. With the sums of the counts of every 64
 * places a rank is found in a few hundred additions in a set of millions, and the
 * garbage collector sees two arrays per 16,384 pairs.
 *
 * ```
 * directory   place 0        place 1        …
 *             block 5        block 0
 *             ├ start ┤ pairs in use ├ room ┤
 * ```
 *
 * A lookup leaves `place` and `slot` at what it found; `next` and `previous` go on
 * from there, and `takeRun` gives what follows in the same block to whoever wants
 * many pairs. They are valid until the next change.
 */

import type { ByteTable } from "./byte_table.ts";
import {
  BLOCK_PAIRS,
  BlockDirectory,
  PairSlabs,
} from "./sorted_block_memory.ts";
import { compareBytes } from "./byte_order.ts";

/** What a lookup compares pairs with. */
const BY_SCORE = 0, BY_PAIR = 1, BY_MEMBER = 2;
/** A block of fewer pairs is joined with the next one when both fit in so many. */
const JOIN_BELOW = 64;
const JOINED_MAX = 192;
const NO_BYTES: Uint8Array = new Uint8Array(0);
const NO_SCORES: Float64Array = new Float64Array(0);
const NO_REFS: Int32Array = new Int32Array(0);

/** See the top of the file. */
export class SortedBlocks {
  size = 0;
  /** Where the last lookup or step came to: a place of the directory and a pair of its block. */
  place = 0;
  slot = 0;
  /** The pair there, once `load` was called. */
  score = 0;
  ref = 0;
  /** The run that was taken last: so many pairs from an index of both arrays on, up or down. */
  scores = NO_SCORES;
  refs = NO_REFS;
  runAt = 0;
  runLength = 0;

  #slabs = new PairSlabs();
  #directory = new BlockDirectory();
  // What the running lookup looks for.
  #mode = BY_SCORE;
  #score = 0;
  #isBehindEqual = false;
  #bytes = NO_BYTES;
  #offset = 0;
  #length = 0;

  constructor(readonly table: ByteTable) {
    this.#directory.insert(0, this.#slabs.allocate());
  }

  get memoryBytes(): number {
    return this.#slabs.memoryBytes + this.#directory.memoryBytes;
  }

  /** A copy for a copy of the table, in which refs are the same. */
  copy(table: ByteTable): SortedBlocks {
    const copy = new SortedBlocks(table);
    copy.size = this.size;
    copy.#slabs = this.#slabs.copy();
    copy.#directory = this.#directory.copy();
    return copy;
  }

  /** Number of pairs with a lower score, or with `isInclusive` with a score that is not higher. */
  countBelowScore(score: number, isInclusive: boolean): number {
    this.seekScore(score, isInclusive);
    return this.#rank();
  }

  /** Goes to the first pair with a score that is not lower, or with `isBehind` with one that is higher; or behind the last one. */
  seekScore(score: number, isBehind = false): void {
    this.#mode = BY_SCORE;
    this.#score = score;
    this.#isBehindEqual = isBehind;
    this.#locate();
  }

  /** Number of members before these bytes, or with `isInclusive` up to them, where all scores are equal. */
  countBelowMember(
    bytes: Uint8Array,
    offset: number,
    length: number,
    isInclusive: boolean,
  ): number {
    this.#mode = BY_MEMBER;
    this.#isBehindEqual = isInclusive;
    this.#aim(bytes, offset, length);
    this.#locate();
    return this.#rank();
  }

  /** The rank of a pair that is here. */
  rankOf(score: number, ref: number): number {
    this.#locatePair(score, ref);
    return this.#rank();
  }

  /** Goes to the pair of a rank from 0 to size - 1 and loads it. */
  seek(rank: number): void {
    this.slot = this.#directory.seek(rank);
    this.place = this.#directory.found;
    this.load();
  }

  /** Goes to the next pair, of which there must be one, and loads it. */
  next(): void {
    if (++this.slot >= this.#directory.counts[this.place]) {
      this.place++;
      this.slot = 0;
    }
    this.load();
  }

  /** Goes to the pair before, of which there must be one, and loads it. */
  previous(): void {
    if (--this.slot < 0) {
      this.place--;
      this.slot = this.#directory.counts[this.place] - 1;
    }
    this.load();
  }

  /** Takes the pairs from the one that was come to on to the last of its block, or down to its first one. */
  takeRun(isReverse = false): void {
    const { place, slot } = this, { blocks, starts, counts } = this.#directory;
    const block = blocks[place];
    this.scores = this.#slabs.scores(block);
    this.refs = this.#slabs.refs(block);
    this.runAt = PairSlabs.base(block) + starts[place] + slot;
    this.runLength = isReverse ? slot + 1 : counts[place] - slot;
  }

  /** Takes the pairs of the next block, or of the one before; false when there is none. */
  nextRun(isReverse = false): boolean {
    const place = this.place + (isReverse ? -1 : 1);
    if (place < 0 || place >= this.#directory.length) return false;
    this.place = place;
    this.slot = isReverse ? this.#directory.counts[place] - 1 : 0;
    this.takeRun(isReverse);
    return true;
  }

  /** Loads the pair that was come to. */
  load(): void {
    const { place } = this, block = this.#directory.blocks[place];
    const at = PairSlabs.base(block) + this.#directory.starts[place] +
      this.slot;
    this.score = this.#slabs.scores(block)[at];
    this.ref = this.#slabs.refs(block)[at];
  }

  /** Adds a pair; its member is in the table. */
  add(score: number, ref: number): void {
    this.#locatePair(score, ref);
    this.#insert(score, ref);
  }

  /** Adds a pair that is behind all others. */
  append(score: number, ref: number): void {
    const { counts, length } = this.#directory;
    this.place = length - 1;
    this.slot = counts[this.place];
    this.#insert(score, ref);
  }

  /** Removes a pair that is here. */
  remove(score: number, ref: number): void {
    this.#locatePair(score, ref);
    this.removeHere();
  }

  /** Gives a pair that is here another score. */
  update(score: number, ref: number, newScore: number): void {
    this.#locatePair(score, ref);
    const { place, slot } = this, directory = this.#directory;
    if (slot > 0 && slot + 1 < directory.counts[place]) {
      const block = directory.blocks[place];
      const scores = this.#slabs.scores(block);
      const at = PairSlabs.base(block) + directory.starts[place] + slot;
      if (scores[at - 1] < newScore && newScore < scores[at + 1]) {
        scores[at] = newScore;
        return;
      }
    }
    this.removeHere();
    this.add(newScore, ref);
  }

  /** A member's record is now `made`; the score is its own. */
  moved(score: number, ref: number, made: number): void {
    this.#locatePair(score, made);
    const block = this.#directory.blocks[this.place];
    const at = PairSlabs.base(block) + this.#directory.starts[this.place] +
      this.slot;
    const refs = this.#slabs.refs(block);
    if (refs[at] === ref) refs[at] = made;
  }

  /** Removes the pair that was come to. */
  removeHere(): void {
    const { place, slot } = this, directory = this.#directory;
    const block = directory.blocks[place], count = directory.counts[place];
    const first = PairSlabs.base(block) + directory.starts[place];
    if (slot < count >> 1) {
      this.#slabs.shift(block, first, first + 1, slot);
      directory.starts[place]++;
    } else {
      const at = first + slot;
      this.#slabs.shift(block, at + 1, at, count - slot - 1);
    }
    this.size--;
    directory.add(place, -1);
    if (count === 1) this.#dropPlace(place);
    else {
      if (slot === 0) this.#noteFirst(place);
      if (count - 1 < JOIN_BELOW) this.#join(place);
    }
  }

  #insert(score: number, ref: number): void {
    const directory = this.#directory;
    if (directory.counts[this.place] === BLOCK_PAIRS) this.#split();
    const { place, slot } = this;
    const block = directory.blocks[place], count = directory.counts[place];
    let start = directory.starts[place];
    const base = PairSlabs.base(block), first = base + start;
    const hasRoomBehind = start + count < BLOCK_PAIRS;
    if (start > 0 && (slot < count >> 1 || !hasRoomBehind)) {
      this.#slabs.shift(block, first, first - 1, slot);
      directory.starts[place] = --start;
    } else {
      const at = first + slot;
      this.#slabs.shift(block, at, at + 1, count - slot);
    }
    const at = base + start + slot;
    this.#slabs.scores(block)[at] = score;
    this.#slabs.refs(block)[at] = ref;
    if (slot === 0) directory.firsts[place] = score;
    directory.add(place, 1);
    this.size++;
  }

  /** Makes two blocks of the full one in which a pair is to be added. */
  #split(): void {
    const { place, slot } = this, directory = this.#directory;
    const made = this.#slabs.allocate();
    const isAtEnd = slot === BLOCK_PAIRS && place + 1 === directory.length;
    const kept = isAtEnd ? BLOCK_PAIRS : BLOCK_PAIRS >> 1;
    const from = directory.blocks[place];
    this.#slabs.copyPairs(
      from,
      PairSlabs.base(from) + kept,
      made,
      PairSlabs.base(made),
      BLOCK_PAIRS - kept,
    );
    directory.insert(place + 1, made);
    directory.counts[place] = kept;
    directory.counts[place + 1] = BLOCK_PAIRS - kept;
    this.#noteFirst(place + 1);
    directory.sumFrom(place);
    if (slot > kept || isAtEnd) {
      this.place++;
      this.slot -= kept;
    }
  }

  /** Puts a block with few pairs and the one behind it together, if they fit. */
  #join(place: number): void {
    const directory = this.#directory, { counts, blocks, starts } = directory;
    if (place + 1 === directory.length) place--;
    if (place < 0) return;
    const count = counts[place], behind = counts[place + 1];
    if (count + behind > JOINED_MAX) return;
    const to = blocks[place], from = blocks[place + 1];
    const base = PairSlabs.base(to);
    this.#slabs.shift(to, base + starts[place], base, count);
    starts[place] = 0;
    const source = PairSlabs.base(from) + starts[place + 1];
    this.#slabs.copyPairs(from, source, to, base + count, behind);
    counts[place] += behind;
    this.#slabs.free(from);
    directory.remove(place + 1);
    directory.sumFrom(place);
  }

  #dropPlace(place: number): void {
    const directory = this.#directory;
    if (directory.length === 1) {
      directory.starts[0] = 0;
      return;
    }
    this.#slabs.free(directory.blocks[place]);
    directory.remove(place);
    directory.sumFrom(place);
  }

  #noteFirst(place: number): void {
    const directory = this.#directory, block = directory.blocks[place];
    const at = PairSlabs.base(block) + directory.starts[place];
    directory.firsts[place] = this.#slabs.scores(block)[at];
  }

  #rank(): number {
    return this.#directory.countBefore(this.place) + this.slot;
  }

  #aim(bytes: Uint8Array, offset: number, length: number): void {
    this.#bytes = bytes;
    this.#offset = offset;
    this.#length = length;
  }

  /** Goes to a pair, or where it belongs. */
  #locatePair(score: number, ref: number): void {
    const { table } = this;
    this.#mode = BY_PAIR;
    this.#score = score;
    this.#aim(
      table.chunkOf(ref).bytes,
      table.keyOffset(ref),
      table.keyLength(ref),
    );
    this.#locate();
  }

  /** Goes to the first pair that is not before what is looked for, or behind the last one. */
  #locate(): void {
    const directory = this.#directory, { firsts, blocks, starts } = directory;
    const score = this.#mode === BY_MEMBER ? NaN : this.#score;
    let low = 0, high = directory.length - 1;
    // The last place whose first pair is before it. No score of NaN is lower or higher.
    while (low < high) {
      const middle = (low + high + 1) >>> 1, first = firsts[middle];
      if (first < score) low = middle;
      else if (first > score) high = middle - 1;
      else {
        const block = blocks[middle];
        const at = PairSlabs.base(block) + starts[middle];
        if (this.#isTieBefore(this.#slabs.refs(block)[at])) low = middle;
        else high = middle - 1;
      }
    }
    const block = blocks[low], start = PairSlabs.base(block) + starts[low];
    const scores = this.#slabs.scores(block), refs = this.#slabs.refs(block);
    let from = start, to = start + directory.counts[low];
    const end = to;
    while (from < to) {
      const middle = (from + to) >>> 1, found = scores[middle];
      if (found < score) from = middle + 1;
      else if (found > score) to = middle;
      else if (this.#isTieBefore(refs[middle])) from = middle + 1;
      else to = middle;
    }
    const isBehind = from === end && low + 1 < directory.length;
    this.place = isBehind ? low + 1 : low;
    this.slot = isBehind ? 0 : from - start;
  }

  /** Whether a pair is before what is looked for, as far as their scores do not say. */
  #isTieBefore(ref: number): boolean {
    if (this.#mode === BY_SCORE) return this.#isBehindEqual;
    const { table } = this;
    const order = compareBytes(
      table.chunkOf(ref).bytes,
      table.keyOffset(ref),
      table.keyLength(ref),
      this.#bytes,
      this.#offset,
      this.#length,
    );
    return order < 0 ||
      (order === 0 && this.#mode === BY_MEMBER && this.#isBehindEqual);
  }
}
