/**
 * LZF, the compression of texts in RDB files: fast rather than thorough.
 *
 * ```
 * 000LLLLL                      L + 1 bytes follow as they are
 * LLLOOOOO OOOOOOOO             copy L + 2 bytes from O + 1 bytes back (L 1 to 6)
 * 111OOOOO LLLLLLLL OOOOOOOO    copy L + 9 bytes from O + 1 bytes back
 * ```
 *
 * {@link http://oldhome.schmorp.de/marc/liblzf.html}
 */

import type { ByteSource } from "../keyspace/record_store.ts";

const HASH_BITS = 14;
const LITERALS_MAX = 32;
const DISTANCE_MAX = 8192;
const MATCH_MIN = 3;
const MATCH_MAX = 264;
const LONG_MATCH = 9;
/** Multiplier that spreads three bytes over the hash's bits. */
const HASH_FACTOR = 0x9e3779b1 | 0;

/**
 * Where three bytes were seen last, by their hash. Places of all inputs are counted
 * on, so that what an earlier input left is below `base` and means nothing.
 */
const seenAt = new Int32Array(1 << HASH_BITS);
const BASE_MAX = 2 ** 30;
let base = 1;

/**
 * Compresses `from[start, end)` into `to` at `at`. Returns the compressed length,
 * or 0 when that would be more than `lengthMax`.
 */
export function lzfCompress(
  from: Uint8Array,
  start: number,
  end: number,
  to: Uint8Array,
  at: number,
  lengthMax: number,
): number {
  const outStart = at, outEnd = at + lengthMax;
  const shift = nextBase(end - start) - start;
  let literalStart = start, position = start;
  // The three bytes at `position`, of which the last is yet to come.
  let bytes = from[start] << 8 | from[start + 1];
  while (position + MATCH_MIN <= end) {
    bytes = (bytes << 8 | from[position + 2]) & 0xffffff;
    const hash = Math.imul(bytes, HASH_FACTOR) >>> (32 - HASH_BITS);
    const candidate = seenAt[hash] - shift;
    seenAt[hash] = position + shift;
    if (
      candidate < start || position - candidate > DISTANCE_MAX ||
      from[candidate] !== from[position] ||
      from[candidate + 1] !== from[position + 1] ||
      from[candidate + 2] !== from[position + 2]
    ) {
      position++;
      continue;
    }
    const longest = Math.min(MATCH_MAX, end - position);
    let length = MATCH_MIN;
    while (
      length < longest && from[candidate + length] === from[position + length]
    ) length++;
    at = putLiterals(from, literalStart, position, to, at, outEnd);
    if (at < 0 || at + MATCH_MIN > outEnd) return 0;
    at = putMatch(to, at, position - candidate - 1, length);
    position += length;
    literalStart = position;
    bytes = from[position] << 8 | from[position + 1];
  }
  at = putLiterals(from, literalStart, end, to, at, outEnd);
  return at < 0 ? 0 : at - outStart;
}

/** Where the places of an input of this length begin. */
function nextBase(length: number): number {
  if (base + length > BASE_MAX) {
    seenAt.fill(0);
    base = 1;
  }
  const begin = base;
  base += length;
  return begin;
}

function putMatch(
  to: Uint8Array,
  at: number,
  distance: number,
  length: number,
): number {
  if (length < LONG_MATCH) to[at++] = (length - 2) << 5 | distance >> 8;
  else {
    to[at++] = 7 << 5 | distance >> 8;
    to[at++] = length - LONG_MATCH;
  }
  to[at++] = distance & 0xff;
  return at;
}

/** Writes bytes as they are; -1 when there is no room. */
function putLiterals(
  from: Uint8Array,
  start: number,
  end: number,
  to: Uint8Array,
  at: number,
  outEnd: number,
): number {
  while (start < end) {
    const count = Math.min(LITERALS_MAX, end - start);
    if (at + 1 + count > outEnd) return -1;
    to[at++] = count - 1;
    for (const stop = start + count; start < stop; start++) {
      to[at++] = from[start];
    }
  }
  return at;
}

/**
 * Decompresses bytes `start` up to `end` of `from` into `to` from `at` up to `toEnd`,
 * which they must fill exactly. Returns whether they did.
 *
 * Copies by words: three more bytes must be readable in `from`, and are written in `to`.
 */
export function lzfDecompress(
  from: ByteSource,
  start: number,
  end: number,
  to: ByteSource,
  at: number,
  toEnd: number,
): boolean {
  const { bytes, view } = from, { bytes: out, view: outView } = to;
  const toStart = at;
  while (start < end) {
    const control = bytes[start++];
    if (control < LITERALS_MAX) {
      const next = start + control + 1, stop = at + control + 1;
      if (next > end || stop > toEnd) return false;
      for (; at < stop; at += 4, start += 4) {
        outView.setInt32(at, view.getInt32(start, true), true);
      }
      at = stop;
      start = next;
      continue;
    }
    let length = control >> 5;
    if (length === 7) {
      if (start >= end) return false;
      length += bytes[start++];
    }
    if (start >= end) return false;
    const distance = ((control & 0x1f) << 8 | bytes[start++]) + 1;
    const stop = at + length + 2;
    if (at - distance < toStart || stop > toEnd) return false;
    if (distance < 4) {
      // The copy reads what it has just written.
      for (; at < stop; at++) out[at] = out[at - distance];
      continue;
    }
    for (; at < stop; at += 4) {
      outView.setInt32(at, outView.getInt32(at - distance, true), true);
    }
    at = stop;
  }
  return at === toEnd;
}
