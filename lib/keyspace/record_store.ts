/**
 * Records in an arena: making, reading and freeing them, and the objects that
 * they name by number. How they are found by key is ByteMap's business.
 *
 * What a method returns of a record's bytes is a window on the arena, valid until
 * the next record is made or freed.
 */

import {
  allocatedUnits,
  type Arena,
  RECORD_UNITS_MAX,
  UNIT_BYTES,
} from "./arena.ts";
import type { LargeBuffers } from "./large_buffers.ts";
import {
  ENCODING_FLAGS,
  HAS_EXPIRY,
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
const WORD_COPY_MAX = 640;
const TWO_32 = 4294967296;
/** "Never", as the number in place of an expiry. */
export const NO_EXPIRY = -1;

/** See the top of the file. */
export class RecordStore {
  /** Access word of new records; kept current by the keyspace. */
  initialAccess = 0;
  /** Gets the memory of large strings that are freed. */
  largeBuffers: LargeBuffers | undefined;
  /** Objects that records name by number; 0 is never used. */
  #objects: unknown[] = [undefined];
  #freeObjects: number[] = [];

  constructor(readonly arena: Arena) {}

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

  /** Where a key that is in its record begins in its chunk, in bytes. */
  keyOffset(ref: number): number {
    return (((ref & 0xfffff) << 2) + keyWord(this.headerOf(ref))) << 2;
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

  /** Where an inline string begins in its chunk, in bytes. */
  stringOffset(ref: number): number {
    const word = (ref & 0xfffff) << 2;
    return (word + valueWord(this.arena.words[ref >>> 20][word])) << 2;
  }

  /** Where the room of a record ends in its chunk, in bytes. */
  roomEnd(ref: number): number {
    return ((ref & 0xfffff) + this.arena.sizeOf(ref)) * UNIT_BYTES;
  }

  /** Gives an inline value that was changed in place its new length; false when that calls for a record of another size. */
  resizeInline(ref: number, length: number): boolean {
    const words = this.arena.words[ref >>> 20], word = (ref & 0xfffff) << 2;
    const header = words[word];
    const units = recordUnits(
      header & KEY_LENGTH_MASK,
      (header & HAS_EXPIRY) !== 0,
      length,
    );
    if (allocatedUnits(units) !== this.arena.sizeOf(ref)) return false;
    words[word + 1] = length;
    return true;
  }

  /** The memory of a record's chunk. */
  chunkOf(ref: number): ByteSource {
    const chunk = ref >>> 20;
    return { bytes: this.arena.bytes[chunk], view: this.arena.views[chunk] };
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

  /** Says what OBJECT ENCODING needs to know of a string: some of ENCODING_FLAGS. */
  setEncoding(ref: number, flags: number): void {
    const words = this.arena.words[ref >>> 20], word = (ref & 0xfffff) << 2;
    words[word] = (words[word] & ~ENCODING_FLAGS) | flags;
  }

  protected hasKey(
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

  /**
   * Makes a record for a key with a string value, or a small collection's bytes;
   * who calls sees to it that it is found.
   */
  makeString(
    key: ByteSource,
    keyOffset: number,
    keyLength: number,
    value: ByteSource,
    valueOffset: number,
    valueLength: number,
    expiresAt: number | bigint,
    type: number,
  ): number {
    const units = recordUnits(keyLength, !isNever(expiresAt), valueLength);
    if (units > RECORD_UNITS_MAX || keyLength > KEY_INLINE_MAX) {
      const bytes = value.bytes.slice(valueOffset, valueOffset + valueLength);
      return this.makeObject(
        key,
        keyOffset,
        keyLength,
        TYPE_STRING,
        new LargeString(bytes),
        expiresAt,
      );
    }
    const made = this.newRecord(
      key,
      keyOffset,
      keyLength,
      type,
      units,
      expiresAt,
    );
    const word = (made & 0xfffff) << 2, words = this.arena.words[made >>> 20];
    words[word + 1] = valueLength;
    this.writeInline(
      made,
      word + valueWord(words[word]),
      value,
      valueOffset,
      valueLength,
    );
    return made;
  }

  /** `makeString` with an object as the value. */
  protected makeObject(
    key: ByteSource,
    keyOffset: number,
    keyLength: number,
    type: number,
    value: unknown,
    expiresAt: number | bigint,
  ): number {
    const isLargeKey = keyLength > KEY_INLINE_MAX;
    const inlineKeyLength = isLargeKey ? 0 : keyLength;
    const units = recordUnits(inlineKeyLength, !isNever(expiresAt), 0);
    const made = this.newRecord(
      key,
      keyOffset,
      inlineKeyLength,
      type,
      units,
      expiresAt,
    );
    const word = (made & 0xfffff) << 2, words = this.arena.words[made >>> 20];
    words[word] |= VALUE_IS_OBJECT | (isLargeKey ? KEY_IS_OBJECT : 0);
    words[word + 1] = this.keep(
      isLargeKey
        ? new LargeKey(key.bytes.slice(keyOffset, keyOffset + keyLength), value)
        : value,
    );
    return made;
  }

  protected newRecord(
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
    words[word + 2] = this.initialAccess;
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

  protected writeInline(
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

  protected free(ref: number, keepValue = false): void {
    if ((this.headerOf(ref) & VALUE_IS_OBJECT) !== 0) {
      const value = this.object(ref);
      const number = this.arena.words[ref >>> 20][((ref & 0xfffff) << 2) + 1];
      this.#objects[number] = undefined;
      this.#freeObjects.push(number);
      if (!keepValue && isDisposable(value)) value[Symbol.dispose]();
      if (!keepValue && value instanceof LargeString) {
        this.largeBuffers?.recycle(value);
      }
    }
    this.arena.release(ref);
  }

  protected keep(object: unknown): number {
    const number = this.#freeObjects.pop();
    if (number === undefined) return this.#objects.push(object) - 1;
    this.#objects[number] = object;
    return number;
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

/** Writes the expiry words of the record at `word`. */
export function writeExpiry(
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
