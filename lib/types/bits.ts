/**
 * Strings as arrays of bits: counting, searching, combining, and integers of any
 * width at any bit.
 *
 * Bit 0 is the most significant one of the first byte. Long runs are worked on by
 * words of 32 bits; which of a word's bytes comes first matters to none of what is
 * done with whole words.
 */

/** From so many bytes on, words pay for the window that they take. */
const WORDS_MIN_BYTES = 64;
const BYTE_BITS = 8;
/** Integers up to this many bits are handled as doubles, wider ones in two halves. */
const EXACT_BITS = 32;

/** Number of bits that are set in `length` bytes. */
export function countBits(
  bytes: Uint8Array,
  offset: number,
  length: number,
): number {
  const end = offset + length;
  let count = 0, at = offset;
  if (length >= WORDS_MIN_BYTES) {
    const words = wordsIn(bytes, offset, end);
    const first = words.byteOffset - bytes.byteOffset;
    for (; at < first; at++) count += bitsOf(bytes[at]);
    count += countWordBits(words);
    at += words.byteLength;
  }
  for (; at < end; at++) count += bitsOf(bytes[at]);
  return count;
}

/**
 * Adds eight words at a time as columns of bits, with carries: `ones`, `twos` and
 * `fours` hold each column's sum, of which what reaches eight is counted at once.
 * So bits are counted in every eighth word only.
 * {@link https://en.wikipedia.org/wiki/Carry-save_adder}
 */
function countWordBits(words: Int32Array): number {
  const end = words.length & ~7;
  let at = 0, eights = 0, ones = 0, twos = 0, fours = 0;
  for (; at < end; at += 8) {
    const two1 = carry(ones, words[at], words[at + 1]);
    ones ^= words[at] ^ words[at + 1];
    const two2 = carry(ones, words[at + 2], words[at + 3]);
    ones ^= words[at + 2] ^ words[at + 3];
    const two3 = carry(ones, words[at + 4], words[at + 5]);
    ones ^= words[at + 4] ^ words[at + 5];
    const two4 = carry(ones, words[at + 6], words[at + 7]);
    ones ^= words[at + 6] ^ words[at + 7];
    const four1 = carry(twos, two1, two2);
    twos ^= two1 ^ two2;
    const four2 = carry(twos, two3, two4);
    twos ^= two3 ^ two4;
    eights += bitsOfWord(carry(fours, four1, four2));
    fours ^= four1 ^ four2;
  }
  let count = 8 * eights + 4 * bitsOfWord(fours) + 2 * bitsOfWord(twos) +
    bitsOfWord(ones);
  for (; at < words.length; at++) count += bitsOfWord(words[at]);
  return count;
}

/** The columns in which at least two of three bits are set. */
function carry(first: number, second: number, third: number): number {
  return (first & second) | ((first ^ second) & third);
}

