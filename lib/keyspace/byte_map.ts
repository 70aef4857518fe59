/**
 * A Map whose keys are bytes: the storage of the keyspace.
 *
 * Keys and small values are records in an Arena, found through a HashIndex, so
 * that neither an object nor a string exists per key. What is too large for a
 * record, and every collection, is an object that the record names by number.
 *
 * Refs are valid until the next write to the map. A method that says "after
 * find" acts on the key of the last {@link ByteMap.find}, whose hash and slot the
 * map remembers; nothing may have been written in between.
 */

import { allocatedUnits, type Arena, RECORD_UNITS_MAX } from "./arena.ts";
import { hashBytes, type HashSeed } from "./hash.ts";
import { HashIndex } from "./hash_index.ts";
import {
  HAS_EXPIRY,
  IS_RAW,
  KEY_INLINE_MAX,
  KEY_IS_OBJECT,
  KEY_LENGTH_MASK,
  keyWord,
  LargeKey,
  LargeString,
  recordUnits,
  TYPE_MASK,
  TYPE_SHIFT,
  TYPE_STRING,
  VALUE_IS_OBJECT,
  valueWord,
} from "./record.ts";

/** Bytes to read from: the same memory as bytes and for unaligned words. */
export interface ByteSource {
  readonly bytes: Uint8Array;
  /** Over the same buffer; offsets into it are offsets into `bytes`. */
  readonly view: DataView;
}

/** Values up to this many bytes are copied by words, longer ones by `set`. */
const WORD_COPY_MAX = 192;
/** Distance of the two words of a record that a warm pass loads: a small record's length. */
const WARM_WORDS = 10;
const TWO_32 = 4294967296;
const NO_EXPIRY = -1;

/** See the top of the file. */
export class ByteMap {
  readonly index: HashIndex;
  /** Hash of the last key looked for. */
  hash = 0;
  /** Slot of the last key found. */
  #slot = 0;
  /** Objects that records name by number; 0 is never used. */
  #objects: unknown[] = [undefined];
  #freeObjects: number[] = [];

  constructor(readonly arena: Arena, readonly seed: HashSeed, capacity = 0) {
    this.index = new HashIndex(capacity);
  }

  get size(): number {
    return this.index.size;
  }

  /** Hash of a key; needs 3 readable bytes behind it. */
  hashOf(view: DataView, offset: number, length: number): number {
    return hashBytes(this.seed, view, offset, length);
  }

  /** The ref of a key, or 0; remembers its place for what acts "after find". */
  find(source: ByteSource, offset: number, length: number): number {
    return this.findHashed(
      source,
      offset,
      length,
      this.hashOf(source.view, offset, length),
    );
  }

  /** `find` for a key whose hash is known. */
  findHashed(
    source: ByteSource,
    offset: number,
    length: number,
    hash: number,
  ): number {
    this.hash = hash;
    const table = this.index.tableOf(hash), slots = table.slots;
    for (let slot = table.home(hash);; slot++) {
      const ref = slots[2 * slot + 1];
      if (ref === 0) return 0;
      const found = slots[2 * slot];
      if (found < hash) continue;
      if (found !== hash) return 0;
      if (this.#hasKey(ref, source, offset, length)) {
        this.#slot = slot;
        return ref;
      }
    }
  }

  /** Makes `ref`, known to be in the map, the one that "after find" means. */
  select(ref: number): void {
    this.hash = this.hashOfRef(ref);
    this.#slot = this.index.findRef(this.hash, ref);
  }

  /** Hash of a record's key. */
  hashOfRef(ref: number): number {
    const key = this.key(ref);
    if ((this.headerOf(ref) & KEY_IS_OBJECT) !== 0) {
      return this.hashOf(sourceOf(key).view, 0, key.length);
    }
    return this.hashOf(
      this.arena.views[ref >>> 20],
      key.byteOffset,
      key.length,
    );
  }

  /** Type number of a record. */
  typeOf(ref: number): number {
    return (this.arena.words[ref >>> 20][(ref & 0xfffff) << 2] >>> TYPE_SHIFT) &
      TYPE_MASK;
  }

  /** Word 0 of a record: lengths, type and flags as record.ts lays them out. */
  headerOf(ref: number): number {
    return this.arena.words[ref >>> 20][(ref & 0xfffff) << 2];
  }

