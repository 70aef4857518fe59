/** The entries of a ByteTable as they were at one moment, in the order of its log. */

import { NO_EXPIRY } from "../keyspace/record_store.ts";
import {
  type Chunk,
  EXPIRY_WORDS,
  HAS_EXPIRY,
  LENGTH_MASK,
  readMoment,
  wordsOf,
} from "./byte_table_chunk.ts";
import { Freeze } from "./freeze.ts";

/** A chunk, and what it was. */
interface Part {
  readonly chunk: Chunk;
  readonly words: Int32Array;
  readonly bytes: Uint8Array;
  readonly view: DataView;
  readonly end: number;
}

/** See the top of the file; `next` goes to the next entry. */
export class FrozenTable {
  /** The current entry: where its key and value are. */
  bytes!: Uint8Array;
  view!: DataView;
  keyAt = 0;
  keyLength = 0;
  valueAt = 0;
  valueLength = 0;
  /** When it expires, in ms since 1970, or -1. */
  expiresAt = NO_EXPIRY;

  readonly #freeze = new Freeze();
  readonly #parts: Part[] = [];
  #part = 0;
  #word = 1;

  constructor(
    readonly size: number,
    readonly hasValues: boolean,
    chunks: readonly (Chunk | undefined)[],
  ) {
    for (const chunk of chunks) {
      if (chunk === undefined) continue;
      // Somebody else may have frozen it before, and gets no more than a copy.
      chunk.thaw();
      chunk.frozen = this.#freeze;
      const { words, bytes, view, end } = chunk;
      this.#parts.push({ chunk, words, bytes, view, end });
    }
  }

  /** Goes to the next entry; false at the end, where the memory is given free. */
  next(): boolean {
    for (; this.#part < this.#parts.length; this.#part++, this.#word = 1) {
      const part = this.#parts[this.#part];
      while (this.#word < part.end) {
        if (this.#read(part)) return true;
      }
      // Left to the collector, memory that only this had would stay for a while.
      if (part.chunk.words === part.words) part.chunk.frozen = undefined;
      else (part.words.buffer as ArrayBuffer).transfer(0);
    }
    this.#freeze.isOver = true;
    this.#parts.length = 0;
    return false;
  }

  /** Reads the record that comes next; false when it is a gap. */
  #read({ words, bytes, view }: Part): boolean {
    const word = this.#word, header = words[word];
    const head = word + (this.hasValues ? 2 : 1);
    const hasExpiry = (header & HAS_EXPIRY) !== 0;
    const key = head + (hasExpiry ? EXPIRY_WORDS : 0);
    const keyLength = header & LENGTH_MASK;
    const value = key + wordsOf(keyLength);
    const valueLength = this.hasValues ? words[word + 1] : 0;
    this.#word = value + wordsOf(valueLength);
    if (header < 0) return false;
    this.bytes = bytes;
    this.view = view;
    this.keyAt = key << 2;
    this.keyLength = keyLength;
    this.valueAt = value << 2;
    this.valueLength = valueLength;
    this.expiresAt = hasExpiry ? readMoment(words, head) : NO_EXPIRY;
    return true;
  }
}
