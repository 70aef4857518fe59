/** The memory of a ByteTable: pieces of its log, and how words of it are written. */

import type { ByteSource } from "../keyspace/record_store.ts";
import type { Freeze } from "./freeze.ts";

/** Up to so many words are copied one by one. */
export const WORD_COPY_MAX = 48;
/** What the objects of a chunk take, about. */
const OBJECT_BYTES = 350;
const TWO_32 = 4294967296;
/** What the objects of a table take, about. */
const TABLE_OBJECT_BYTES = 700;
/** Parts of a record's first word. */
export const LENGTH_MASK = 0x1fffffff;
export const HAS_EXPIRY = 1 << 29;
/** The sign bit: a record that is alive is not negative. */
export const IS_GAP = 1 << 31;
export const EXPIRY_WORDS = 2;
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
  /** Who wants the memory up to `end` to stay as it is. */
  frozen: Freeze | undefined;

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
    this.#become(grown);
  }

  /** To be called before anything before `end` changes: leaves frozen memory to whom it is frozen for. */
  thaw(): void {
    if (this.frozen?.isOver === false) this.#become(this.words.slice());
    this.frozen = undefined;
  }

  #become(words: Int32Array): void {
    this.words = words;
    this.bytes = new Uint8Array(words.buffer);
    this.view = new DataView(words.buffer);
    this.frozen = undefined;
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

/** The number of the chunk with the most words in gaps; `last` when no chunk has any. */
export function emptiest(
  chunks: readonly (Chunk | undefined)[],
  last: number,
): number {
  let found = last, gaps = 0;
  for (let number = 0; number < chunks.length; number++) {
    const chunk = chunks[number];
    if (chunk === undefined || chunk.end - chunk.live <= gaps) continue;
    gaps = chunk.end - chunk.live;
    found = number;
  }
  return found;
}

/** What a table takes beside its index. */
export function memoryOf(chunks: readonly (Chunk | undefined)[]): number {
  return chunks.reduce(
    (sum, chunk) => sum + (chunk?.memoryBytes ?? 0),
    TABLE_OBJECT_BYTES,
  );
}
