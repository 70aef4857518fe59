/**
 * Reads the elements of the RDB format (rdb_format.ts) from a file or a payload,
 * through a window that is refilled as it is used up: memory stays bounded by the
 * largest single value.
 *
 * Every method throws an {@linkcode RdbError} with the offset when the data is cut
 * or no such element can be there.
 */

import type { ByteSource } from "../keyspace/record_store.ts";
import { Crc64 } from "./crc64.ts";
import { writeInteger } from "../router/number_text.ts";
import { lzfDecompress } from "./lzf.ts";
import {
  LENGTH_14_BITS,
  LENGTH_32_BITS,
  LENGTH_64_BITS,
  RdbError,
  STRING_ENCODED,
  STRING_INT16,
  STRING_INT32,
  STRING_INT8,
  STRING_LZF,
} from "./rdb_format.ts";

/** Where bytes come from; answers how many it put into the buffer, or null at the end. */
export interface ByteFeed {
  readSync(buffer: Uint8Array): number | null;
}

const WINDOW_BYTES = 256 * 1024;
/** Readable bytes behind the window, for reading by words. */
const SLACK_BYTES = 8;
/** Longest string: 512 MiB, and as `proto-max-bulk-len` may allow more, what a buffer holds. */
const STRING_LENGTH_MAX = 2 ** 32 - 1;
/** LZF makes no text more than this many times shorter. */
const LZF_RATIO_MAX = 264;
const INTEGER_BYTES_MAX = 12;
const TWO_32 = 4294967296;
/** Numbers whose upper 32 bits are below this are exact as a double. */
const EXACT_HIGH = 1 << 21;
const CUT_SHORT = "the data ends too early";

/** See the top of the file. */
export class RdbReader {
  /** The window; a string of the file is a part of it until the next one is read. */
  bytes: Uint8Array;
  view: DataView;
  /** Where in the window reading goes on. */
  at = 0;
  /** Where the string read last begins, in `bytes` or `textBytes`; its length. */
  textAt = 0;
  textLength = 0;
  /** Halves of the number that `count64` read last, each with sign. */
  high = 0;
  low = 0;
  /** What holds the string read last: the window, or a buffer for decoded ones; and its view. */
  textBytes: Uint8Array;
  textView: DataView;

  /** Offset of the window's first byte. */
  #windowOffset = 0;
  /** End of the bytes in the window. */
  #end = 0;
  #isAtEnd = false;
  #scratch = sourceOfLength(INTEGER_BYTES_MAX);
  /** Up to where in the window the checksum was computed. */
  #summedTo = 0;
  /** Of all bytes read, while not undefined. */
  #crc: Crc64 | undefined;

  private constructor(readonly feed: ByteFeed | undefined, given?: Uint8Array) {
    const length = given?.length ?? WINDOW_BYTES;
    this.bytes = new Uint8Array(length + SLACK_BYTES);
    if (given !== undefined) this.bytes.set(given);
    this.view = viewOf(this.bytes);
    this.textBytes = this.bytes;
    this.textView = this.view;
    if (given !== undefined) this.#end = given.length;
  }

  /** A reader of a file, or anything that comes bit by bit. */
  static ofFeed(feed: ByteFeed): RdbReader {
    return new RdbReader(feed);
  }

  /** A reader of a copy of bytes that are all there. */
  static ofBytes(bytes: Uint8Array): RdbReader {
    return new RdbReader(undefined, bytes);
  }

  /** Offset of the byte that is read next. */
  get offset(): number {
    return this.#windowOffset + this.at;
  }

  /** Whether nothing is left. */
  get isAtEnd(): boolean {
    return this.at === this.#end && !this.#fill(1);
  }

  /** Adds up a checksum of what is read, from now on. */
  beginChecksum(crc: Crc64): void {
    this.#crc = crc;
    this.#summedTo = this.at;
  }

  /** The checksum of all that was read since `beginChecksum`. */
  endChecksum(): Crc64 {
    this.#sum();
    const crc = this.#crc!;
    this.#crc = undefined;
    return crc;
  }

  /** @throws {RdbError} of damage at the byte read next, or at `offset`. */
  fail(reason: string, offset = this.offset): never {
    throw new RdbError(reason, offset);
  }

