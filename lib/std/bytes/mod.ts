/**
 * Stands in for `jsr:@std/bytes` where JSR cannot be reached: the same names
 * and signatures, and of them only what this project uses. Searching and
 * comparing are `node:buffer`'s, which run in native code.
 *
 * @module
 */
import { Buffer } from "node:buffer";

/** Joins the arrays, in order, into a new one. */
export function concat(
  buffers: readonly Uint8Array[],
): Uint8Array<ArrayBuffer> {
  let lengthBytes = 0;
  for (const buffer of buffers) lengthBytes += buffer.length;
  const joined = new Uint8Array(lengthBytes);
  let index = 0;
  for (const buffer of buffers) {
    joined.set(buffer, index);
    index += buffer.length;
  }
  return joined;
}

/** Copies `source` into `target` at `offset`, as much as fits; says how much. */
export function copy(
  source: Uint8Array,
  target: Uint8Array,
  offset = 0,
): number {
  const start = Math.max(0, Math.min(offset, target.length));
  const count = Math.min(source.length, target.length - start);
  target.set(source.subarray(0, count), start);
  return count;
}

/** True when both hold the same bytes. */
export function equals(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && Buffer.compare(a, b) === 0;
}

/** True when `source` begins with all of `prefix`. */
export function startsWith(source: Uint8Array, prefix: Uint8Array): boolean {
  return equals(source.subarray(0, prefix.length), prefix);
}

/** True when `source` ends with all of `suffix`. */
export function endsWith(source: Uint8Array, suffix: Uint8Array): boolean {
  return source.length >= suffix.length &&
    equals(source.subarray(source.length - suffix.length), suffix);
}

/**
 * The first index at or after `start` where `needle` begins, or -1. A negative
 * `start` counts from the end. An empty needle is never found.
 */
export function indexOfNeedle(
  source: Uint8Array,
  needle: Uint8Array,
  start = 0,
): number {
  if (needle.length === 0) return -1;
  const from = start < 0 ? Math.max(0, source.length + start) : start;
  return Buffer.from(source.buffer, source.byteOffset, source.byteLength)
    .indexOf(needle, from);
}
