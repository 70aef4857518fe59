/**
 * The last part of the stream of changes: one copy for all replicas.
 *
 * ```
 * position  1000            66536           132072      140000
 *           | block (full)  | block (full)  | block      | end
 *              ↑ replica A sends from here        ↑ replica B
 * ```
 *
 * Replicas send from the blocks themselves, each from its own position. A block is
 * dropped when what is behind it fills the backlog and no replica needs it any
 * more, so a slow replica makes the backlog longer, not its own copy.
 *
 * Positions count the stream's bytes from 0. Redis counts from 1 where it tells of
 * a byte; {@link Backlog.firstOffset} does so.
 */

/** Size of a block, unless the backlog is small or a change large. */
const BLOCK_BYTES = 64 * 1024;
/** A small backlog consists of so many blocks at least. */
const BLOCKS_MIN = 16;

interface Block {
  readonly bytes: Uint8Array;
  /** Position of its first byte. */
  start: number;
  /** Bytes in use. */
  length: number;
}

/** See the top of the file. */
export class Backlog {
  readonly #blocks: Block[] = [];
  /** A block that was dropped, to be used again. */
  #spare: Uint8Array | undefined;
  #start: number;
  #end: number;

  /**
   * @param capacityBytes how much to keep (`repl-backlog-size`).
   * @param position where the stream is.
   * @param neededFrom the lowest position that somebody is still going to send.
   */
  constructor(
    public capacityBytes: number,
    position: number,
    private readonly neededFrom: () => number,
  ) {
    this.#start = this.#end = position;
  }

  /** Position behind the last byte. */
  get end(): number {
    return this.#end;
  }

  /** Number of the first byte that is kept, counted from 1. */
  get firstOffset(): number {
    return this.#start + 1;
  }

  get lengthBytes(): number {
    return this.#end - this.#start;
  }

  /** What has been the stream's beginning stands so many bytes further on. */
  rebase(distance: number): void {
    this.#start += distance;
    this.#end += distance;
    for (const block of this.#blocks) block.start += distance;
  }

  /** Whether the stream can be sent from a position on. */
  has(position: number): boolean {
    return position >= this.#start && position <= this.#end;
  }

  /** Adds the bytes of `source` from `from` to `to`. */
  append(source: Uint8Array, from: number, to: number): void {
    while (from < to) {
      const block = this.#room(to - from);
      const count = Math.min(to - from, block.bytes.length - block.length);
      block.bytes.set(source.subarray(from, from + count), block.length);
      block.length += count;
      this.#end += count;
      from += count;
    }
    if (this.lengthBytes > this.capacityBytes) this.trim();
  }

  /** Drops what is over the capacity and needed by nobody. */
  trim(): void {
    let neededFrom = -1;
    while (this.#blocks.length > 1) {
      const { bytes, start, length } = this.#blocks[0];
      if (this.lengthBytes - length < this.capacityBytes) return;
      if (neededFrom < 0) neededFrom = this.neededFrom();
      if (start + length > neededFrom) return;
      this.#blocks.shift();
      this.#start = start + length;
      if (bytes.length === this.#blockBytes) this.#spare = bytes;
    }
  }

  /** The bytes from a position on, up to the end of their block; none at the end of the stream. */
  read(position: number): Uint8Array {
    const { bytes, start, length } = this.#blocks[this.#indexOf(position)] ??
      NO_BLOCK;
    return bytes.subarray(position - start, length);
  }

  /** Index of the block with a position; most ask for the last one. */
  #indexOf(position: number): number {
    const blocks = this.#blocks;
    let low = 0, high = blocks.length - 1;
    if (high < 0 || position >= this.#end) return -1;
    if (position >= blocks[high].start) return high;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (blocks[middle].start <= position) low = middle;
      else high = middle - 1;
    }
    return low;
  }

  get #blockBytes(): number {
    return Math.min(BLOCK_BYTES, Math.ceil(this.capacityBytes / BLOCKS_MIN));
  }

  /** The last block, or a new one when that is full. */
  #room(wanted: number): Block {
    const last = this.#blocks[this.#blocks.length - 1];
    if (last !== undefined && last.length < last.bytes.length) return last;
    const size = Math.max(this.#blockBytes, Math.min(wanted, BLOCK_BYTES));
    const spare = this.#spare?.length === size ? this.#spare : undefined;
    if (spare !== undefined) this.#spare = undefined;
    const block = {
      bytes: spare ?? new Uint8Array(size),
      start: this.#end,
      length: 0,
    };
    this.#blocks.push(block);
    return block;
  }
}

const NO_BLOCK: Block = { bytes: new Uint8Array(0), start: 0, length: 0 };
