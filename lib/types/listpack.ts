/**
 * Elements of a listpack: integers and byte strings behind each other, readable in
 * both directions. Streams keep their entries in this form, so that a dump takes
 * and gives them as they are.
 *
 * ```
 * element   encoding and content | length of both, readable from behind (1 to 5 bytes)
 *
 * 0xxxxxxx             integer of 7 bits         10xxxxxx …           string, up to 63 bytes
 * 110xxxxx x           integer of 13 bits        1110xxxx x …         string, up to 4095 bytes
 * F1 F2 F3 F4          integer of 16, 24, 32, 64 bits, little-endian
 * F0 and 4 bytes       string of that length, little-endian
 * ```
 *
 * A string that is an integer in canonical form is kept as one; a text has just one
 * encoding, so equal texts are equal bytes. Elements are named by their offset;
 * the caller makes room.
 * {@link https://github.com/antirez/listpack/blob/master/listpack.md}
 */

import { parseSmallInteger } from "../router/args.ts";
import { integerLength, writeInteger } from "../router/number_text.ts";
import {
  parseWide,
  wide,
  WIDE_TEXT_MAX,
  writeWideInteger,
} from "./wide_integer.ts";

/** Most bytes that an element takes beside those of its string. */
export const ELEMENT_OVERHEAD_BYTES = 10;
/** Most bytes of an element that is an integer. */
export const INTEGER_ELEMENT_BYTES = 10;

/** A shorter text has one byte before it: this and its length. */
export const SHORT_TEXT = 64;
export const SHORT_TEXT_HEAD = 0x80;

const NINE = 57;
const INTEGER_13 = 0xc0, STRING_12 = 0xe0, STRING_32 = 0xf0;
const INTEGER_16 = 0xf1, INTEGER_24 = 0xf2, INTEGER_32 = 0xf3;
const INTEGER_64 = 0xf4;
/** Up to this many bytes are copied one by one, more with `set`. */
const BYTE_COPY_MAX = 48;
const TWO_32 = 4294967296;

/** An element's text, valid until the element object is used for another one. */
export class ListpackText {
  bytes: Uint8Array = new Uint8Array(0);
  offset = 0;
  length = 0;
  readonly #digits = new Uint8Array(WIDE_TEXT_MAX);

  /** Reads the element at `at`. */
  read(bytes: Uint8Array, at: number): void {
    const head = bytes[at];
    if (head >= 0x80 && head < 0xc0) {
      this.bytes = bytes;
      this.offset = at + 1;
      this.length = head & 0x3f;
    } else if (head >= STRING_12 && head < STRING_32) {
      this.bytes = bytes;
      this.offset = at + 2;
      this.length = ((head & 0xf) << 8) | bytes[at + 1];
    } else if (head === STRING_32) {
      this.bytes = bytes;
      this.offset = at + 5;
      this.length = uint32At(bytes, at + 1);
    } else this.#readInteger(bytes, at);
  }

  /** The text's bytes in place. */
  slice(): Uint8Array {
    return this.bytes.subarray(this.offset, this.offset + this.length);
  }

