/**
 * Intsets: ascending integers of one width, as RDB files have small sets of them.
 *
 * ```
 * bytes per integer: 2, 4 or 8 (4 bytes) | number of integers (4 bytes) | integers
 * ```
 *
 * Everything is little-endian.
 */

import { parseInt64, parseSmallInteger } from "../router/args.ts";
import type { RdbReader } from "./rdb_reader.ts";
import { StringCursor } from "./string_cursor.ts";

const HEAD_BYTES = 8;

/** The intset of these integers in decimal, given in ascending order. */
export function packIntset(
  members: Iterable<Uint8Array>,
  count: number,
): Uint8Array {
  const values: (number | bigint)[] = [];
  for (const member of members) {
    const small = parseSmallInteger(member, 0, member.length);
    values.push(small === small ? small : parseInt64(member)!);
  }
  const width = Math.max(
    widthOf(values[0] ?? 0),
    widthOf(values[values.length - 1] ?? 0),
  );
  const bytes = new Uint8Array(HEAD_BYTES + width * count);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, width, true);
  view.setUint32(4, count, true);
  for (let i = 0, at = HEAD_BYTES; i < values.length; i++, at += width) {
    if (width === 2) view.setInt16(at, Number(values[i]), true);
    else if (width === 4) view.setInt32(at, Number(values[i]), true);
    else view.setBigInt64(at, BigInt(values[i]), true);
  }
  return bytes;
}

/** The integers of an intset, ascending. */
export class IntsetCursor extends StringCursor {
  #view!: DataView;
  #width = 0;
  #next = 0;
  #end = 0;
  #previous: number | bigint = -Infinity;

  /** Begins with the intset that the reader read last. @throws {RangeError} of wrong lengths */
  begin({ textView, textAt, textLength }: RdbReader): this {
    if (textLength < HEAD_BYTES) throw new RangeError("intset too short");
    const width = textView.getUint32(textAt, true);
    const count = textView.getUint32(textAt + 4, true);
    if (width !== 2 && width !== 4 && width !== 8) {
      throw new RangeError("unknown intset width");
    }
    if (count === 0 || textLength !== HEAD_BYTES + width * count) {
      throw new RangeError("wrong intset length");
    }
    this.#view = textView;
    this.#width = width;
    this.#next = textAt + HEAD_BYTES;
    this.#end = textAt + textLength;
    this.#previous = -Infinity;
    return this;
  }

  override next(): boolean {
    const at = this.#next, width = this.#width, view = this.#view;
    if (at === this.#end) return false;
    let value: number | bigint;
    if (width === 8) this.setBigInteger(value = view.getBigInt64(at, true));
    else {
      value = width === 4 ? view.getInt32(at, true) : view.getInt16(at, true);
      this.setInteger(value);
    }
    if (value <= this.#previous) throw new RangeError("intset out of order");
    this.#previous = value;
    this.#next = at + width;
    return true;
  }
}

function widthOf(value: number | bigint): number {
  if (value >= -0x8000 && value < 0x8000) return 2;
  return value >= -0x80000000 && value < 0x80000000 ? 4 : 8;
}
