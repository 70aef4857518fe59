/** The memory of SortedBlocks: blocks of pairs in slabs, and the directory that orders them. */

/** Pairs in one block. */
export const BLOCK_PAIRS = 256;
const BLOCK_SHIFT = 8;
/** Blocks in one slab; its arrays double until they have room for so many. */
const SLAB_SHIFT = 6;
const SLAB_BLOCKS = 1 << SLAB_SHIFT;
/** Up to so many pairs are moved one by one. */
const LOOP_MAX = 32;
const FIRST_PLACES = 4;
/** Places whose counts are summed up. */
const GROUP_SHIFT = 6;

/** Blocks by number. */
export class PairSlabs {
  #scores: Float64Array[] = [];
  #refs: Int32Array[] = [];
  #vacant: number[] = [];
  #end = 0;

  get memoryBytes(): number {
    const pairs = this.#scores.reduce((sum, { length }) => sum + length, 0);
    return pairs * 12;
  }

  copy(): PairSlabs {
    const copy = new PairSlabs();
    copy.#scores = this.#scores.map((scores) => scores.slice());
    copy.#refs = this.#refs.map((refs) => refs.slice());
    copy.#vacant = this.#vacant.slice();
    copy.#end = this.#end;
    return copy;
  }

  /** Where a block begins in its slab's arrays. */
  static base(block: number): number {
    return (block & (SLAB_BLOCKS - 1)) << BLOCK_SHIFT;
  }

  /** The scores of a block's slab. */
  scores(block: number): Float64Array {
    return this.#scores[block >>> SLAB_SHIFT];
  }

  /** The refs of a block's slab. */
  refs(block: number): Int32Array {
    return this.#refs[block >>> SLAB_SHIFT];
  }

  /** The number of a block that is not in use. */
  allocate(): number {
    const vacant = this.#vacant.pop();
    if (vacant !== undefined) return vacant;
    const block = this.#end++, slab = block >>> SLAB_SHIFT;
    const needed = PairSlabs.base(block) + BLOCK_PAIRS;
    const scores = this.#scores[slab], refs = this.#refs[slab];
    if (scores === undefined || scores.length < needed) {
      const room = scores === undefined ? BLOCK_PAIRS : scores.length * 2;
      this.#scores[slab] = new Float64Array(room);
      this.#refs[slab] = new Int32Array(room);
      if (scores !== undefined) {
        this.#scores[slab].set(scores);
        this.#refs[slab].set(refs);
      }
    }
    return block;
  }

  free(block: number): void {
    this.#vacant.push(block);
  }

  /** Moves `count` pairs of one block within its slab. */
  shift(block: number, from: number, to: number, count: number): void {
    const scores = this.scores(block), refs = this.refs(block);
    if (count > LOOP_MAX) {
      scores.copyWithin(to, from, from + count);
      refs.copyWithin(to, from, from + count);
    } else if (to < from) {
      for (let i = 0; i < count; i++) {
        scores[to + i] = scores[from + i];
        refs[to + i] = refs[from + i];
      }
    } else {
      for (let i = count - 1; i >= 0; i--) {
        scores[to + i] = scores[from + i];
        refs[to + i] = refs[from + i];
      }
    }
  }

  /** Copies `count` pairs from one block to another. */
  copyPairs(
    block: number,
    from: number,
    other: number,
    to: number,
    count: number,
  ): void {
    const scores = this.scores(block).subarray(from, from + count);
    this.scores(other).set(scores, to);
    const refs = this.refs(block).subarray(from, from + count);
    this.refs(other).set(refs, to);
  }
}

/** Which blocks there are, in order; see SortedBlocks. */
export class BlockDirectory {
  /** Number of places. */
  length = 0;
  /** By place: the block, where its pairs begin, how many they are, the first score. */
  blocks = new Int32Array(FIRST_PLACES);
  starts = new Int32Array(FIRST_PLACES);
  counts = new Int32Array(FIRST_PLACES);
  firsts = new Float64Array(FIRST_PLACES);
  /** The place that `seek` found. */
  found = 0;
  /** Pairs in every group of places. */
  #sums = new Int32Array(1);

  get memoryBytes(): number {
    return this.blocks.length * 20 + this.#sums.length * 4;
  }

  copy(): BlockDirectory {
    const copy = new BlockDirectory();
    copy.length = this.length;
    copy.blocks = this.blocks.slice();
    copy.starts = this.starts.slice();
    copy.counts = this.counts.slice();
    copy.firsts = this.firsts.slice();
    copy.#sums = this.#sums.slice();
    return copy;
  }

  /** Makes a place for an empty block. `sumFrom` is to follow. */
  insert(place: number, block: number): void {
    if (this.length === this.blocks.length) this.#grow();
    const { blocks, starts, counts, firsts, length } = this;
    blocks.copyWithin(place + 1, place, length);
    starts.copyWithin(place + 1, place, length);
    counts.copyWithin(place + 1, place, length);
    firsts.copyWithin(place + 1, place, length);
    blocks[place] = block;
    starts[place] = counts[place] = 0;
    this.length++;
  }

  /** Removes a place. `sumFrom` is to follow. */
  remove(place: number): void {
    const { blocks, starts, counts, firsts, length } = this;
    blocks.copyWithin(place, place + 1, length);
    starts.copyWithin(place, place + 1, length);
    counts.copyWithin(place, place + 1, length);
    firsts.copyWithin(place, place + 1, length);
    this.length--;
  }

  /** A block has so many pairs more. */
  add(place: number, count: number): void {
    this.counts[place] += count;
    this.#sums[place >>> GROUP_SHIFT] += count;
  }

  /** Sums counts up anew, from a place on. */
  sumFrom(place: number): void {
    const { counts, length } = this, sums = this.#sums;
    for (let group = place >>> GROUP_SHIFT; group < sums.length; group++) {
      const first = group << GROUP_SHIFT;
      const end = Math.min(length, first + (1 << GROUP_SHIFT));
      let sum = 0;
      for (let i = first; i < end; i++) sum += counts[i];
      sums[group] = sum;
    }
  }

  /** Pairs in all places before one. */
  countBefore(place: number): number {
    const sums = this.#sums, { counts } = this, group = place >>> GROUP_SHIFT;
    let count = 0;
    for (let i = 0; i < group; i++) count += sums[i];
    for (let i = group << GROUP_SHIFT; i < place; i++) count += counts[i];
    return count;
  }

  /** Finds the place of the pair with a rank, and returns which of its pairs it is. */
  seek(rank: number): number {
    const sums = this.#sums, { counts } = this;
    let group = 0;
    while (rank >= sums[group]) rank -= sums[group++];
    let place = group << GROUP_SHIFT;
    while (rank >= counts[place]) rank -= counts[place++];
    this.found = place;
    return rank;
  }

  #grow(): void {
    const room = this.blocks.length * 2;
    const grown = (array: Int32Array, length: number) => {
      const made = new Int32Array(length);
      made.set(array);
      return made;
    };
    this.blocks = grown(this.blocks, room);
    this.starts = grown(this.starts, room);
    this.counts = grown(this.counts, room);
    const firsts = new Float64Array(room);
    firsts.set(this.firsts);
    this.firsts = firsts;
    this.#sums = grown(this.#sums, Math.max(1, room >>> GROUP_SHIFT));
  }
}
