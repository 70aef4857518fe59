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
  ENCODING_FLAGS,
  HAS_EXPIRY,
  KEY_INLINE_MAX,
  KEY_IS_OBJECT,
  KEY_LENGTH_MASK,
  keyWord,
  LargeString,
  recordUnits,
  TYPE_MASK,
  TYPE_SHIFT,
  TYPE_STRING,
  VALUE_IS_OBJECT,
  valueWord,
} from "./record.ts";
import {
  type ByteSource,
  isNever,
  NO_EXPIRY,
  RecordStore,
  sourceOf,
  writeExpiry,
} from "./record_store.ts";

/** Distance of the two words of a record that a warm pass loads: a small record's length. */
const WARM_WORDS = 10;

/** See the top of the file. */
export class ByteMap extends RecordStore {
  readonly index: HashIndex;
  /** Hash of the last key looked for. */
  hash = 0;
  /** Slot of the last key found. */
  #slot = 0;

  constructor(arena: Arena, readonly seed: HashSeed, capacity = 0) {
    super(arena);
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
    let slot = table.lowerBound(hash);
    for (; slots[2 * slot] === hash; slot++) {
      const ref = slots[2 * slot + 1];
      if (ref === 0) return 0;
      if (this.hasKey(ref, source, offset, length)) {
        this.#slot = slot;
        return ref;
      }
    }
    return 0;
  }

