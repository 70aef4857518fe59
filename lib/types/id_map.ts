/**
 * A map from stream IDs to numbers, in the order of the IDs.
 *
 * Entries are in chunks of typed arrays, so that millions of them are thousands of
 * objects. Adding behind the last ID, the usual case, writes five words; adding and
 * deleting elsewhere moves words within one chunk.
 */

import { StreamId } from "./stream_id.ts";

/** Words of an entry: the four halves of the ID, and the number. */
const ENTRY_WORDS = 5;
const CHUNK_ENTRIES_MAX = 256;
const CHUNK_ENTRIES_MIN = 4;
/** Neighbours with fewer entries than this together become one. */
const MERGE_ENTRIES = CHUNK_ENTRIES_MAX / 4;
/** What a chunk takes beside its words; an estimate. */
const CHUNK_OBJECT_BYTES = 200;

/** The entry that is compared. */
const probe = new StreamId();

class Chunk {
  words: Int32Array;
  count = 0;

  constructor(capacity: number) {
    this.words = new Int32Array(capacity * ENTRY_WORDS);
  }

  /** -1, 0 or 1, as the entry is before, at or behind the ID. */
  compareAt(index: number, id: StreamId): number {
    readEntry(this, index, probe);
    return probe.compare(id);
  }

  /** Index of the first entry at or behind the ID. */
  search(id: StreamId): number {
    let low = 0, high = this.count;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.compareAt(middle, id) < 0) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  insert(index: number, id: StreamId, value: number): void {
    const at = index * ENTRY_WORDS, end = this.count * ENTRY_WORDS;
    if (end === this.words.length) this.#grow();
    const { words } = this;
    if (at < end) words.copyWithin(at + ENTRY_WORDS, at, end);
    words[at] = id.msHigh;
    words[at + 1] = id.msLow;
    words[at + 2] = id.seqHigh;
    words[at + 3] = id.seqLow;
    words[at + 4] = value;
    this.count++;
  }

  delete(index: number): void {
    const at = index * ENTRY_WORDS, end = this.count * ENTRY_WORDS;
    this.words.copyWithin(at, at + ENTRY_WORDS, end);
    this.count--;
  }

  /** Takes the entries of `other`, which are behind its own. */
  take(other: Chunk): void {
    const count = this.count + other.count;
    while (this.words.length < count * ENTRY_WORDS) this.#grow();
    this.words.set(
      other.words.subarray(0, other.count * ENTRY_WORDS),
      this.count * ENTRY_WORDS,
    );
    this.count = count;
  }

  /** Keeps the first half, and returns a chunk with the second. */
  split(): Chunk {
    const kept = this.count >>> 1, moved = new Chunk(CHUNK_ENTRIES_MAX);
    moved.words.set(
      this.words.subarray(kept * ENTRY_WORDS, this.count * ENTRY_WORDS),
    );
    moved.count = this.count - kept;
    this.count = kept;
    return moved;
  }

  copy(): Chunk {
    const copy = new Chunk(0);
    copy.words = this.words.slice();
    copy.count = this.count;
    return copy;
  }

  #grow(): void {
    const grown = new Int32Array(this.words.length * 2);
    grown.set(this.words);
    this.words = grown;
  }
}

/** See the top of the file. */
export class IdMap {
  size = 0;
  /** None is empty. */
  #chunks: Chunk[] = [];

  get memoryBytes(): number {
    return this.#chunks.reduce(
      (sum, { words }) => sum + words.byteLength + CHUNK_OBJECT_BYTES,
      0,
    );
  }

  copy(): IdMap {
    const copy = new IdMap();
    copy.size = this.size;
    copy.#chunks = this.#chunks.map((chunk) => chunk.copy());
    return copy;
  }

  /** The number of an ID, or -1. */
  get(id: StreamId): number {
    const chunk = this.#chunks[this.#chunkIndexOf(id)];
    if (chunk === undefined) return -1;
    const index = chunk.search(id);
    if (index === chunk.count || chunk.compareAt(index, id) !== 0) return -1;
    return chunk.words[index * ENTRY_WORDS + 4];
  }

  /** Adds an ID; false, and nothing changed, when it is there. */
  add(id: StreamId, value: number): boolean {
    const chunks = this.#chunks;
    let at = this.#chunkIndexOf(id);
    if (at === chunks.length) {
      const last = chunks[at - 1];
      if (last !== undefined && last.count < CHUNK_ENTRIES_MAX) at--;
      else {
        chunks.push(
          new Chunk(at === 0 ? CHUNK_ENTRIES_MIN : CHUNK_ENTRIES_MAX),
        );
      }
    }
    let chunk = chunks[at], index = chunk.search(id);
    if (index < chunk.count && chunk.compareAt(index, id) === 0) return false;
    if (chunk.count === CHUNK_ENTRIES_MAX) {
      const second = chunk.split();
      chunks.splice(at + 1, 0, second);
      if (index > chunk.count) {
        index -= chunk.count;
        chunk = second;
      }
    }
    chunk.insert(index, id, value);
    this.size++;
    return true;
  }

  /** Removes an ID; its number, or -1 when it was not there. */
  delete(id: StreamId): number {
    const chunks = this.#chunks, at = this.#chunkIndexOf(id);
    const chunk = chunks[at];
    if (chunk === undefined) return -1;
    const index = chunk.search(id);
    if (chunk.compareAt(index, id) !== 0) return -1;
    const value = chunk.words[index * ENTRY_WORDS + 4];
    chunk.delete(index);
    this.size--;
    const next = chunks[at + 1];
    if (chunk.count === 0) chunks.splice(at, 1);
    else if (next !== undefined && chunk.count + next.count < MERGE_ENTRIES) {
      chunk.take(next);
      chunks.splice(at + 1, 1);
    }
    return value;
  }

  /** Finds the first ID at or behind `id` and puts it there; its number, or -1 when there is none. */
  seek(id: StreamId): number {
    const chunk = this.#chunks[this.#chunkIndexOf(id)];
    return chunk === undefined ? -1 : readEntry(chunk, chunk.search(id), id);
  }

  /** Puts the last ID into `id`; its number, or -1 when there is none. */
  seekLast(id: StreamId): number {
    const chunk = this.#chunks[this.#chunks.length - 1];
    return chunk === undefined ? -1 : readEntry(chunk, chunk.count - 1, id);
  }

  /** Numbers with their IDs in order; the ID is written anew each time. */
  *entries(): Generator<[id: StreamId, value: number]> {
    const id = new StreamId();
    for (const chunk of this.#chunks) {
      for (let index = 0; index < chunk.count; index++) {
        const value = readEntry(chunk, index, id);
        yield [id, value];
      }
    }
  }

  /** Index of the first chunk that ends at or behind the ID. */
  #chunkIndexOf(id: StreamId): number {
    const chunks = this.#chunks;
    let low = 0, high = chunks.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const chunk = chunks[middle];
      if (chunk.compareAt(chunk.count - 1, id) < 0) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

function readEntry(chunk: Chunk, index: number, id: StreamId): number {
  const { words } = chunk, at = index * ENTRY_WORDS;
  id.set(words[at], words[at + 1], words[at + 2], words[at + 3]);
  return words[at + 4];
}
