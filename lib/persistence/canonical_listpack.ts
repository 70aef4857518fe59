/**
 * Tells whether a listpack is just as this server would write it: undamaged, each
 * text in its only encoding (lib/types/listpack.ts). Then its elements can be taken
 * as they are; others must be read one by one, which also tells what is wrong.
 */

import { parseWide, WIDE_TEXT_MAX } from "../types/wide_integer.ts";
import type { RdbReader } from "./rdb_reader.ts";

/** Bytes before the number of elements; those before the first one; and those behind the last one. */
export const LENGTH_BYTES = 4;
const HEAD_BYTES = 6;
export const END_BYTES = 1;
const END_MARK = 0xff;
/** Longest encoding and content of an element that is looked at, so that one byte behind it says how long it is. */
const SIZE_MAX = 127;
const SHORT_TEXT_MAX = 63;
const NINE = 57;

/** Whether the string that the reader read last is such a listpack, of elements that are not long. */
export function isCanonicalListpack(
  { textBytes: bytes, textView: view, textAt, textLength }: RdbReader,
): boolean {
  const end = textAt + textLength - END_BYTES;
  if (
    textLength < HEAD_BYTES + END_BYTES ||
    view.getUint32(textAt, true) !== textLength || bytes[end] !== END_MARK
  ) return false;
  let at = textAt + HEAD_BYTES, count = 0;
  for (; at < end; count++) {
    const size = sizeOf(bytes, view, at);
    if (size > SIZE_MAX || at + size >= end || bytes[at + size] !== size) {
      return false;
    }
    at += size + 1;
  }
  return count === view.getUint16(textAt + LENGTH_BYTES, true);
}

/** Bytes of an element's encoding and content; Infinity when they are not what they should be, or more than can be told. */
function sizeOf(bytes: Uint8Array, view: DataView, at: number): number {
  const head = bytes[at];
  if (head < 0x80) return 1;
  if (head < 0xc0) return textSize(bytes, at + 1, head & 0x3f, 1);
  if (head < 0xe0) {
    const value = ((head & 0x1f) << 8 | bytes[at + 1]) << 19 >> 19;
    return value < 0 || value > 127 ? 2 : Infinity;
  }
  if (head === 0xe0 && bytes[at + 1] > SHORT_TEXT_MAX) {
    return textSize(bytes, at + 2, bytes[at + 1], 2);
  }
  if (head < 0xf1 || head > 0xf3) return Infinity;
  const low = view.getUint16(at + 1, true);
  if (head === 0xf1) return isBeyond(low << 16 >> 16, 12) ? 3 : Infinity;
  if (head === 0xf2) {
    return isBeyond(low | view.getInt8(at + 3) << 16, 15) ? 4 : Infinity;
  }
  return isBeyond(view.getInt32(at + 1, true), 23) ? 5 : Infinity;
}

/** `head + length`, or Infinity for the text of an integer. */
function textSize(
  bytes: Uint8Array,
  at: number,
  length: number,
  head: number,
): number {
  const isInteger = length <= WIDE_TEXT_MAX && bytes[at] <= NINE &&
    parseWide(bytes, at, length);
  return isInteger ? Infinity : head + length;
}

/** Whether an integer needs more than so many bits beside that of its sign. */
function isBeyond(value: number, bits: number): boolean {
  return value >= 1 << bits || value < -1 << bits;
}