  /** Makes `ref`, known to be in the map, the one that "after find" means. */
  select(ref: number, hash: number = this.hashOfRef(ref)): void {
    this.hash = hash;
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

  /**
   * After find: gives the key a string value, or a small collection's bytes, in
   * place when they fit.
   *
   * `ref` is what find returned; the record's expiry stays only with `keepExpiry`,
   * and gives way to `expiresAt`. Returns the record's ref, which is another one
   * when it had to move.
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
    expiresAt: number | bigint = NO_EXPIRY,
    type: number = TYPE_STRING,
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
        expiresAt,
        type,
      )
    ) return ref;
    const made = this.makeString(
      key,
      keyOffset,
      keyLength,
      value,
      valueOffset,
      valueLength,
      keepExpiry && ref !== 0 && isNever(expiresAt)
        ? this.expiresAtMsExact(ref)
        : expiresAt,
      type,
    );
    this.#place(ref, made);
    return made;
  }

  /**
   * After find, which must have found nothing: adds the key with a string of
   * `length` bytes, which the caller writes.
   */
  reserveString(
    key: ByteSource,
    keyOffset: number,
    keyLength: number,
    length: number,
  ): number {
    const units = recordUnits(keyLength, false, length);
    if (units > RECORD_UNITS_MAX || keyLength > KEY_INLINE_MAX) {
      return this.putObject(
        0,
        key,
        keyOffset,
        keyLength,
        TYPE_STRING,
        new LargeString(new Uint8Array(length)),
      );
    }
    const made = this.newRecord(
      key,
      keyOffset,
      keyLength,
      TYPE_STRING,
      units,
      NO_EXPIRY,
    );
    this.arena.words[made >>> 20][((made & 0xfffff) << 2) + 1] = length;
    this.#place(0, made);
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
    const made = this.makeObject(
      key,
      keyOffset,
      keyLength,
      type,
      value,
      expiresAt,
    );
    this.#place(ref, made);
    return made;
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
    this.free(ref);
  }

  /**
   * After find, which must have found nothing: adds the key with the value and the
   * expiry of a record of `source`, which may be this map.
   *
   * @param object the new key's value, when it is to be an object.
   */
  putFrom(
    source: RecordStore,
    ref: number,
    object: unknown,
    key: ByteSource,
    keyOffset: number,
    keyLength: number,
  ): number {
    const expiresAt = source.expiresAtMsExact(ref);
    const flags = source.headerOf(ref) & ENCODING_FLAGS;
    const made = object !== undefined
      ? this.putObject(
        0,
        key,
        keyOffset,
        keyLength,
        source.typeOf(ref),
        object,
        expiresAt,
      )
      : this.putString(
        0,
        key,
        keyOffset,
        keyLength,
        source.chunkOf(ref),
        source.stringOffset(ref),
        source.stringLength(ref),
        false,
        expiresAt,
        source.typeOf(ref),
      );
    if (flags !== 0) this.setEncoding(made, flags);
    return made;
  }

  /**
   * After find, which must have found nothing: moves a record of this map to the
   * key looked for. `ref` is the record under its old key; its expiry goes along.
   */
  rename(
    ref: number,
    object: unknown,
    key: ByteSource,
    keyOffset: number,
    keyLength: number,
  ): number {
    const made = this.putFrom(this, ref, object, key, keyOffset, keyLength);
    this.select(ref);
    this.extract(ref);
    return made;
  }

  /** After find: removes the key, whose value lives on elsewhere. */
  extract(ref: number): void {
    this.index.removeAt(this.hash, this.#slot);
    this.free(ref, true);
  }

  /**
   * After find: moves the record to another place, for the arena's compaction or
   * to make room for `extraBytes` behind an inline value. Returns its new ref.
   */
  relocate(ref: number, extraBytes = 0): number {
    const header = this.headerOf(ref);
    const keyLength = header & KEY_LENGTH_MASK;
    const hasExpiry = (header & HAS_EXPIRY) !== 0;
    const length = (header & VALUE_IS_OBJECT) !== 0
      ? 0
      : this.stringLength(ref);
    const made = this.arena.allocate(
      recordUnits(keyLength, hasExpiry, length + extraBytes),
    );
    const from = (ref & 0xfffff) << 2;
    const to = from + (recordUnits(keyLength, hasExpiry, length) << 2);
    this.arena.words[made >>> 20].set(
      this.arena.words[ref >>> 20].subarray(from, to),
      (made & 0xfffff) << 2,
    );
    this.#setRef(made);
    this.arena.release(ref);
    return made;
  }

  /**
   * Loads what lookups of these hashes will need, as `index.warm` does: the table
   * slots, then the records' first and last cache lines.
   *
   * @param refs scratch space for `count` refs.
   */
  warm(hashes: Int32Array, count: number, refs: Int32Array): number {
    const { words } = this.arena;
    let sum = this.index.warm(hashes, count, refs);
    for (let i = 0; i < count; i++) {
      const ref = refs[i];
      if (ref === 0) continue;
      const word = (ref & 0xfffff) << 2;
      sum ^= words[ref >>> 20][word] ^ words[ref >>> 20][word + WARM_WORDS];
    }
    return sum;
  }

  /** Writes a string over the one that `ref` holds, if it is of the same size class. */
  #overwrite(
    ref: number,
    keyLength: number,
    value: ByteSource,
    valueOffset: number,
    valueLength: number,
    keepExpiry: boolean,
    expiresAt: number | bigint,
    type: number,
  ): boolean {
    const word = (ref & 0xfffff) << 2, words = this.arena.words[ref >>> 20];
    const header = words[word];
    const kind = header & (VALUE_IS_OBJECT | (TYPE_MASK << TYPE_SHIFT));
    if (kind !== type << TYPE_SHIFT) return false;
    const hasExpiry = (header & HAS_EXPIRY) !== 0;
    const isExpiryGiven = !isNever(expiresAt);
    if (hasExpiry ? !keepExpiry && !isExpiryGiven : isExpiryGiven) return false;
    const units = recordUnits(keyLength, hasExpiry, valueLength);
    if (
      units > RECORD_UNITS_MAX ||
      allocatedUnits(units) !== this.arena.sizeOf(ref)
    ) return false;
    words[word] = header & ~ENCODING_FLAGS;
    words[word + 1] = valueLength;
    if (isExpiryGiven) writeExpiry(words, word, expiresAt);
    this.writeInline(
      ref,
      word + valueWord(header),
      value,
      valueOffset,
      valueLength,
    );
    return true;
  }

  /** After find: puts a new record in the place of `ref`, or adds it when that is 0. */
  #place(ref: number, made: number): void {
    if (ref === 0) this.index.insert(this.hash, made);
    else {
      this.setAccess(made, this.accessOf(ref));
      this.#setRef(made);
      this.free(ref);
    }
  }

  #setRef(ref: number): void {
    this.index.tableOf(this.hash).slots[2 * this.#slot + 1] = ref;
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
