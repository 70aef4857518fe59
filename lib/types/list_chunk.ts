/**
 * A stretch of a list: elements one behind the other in one buffer, each in the
 * form in which it is sent.
 *
 * ```
 * bytes   | room | $5\r\nhello\r\n $0\r\n\r\n … | room |
 *         0      start                          end
 * ```
 *
 * An element over {@linkcode PACKED_LENGTH_MAX} has a chunk of its own that holds
 * its plain bytes; those never change, so that a reply may refer to them.
 */

import type { ByteSource } from "../keyspace/record_store.ts";
import type { Freeze } from "./freeze.ts";

/** Longest element that shares a chunk with others. */
export const PACKED_LENGTH_MAX = 4000;
/** What an element takes in a chunk with others, at least. */
export const FRAME_MIN_BYTES = 6;
/** What a large element counts for beside its bytes: more than a listpack's entry. */
const LARGE_EXTRA_BYTES = 12;

/** Largest buffers of chunks in short and in long lists. */
const SHORT_CHUNK_BYTES = 4096;
const LONG_CHUNK_BYTES = 16 * 1024;
/** Chunks of a long list. */
const LONG_CHUNKS_MIN = 8;

const CR = 13, LF = 10, DOLLAR = 36, ZERO = 48;
/** Up to this many bytes are copied one by one, more with `set`. */
const BYTE_COPY_MAX = 48;

/** See the top of the file. */
export class Chunk implements ByteSource {
  start: number;
  end: number;
  /** Number of elements. */
  count = 0;
  previous: Chunk | undefined;
  next: Chunk | undefined;
  /** Who wants the bytes to stay as they are. */
  frozen: Freeze | undefined;
  #view: DataView | undefined;

  /** @param at where the first element will be written, or before which. */
  constructor(
    public bytes: Uint8Array,
    at: number,
    readonly isLarge: boolean,
  ) {
    this.start = this.end = at;
  }

  get view(): DataView {
    return this.#view ??= new DataView(this.bytes.buffer);
  }

  get usedBytes(): number {
    return this.end - this.start + (this.isLarge ? LARGE_EXTRA_BYTES : 0);
  }

  /** Room at both ends together. */
  get roomBytes(): number {
    return this.isLarge ? 0 : this.bytes.length - this.usedBytes;
  }

  /** To be called before bytes change: leaves frozen ones to whom they are frozen for. */
  thaw(): void {
    if (this.frozen?.isOver === false) this.#become(this.bytes.slice());
    this.frozen = undefined;
  }

