/**
 * Reads listpacks (listpack_builder.ts draws them): all entries in order, integers
 * in decimal. What is damaged is refused with a RangeError.
 */

import { bytesOfText } from "../resp/byte_text.ts";
import { backLengthBytes } from "./listpack_builder.ts";

const HEAD_BYTES = 6;
const END_MARK = 0xff;
const COUNT_UNKNOWN = 65535;

/** Reads one listpack, entry by entry. */
export class ListpackReader {
  readonly #view: DataView;
  #at = HEAD_BYTES;
  /** Entries read. */
  count = 0;
  // The entry that was read last: a text in place, or an integer.
  #isText = false;
  #textStart = 0;
  #textEnd = 0;
  #integer: number | bigint = 0;

  /** @throws {RangeError} when the head does not fit the bytes. */
  constructor(readonly bytes: Uint8Array) {
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    if (
      bytes.length <= HEAD_BYTES ||
      this.#view.getUint32(0, true) !== bytes.length ||
      bytes[bytes.length - 1] !== END_MARK
    ) throw new RangeError("damaged listpack");
  }

  /** The number of entries that the head says; undefined when it does not know. */
  get statedCount(): number | undefined {
    const count = this.#view.getUint16(4, true);
    return count === COUNT_UNKNOWN ? undefined : count;
  }

  get isAtEnd(): boolean {
    if (this.#at !== this.bytes.length - 1) return false;
    const stated = this.statedCount;
    if (stated !== undefined && stated !== this.count) {
      throw new RangeError("wrong number of listpack entries");
    }
    return true;
  }

  /** Reads the next entry's bytes, in place or as decimal. @throws {RangeError} */
  next(): Uint8Array {
    this.#read();
    return this.#isText
      ? this.bytes.subarray(this.#textStart, this.#textEnd)
      : bytesOfText(String(this.#integer));
  }

  /** Reads the next entry only to see that it is one. @throws {RangeError} */
  skip(): void {
    this.#read();
  }

  #read(): void {
    const { bytes } = this, view = this.#view, start = this.#at;
    const first = bytes[start];
    this.#isText = false;
    let end = start + 1;
    if (first < 0x80) this.#integer = first;
    else if (first < 0xc0) end = this.#text(end, first & 0x3f);
    else if (first < 0xe0) {
      this.#need(start + 2);
      this.#integer = ((first & 0x1f) << 8 | bytes[start + 1]) << 19 >> 19;
      end = start + 2;
    } else if (first < 0xf0) {
      this.#need(start + 2);
      end = this.#text(start + 2, (first & 0x0f) << 8 | bytes[start + 1]);
    } else if (first === 0xf0) {
      this.#need(start + 5);
      end = this.#text(start + 5, view.getUint32(start + 1, true));
    } else end = this.#wideInteger(first, start + 1);
    this.#need(end);
    this.#at = end + this.#checkedBackLength(end, end - start);
    this.count++;
  }

  #text(start: number, length: number): number {
    this.#isText = true;
    this.#textStart = start;
    this.#textEnd = start + length;
    return this.#textEnd;
  }

  #wideInteger(encoding: number, at: number): number {
    const view = this.#view;
    const width = encoding === 0xf4 ? 8 : encoding - 0xef;
    if (width < 2 || width > 8) throw new RangeError("unknown listpack entry");
    this.#need(at + width);
    switch (width) {
      case 2:
        this.#integer = view.getInt16(at, true);
        break;
      case 3:
        this.#integer = view.getUint16(at, true) | view.getInt8(at + 2) << 16;
        break;
      case 4:
        this.#integer = view.getInt32(at, true);
        break;
      default:
        this.#integer = view.getBigInt64(at, true);
    }
    return at + width;
  }

  /** Bytes of the length behind an entry, which must be right. */
  #checkedBackLength(at: number, size: number): number {
    const count = backLengthBytes(size);
    this.#need(at + count);
    let stated = 0;
    for (let i = 0; i < count; i++) {
      stated = stated * 128 + (this.bytes[at + i] & 0x7f);
    }
    if (stated !== size) throw new RangeError("damaged listpack entry");
    return count;
  }

  /** The end mark is no part of an entry. */
  #need(end: number): void {
    if (end > this.bytes.length - 1) throw new RangeError("damaged listpack");
  }
}

/** All entries of a listpack. @throws {RangeError} of damage */
export function* listpackEntries(bytes: Uint8Array): Generator<Uint8Array> {
  const reader = new ListpackReader(bytes);
  while (!reader.isAtEnd) yield reader.next();
}
