/**
 * Walks over the entries of a stream, in either direction, without an object per
 * entry: the cursor itself shows the ID, and one field and value after the other.
 * The stream must not change meanwhile.
 */

import {
  integerLow,
  ListpackText,
  nextElement,
  previousElement,
} from "./listpack.ts";
import {
  ENTRY_DELETED,
  ENTRY_SAME_FIELDS,
  type StreamBlock,
} from "./stream_block.ts";
import { StreamId } from "./stream_id.ts";

/** What a cursor walks over. */
interface Blocks {
  readonly blocks: readonly StreamBlock[];
  /** Index of the last block that begins at or before the ID, or -1. */
  blockIndexOf(id: StreamId): number;
}

/** See the top of the file. */
export class StreamCursor {
  /** The entry's ID, while it is the current one. */
  readonly id = new StreamId();
  /** Pairs of the entry. */
  pairCount = 0;
  /** What `readPair` has read. */
  readonly field = new ListpackText();
  readonly value = new ListpackText();
  /** Where the current entry is. */
  blockIndex = 0;
  entryAt = 0;

  #stream!: Blocks;
  #block: StreamBlock | undefined;
  readonly #first = new StreamId();
  readonly #last = new StreamId();
  #isReverse = false;
  /** Forward: where the next entry is; reverse: where the one before ends. */
  #at = 0;
  // The texts of the current entry that were not read yet.
  #textAt = 0;
  #pairsLeft = 0;
  /** Where the next field is in the block's head, or -1 when the entry has its own. */
  #headAt = -1;

  /** Begins before the first entry from `first` to `last`, or behind the last one. */
  start(
    stream: Blocks,
    first: StreamId,
    last: StreamId,
    isReverse = false,
  ): void {
    this.#stream = stream;
    this.#first.copyFrom(first);
    this.#last.copyFrom(last);
    this.#isReverse = isReverse;
    const index = stream.blockIndexOf(isReverse ? last : first);
    this.#enter(isReverse ? index : Math.max(index, 0));
  }

  /** Goes to the next entry; false when there is none. */
  next(): boolean {
    return this.#isReverse ? this.#back() : this.#forward();
  }

  /** Reads the next pair of the entry; there are `pairCount`. */
  readPair(): void {
    const { bytes } = this.#block!;
    if (this.#headAt < 0) {
      this.field.read(bytes, this.#textAt);
      this.#textAt = nextElement(bytes, this.#textAt);
    } else {
      this.field.read(bytes, this.#headAt);
      this.#headAt = nextElement(bytes, this.#headAt);
    }
    this.value.read(bytes, this.#textAt);
    this.#textAt = nextElement(bytes, this.#textAt);
    this.#pairsLeft--;
  }

  #forward(): boolean {
    this.#skipTexts();
    while (this.#block !== undefined) {
      const block = this.#block;
      if (this.#at >= block.length) {
        this.#enter(this.blockIndex + 1);
        continue;
      }
      const at = this.#at;
      block.readId(at, this.id);
      const isWanted = (block.bytes[at] & ENTRY_DELETED) === 0 &&
        this.id.compare(this.#first) >= 0;
      if (!isWanted) {
        this.#at = block.entryEnd(at);
        continue;
      }
      if (this.id.compare(this.#last) > 0) break;
      this.#open(block, at);
      return true;
    }
    this.#block = undefined;
    return false;
  }

  #back(): boolean {
    while (this.#block !== undefined) {
      const block = this.#block;
      if (this.#at <= block.entriesStart) {
        this.#enter(this.blockIndex - 1);
        continue;
      }
      const { bytes } = block;
      let at = previousElement(bytes, this.#at);
      for (let left = integerLow(bytes, at); left > 0; left--) {
        at = previousElement(bytes, at);
      }
      this.#at = at;
      if ((bytes[at] & ENTRY_DELETED) !== 0) continue;
      block.readId(at, this.id);
      if (this.id.compare(this.#last) > 0) continue;
      if (this.id.compare(this.#first) < 0) break;
      this.#open(block, at);
      return true;
    }
    this.#block = undefined;
    return false;
  }

  #enter(index: number): void {
    this.blockIndex = index;
    this.#pairsLeft = 0;
    const block = this.#block = this.#stream.blocks[index];
    if (block === undefined) return;
    this.#at = this.#isReverse ? block.length : block.entriesStart;
  }

  #open(block: StreamBlock, at: number): void {
    const { bytes } = block;
    this.entryAt = at;
    const isSame = (bytes[at] & ENTRY_SAME_FIELDS) !== 0;
    at = nextElement(bytes, nextElement(bytes, at + 2));
    if (isSame) {
      this.pairCount = block.fieldCount;
      this.#headAt = nextElement(bytes, 0);
    } else {
      this.pairCount = integerLow(bytes, at);
      at = nextElement(bytes, at);
      this.#headAt = -1;
    }
    this.#textAt = at;
    this.#pairsLeft = this.pairCount;
    // Until its texts were read: the next one is looked for behind them.
    if (!this.#isReverse) this.#at = -1;
  }

  /** Forward: goes behind the current entry, from where its texts were read to. */
  #skipTexts(): void {
    if (this.#at !== -1 || this.#block === undefined) return;
    const { bytes } = this.#block;
    let at = this.#textAt;
    const texts = this.#headAt < 0 ? 2 * this.#pairsLeft : this.#pairsLeft;
    for (let left = texts; left >= 0; left--) at = nextElement(bytes, at);
    this.#at = at;
  }
}
