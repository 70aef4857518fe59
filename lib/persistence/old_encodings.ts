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
 * Both are read in place.
 */

import type { RdbReader } from "./rdb_reader.ts";
import { StringCursor } from "./string_cursor.ts";

const HEAD_BYTES = 10;
const END_MARK = 0xff;
const LONG = 0xfe;
const COUNT_UNKNOWN = 65535;

/** A way through a structure whose last byte is its end mark. */
abstract class OldCursor extends StringCursor {
  protected data!: Uint8Array;
  protected dataView!: DataView;
  /** Where reading goes on, and where the end mark is. */
  protected place = 0;
  protected end = 0;

  /** Begins with the string that the reader read last. @throws {RangeError} when it is none */
  begin({ textBytes, textView, textAt, textLength }: RdbReader): this {
    this.data = textBytes;
    this.dataView = textView;
    this.place = textAt;
    this.end = textAt + textLength - 1;
    if (textLength < 3 || textBytes[this.end] !== END_MARK) {
      throw new RangeError("damaged end");
    }
    return this;
  }

  protected byte(): number {
    return this.data[this.advance(1)];
  }

  protected readLength(): number {
    const first = this.byte();
    if (first === END_MARK) throw new RangeError("damaged length");
    if (first !== LONG) return first;
    return this.dataView.getUint32(this.advance(4), true);
  }

  protected take(count: number): void {
    this.setText(this.data, this.dataView, this.advance(count), count);
  }

  /** Goes on by `count` bytes; returns where they begin. */
  protected advance(count: number): number {
    const start = this.place;
    this.place += count;
    if (this.place > this.end) throw new RangeError("cut short");
    return start;
  }
}

/** The entries of a ziplist. */
export class ZiplistCursor extends OldCursor {
  #start = 0;
  #lastStart = 0;
  #lastLength = 0;
  #count = 0;

  override begin(reader: RdbReader): this {
    super.begin(reader);
    const { textAt, textLength, textView } = reader;
    if (
      textLength <= HEAD_BYTES ||
      textView.getUint32(textAt, true) !== textLength
    ) throw new RangeError("damaged ziplist");
    this.#start = textAt;
    this.place = this.#lastStart = textAt + HEAD_BYTES;
    this.#lastLength = this.#count = 0;
    return this;
  }

  override next(): boolean {
    if (this.place === this.end) {
      this.#checkHead();
      return false;
    }
    const start = this.#lastStart = this.place;
    if (this.readLength() !== this.#lastLength) {
      throw new RangeError("damaged ziplist entry");
    }
    this.#readEntry();
    this.#lastLength = this.place - start;
    this.#count++;
    return true;
  }

  #checkHead(): void {
    const stated = this.dataView.getUint16(this.#start + 8, true);
    const last = this.dataView.getUint32(this.#start + 4, true);
    if (
      (stated !== COUNT_UNKNOWN && stated !== this.#count) ||
      last !== this.#lastStart - this.#start
    ) throw new RangeError("damaged ziplist head");
  }

  #readEntry(): void {
    const first = this.byte();
    switch (first >> 6) {
      case 0:
        return this.take(first);
      case 1:
        return this.take((first & 0x3f) << 8 | this.byte());
      case 2:
        return this.take(this.dataView.getUint32(this.advance(4)));
    }
    this.#readInteger(first);
  }

  #readInteger(encoding: number): void {
    const view = this.dataView;
    switch (encoding) {
      case 0xc0:
        return this.setInteger(view.getInt16(this.advance(2), true));
      case 0xd0:
        return this.setInteger(view.getInt32(this.advance(4), true));
      case 0xe0:
        return this.setBigInteger(view.getBigInt64(this.advance(8), true));
      case 0xf0: {
        const at = this.advance(3);
        const low = view.getUint16(at, true);
        return this.setInteger(low | view.getInt8(at + 2) << 16);
      }
      case 0xfe:
        return this.setInteger(view.getInt8(this.advance(1)));
    }
    if (encoding < 0xf1 || encoding > 0xfd) {
      throw new RangeError("unknown ziplist entry");
    }
    this.setInteger((encoding & 0x0f) - 1);
  }
}

/** The keys and values of a zipmap in turn. */
export class ZipmapCursor extends OldCursor {
  #isKey = true;

  override begin(reader: RdbReader): this {
    super.begin(reader);
    this.place++;
    this.#isKey = true;
    return this;
  }

  override next(): boolean {
    if (this.#isKey) {
      if (this.place === this.end) return false;
      this.take(this.readLength());
    } else {
      const length = this.readLength(), spare = this.byte();
      this.take(length);
      this.advance(spare);
    }
    this.#isKey = !this.#isKey;
    return true;
  }
}