  /** Word 2 of a record: access clock and snapshot mark. */
  accessOf(ref: number): number {
    return this.arena.words[ref >>> 20][((ref & 0xfffff) << 2) + 2];
  }

  setAccess(ref: number, access: number): void {
    this.arena.words[ref >>> 20][((ref & 0xfffff) << 2) + 2] = access;
  }

  /** A record's key. Valid until the next write to the map. */
  key(ref: number): Uint8Array {
    const word = (ref & 0xfffff) << 2, words = this.arena.words[ref >>> 20];
    const header = words[word];
    if ((header & KEY_IS_OBJECT) !== 0) {
      return (this.#objects[words[word + 1]] as LargeKey).key;
    }
    const start = (word + keyWord(header)) << 2;
    return this.arena.bytes[ref >>> 20].subarray(
      start,
      start + (header & KEY_LENGTH_MASK),
    );
  }

  /** The object of a record whose value is one. */
  object(ref: number): unknown {
    const word = (ref & 0xfffff) << 2, words = this.arena.words[ref >>> 20];
    const item = this.#objects[words[word + 1]];
    return (words[word] & KEY_IS_OBJECT) !== 0
      ? (item as LargeKey).value
      : item;
  }

  /** Whether a record's value is an object, not bytes in the record. */
  isObject(ref: number): boolean {
    return (this.headerOf(ref) & VALUE_IS_OBJECT) !== 0;
  }

  /** Length in bytes of a string value. */
  stringLength(ref: number): number {
    const word = (ref & 0xfffff) << 2, words = this.arena.words[ref >>> 20];
    if ((words[word] & VALUE_IS_OBJECT) === 0) return words[word + 1];
    return (this.object(ref) as LargeString).bytes.length;
  }

  /** A string value's bytes. Valid until the next write to the map. */
  string(ref: number): Uint8Array {
    const word = (ref & 0xfffff) << 2, words = this.arena.words[ref >>> 20];
    const header = words[word];
    if ((header & VALUE_IS_OBJECT) !== 0) {
      return (this.object(ref) as LargeString).bytes;
    }
    const start = (word + valueWord(header)) << 2;
    return this.arena.bytes[ref >>> 20].subarray(
      start,
      start + words[word + 1],
    );
  }

  /** When a record expires, in ms since 1970 (rounded past 2^53), or -1. */
  expiresAtMs(ref: number): number {
    const word = (ref & 0xfffff) << 2, words = this.arena.words[ref >>> 20];
    if ((words[word] & HAS_EXPIRY) === 0) return NO_EXPIRY;
    return words[word + 4] * TWO_32 + (words[word + 3] >>> 0);
  }

  /** `expiresAtMs` to the last bit. */
  expiresAtMsExact(ref: number): bigint {
    const word = (ref & 0xfffff) << 2, words = this.arena.words[ref >>> 20];
    if ((words[word] & HAS_EXPIRY) === 0) return -1n;
    return (BigInt(words[word + 4]) << 32n) | BigInt(words[word + 3] >>> 0);
  }

  /**
   * After find: gives the key a string value, in place when it fits.
   *
   * `ref` is what find returned; the record's expiry stays only with `keepExpiry`.
   * Returns the record's ref, which is another one when it had to move.
   */
  putString(
    ref: number,
    key: ByteSource,
    keyOffset: number,
    keyLength: number,
    value: ByteSource,
    valueOffset: number,
    valueLength: number,
    keepExpiry: boolean,
  ): number {
    if (
      ref !== 0 &&
      this.#overwrite(
        ref,
        keyLength,
        value,
        valueOffset,
        valueLength,
        keepExpiry,
      )
    ) return ref;
    const expiresAt = ref !== 0 && keepExpiry
      ? this.expiresAtMsExact(ref)
      : NO_EXPIRY;
    const units = recordUnits(keyLength, expiresAt !== NO_EXPIRY, valueLength);
    if (units > RECORD_UNITS_MAX || keyLength > KEY_INLINE_MAX) {
      const bytes = value.bytes.slice(valueOffset, valueOffset + valueLength);
      return this.putObject(
        ref,
        key,
        keyOffset,
        keyLength,
        TYPE_STRING,
        new LargeString(bytes),
        expiresAt,
      );
    }
    const made = this.#newRecord(
      key,
      keyOffset,
      keyLength,
      TYPE_STRING,
      units,
      expiresAt,
    );
    const word = (made & 0xfffff) << 2, words = this.arena.words[made >>> 20];
    words[word + 1] = valueLength;
    this.#writeInline(
      made,
      word + valueWord(words[word]),
      value,
      valueOffset,
      valueLength,
    );
    this.#place(ref, made);
    return made;
  }

  /** After find: gives the key an object as its value. Arguments as in `putString`. */
  putObject(
    ref: number,
    key: ByteSource,
    keyOffset: number,
    keyLength: number,
    type: number,
    value: unknown,
    expiresAt: number | bigint = NO_EXPIRY,
  ): number {
    const isLargeKey = keyLength > KEY_INLINE_MAX;
    const inlineKeyLength = isLargeKey ? 0 : keyLength;
    const units = recordUnits(inlineKeyLength, !isNever(expiresAt), 0);
    const made = this.#newRecord(
      key,
      keyOffset,
      inlineKeyLength,
      type,
      units,
      expiresAt,
    );
    const word = (made & 0xfffff) << 2, words = this.arena.words[made >>> 20];
    words[word] |= VALUE_IS_OBJECT | (isLargeKey ? KEY_IS_OBJECT : 0);
    words[word + 1] = this.#keep(
      isLargeKey
        ? new LargeKey(key.bytes.slice(keyOffset, keyOffset + keyLength), value)
        : value,
    );
    this.#place(ref, made);
    return made;
  }

  /** Marks a string as changed in place, for OBJECT ENCODING. */
  markRaw(ref: number): void {
    this.arena.words[ref >>> 20][(ref & 0xfffff) << 2] |= IS_RAW;
  }

  /**
   * After find: sets when the record expires, in ms since 1970, or never with -1.
   * Returns its ref, which is another one when the header had to grow or shrink.
   */
  setExpiry(ref: number, expiresAt: number | bigint): number {
    const word = (ref & 0xfffff) << 2, words = this.arena.words[ref >>> 20];
    const header = words[word];
    const hasExpiry = (header & HAS_EXPIRY) !== 0;
    if (hasExpiry !== isNever(expiresAt)) {
      if (hasExpiry) writeExpiry(words, word, expiresAt);
      return ref;
    }
    const keyLength = header & KEY_LENGTH_MASK;
    const isObject = (header & VALUE_IS_OBJECT) !== 0;
    const valueLength = isObject ? 0 : words[word + 1];
    const units = recordUnits(keyLength, !hasExpiry, valueLength);
    if (units > RECORD_UNITS_MAX) return this.#moveValueOut(ref, expiresAt);
    const made = this.arena.allocate(units);
    const toWord = (made & 0xfffff) << 2, to = this.arena.words[made >>> 20];
    to[toWord] = header ^ HAS_EXPIRY;
    to[toWord + 1] = words[word + 1];
    to[toWord + 2] = words[word + 2];
    if (!hasExpiry) writeExpiry(to, toWord, expiresAt);
    const contentWords = ((keyLength + 3) >>> 2) + ((valueLength + 3) >>> 2);
    const from = word + keyWord(header);
    to.set(
      words.subarray(from, from + contentWords),
      toWord + keyWord(to[toWord]),
    );
    this.#setRef(made);
    this.arena.release(ref);
    return made;
  }

  /** After find: removes the key. */
  remove(ref: number): void {
    this.index.removeAt(this.hash, this.#slot);
    this.#free(ref);
  }

  /**
   * After find, which must have found nothing: moves a record of this map to the
   * key looked for. `ref` is the record under its old key; its expiry goes along.
   */
  rename(
    ref: number,
    key: ByteSource,
    keyOffset: number,
    keyLength: number,
  ): number {
    const hash = this.hash;
    const expiresAt = this.expiresAtMsExact(ref);
    const type = this.typeOf(ref), header = this.headerOf(ref);
    const object = this.isObject(ref) ? this.object(ref) : undefined;
    const bytes = object === undefined ? this.string(ref).slice() : undefined;
    this.select(ref);
    this.index.removeAt(this.hash, this.#slot);
    this.#free(ref, object !== undefined);
    this.hash = hash;
    if (bytes === undefined) {
      return this.putObject(
        0,
        key,
        keyOffset,
        keyLength,
        type,
        object,
        expiresAt,
      );
    }
    const source = sourceOf(bytes);
    let made = this.putString(
      0,
      key,
      keyOffset,
      keyLength,
      source,
      0,
      bytes.length,
      false,
    );
    if (expiresAt !== -1n) {
      this.findHashed(key, keyOffset, keyLength, hash);
      made = this.setExpiry(made, expiresAt);
    }
    if ((header & IS_RAW) !== 0) this.markRaw(made);
    return made;
  }

  /**
   * After find: moves the record to another place, for the arena's compaction.
   * Returns its new ref.
   */
  relocate(ref: number): number {
    const header = this.headerOf(ref);
    const inlineLength = (header & VALUE_IS_OBJECT) !== 0
      ? 0
      : this.stringLength(ref);
    const units = recordUnits(
      header & KEY_LENGTH_MASK,
      (header & HAS_EXPIRY) !== 0,
      inlineLength,
    );
    const made = this.arena.allocate(units);
    const from = (ref & 0xfffff) << 2;
    this.arena.words[made >>> 20].set(
      this.arena.words[ref >>> 20].subarray(from, from + units * 4),
      (made & 0xfffff) << 2,
    );
    this.#setRef(made);
    this.arena.release(ref);
    return made;
  }

  /**
   * Loads what lookups of these hashes will need, all together, so that their
   * cache misses overlap: first the table slots, then the records' first and last
   * cache lines. Returns a value that depends on every load, which the caller must
   * keep, or the loads would be optimised away.
   *
   * @param refs scratch space for `count` refs.
   */
  warm(hashes: Int32Array, count: number, refs: Int32Array): number {
    const { index } = this, words = this.arena.words;
    let sum = 0;
    for (let i = 0; i < count; i++) {
      const table = index.tableOf(hashes[i]);
      sum ^= table.slots[2 * table.home(hashes[i])];
    }
    for (let i = 0; i < count; i++) {
      const table = index.tableOf(hashes[i]), slots = table.slots;
      let slot = 2 * table.home(hashes[i]);
      while (slots[slot] < hashes[i] && slots[slot + 1] !== 0) slot += 2;
      refs[i] = slots[slot + 1];
    }
    for (let i = 0; i < count; i++) {
      const ref = refs[i];
      if (ref === 0) continue;
      const word = (ref & 0xfffff) << 2;
      sum ^= words[ref >>> 20][word] ^ words[ref >>> 20][word + WARM_WORDS];
    }
    return sum;
  }

  #hasKey(
    ref: number,
    source: ByteSource,
    offset: number,
    length: number,
  ): boolean {
    const words = this.arena.words[ref >>> 20];
    let word = (ref & 0xfffff) << 2;
    const header = words[word];
    if (
      (header & KEY_LENGTH_MASK) !== length || (header & KEY_IS_OBJECT) !== 0
    ) {
      return (header & KEY_IS_OBJECT) !== 0 &&
        this.#hasLargeKey(ref, source, offset, length);
    }
    word += keyWord(header);
    const view = source.view;
    let left = length;
    for (; left >= 4; left -= 4, offset += 4, word++) {
      if (words[word] !== view.getInt32(offset, true)) return false;
    }
    return left === 0 ||
      ((words[word] ^ view.getInt32(offset, true)) &
          ((1 << (left << 3)) - 1)) === 0;
  }

  #hasLargeKey(
    ref: number,
    source: ByteSource,
    offset: number,
    length: number,
  ): boolean {
    const key = this.key(ref);
    if (key.length !== length) return false;
    const bytes = source.bytes;
    for (let i = 0; i < length; i++) {
      if (key[i] !== bytes[offset + i]) return false;
    }
    return true;
  }

  /** Writes a string over the one that `ref` holds, if it is of the same size class. */
  #overwrite(
    ref: number,
    keyLength: number,
    value: ByteSource,
    valueOffset: number,
    valueLength: number,
    keepExpiry: boolean,
  ): boolean {
    const word = (ref & 0xfffff) << 2, words = this.arena.words[ref >>> 20];
    const header = words[word];
    const kind = header & (VALUE_IS_OBJECT | (TYPE_MASK << TYPE_SHIFT));
    if (kind !== TYPE_STRING << TYPE_SHIFT) return false;
    const hasExpiry = (header & HAS_EXPIRY) !== 0;
    if (hasExpiry && !keepExpiry) return false;
    const units = recordUnits(keyLength, hasExpiry, valueLength);
    if (
      units > RECORD_UNITS_MAX ||
      allocatedUnits(units) !== this.arena.sizeOf(ref)
    ) return false;
    words[word] = header & ~IS_RAW;
    words[word + 1] = valueLength;
    this.#writeInline(
      ref,
      word + valueWord(header),
      value,
      valueOffset,
      valueLength,
    );
    return true;
  }

  #newRecord(
    key: ByteSource,
    keyOffset: number,
    keyLength: number,
    type: number,
    units: number,
    expiresAt: number | bigint,
  ): number {
    const ref = this.arena.allocate(units);
    const words = this.arena.words[ref >>> 20];
    let word = (ref & 0xfffff) << 2;
    words[word] = keyLength | (type << TYPE_SHIFT);
    words[word + 2] = 0;
    if (!isNever(expiresAt)) {
      words[word] |= HAS_EXPIRY;
      writeExpiry(words, word, expiresAt);
    }
    word += keyWord(words[word]);
    const view = key.view;
    for (let left = keyLength; left > 0; left -= 4, keyOffset += 4, word++) {
      words[word] = view.getInt32(keyOffset, true);
    }
    return ref;
  }

  #writeInline(
    ref: number,
    word: number,
    value: ByteSource,
    offset: number,
    length: number,
  ): void {
    if (length <= WORD_COPY_MAX) {
      const words = this.arena.words[ref >>> 20], view = value.view;
      const wholeEnd = offset + (length & ~3);
      for (; offset < wholeEnd; offset += 4) {
        words[word++] = view.getInt32(offset, true);
      }
      let last = 0;
      for (let i = (length & 3) - 1; i >= 0; i--) {
        last = (last << 8) | value.bytes[offset + i];
      }
      if ((length & 3) !== 0) words[word] = last;
    } else {
      this.arena.bytes[ref >>> 20].set(
        value.bytes.subarray(offset, offset + length),
        word << 2,
      );
    }
  }

  /** After find: puts a new record in the place of `ref`, or adds it when that is 0. */
  #place(ref: number, made: number): void {
    if (ref === 0) this.index.insert(this.hash, made);
    else {
      this.setAccess(made, this.accessOf(ref));
      this.#setRef(made);
      this.#free(ref);
    }
  }

  #setRef(ref: number): void {
    this.index.tableOf(this.hash).slots[2 * this.#slot + 1] = ref;
  }

  #free(ref: number, keepValue = false): void {
    if ((this.headerOf(ref) & VALUE_IS_OBJECT) !== 0) {
      const value = this.object(ref);
      const number = this.arena.words[ref >>> 20][((ref & 0xfffff) << 2) + 1];
      this.#objects[number] = undefined;
      this.#freeObjects.push(number);
      if (!keepValue && isDisposable(value)) value[Symbol.dispose]();
    }
    this.arena.release(ref);
  }

  #keep(object: unknown): number {
    const number = this.#freeObjects.pop();
    if (number === undefined) return this.#objects.push(object) - 1;
    this.#objects[number] = object;
    return number;
  }

  /** A record that would outgrow the largest size by its expiry: its value becomes an object. */
  #moveValueOut(ref: number, expiresAt: number | bigint): number {
    const key = this.key(ref).slice();
    const large = new LargeString(this.string(ref).slice());
    return this.putObject(
      ref,
      sourceOf(key),
      0,
      key.length,
      TYPE_STRING,
      large,
      expiresAt,
    );
  }
}

/** A source over bytes of any origin, with the slack behind them that hashing needs. */
export function sourceOf(bytes: Uint8Array): ByteSource {
  const padded = new Uint8Array(bytes.length + 8);
  padded.set(bytes);
  return { bytes: padded, view: new DataView(padded.buffer) };
}

function isDisposable(value: unknown): value is Disposable {
  return typeof value === "object" && value !== null && Symbol.dispose in value;
}

/** Whether an expiry, as number or bigint, is none. */
export function isNever(expiresAt: number | bigint): boolean {
  return expiresAt === -1 || expiresAt === -1n;
}

function writeExpiry(
  words: Int32Array,
  word: number,
  expiresAt: number | bigint,
): void {
  if (typeof expiresAt === "bigint") {
    words[word + 3] = Number(BigInt.asIntN(32, expiresAt));
    words[word + 4] = Number(BigInt.asIntN(32, expiresAt >> 32n));
  } else {
    words[word + 3] = expiresAt | 0;
    words[word + 4] = Math.floor(expiresAt / TWO_32);
  }
}