function bitsOfWord(word: number): number {
  word -= (word >>> 1) & 0x55555555;
  word = (word & 0x33333333) + ((word >>> 2) & 0x33333333);
  return Math.imul((word + (word >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
}

/** Number of bits that are set in a byte. */
export function bitsOf(byte: number): number {
  byte -= (byte >>> 1) & 0x55;
  byte = (byte & 0x33) + ((byte >>> 2) & 0x33);
  return (byte + (byte >>> 4)) & 0x0f;
}

/**
 * The first bit from `from` to `to`, both inclusive, that is `bit`; -1 when there
 * is none. Bits are counted from the byte at `offset`.
 */
export function findBit(
  bytes: Uint8Array,
  offset: number,
  from: number,
  to: number,
  bit: number,
): number {
  // In every byte xor `other`, the bits looked for are set.
  const other = bit === 1 ? 0 : 0xff;
  const last = offset + Math.floor(to / BYTE_BITS);
  let at = offset + Math.floor(from / BYTE_BITS);
  let found = (bytes[at] ^ other) & (0xff >>> (from & 7));
  if (found === 0 && at < last) {
    at = skipBytes(bytes, at + 1, last, other);
    found = bytes[at] ^ other;
  }
  if (found === 0) return -1;
  const position = (at - offset) * BYTE_BITS + Math.clz32(found) - 24;
  return position <= to ? position : -1;
}

/** The first place from `at` on where another byte is than `byte`, at most `last`. */
function skipBytes(
  bytes: Uint8Array,
  at: number,
  last: number,
  byte: number,
): number {
  if (last - at >= WORDS_MIN_BYTES) {
    const words = wordsIn(bytes, at, last);
    const first = words.byteOffset - bytes.byteOffset;
    for (; at < first; at++) if (bytes[at] !== byte) return at;
    const same = byte === 0 ? 0 : -1, { length } = words;
    let word = 0;
    while (word < length && words[word] === same) word++;
    at += word << 2;
  }
  while (at < last && bytes[at] === byte) at++;
  return at;
}

/** What BITOP does with the bits of its strings. */
export type BitOperation = "and" | "or" | "xor" | "not";

/** Combines strings of any length, shorter ones with zeros behind them, into one as long as the longest. */
export function combineBits(
  operation: BitOperation,
  sources: readonly Uint8Array[],
): Uint8Array {
  const length = Math.max(...sources.map((source) => source.length));
  const words = new Int32Array(Math.ceil(length / 4));
  const result = new Uint8Array(words.buffer, 0, length);
  result.set(sources[0]);
  if (operation === "not") {
    for (let i = 0; i < words.length; i++) words[i] = ~words[i];
    return result;
  }
  for (const source of sources.slice(1)) {
    const { byteOffset, length: sourceLength } = source;
    const view = new DataView(source.buffer, byteOffset, sourceLength);
    const whole = sourceLength >>> 2;
    combineWords(operation, words, view, whole);
    for (let i = whole << 2; i < sourceLength; i++) {
      if (operation === "and") result[i] &= source[i];
      else if (operation === "or") result[i] |= source[i];
      else result[i] ^= source[i];
    }
    if (operation === "and") result.fill(0, sourceLength);
  }
  return result;
}

/** Combines the first `count` words with what may begin anywhere; in the order of bytes that typed arrays have here. */
function combineWords(
  operation: BitOperation,
  words: Int32Array,
  view: DataView,
  count: number,
): void {
  if (operation === "and") {
    for (let i = 0; i < count; i++) words[i] &= view.getInt32(i << 2, true);
  } else if (operation === "or") {
    for (let i = 0; i < count; i++) words[i] |= view.getInt32(i << 2, true);
  } else {
    for (let i = 0; i < count; i++) words[i] ^= view.getInt32(i << 2, true);
  }
}

/**
 * The unsigned integer of up to 53 bits that begins at a bit. Bits are counted
 * from the byte at `offset`; bytes from `end` on are taken for zero.
 */
export function readBits(
  bytes: Uint8Array,
  offset: number,
  end: number,
  at: number,
  width: number,
): number {
  let value = 0;
  for (let left = width; left > 0;) {
    const place = offset + Math.floor(at / BYTE_BITS);
    const free = BYTE_BITS - (at & 7), take = Math.min(free, left);
    const byte = place < end ? bytes[place] : 0;
    value = value * (1 << take) +
      ((byte >>> (free - take)) & ((1 << take) - 1));
    at += take;
    left -= take;
  }
  return value;
}

/** Writes an unsigned integer of up to 53 bits at a bit; the bytes are there. */
export function writeBits(
  bytes: Uint8Array,
  offset: number,
  at: number,
  width: number,
  value: number,
): void {
  for (let left = width; left > 0;) {
    const place = offset + Math.floor(at / BYTE_BITS);
    const free = BYTE_BITS - (at & 7), take = Math.min(free, left);
    const mask = (1 << take) - 1;
    left -= take;
    at += take;
    const part = Math.floor(value / 2 ** left) & mask;
    const shift = free - take;
    bytes[place] = (bytes[place] & ~(mask << shift)) | (part << shift);
  }
}

/** `readBits` of up to 64 bits. */
export function readWideBits(
  bytes: Uint8Array,
  offset: number,
  end: number,
  at: number,
  width: number,
): bigint {
  if (width <= EXACT_BITS) {
    return BigInt(readBits(bytes, offset, end, at, width));
  }
  const high = width - EXACT_BITS;
  const upper = readBits(bytes, offset, end, at, high);
  const lower = readBits(bytes, offset, end, at + high, EXACT_BITS);
  return (BigInt(upper) << 32n) | BigInt(lower);
}

/** `writeBits` of up to 64 bits: the lowest `width` ones of `value`, which may be negative. */
export function writeWideBits(
  bytes: Uint8Array,
  offset: number,
  at: number,
  width: number,
  value: bigint,
): void {
  const unsigned = BigInt.asUintN(width, value);
  if (width <= EXACT_BITS) {
    return writeBits(bytes, offset, at, width, Number(unsigned));
  }
  const high = width - EXACT_BITS;
  writeBits(bytes, offset, at, high, Number(unsigned >> 32n));
  const lower = Number(BigInt.asUintN(EXACT_BITS, unsigned));
  writeBits(bytes, offset, at + high, EXACT_BITS, lower);
}

/** The whole words among the bytes from `from` up to `end`. */
function wordsIn(bytes: Uint8Array, from: number, end: number): Int32Array {
  const start = (bytes.byteOffset + from + 3) & ~3;
  const length = (bytes.byteOffset + end - start) >>> 2;
  return new Int32Array(bytes.buffer, start, length);
}
