/**
 * A way through strings that stand one behind the other, in whatever form: `next`
 * goes to the next one, which is then read in place. What is damaged is refused
 * with a RangeError.
 */

import type { ByteSource } from "../keyspace/record_store.ts";
import { writeInteger } from "../router/number_text.ts";
import type { RdbReader } from "./rdb_reader.ts";

/** Room for an integer of 64 bits in decimal, and slack for reading it by words. */
const INTEGER_BYTES = 32;

/** See the top of the file. */
export abstract class StringCursor implements ByteSource {
  /** What holds the current string; at least 3 bytes are readable behind it. */
  bytes: Uint8Array;
  view: DataView;
  /** Where the string begins; its length. */
  at = 0;
  length = 0;
  /** Whether it stands there as an integer, and that one if a double holds it exactly. */
  isInteger = false;
  integer = 0;

  readonly #digits = new Uint8Array(INTEGER_BYTES);
  readonly #digitsView = new DataView(this.#digits.buffer);

  constructor() {
    this.bytes = this.#digits;
    this.view = this.#digitsView;
  }

  /** Goes to the next string; false at the end. @throws {RangeError | RdbError} of damage */
  abstract next(): boolean;

  /** The current string in place. */
  get text(): Uint8Array {
    return this.bytes.subarray(this.at, this.at + this.length);
  }

  /** Makes a range of bytes the current string. */
  protected setText(
    bytes: Uint8Array,
    view: DataView,
    at: number,
    length: number,
  ): void {
    this.isInteger = false;
    this.bytes = bytes;
    this.view = view;
    this.at = at;
    this.length = length;
  }

  /** Makes an integer the current string. */
  protected setInteger(value: number): void {
    this.isInteger = true;
    this.integer = value;
    this.bytes = this.#digits;
    this.view = this.#digitsView;
    this.at = 0;
    this.length = writeInteger(this.#digits, 0, value);
  }

  protected setBigInteger(value: bigint): void {
    const rounded = Number(value);
    if (Number.isSafeInteger(rounded)) return this.setInteger(rounded);
    const digits = String(value);
    for (let i = 0; i < digits.length; i++) {
      this.#digits[i] = digits.charCodeAt(i);
    }
    this.setText(this.#digits, this.#digitsView, 0, digits.length);
  }
}

/** Strings of a file: so many, in the reader from here on. */
export class ReaderStrings extends StringCursor {
  left = 0;
  #reader!: RdbReader;

  begin(reader: RdbReader, count: number): this {
    this.#reader = reader;
    this.left = count;
    return this;
  }

  override next(): boolean {
    if (this.left === 0) return false;
    this.left--;
    const reader = this.#reader;
    reader.string();
    this.setText(
      reader.textBytes,
      reader.textView,
      reader.textAt,
      reader.textLength,
    );
    return true;
  }
}