  byte(): number {
    if (this.at === this.#end) this.need(1);
    return this.bytes[this.at++];
  }

  /** A length, or another whole number up to 2^53. */
  count(): number {
    const first = this.byte();
    const kind = first >> 6;
    if (kind === 0) return first;
    if (kind === LENGTH_14_BITS) return (first & 0x3f) << 8 | this.byte();
    if (first === LENGTH_32_BITS) {
      this.need(4);
      this.at += 4;
      return this.view.getUint32(this.at - 4);
    }
    if (first === LENGTH_64_BITS) {
      this.need(8);
      this.at += 8;
      const value = this.view.getUint32(this.at - 8) * TWO_32 +
        this.view.getUint32(this.at - 4);
      if (Number.isSafeInteger(value)) return value;
    }
    return this.fail("impossible length", this.offset - 1);
  }

  /** A whole number of 64 bits without sign, to be found in `high` and `low`. */
  count64(): void {
    if (this.at === this.#end) this.need(1);
    if (this.bytes[this.at] !== LENGTH_64_BITS) {
      this.high = 0;
      this.low = this.count() | 0;
      return;
    }
    this.need(9);
    this.high = this.view.getInt32(this.at + 1);
    this.low = this.view.getInt32(this.at + 5);
    this.at += 9;
  }

  /** Eight bytes, little-endian, with sign. */
  int64(): bigint {
    this.need(8);
    this.at += 8;
    return this.view.getBigInt64(this.at - 8, true);
  }

  /** A moment in ms, eight bytes as in `int64`: as a number when that is exact. */
  moment(): number | bigint {
    this.need(8);
    const high = this.view.getInt32(this.at + 4, true);
    if (high < 0 || high >= EXACT_HIGH) return this.int64();
    this.at += 8;
    return high * TWO_32 + this.view.getUint32(this.at - 8, true);
  }

  /** Four bytes, little-endian, with sign. */
  int32(): number {
    this.need(4);
    this.at += 4;
    return this.view.getInt32(this.at - 4, true);
  }

  double(): number {
    this.need(8);
    this.at += 8;
    return this.view.getFloat64(this.at - 8, true);
  }

  /** A string, to be found in `textBytes` at `textAt` until the next read. */
  string(): void {
    const first = this.at < this.#end ? this.bytes[this.at] : this.#peek();
    if (first >> 6 === STRING_ENCODED) return this.#encodedString();
    const start = this.offset;
    const length = this.count();
    this.#checkLength(length, start);
    this.need(length);
    this.textBytes = this.bytes;
    this.textView = this.view;
    this.textAt = this.at;
    this.textLength = length;
    this.at += length;
  }

  /** A string's bytes, valid until the next read. */
  slice(): Uint8Array {
    this.string();
    return this.textBytes.subarray(this.textAt, this.textAt + this.textLength);
  }

  /** A copy of a string's bytes. */
  copy(): Uint8Array {
    this.string();
    return this.textBytes.slice(this.textAt, this.textAt + this.textLength);
  }

  /** Makes `count` bytes at `at` readable. */
  need(count: number): void {
    if (this.at + count <= this.#end) return;
    if (!this.#fill(count)) {
      this.fail(CUT_SHORT, this.#windowOffset + this.#end);
    }
  }

  #peek(): number {
    this.need(1);
    return this.bytes[this.at];
  }

  #checkLength(length: number, offset: number): void {
    if (length > STRING_LENGTH_MAX) this.fail("impossible length", offset);
  }

  #encodedString(): void {
    const start = this.offset;
    const encoding = this.byte() & 0x3f;
    if (encoding === STRING_LZF) return this.#packedString(start);
    let value: number;
    if (encoding === STRING_INT8) {
      value = this.byte() << 24 >> 24;
    } else if (encoding === STRING_INT16) {
      this.need(2);
      value = this.view.getInt16(this.at, true);
      this.at += 2;
    } else if (encoding === STRING_INT32) value = this.int32();
    else return this.fail(`unknown string encoding ${encoding}`, start);
    this.textBytes = this.#scratch.bytes;
    this.textView = this.#scratch.view;
    this.textAt = 0;
    this.textLength = writeInteger(this.#scratch.bytes, 0, value);
  }

  #packedString(start: number): void {
    const packed = this.count(), length = this.count();
    this.#checkLength(packed, start);
    if (length > packed * LZF_RATIO_MAX || packed === 0) {
      this.fail("impossible compressed length", start);
    }
    this.#checkLength(length, start);
    this.need(packed);
    if (this.#scratch.bytes.length < length + SLACK_BYTES) {
      this.#scratch = sourceOfLength(length);
    }
    const { at } = this;
    this.at += packed;
    const isWhole = lzfDecompress(
      this,
      at,
      this.at,
      this.#scratch,
      0,
      length,
    );
    if (!isWhole) this.fail("damaged compressed string", start);
    this.textBytes = this.#scratch.bytes;
    this.textView = this.#scratch.view;
    this.textAt = 0;
    this.textLength = length;
  }

  /** Moves what is left to the window's beginning and reads until `count` bytes are there. */
  #fill(count: number): boolean {
    const { feed } = this;
    if (feed === undefined || this.#isAtEnd) return false;
    this.#sum();
    this.bytes.copyWithin(0, this.at, this.#end);
    this.#windowOffset += this.at;
    this.#end -= this.at;
    this.at = this.#summedTo = 0;
    while (this.#end < count) {
      // Memory is asked for as the data comes, so that a wrong length costs none.
      if (this.#end + SLACK_BYTES >= this.bytes.length) this.#grow();
      const room = this.bytes.subarray(
        this.#end,
        this.bytes.length - SLACK_BYTES,
      );
      const got = feed.readSync(room);
      if (got === null) {
        this.#isAtEnd = true;
        return false;
      }
      this.#end += got;
    }
    return true;
  }

  #grow(): void {
    const grown = new Uint8Array(2 * this.bytes.length);
    grown.set(this.bytes.subarray(0, this.#end));
    this.bytes = grown;
    this.view = viewOf(grown);
  }

  #sum(): void {
    this.#crc?.update(this.bytes, this.#summedTo, this.at);
    this.#summedTo = this.at;
  }
}

/** Room for so many bytes. */
function sourceOfLength(length: number): ByteSource {
  const bytes = new Uint8Array(length + SLACK_BYTES);
  return { bytes, view: viewOf(bytes) };
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
