/**
 * Many short byte strings, one behind the other in one buffer: how small
 * collections are kept in the records of their keys.
 *
 * ```
 * entry    length (1 byte below 255; else 255 and 4 bytes, little-endian) | bytes
 * ```
 *
 * A {@linkcode Packed} is a buffer to work in, used again and again: load a
 * record's bytes, change entries, and write `bytes` up to `length` back. Entries
 * are named by the offset of their length; an offset is valid until an entry
 * before it changes.
 */

import type { ByteSource } from "../keyspace/record_store.ts";
import { findEntry } from "./inline_entries.ts";

const LONG = 255;
const LONG_HEAD_BYTES = 5;
const INITIAL_BYTES = 4096;
/** Up to so many bytes are copied one by one. */
const BYTE_COPY_MAX = 48;
/** Readable bytes behind the last entry, for reading by words. */
const SLACK_BYTES = 8;

/** See the top of the file. */
export class Packed implements ByteSource {
  bytes = new Uint8Array(INITIAL_BYTES);
  view = new DataView(this.bytes.buffer);
  /** Bytes in use. */
  length = 0;

  clear(): void {
    this.length = 0;
  }

  /** Takes `length` bytes of `from`, which are entries. */
  load(from: Uint8Array, offset: number, length: number): void {
    this.length = 0;
    this.#room(length);
    this.bytes.set(from.subarray(offset, offset + length));
    this.length = length;
  }

  /** Where an entry's bytes begin. */
  startOf(at: number): number {
    return at + (this.bytes[at] === LONG ? LONG_HEAD_BYTES : 1);
  }

  /** How many bytes an entry has. */
  lengthOf(at: number): number {
    const length = this.bytes[at];
    return length === LONG ? this.view.getUint32(at + 1, true) : length;
  }

  /** Where the next entry is; `length` behind the last one. */
  next(at: number): number {
    return this.startOf(at) + this.lengthOf(at);
  }

  /** An entry's bytes, valid until the next change. */
  entry(at: number): Uint8Array {
    const start = this.startOf(at);
    return this.bytes.subarray(start, start + this.lengthOf(at));
  }

  /** The first entry from `at` on, of every `step`-th one, with these bytes; -1 when there is none. */
  find(
    source: ByteSource,
    offset: number,
    length: number,
    step: 1 | 2,
    at = 0,
  ): number {
    const { bytes, length: end } = this;
    return findEntry(bytes, at, end, source, offset, length, step);
  }

  /** The entry `index` places behind the first; `length` when there are not so many. */
  atIndex(index: number): number {
    let at = 0;
    for (; index > 0 && at < this.length; index--) at = this.next(at);
    return at;
  }

  /** Number of entries. */
  count(): number {
    let count = 0;
    for (let at = 0; at < this.length; at = this.next(at)) count++;
    return count;
  }

  append(source: Uint8Array, offset: number, length: number): void {
    if (length > BYTE_COPY_MAX) {
      return this.insert(this.length, source, offset, length);
    }
    this.#room(1 + length);
    const { bytes } = this;
    let at = this.length;
    bytes[at++] = length;
    for (const end = offset + length; offset < end;) {
      bytes[at++] = source[offset++];
    }
    this.length = at;
  }

  /** Puts a new entry before the one at `at`. */
  insert(at: number, source: Uint8Array, offset: number, length: number): void {
    this.splice(at, 0, length);
    this.bytes.set(
      source.subarray(offset, offset + length),
      this.startOf(at),
    );
  }

  /** Gives an entry other bytes. */
  replace(
    at: number,
    source: Uint8Array,
    offset: number,
    length: number,
  ): void {
    this.splice(at, this.next(at) - at, length);
    this.bytes.set(
      source.subarray(offset, offset + length),
      this.startOf(at),
    );
  }

  /** Makes room for `count` bytes at `at`, or with a negative number removes as many. */
  shift(at: number, count: number): void {
    this.#room(Math.max(0, count));
    if (at < this.length) this.bytes.copyWithin(at + count, at, this.length);
    this.length += count;
  }

  /** Removes `count` entries from `at` on. */
  remove(at: number, count: number): void {
    let end = at;
    for (; count > 0; count--) end = this.next(end);
    this.bytes.copyWithin(at, end, this.length);
    this.length -= end - at;
  }

  /** In place of `removed` bytes at `at`, makes an entry of `length` bytes to be written. */
  splice(at: number, removed: number, length: number): void {
    const head = length < LONG ? 1 : LONG_HEAD_BYTES;
    const shift = head + length - removed;
    this.#room(shift);
    this.bytes.copyWithin(at + head + length, at + removed, this.length);
    this.length += shift;
    if (length < LONG) this.bytes[at] = length;
    else {
      this.bytes[at] = LONG;
      this.view.setUint32(at + 1, length, true);
    }
  }

  /** A copy of the bytes in use. */
  toBytes(): Uint8Array {
    return this.bytes.slice(0, this.length);
  }

  #room(count: number): void {
    const needed = this.length + count + SLACK_BYTES;
    if (needed <= this.bytes.length) return;
    const grown = new Uint8Array(Math.max(needed, this.bytes.length * 2));
    grown.set(this.bytes.subarray(0, this.length));
    this.bytes = grown;
    this.view = new DataView(grown.buffer);
  }
}

/** Bytes that an entry of so many takes. */
export function packedLength(length: number): number {
  return length + (length < LONG ? 1 : LONG_HEAD_BYTES);
}
