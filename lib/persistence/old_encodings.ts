/**
 * Compact collections of files from before Redis 7: ziplists and zipmaps.
 *
 * ```
 * ziplist  total bytes (4) | offset of the last entry (4) | entries (2) | entry … | 0xFF
 * entry    length of the one before (1, or 0xFE and 4) | encoding | data
 * zipmap   pairs (1) | key length | key | value length | spare (1) | value | spare … | 0xFF
 * length   0 to 253 (1), or 0xFE and 4 bytes
 * ```
 *
 * What is damaged is refused with a RangeError.
 */

import { bytesOfText } from "../resp/byte_text.ts";

const HEAD_BYTES = 10;
const END_MARK = 0xff;
const LONG = 0xfe;
const COUNT_UNKNOWN = 65535;

/** All entries of a ziplist, integers in decimal. @throws {RangeError} of damage */
export function* ziplistEntries(bytes: Uint8Array): Generator<Uint8Array> {
  const { length } = bytes;
  const view = new DataView(bytes.buffer, bytes.byteOffset, length);
  if (
    length <= HEAD_BYTES || view.getUint32(0, true) !== length ||
    bytes[length - 1] !== END_MARK
  ) throw new RangeError("damaged ziplist");
  const cursor = new Cursor(bytes, view, HEAD_BYTES);
  let count = 0, previousLength = 0, last = HEAD_BYTES;
  while (cursor.at < length - 1) {
    const start = last = cursor.at;
    if (cursor.length() !== previousLength) {
      throw new RangeError("damaged ziplist entry");
    }
    const entry = ziplistEntry(cursor);
    previousLength = cursor.at - start;
    count++;
    yield entry;
  }
  const stated = view.getUint16(8, true);
  if (
    (stated !== COUNT_UNKNOWN && stated !== count) ||
    view.getUint32(4, true) !== last
  ) throw new RangeError("damaged ziplist head");
}

/** All keys and values of a zipmap in turn. @throws {RangeError} of damage */
export function* zipmapEntries(bytes: Uint8Array): Generator<Uint8Array> {
  const { length } = bytes;
  const view = new DataView(bytes.buffer, bytes.byteOffset, length);
  // An empty one was never written.
  if (length <= 2 || bytes[length - 1] !== END_MARK) {
    throw new RangeError("damaged zipmap");
  }
  const cursor = new Cursor(bytes, view, 1);
  while (cursor.at < length - 1) {
    yield cursor.take(cursor.length());
    const valueLength = cursor.length(), spare = cursor.byte();
    yield cursor.take(valueLength);
    cursor.take(spare);
  }
}

function ziplistEntry(cursor: Cursor): Uint8Array {
  const first = cursor.byte();
  switch (first >> 6) {
    case 0:
      return cursor.take(first);
    case 1:
      return cursor.take((first & 0x3f) << 8 | cursor.byte());
    case 2:
      return cursor.take(cursor.view.getUint32(cursor.advance(4)));
  }
  return bytesOfText(String(ziplistInteger(cursor, first)));
}

function ziplistInteger(cursor: Cursor, encoding: number): number | bigint {
  const { view } = cursor;
  switch (encoding) {
    case 0xc0:
      return view.getInt16(cursor.advance(2), true);
    case 0xd0:
      return view.getInt32(cursor.advance(4), true);
    case 0xe0:
      return view.getBigInt64(cursor.advance(8), true);
    case 0xf0: {
      const at = cursor.advance(3);
      return view.getUint16(at, true) | view.getInt8(at + 2) << 16;
    }
    case 0xfe:
      return view.getInt8(cursor.advance(1));
  }
  if (encoding < 0xf1 || encoding > 0xfd) {
    throw new RangeError("unknown ziplist entry");
  }
  return (encoding & 0x0f) - 1;
}

/** A place in a structure whose last byte is its end mark. */
class Cursor {
  constructor(
    readonly bytes: Uint8Array,
    readonly view: DataView,
    public at: number,
  ) {}

  byte(): number {
    return this.bytes[this.advance(1)];
  }

  length(): number {
    const first = this.byte();
    if (first === END_MARK) throw new RangeError("damaged length");
    return first === LONG ? this.view.getUint32(this.advance(4), true) : first;
  }

  take(count: number): Uint8Array {
    const start = this.advance(count);
    return this.bytes.subarray(start, start + count);
  }

  /** Goes on by `count` bytes; returns where they begin. */
  advance(count: number): number {
    const start = this.at;
    this.at += count;
    if (this.at > this.bytes.length - 1) throw new RangeError("cut short");
    return start;
  }
}
