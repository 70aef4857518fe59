/**
 * Builds listpacks, as RDB files have small collections: elements (lib/types/listpack.ts)
 * between a head and an end mark.
 *
 * ```
 * total bytes (4) | elements (2, 65535 when there are more) | element … | 0xFF
 * ```
 */

import {
  ELEMENT_OVERHEAD_BYTES,
  INTEGER_ELEMENT_BYTES,
  writeIntegerElement,
  writeTextElement,
} from "../types/listpack.ts";

const HEAD_BYTES = 6;
const END_MARK = 0xff;
const COUNT_UNKNOWN = 65535;
const INITIAL_BYTES = 4096;

/** See the top of the file. */
export class ListpackBuilder {
  /** The listpack up to `length`, after `end`. */
  bytes = new Uint8Array(INITIAL_BYTES);
  length = 0;
  #count = 0;

  begin(): void {
    this.length = HEAD_BYTES;
    this.#count = 0;
  }

  /** Adds bytes, as an integer when they are one in canonical decimal. */
  add(from: Uint8Array, offset = 0, length = from.length - offset): void {
    this.#room(length + ELEMENT_OVERHEAD_BYTES);
    this.length = writeTextElement(
      this.bytes,
      this.length,
      from,
      offset,
      length,
    );
    this.#count++;
  }

  /** Adds an integer that a double holds exactly. */
  addInteger(value: number): void {
    this.#room(INTEGER_ELEMENT_BYTES);
    this.length = writeIntegerElement(this.bytes, this.length, value);
    this.#count++;
  }

  /** Adds `count` elements as they are. */
  addElements(
    from: Uint8Array,
    start: number,
    end: number,
    count: number,
  ): void {
    this.#room(end - start);
    this.bytes.set(from.subarray(start, end), this.length);
    this.length += end - start;
    this.#count += count;
  }

  /** Completes the listpack. */
  end(): void {
    this.#room(1);
    const { bytes } = this;
    bytes[this.length++] = END_MARK;
    let rest = this.length;
    for (let i = 0; i < 4; i++, rest >>>= 8) bytes[i] = rest;
    const count = Math.min(this.#count, COUNT_UNKNOWN);
    bytes[4] = count;
    bytes[5] = count >> 8;
  }

  #room(count: number): void {
    const needed = this.length + count;
    if (needed <= this.bytes.length) return;
    const grown = new Uint8Array(Math.max(needed, 2 * this.bytes.length));
    grown.set(this.bytes.subarray(0, this.length));
    this.bytes = grown;
  }
}