  #become(bytes: Uint8Array): void {
    this.bytes = bytes;
    this.#view = undefined;
    this.frozen = undefined;
  }

  /** Moves the elements to begin at `start`. */
  moveTo(start: number): void {
    this.thaw();
    this.bytes.copyWithin(start, this.start, this.end);
    this.end += start - this.start;
    this.start = start;
  }

  /** Becomes an empty chunk of no list. */
  reset(): void {
    this.previous = this.next = undefined;
    this.count = this.start = this.end = 0;
  }

  /** Whether moving the elements to one end makes room for long enough. */
  isWorthMoving(size: number): boolean {
    return !this.isLarge && (this.usedBytes + size) * 2 <= this.bytes.length;
  }

  /** Makes room for `size` bytes before what is at `at`, where there is enough in the chunk; returns where. */
  openGap(at: number, size: number): number {
    this.thaw();
    const before = at - this.start, behind = this.end - at;
    const fitsBefore = this.start >= size;
    const fitsBehind = this.end + size <= this.bytes.length;
    if (!fitsBefore && !fitsBehind) {
      this.moveTo(0);
      at = before;
    }
    if (fitsBefore && (before < behind || !fitsBehind)) {
      const start = this.start - size;
      this.bytes.copyWithin(start, this.start, at);
      this.start = start;
      return at - size;
    }
    this.bytes.copyWithin(at + size, at, this.end);
    this.end += size;
    return at;
  }

  /** Takes out the bytes from `at` up to `after`, by moving what is on the shorter side. */
  closeGap(at: number, after: number): void {
    this.thaw();
    if (at - this.start < this.end - after) {
      this.bytes.copyWithin(this.start + after - at, this.start, at);
      this.start += after - at;
    } else {
      this.bytes.copyWithin(at, after, this.end);
      this.end -= after - at;
    }
  }

  /** Moves the elements into another buffer, to begin at `start` of it. */
  moveInto(bytes: Uint8Array, start: number): void {
    bytes.set(this.bytes.subarray(this.start, this.end), start);
    this.end += start - this.start;
    this.start = start;
    this.#become(bytes);
  }

  /** Where the element is that `index` others of the chunk are before. */
  offsetAt(index: number): number {
    if (this.isLarge) return index === 0 ? this.start : this.end;
    const { bytes } = this;
    let at = this.start;
    for (; index > 0; index--) at = nextFrame(bytes, at);
    return at;
  }

  /** Where the bytes of the element at `at` begin, and how many they are. */
  dataStart(at: number): number {
    return this.isLarge ? at : at + frameHeadBytes(this.dataLength(at));
  }

  dataLength(at: number): number {
    return this.isLarge ? this.end - this.start : frameLength(this.bytes, at);
  }

  /** Where the element behind the one at `at` is. */
  after(at: number): number {
    return this.isLarge ? this.end : nextFrame(this.bytes, at);
  }

  /** Whether the element at `at` has these bytes. */
  isEqual(
    at: number,
    source: Uint8Array,
    offset: number,
    length: number,
  ): boolean {
    if (this.dataLength(at) !== length) return false;
    const { bytes } = this;
    const from = this.dataStart(at);
    for (let i = 0; i < length; i++) {
      if (bytes[from + i] !== source[offset + i]) return false;
    }
    return true;
  }
}

/** A chunk for one element over PACKED_LENGTH_MAX. */
export function largeChunk(bytes: Uint8Array): Chunk {
  const chunk = new Chunk(bytes, 0, true);
  chunk.end = bytes.length;
  chunk.count = 1;
  return chunk;
}

/** Largest buffer of a chunk in a list of so many. */
export function chunkBytesMax(chunkCount: number): number {
  return chunkCount < LONG_CHUNKS_MIN ? SHORT_CHUNK_BYTES : LONG_CHUNK_BYTES;
}

/** Bytes that an element of so many takes in a chunk with others. */
export function frameBytes(length: number): number {
  return frameHeadBytes(length) + length + 2;
}

/** Bytes before those of the element itself. */
function frameHeadBytes(length: number): number {
  if (length < 100) return length < 10 ? 4 : 5;
  return length < 1000 ? 6 : 7;
}

/** Length of the element whose frame begins at `at`. */
export function frameLength(bytes: Uint8Array, at: number): number {
  let length = bytes[at + 1] - ZERO;
  for (let byte = bytes[at += 2]; byte !== CR; byte = bytes[++at]) {
    length = length * 10 + byte - ZERO;
  }
  return length;
}

/** Where the frame behind the one at `at` begins. */
export function nextFrame(bytes: Uint8Array, at: number): number {
  let length = bytes[at + 1] - ZERO;
  let byte = bytes[at += 2];
  while (byte !== CR) {
    length = length * 10 + byte - ZERO;
    byte = bytes[++at];
  }
  return at + length + 4;
}

/** Writes an element's frame; returns where it ends. */
export function writeFrame(
  to: Uint8Array,
  at: number,
  source: Uint8Array,
  offset: number,
  length: number,
): number {
  to[at++] = DOLLAR;
  if (length >= 10) {
    if (length >= 100) {
      if (length >= 1000) to[at++] = ZERO + (length / 1000 | 0);
      to[at++] = ZERO + (length / 100 | 0) % 10;
    }
    to[at++] = ZERO + (length / 10 | 0) % 10;
  }
  to[at] = ZERO + length % 10;
  to[at + 1] = CR;
  to[at + 2] = LF;
  at += 3;
  if (length <= BYTE_COPY_MAX) {
    for (const end = offset + length; offset < end; offset++) {
      to[at++] = source[offset];
    }
  } else {
    to.set(source.subarray(offset, offset + length), at);
    at += length;
  }
  to[at] = CR;
  to[at + 1] = LF;
  return at + 2;
}