  #readInteger(bytes: Uint8Array, at: number): void {
    const high = integerHigh(bytes, at) | 0, low = integerLow(bytes, at);
    this.bytes = this.#digits;
    this.offset = 0;
    const value = high * TWO_32 + low;
    if (Number.isSafeInteger(value)) {
      this.length = integerLength(value);
      writeInteger(this.#digits, 0, value);
      return;
    }
    this.length = writeWideInteger(this.#digits, 0, high, low);
  }
}

/** Writes an integer, exact up to 2^53; returns the place behind it. */
export function writeIntegerElement(
  to: Uint8Array,
  at: number,
  value: number,
): number {
  if (value >= 0 && value < 128) {
    to[at] = value;
    to[at + 1] = 1;
    return at + 2;
  }
  return writeWords(to, at, Math.floor(value / TWO_32), value >>> 0);
}

/** Writes a 64-bit integer given as its two halves; returns the place behind it. */
export function writeWords(
  to: Uint8Array,
  at: number,
  high: number,
  low: number,
): number {
  const value = low | 0;
  if (value >> 31 !== (high | 0)) {
    to[at] = INTEGER_64;
    putUint32(to, at + 1, low);
    putUint32(to, at + 5, high);
    return endElement(to, at, 9);
  }
  if (value >= 0 && value < 128) {
    to[at] = value;
    return endElement(to, at, 1);
  }
  if (value >= -4096 && value < 4096) {
    to[at] = INTEGER_13 | ((value >> 8) & 0x1f);
    to[at + 1] = value;
    return endElement(to, at, 2);
  }
  let size = 2;
  to[at] = INTEGER_16;
  if (value < -0x8000 || value >= 0x8000) {
    const isShort = value >= -0x800000 && value < 0x800000;
    to[at] = isShort ? INTEGER_24 : INTEGER_32;
    size = isShort ? 3 : 4;
  }
  for (let i = 0; i < size; i++) to[at + 1 + i] = value >>> (8 * i);
  return endElement(to, at, 1 + size);
}

/** Writes a string, as an integer when it is one; returns the place behind it. */
export function writeTextElement(
  to: Uint8Array,
  at: number,
  from: Uint8Array,
  offset: number,
  length: number,
): number {
  // What begins with neither a digit nor a sign is no integer.
  if (length <= WIDE_TEXT_MAX && from[offset] <= NINE) {
    const value = parseSmallInteger(from, offset, length);
    if (value === value) return writeIntegerElement(to, at, value);
    if (parseWide(from, offset, length)) {
      return writeWords(to, at, wide.high, wide.low);
    }
  }
  let head = 1;
  if (length < SHORT_TEXT) to[at] = SHORT_TEXT_HEAD | length;
  else if (length < 4096) {
    to[at] = STRING_12 | (length >> 8);
    to[at + 1] = length;
    head = 2;
  } else {
    to[at] = STRING_32;
    putUint32(to, at + 1, length);
    head = 5;
  }
  if (length <= BYTE_COPY_MAX) {
    for (let i = 0, put = at + head; i < length; i++) {
      to[put + i] = from[offset + i];
    }
  } else to.set(from.subarray(offset, offset + length), at + head);
  return endElement(to, at, head + length);
}

/** The low 32 bits of an integer, from 0 on. */
export function integerLow(bytes: Uint8Array, at: number): number {
  const head = bytes[at];
  if (head < 0x80) return head;
  if (head >= INTEGER_13 && head < STRING_12) {
    return ((((head & 0x1f) << 8 | bytes[at + 1]) << 19) >> 19) >>> 0;
  }
  if (head === INTEGER_16) {
    return (((bytes[at + 1] | bytes[at + 2] << 8) << 16) >> 16) >>> 0;
  }
  if (head === INTEGER_24) {
    return (((bytes[at + 1] | bytes[at + 2] << 8 | bytes[at + 3] << 16) << 8) >>
      8) >>> 0;
  }
  return uint32At(bytes, at + 1);
}

/** The high 32 bits of an integer, from 0 on. */
export function integerHigh(bytes: Uint8Array, at: number): number {
  const head = bytes[at];
  if (head < 0x80) return 0;
  if (head === INTEGER_64) return uint32At(bytes, at + 5);
  return ((integerLow(bytes, at) | 0) >> 31) >>> 0;
}

/** Where the next element is. */
export function nextElement(bytes: Uint8Array, at: number): number {
  const size = contentSize(bytes, at);
  return at + size + (size <= 127 ? 1 : backLengthSize(size));
}

/** Where the element that ends before `end` begins. */
export function previousElement(bytes: Uint8Array, end: number): number {
  let at = end - 1, size = bytes[at];
  if (size <= 127) return at - size;
  size = 0;
  for (let shift = 0;; shift += 7, at--) {
    size += (bytes[at] & 127) * 2 ** shift;
    if ((bytes[at] & 128) === 0) return at - size;
  }
}

/** Bytes of the element of a number from 0 on. */
export function integerElementSize(value: number): number {
  return value < 128 ? 2 : writeIntegerElement(SCRATCH, 0, value);
}

const SCRATCH = new Uint8Array(INTEGER_ELEMENT_BYTES + 1);

function contentSize(bytes: Uint8Array, at: number): number {
  const head = bytes[at];
  if (head < 0x80) return 1;
  if (head < INTEGER_13) return 1 + (head & 0x3f);
  if (head < STRING_12) return 2;
  if (head < STRING_32) return 2 + (((head & 0xf) << 8) | bytes[at + 1]);
  if (head === STRING_32) return 5 + uint32At(bytes, at + 1);
  return head === INTEGER_64 ? 9 : 2 + head - STRING_32;
}

/** Bytes of the length behind an element whose encoding and content take so many. */
export function backLengthSize(size: number): number {
  if (size <= 127) return 1;
  if (size < 16383) return 2;
  return size < 2097151 ? 3 : size < 268435455 ? 4 : 5;
}

/** Writes the length of an element's `size` bytes behind them. */
function endElement(to: Uint8Array, at: number, size: number): number {
  at += size;
  if (size <= 127) {
    to[at] = size;
    return at + 1;
  }
  const count = backLengthSize(size);
  for (let i = count - 1; i >= 0; i--) {
    to[at + i] = (size & 127) | (i > 0 ? 128 : 0);
    size = Math.floor(size / 128);
  }
  return at + count;
}

function uint32At(bytes: Uint8Array, at: number): number {
  return (bytes[at] | bytes[at + 1] << 8 | bytes[at + 2] << 16 |
    bytes[at + 3] << 24) >>> 0;
}

function putUint32(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = value;
  bytes[at + 1] = value >>> 8;
  bytes[at + 2] = value >>> 16;
  bytes[at + 3] = value >>> 24;
}
