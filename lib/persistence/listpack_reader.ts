/** Reads listpacks, which listpack_builder.ts and lib/types/listpack.ts draw. */

import { backLengthSize } from "../types/listpack.ts";
import type { RdbReader } from "./rdb_reader.ts";
import { StringCursor } from "./string_cursor.ts";

const HEAD_BYTES = 6;
const END_MARK = 0xff;
const COUNT_UNKNOWN = 65535;

/** The entries of a listpack in order. */
export class ListpackReader extends StringCursor {
  #data!: Uint8Array;
  #dataView!: DataView;
  /** Where the next entry is, and where the end mark. */
  #next = 0;
  #end = 0;
  #stated = 0;
  #count = 0;

  /** Begins with the listpack that the reader read last. @throws {RangeError} when its head does not fit */
  begin({ textBytes, textView, textAt, textLength }: RdbReader): this {
    this.#data = textBytes;
    this.#dataView = textView;
    this.#next = textAt + HEAD_BYTES;
    this.#end = textAt + textLength - 1;
    if (
      textLength <= HEAD_BYTES ||
      textView.getUint32(textAt, true) !== textLength ||
      textBytes[this.#end] !== END_MARK
    ) throw new RangeError("damaged listpack");
    this.#stated = textView.getUint16(textAt + 4, true);
    this.#count = 0;
    return this;
  }

  override next(): boolean {
    const start = this.#next, data = this.#data;
    if (start === this.#end) {
      if (this.#stated !== COUNT_UNKNOWN && this.#stated !== this.#count) {
        throw new RangeError("wrong number of listpack entries");
      }
      return false;
    }
    const first = data[start];
    let end = start + 1;
    if (first < 0x80) this.setInteger(first);
    else if (first < 0xc0) end = this.#text(end, first & 0x3f);
    else if (first < 0xe0) {
      this.setInteger(((first & 0x1f) << 8 | data[end]) << 19 >> 19);
      end++;
    } else if (first < 0xf0) {
      end = this.#text(start + 2, (first & 0x0f) << 8 | data[end]);
    } else if (first === 0xf0) {
      this.#need(start + 5);
      end = this.#text(start + 5, this.#dataView.getUint32(end, true));
    } else end = this.#wideInteger(first, end);
    this.#need(end);
    this.#next = end + this.#checkedBackLength(end, end - start);
    this.#count++;
    return true;
  }

  #text(start: number, length: number): number {
    this.setText(this.#data, this.#dataView, start, length);
    return start + length;
  }

  #wideInteger(encoding: number, at: number): number {
    const view = this.#dataView;
    const width = encoding === 0xf4 ? 8 : encoding - 0xef;
    if (width < 2 || width > 8) throw new RangeError("unknown listpack entry");
    this.#need(at + width);
    switch (width) {
      case 2:
        this.setInteger(view.getInt16(at, true));
        break;
      case 3:
        this.setInteger(view.getUint16(at, true) | view.getInt8(at + 2) << 16);
        break;
      case 4:
        this.setInteger(view.getInt32(at, true));
        break;
      default:
        this.setBigInteger(view.getBigInt64(at, true));
    }
    return at + width;
  }

  /** Bytes of the length behind an entry, which must be right. */
  #checkedBackLength(at: number, size: number): number {
    const data = this.#data;
    if (size < 128 && data[at] === size && at < this.#end) return 1;
    const count = backLengthSize(size);
    this.#need(at + count);
    let stated = 0;
    let isRight = true;
    for (let i = 0; i < count; i++) {
      const byte = data[at + i];
      stated = stated * 128 + (byte & 0x7f);
      // Read backwards, all but the last byte say that there are more.
      isRight &&= byte >= 0x80 === i > 0;
    }
    if (stated !== size || !isRight) {
      throw new RangeError("damaged listpack entry");
    }
    return count;
  }

  /** The end mark is no part of an entry. */
  #need(end: number): void {
    if (end > this.#end) throw new RangeError("damaged listpack");
  }
}
