/**
 * When Redis keeps a list as one listpack and when as a quicklist: rules of sizes
 * that only OBJECT ENCODING shows, computed without making a listpack.
 * {@link https://github.com/antirez/listpack/blob/master/listpack.md}
 */

import type { EncodingLimits } from "../keyspace/encoding_limits.ts";
import { parseSmallInteger } from "../router/args.ts";
import { backLengthSize, INTEGER_ELEMENT_BYTES } from "./listpack.ts";
import { parseWide, WIDE_TEXT_MAX } from "./wide_integer.ts";

/** Bytes of a listpack without elements. */
export const LISTPACK_EMPTY_BYTES = 7;
/** What an element takes at least. */
export const LISTPACK_ENTRY_MIN_BYTES = 2;
/** Sizes that the negative values of list-max-listpack-size stand for, from -1 on. */
const SIZE_CLASSES_BYTES = [4096, 8192, 16384, 32768, 65536];
/** Largest listpack where elements are counted. */
const COUNTED_BYTES_MAX = 8192;

/** Bytes that an element takes in a listpack. */
export function listpackEntryBytes(
  bytes: Uint8Array,
  offset: number,
  length: number,
): number {
  if (length > 0 && length <= WIDE_TEXT_MAX && bytes[offset] <= 57) {
    const value = parseSmallInteger(bytes, offset, length);
    if (value === value) return integerBytes(value) + 1;
    if (parseWide(bytes, offset, length)) return INTEGER_ELEMENT_BYTES;
  }
  return listpackStringBytes(length);
}

/** Bytes that an element of so many takes, unless it is an integer, which takes fewer. */
export function listpackStringBytes(length: number): number {
  if (length < 64) return length + 2;
  const encoded = length + (length < 4096 ? 2 : 5);
  return encoded + backLengthSize(encoded);
}

function integerBytes(value: number): number {
  if (value >= 0 && value <= 127) return 1;
  if (value >= -4096 && value <= 4095) return 2;
  if (value >= -32768 && value <= 32767) return 3;
  if (value >= -8388608 && value <= 8388607) return 4;
  return value >= -2147483648 && value <= 2147483647 ? 5 : 9;
}

/** Largest size of a list that is one listpack, in bytes. */
export function listpackBytesMax({ listMaxListpackSize }: EncodingLimits) {
  return listMaxListpackSize >= 0 ? COUNTED_BYTES_MAX : SIZE_CLASSES_BYTES[
    Math.min(-listMaxListpackSize, SIZE_CLASSES_BYTES.length) - 1
  ];
}

/** Whether a list of so many elements, and so many bytes as a listpack, is more than one. */
export function isQuicklistSize(
  limits: EncodingLimits,
  count: number,
  listpackBytes: number,
): boolean {
  return count > listpackCountMax(limits) ||
    listpackBytes > listpackBytesMax(limits);
}

/** Most elements of a list that is one listpack. */
export function listpackCountMax({ listMaxListpackSize }: EncodingLimits) {
  return listMaxListpackSize >= 0 ? Math.max(listMaxListpackSize, 1) : Infinity;
}
