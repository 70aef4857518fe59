/**
 * Small hashes and sets as they are in the records of their keys.
 *
 * ```
 * kind (1 byte) | number of elements (2 bytes, little-endian) | entries
 * ```
 *
 * `kind` is what OBJECT ENCODING answers, as the type numbers it; entries are as
 * in packed.ts. A hash's element is two of them, a field and its value. These
 * functions read entries in place; changes are made in a Packed.
 */

import type { ByteMap } from "../keyspace/byte_map.ts";
import { valueWord } from "../keyspace/record.ts";
import type { ByteSource } from "../keyspace/record_store.ts";

/** Bytes before the entries. */
export const INLINE_HEAD_BYTES = 3;
const LONG = 255;
/** Up to so many bytes are copied one by one. */
const BYTE_COPY_MAX = 48;

/** The kind of a collection that is in its record. */
export function inlineKind(map: ByteMap, ref: number): number {
  return map.arena.bytes[ref >>> 20][map.stringOffset(ref)];
}

/** Its number of elements. */
export function inlineCount(map: ByteMap, ref: number): number {
  const bytes = map.arena.bytes[ref >>> 20], at = map.stringOffset(ref);
  return bytes[at + 1] | (bytes[at + 2] << 8);
}

/** Where its entries begin in its chunk. */
export function inlineStart(map: ByteMap, ref: number): number {
  return map.stringOffset(ref) + INLINE_HEAD_BYTES;
}

/** Where its entries end in its chunk. */
export function inlineEnd(map: ByteMap, ref: number): number {
  return map.stringOffset(ref) + map.stringLength(ref);
}

/** How many bytes the entry at `at` has. */
export function entryLength(bytes: Uint8Array, at: number): number {
  const length = bytes[at];
  if (length !== LONG) return length;
  return bytes[at + 1] | (bytes[at + 2] << 8) | (bytes[at + 3] << 16) |
    (bytes[at + 4] << 24);
}

/** Where the bytes of the entry at `at` begin. */
export function entryStart(bytes: Uint8Array, at: number): number {
  return at + (bytes[at] === LONG ? 5 : 1);
}

/** Where the entry behind the one at `at` is. */
export function nextEntry(bytes: Uint8Array, at: number): number {
  const length = bytes[at];
  return length !== LONG ? at + 1 + length : at + 5 + entryLength(bytes, at);
}

/** The bytes of the entry at `at`, in place. */
export function entryBytes(bytes: Uint8Array, at: number): Uint8Array {
  const start = entryStart(bytes, at);
  return bytes.subarray(start, start + entryLength(bytes, at));
}

/**
 * The first entry from `at` on with these bytes, of all (`step` 1) or of every
 * second one (`step` 2); -1 when there is none.
 */
export function findEntry(
  bytes: Uint8Array,
  at: number,
  end: number,
  source: ByteSource,
  offset: number,
  length: number,
  step: 1 | 2,
): number {
  const other = source.bytes;
  // Names differ in their last byte more often than in their length or their first one.
  const last = length === 0 ? 0 : other[offset + length - 1];
  while (at < end) {
    const next = nextEntry(bytes, at);
    if (bytes[next - 1] === last && entryLength(bytes, at) === length) {
      let i = 0;
      for (let to = next - length; i < length; i++, to++) {
        if (bytes[to] !== other[offset + i]) break;
      }
      if (i === length) return at;
    }
    at = step === 2 ? nextEntry(bytes, next) : next;
  }
  return -1;
}

/** `findEntry` among the entries of a collection that is in its record. */
export function findInline(
  map: ByteMap,
  ref: number,
  source: ByteSource,
  offset: number,
  length: number,
  step: 1 | 2,
): number {
  const words = map.arena.words[ref >>> 20], word = (ref & 0xfffff) << 2;
  const start = (word + valueWord(words[word])) << 2;
  return findEntry(
    map.arena.bytes[ref >>> 20],
    start + INLINE_HEAD_BYTES,
    start + words[word + 1],
    source,
    offset,
    length,
    step,
  );
}

/** Bytes of any origin, one after the other, as a source that hashing can read. */
export class ScratchSource implements ByteSource {
  bytes = new Uint8Array(1024);
  view = new DataView(this.bytes.buffer);

  hold(bytes: Uint8Array): void {
    this.holdPart(bytes, 0, bytes.length);
  }

  /** Holds `length` of the bytes. */
  holdPart(from: Uint8Array, at: number, length: number): void {
    if (length + 8 > this.bytes.length) {
      this.bytes = new Uint8Array(length * 2 + 8);
      this.view = new DataView(this.bytes.buffer);
    }
    if (length > BYTE_COPY_MAX) {
      this.bytes.set(from.subarray(at, at + length));
      return;
    }
    for (let i = 0; i < length; i++) this.bytes[i] = from[at + i];
  }
}
