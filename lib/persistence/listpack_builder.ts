/**
 * Builds listpacks: short byte strings and integers one behind the other, as RDB
 * files have small collections and the blocks of streams.
 *
 * ```
 * total bytes (4) | entries (2, 65535 when there are more) | entry … | 0xFF
 * entry    encoding and data | length of that, 7 bits a byte, last part first
 *
 * 0LLLLLLL integer 0 to 127             10LLLLLL text up to 63 bytes
 * 110IIIII I integer of 13 bits         1110LLLL L text up to 4095 bytes
 * F1 16 bits  F2 24 bits  F3 32 bits  F4 64 bits     F0 LLLL text
 * ```
 *
 * {@link https://github.com/antirez/listpack/blob/master/listpack.md}
 */

import { parseInt64, parseSmallInteger } from "../router/args.ts";

const HEAD_BYTES = 6;
const END_MARK = 0xff;
const COUNT_UNKNOWN = 65535;
/** More than the head and the length behind an entry take. */
const ENTRY_EXTRA_BYTES = 16;
const INTEGER_TEXT_MAX = 20;
const INITIAL_BYTES = 4096;

/** See the top of the file. */
export class ListpackBuilder {
  #bytes = new Uint8Array(INITIAL_BYTES);
  #view = new DataView(this.#bytes.buffer);
  #length = 0;
  #count = 0;

  begin(): void {
    this.#length = HEAD_BYTES;
    this.#count = 0;
  }

  /** Bytes so far. */
  get length(): number {
    return this.#length;
  }

  /** Adds bytes, as an integer when they are one in canonical decimal. */
  add(value: Uint8Array): void {
    const { length } = value;
    const first = length === 0 ? 0 : value[0];
    if (length > 0 && length <= INTEGER_TEXT_MAX && first <= 57) {
      const small = parseSmallInteger(value, 0, length);
      if (small === small) return this.addInteger(small);
      const exact = parseInt64(value);
      if (exact !== undefined) return this.addBigInteger(exact);
    }
    this.#addText(value);
  }

  /** Adds an integer that a double holds exactly. */
  addInteger(value: number): void {
    this.#room(ENTRY_EXTRA_BYTES);
    const bytes = this.#bytes, view = this.#view;
    const start = this.#length;
    let at = start;
    if (value >= 0 && value <= 127) bytes[at++] = value;
    else if (value >= -4096 && value <= 4095) {
      bytes[at++] = 0xc0 | (value >> 8 & 0x1f);
      bytes[at++] = value & 0xff;
    } else if (value >= -32768 && value <= 32767) {
      bytes[at] = 0xf1;
      view.setInt16(at + 1, value, true);
      at += 3;
    } else if (value >= -8388608 && value <= 8388607) {
      bytes[at] = 0xf2;
      view.setInt16(at + 1, value & 0xffff, true);
      bytes[at + 3] = value >> 16 & 0xff;
      at += 4;
    } else if ((value | 0) === value) {
      bytes[at] = 0xf3;
      view.setInt32(at + 1, value, true);
      at += 5;
    } else return this.addBigInteger(BigInt(value));
    this.#endEntry(start, at);
  }

  /** Adds an integer of 64 bits. */
  addBigInteger(value: bigint): void {
    const small = Number(value);
    if ((small | 0) === small) return this.addInteger(small);
    this.#room(ENTRY_EXTRA_BYTES);
    const start = this.#length;
    this.#bytes[start] = 0xf4;
    this.#view.setBigInt64(start + 1, value, true);
    this.#endEntry(start, start + 9);
  }

  /** The listpack; valid until the next `begin`. */
  end(): Uint8Array {
    this.#room(1);
    this.#bytes[this.#length++] = END_MARK;
    this.#view.setUint32(0, this.#length, true);
    this.#view.setUint16(4, Math.min(this.#count, COUNT_UNKNOWN), true);
    return this.#bytes.subarray(0, this.#length);
  }

  #addText(value: Uint8Array): void {
    const { length } = value;
    this.#room(length + ENTRY_EXTRA_BYTES);
    const bytes = this.#bytes, start = this.#length;
    let at = start;
    if (length < 64) bytes[at++] = 0x80 | length;
    else if (length < 4096) {
      bytes[at++] = 0xe0 | length >> 8;
      bytes[at++] = length & 0xff;
    } else {
      bytes[at] = 0xf0;
      this.#view.setUint32(at + 1, length, true);
      at += 5;
    }
    bytes.set(value, at);
    this.#endEntry(start, at + length);
  }

  /** Writes behind an entry how long it is, so that it can be read backwards. */
  #endEntry(start: number, at: number): void {
    const bytes = this.#bytes, size = at - start;
    const lengthBytes = backLengthBytes(size);
    for (let part = lengthBytes - 1; part >= 0; part--) {
      const bits = Math.floor(size / 128 ** part) & 0x7f;
      bytes[at++] = part === lengthBytes - 1 ? bits : bits | 0x80;
    }
    this.#length = at;
    this.#count++;
  }

  #room(count: number): void {
    const needed = this.#length + count;
    if (needed <= this.#bytes.length) return;
    const grown = new Uint8Array(Math.max(needed, 2 * this.#bytes.length));
    grown.set(this.#bytes.subarray(0, this.#length));
    this.#bytes = grown;
    this.#view = new DataView(grown.buffer);
  }
}

/** Bytes of the length behind an entry of so many bytes. */
export function backLengthBytes(size: number): number {
  if (size <= 127) return 1;
  if (size < 16383) return 2;
  if (size < 2097151) return 3;
  return size < 268435455 ? 4 : 5;
}
