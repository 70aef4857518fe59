/**
 * The layout of a record: a key, its header and, when it is small, its value.
 *
 * ```
 * word 0   key length (23 bits) | flag (1) | type (4) | flags (4)
 * word 1   value length in bytes, or the number of the value's object
 * word 2   access clock: LRU or LFU bits as Redis keeps them (24) | snapshot mark (8)
 * [word 3–4  expiry: milliseconds since 1970, 64 bits; only with HAS_EXPIRY]
 * key bytes, padded to a word
 * value bytes (without VALUE_IS_OBJECT)
 * ```
 *
 * A key over {@link KEY_INLINE_MAX} bytes does not fit: its record holds no key
 * bytes and its object is a {@link LargeKey} with the key and the value.
 */

/** Types, as numbers in a record. 0 is no record. */
export const TYPE_NONE = 0;
export const TYPE_STRING = 1;
export const TYPE_LIST = 2;
export const TYPE_SET = 3;
export const TYPE_ZSET = 4;
export const TYPE_HASH = 5;
export const TYPE_STREAM = 6;

/** What TYPE answers, by type number. */
export const TYPE_NAMES: readonly string[] = [
  "none",
  "string",
  "list",
  "set",
  "zset",
  "hash",
  "stream",
];

export const KEY_LENGTH_MASK = 0x7fffff;
/** A string that does not count as an integer, whatever its bytes: INCRBYFLOAT made it. */
export const IS_NOT_INTEGER = 1 << 23;
export const TYPE_SHIFT = 24;
export const TYPE_MASK = 0xf;
/** The expiry words are there. */
export const HAS_EXPIRY = 1 << 28;
/** Word 1 names an object: a LargeString or a collection. */
export const VALUE_IS_OBJECT = 1 << 29;
/** Word 1 names a LargeKey. */
export const KEY_IS_OBJECT = 1 << 30;
/** A string that was changed in place: OBJECT ENCODING calls it raw. */
export const IS_RAW = 1 << 31;
/** What OBJECT ENCODING needs to know of a string beside its bytes. */
export const ENCODING_FLAGS = IS_RAW | IS_NOT_INTEGER;

export const ACCESS_MASK = 0xffffff;

const HEADER_WORDS = 3;
const EXPIRY_WORDS = 2;

/** Longest key that is kept in its record. */
export const KEY_INLINE_MAX = 8192;
/** Longest value that fits a record with any key of up to KEY_INLINE_MAX and an expiry. */
export const RECORD_VALUE_MAX = 8160;
/** Longest bytes of a set or sorted set, and of a hash that Redis would keep as a hashtable, that are kept in its key's record. */
export const INLINE_COLLECTION_MAX = 1024;

/** The key and the value of a record whose key is too long to be in it. */
export class LargeKey {
  constructor(readonly key: Uint8Array, public value: unknown) {}
}

/**
 * A string value too large for a record.
 *
 * `bytes` may be a window on a longer buffer. A reply may refer to `bytes` instead
 * of copying them (`isLent`): from then on they must not be changed in place. So
 * must everybody who keeps them beyond a turn; without, the memory of a value that
 * is gone becomes another one's.
 */
export class LargeString {
  isLent = false;
  /** Zero bytes behind `bytes` in their buffer that this string may grow into. */
  roomBytes = 0;
  constructor(public bytes: Uint8Array) {}
}

/** Word at which the key begins, counted from the record's first. */
export function keyWord(word0: number): number {
  return HEADER_WORDS + ((word0 & HAS_EXPIRY) >>> 27);
}

/** Word at which the inline value begins, counted from the record's first. */
export function valueWord(word0: number): number {
  return HEADER_WORDS + ((word0 & HAS_EXPIRY) >>> 27) +
    (((word0 & KEY_LENGTH_MASK) + 3) >>> 2);
}

/** Units of 16 bytes for a record with these contents. */
export function recordUnits(
  keyLengthBytes: number,
  hasExpiry: boolean,
  inlineLengthBytes: number,
): number {
  const words = HEADER_WORDS + (hasExpiry ? EXPIRY_WORDS : 0) +
    ((keyLengthBytes + 3) >>> 2) + ((inlineLengthBytes + 3) >>> 2);
  return (words + 3) >>> 2;
}
