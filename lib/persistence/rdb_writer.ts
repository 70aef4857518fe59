/**
 * Writes the elements of the RDB format (rdb_format.ts) into a buffer that grows.
 * Who owns the writer takes the bytes away from time to time.
 */

import { parseSmallInteger } from "../router/args.ts";
import { bytesOfText } from "../resp/byte_text.ts";
import { Crc64 } from "./crc64.ts";
import { lzfCompress } from "./lzf.ts";
import {
  LENGTH_14_BITS,
  LENGTH_32_BITS,
  LENGTH_64_BITS,
  OPCODE_AUX,
  STRING_INT16,
  STRING_INT32,
  STRING_INT8,
  STRING_LZF,
} from "./rdb_format.ts";

const INITIAL_BYTES = 64 * 1024;
/** A buffer that was made longer than this is not used again. */
const KEPT_BYTES = 4 * 1024 * 1024;
/** Longest text of a number that is kept as one: "-2147483648". */
const INTEGER_TEXT_MAX = 11;
/** Only longer texts are compressed, and only when that saves so many bytes. */
const COMPRESSED_MIN = 20;
const COMPRESSION_GAIN_MIN = 4;
/** Compressing a longer one would have clients wait. */
export const COMPRESSED_MAX = 1024 * 1024;
const ENCODED = 0xc0;
/** More than the head of any element takes. */
const HEAD_BYTES = 16;
const BYTE_COPY_MAX = 32;
const TWO_32 = 4294967296;

/** See the top of the file. */
export class RdbWriter {
  bytes = new Uint8Array(INITIAL_BYTES);
  view = new DataView(this.bytes.buffer);
  /** Bytes written and not taken yet. */
  length = 0;
  /** Bytes taken before. */
  takenBytes = 0;
  /** Of all bytes that were taken. */
  readonly crc = new Crc64();

  constructor(
    readonly options: {
      /** Compress texts (`rdbcompression`). */
      readonly isCompressing: boolean;
      /** Compute a checksum (`rdbchecksum`). */
      readonly hasChecksum: boolean;
    },
  ) {}

  byte(value: number): void {
    this.room(1);
    this.bytes[this.length++] = value;
  }

  /** A length or another whole number that is not negative. */
  count(value: number): void {
    this.room(HEAD_BYTES);
    const { bytes } = this;
    if (value < 1 << 6) bytes[this.length++] = value;
    else if (value < 1 << 14) {
      bytes[this.length++] = LENGTH_14_BITS << 6 | value >> 8;
      bytes[this.length++] = value & 0xff;
    } else if (value < TWO_32) {
      bytes[this.length] = LENGTH_32_BITS;
      this.view.setUint32(this.length + 1, value);
      this.length += 5;
    } else this.#count64(Math.floor(value / TWO_32), value >>> 0);
  }

  /** `count` for a number of 64 bits, given as its two halves. */
  count64(high: number, low: number): void {
    if (high === 0) return this.count(low >>> 0);
    this.room(HEAD_BYTES);
    this.#count64(high, low);
  }

  /** A text of bytes. */
  string(from: Uint8Array, start = 0, length = from.length - start): void {
    if (length <= INTEGER_TEXT_MAX && this.#integer(from, start, length)) {
      return;
    }
    if (
      this.options.isCompressing && length > COMPRESSED_MIN &&
      length <= COMPRESSED_MAX &&
      this.#compressed(from, start, length)
    ) return;
    this.count(length);
    this.raw(from, start, length);
  }

  /** A text with one byte per character. */
  text(text: string): void {
    this.string(bytesOfText(text));
  }

  /** Bytes as they are. */
  raw(from: Uint8Array, start = 0, length = from.length - start): void {
    this.room(length);
    const to = this.bytes;
    let at = this.length;
    this.length += length;
    if (length > BYTE_COPY_MAX) {
      to.set(from.subarray(start, start + length), at);
      return;
    }
    for (const end = start + length; start < end; start++) {
      to[at++] = from[start];
    }
  }

  /** A double in its eight bytes. */
  double(value: number): void {
    this.room(8);
    this.view.setFloat64(this.length, value, true);
    this.length += 8;
  }

  /** Eight bytes, little-endian: a moment in ms. */
  int64(value: number | bigint): void {
    this.room(8);
    this.view.setBigInt64(this.length, BigInt(value), true);
    this.length += 8;
  }

  /** A field of the file's head. */
  aux(name: string, value: string): void {
    this.byte(OPCODE_AUX);
    this.text(name);
    this.text(value);
  }

  /** The checksum of all that was written, or 0 without one. */
  checksum(): void {
    this.room(8);
    if (this.options.hasChecksum) {
      this.crc.update(this.bytes, 0, this.length);
      this.crc.write(this.view, this.length);
    } else this.view.setBigInt64(this.length, 0n);
    this.length += 8;
  }

  /** Hands over what was written; the caller owns the bytes. The last call follows `checksum`. */
  take(isLast = false): Uint8Array {
    if (this.options.hasChecksum && !isLast) {
      this.crc.update(this.bytes, 0, this.length);
    }
    const taken = this.bytes.subarray(0, this.length);
    this.takenBytes += this.length;
    this.length = 0;
    this.bytes = new Uint8Array(Math.min(this.bytes.length, KEPT_BYTES));
    this.view = new DataView(this.bytes.buffer);
    return taken;
  }

  /** Makes room for `count` more bytes. */
  room(count: number): void {
    const needed = this.length + count;
    if (needed <= this.bytes.length) return;
    const grown = new Uint8Array(Math.max(needed, this.bytes.length * 2));
    grown.set(this.bytes.subarray(0, this.length));
    this.bytes = grown;
    this.view = new DataView(grown.buffer);
  }

  #count64(high: number, low: number): void {
    this.bytes[this.length] = LENGTH_64_BITS;
    this.view.setUint32(this.length + 1, high);
    this.view.setUint32(this.length + 5, low);
    this.length += 9;
  }

  #integer(from: Uint8Array, start: number, length: number): boolean {
    const value = parseSmallInteger(from, start, length);
    if ((value | 0) !== value) return false;
    this.room(HEAD_BYTES);
    const { view, length: at } = this;
    if (value >= -128 && value <= 127) {
      view.setUint8(at, ENCODED | STRING_INT8);
      view.setInt8(at + 1, value);
      this.length += 2;
    } else if (value >= -32768 && value <= 32767) {
      view.setUint8(at, ENCODED | STRING_INT16);
      view.setInt16(at + 1, value, true);
      this.length += 3;
    } else {
      view.setUint8(at, ENCODED | STRING_INT32);
      view.setInt32(at + 1, value, true);
      this.length += 5;
    }
    return true;
  }

  #compressed(from: Uint8Array, start: number, length: number): boolean {
    const lengthMax = length - COMPRESSION_GAIN_MIN;
    const before = this.length;
    this.room(2 * HEAD_BYTES + lengthMax);
    const at = before + 2 * HEAD_BYTES;
    const end = start + length;
    const packed = lzfCompress(from, start, end, this.bytes, at, lengthMax);
    if (packed === 0) return false;
    this.byte(ENCODED | STRING_LZF);
    this.count(packed);
    this.count(length);
    this.bytes.copyWithin(this.length, at, at + packed);
    this.length += packed;
    return true;
  }
}
