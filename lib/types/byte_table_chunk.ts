/** The memory of a ByteTable: pieces of its log, and how words of it are written. */

import type { ByteSource } from "../keyspace/record_store.ts";

/** Up to so many words are copied one by one. */
export const WORD_COPY_MAX = 48;
/** What the objects of a chunk take, about. */
const OBJECT_BYTES = 350;
const TWO_32 = 4294967296;
/** The value of a key that has none. */
export const NO_BYTES: ByteSource = {
  bytes: new Uint8Array(0),
  view: new DataView(new ArrayBuffer(0)),
};

/** A piece of the log. */
export class Chunk implements ByteSource {
  words: Int32Array;
  bytes: Uint8Array;
  view: DataView;
  /** First word not in use; word 0 never is, so that no ref is 0. */
  end = 1;
  /** Words of records that are alive. */
  live = 0;

  constructor(words: Int32Array) {
    this.words = words;
    this.bytes = new Uint8Array(words.buffer);
    this.view = new DataView(words.buffer);
  }

  get memoryBytes(): number {
    return OBJECT_BYTES + this.bytes.length;
  }

  copy(): Chunk {
    const copy = new Chunk(this.words.slice());
    copy.end = this.end;
    copy.live = this.live;
    return copy;
  }

  grow(words: number): void {
    const grown = new Int32Array(words);
    grown.set(this.words);
    this.words = grown;
    this.bytes = new Uint8Array(grown.buffer);
    this.view = new DataView(grown.buffer);
  }
}

/** Words for so many bytes. */
export function wordsOf(length: number): number {
  return (length + 3) >>> 2;
}

/** A moment in ms, from two words. */
export function readMoment(words: Int32Array, at: number): number {
  return words[at + 1] * TWO_32 + (words[at] >>> 0);
}

export function writeMoment(
  words: Int32Array,
  at: number,
  moment: number,
): void {
  words[at] = moment | 0;
  words[at + 1] = Math.floor(moment / TWO_32);
}

/** Whether bytes from a word on are those of a source, which has 3 readable ones behind them. */
export function areEqual(
  words: Int32Array,
  word: number,
  { view }: ByteSource,
  offset: number,
  length: number,
): boolean {
  let left = length;
  for (; left >= 4; left -= 4, offset += 4, word++) {
    if (words[word] !== view.getInt32(offset, true)) return false;
  }
  return left === 0 ||
    ((words[word] ^ view.getInt32(offset, true)) &
        ((1 << (left << 3)) - 1)) === 0;
}

/** Writes bytes from a word on, the last word with zeros behind them. */
export function writeBytes(
  chunk: Chunk,
  word: number,
  source: ByteSource,
  offset: number,
  length: number,
): void {
  if (length <= WORD_COPY_MAX * 4) {
    const { words } = chunk, { view, bytes } = source;
    const wholeEnd = offset + (length & ~3);
    for (; offset < wholeEnd; offset += 4) {
      words[word++] = view.getInt32(offset, true);
    }
    if ((length & 3) === 0) return;
    let last = 0;
    for (let i = (length & 3) - 1; i >= 0; i--) {
      last = (last << 8) | bytes[offset + i];
    }
    words[word] = last;
  } else {
    chunk.bytes.set(source.bytes.subarray(offset, offset + length), word << 2);
  }
}
