/**
 * Changes to a hash, small or large, one after the other: begin or open, change,
 * take the result.
 *
 * A small hash is worked on as a copy of its bytes; when it outgrows its record it
 * becomes an object on the way. An object is changed in place. One HashEdit serves
 * all hashes of a server: it is not to be used for two at a time.
 */

import type { StoredValue } from "../keyspace/collection.ts";
import type { ByteMap } from "../keyspace/byte_map.ts";
import type { EncodingLimits } from "../keyspace/encoding_limits.ts";
import { INLINE_COLLECTION_MAX, RECORD_VALUE_MAX } from "../keyspace/record.ts";
import { type ByteSource, NO_EXPIRY } from "../keyspace/record_store.ts";
import {
  HASH_LISTPACK,
  HASH_TABLE,
  HashObject,
  unpackHash,
} from "./hash_object.ts";
import { INLINE_HEAD_BYTES } from "./inline_entries.ts";
import { Packed, packedLength } from "./packed.ts";

/** See the top of the file. */
export class HashEdit {
  /** The hash, while it is small. */
  readonly packed = new Packed();
  /** The hash, when it is an object. */
  object: HashObject | undefined;
  #kind = HASH_LISTPACK;
  #count = 0;
  #limits!: EncodingLimits;

  /** Begins a new hash. */
  begin(limits: EncodingLimits): void {
    this.#limits = limits;
    this.object = undefined;
    this.#kind = HASH_LISTPACK;
    this.#count = 0;
    this.packed.length = INLINE_HEAD_BYTES;
  }

  /** Goes on with the hash at `ref`. */
  open(map: ByteMap, ref: number, limits: EncodingLimits): void {
    if (map.isObject(ref)) {
      this.begin(limits);
      this.object = map.object(ref) as HashObject;
      this.#kind = this.object.kind;
      return;
    }
    const { packed } = this;
    const bytes = map.arena.bytes[ref >>> 20], at = map.stringOffset(ref);
    this.#limits = limits;
    this.object = undefined;
    packed.load(bytes, at, map.stringLength(ref));
    this.#kind = packed.bytes[0];
    this.#count = packed.bytes[1] | (packed.bytes[2] << 8);
  }

  /** Number of fields. */
  get size(): number {
    return this.object === undefined ? this.#count : this.object.table.size;
  }

  /** Tells that up to so many fields will be set: Redis converts a hash in advance. */
  expect(count: number): void {
    if (count > this.#limits.hashMaxListpackEntries) this.#becomeTable();
  }

  /** Sets a field; true when it is new. Without `expiresAt` it never expires. */
  set(
    field: ByteSource,
    fieldOffset: number,
    fieldLength: number,
    value: ByteSource,
    valueOffset: number,
    valueLength: number,
    expiresAt = NO_EXPIRY,
  ): boolean {
    const longest = this.#limits.hashMaxListpackValue;
    if (fieldLength > longest || valueLength > longest) this.#becomeTable();
    if (this.object === undefined) {
      const { packed } = this;
      const at = packed.find(
        field,
        fieldOffset,
        fieldLength,
        2,
        INLINE_HEAD_BYTES,
      );
      const needed = packed.length + packedLength(valueLength) +
        (at < 0 ? packedLength(fieldLength) : 0);
      const max = this.#kind === HASH_TABLE
        ? INLINE_COLLECTION_MAX
        : RECORD_VALUE_MAX;
      if (needed <= max && expiresAt === NO_EXPIRY) {
        if (at >= 0) {
          const old = packed.next(at);
          packed.replace(old, value.bytes, valueOffset, valueLength);
          return false;
        }
        packed.append(field.bytes, fieldOffset, fieldLength);
        packed.append(value.bytes, valueOffset, valueLength);
        this.#count++;
        this.#checkCount();
        return true;
      }
      this.toObject();
    }
    return this.#setInObject(
      field,
      fieldOffset,
      fieldLength,
      value,
      valueOffset,
      valueLength,
      expiresAt,
    );
  }

  /** Removes a field; false when it was not there. */
  remove(field: ByteSource, offset: number, length: number): boolean {
    const { packed, object } = this;
    if (object !== undefined) {
      const { table } = object, ref = table.find(field, offset, length);
      if (ref !== 0) object.removeField(ref);
      return ref !== 0;
    }
    const at = packed.find(field, offset, length, 2, INLINE_HEAD_BYTES);
    if (at < 0) return false;
    packed.remove(at, 2);
    this.#count--;
    return true;
  }

  /** The hash as an object, which it becomes if it was none. */
  toObject(): HashObject {
    if (this.object === undefined) {
      this.seal();
      this.object = unpackHash(
        this.packed.bytes.subarray(0, this.packed.length),
      );
    }
    return this.object;
  }

  /** Makes the bytes complete, which `packed` holds up to its length. */
  seal(): void {
    const { bytes } = this.packed;
    bytes[0] = this.#kind;
    bytes[1] = this.#count & 255;
    bytes[2] = this.#count >> 8;
  }

  /** The result, for keeps. */
  take(): StoredValue {
    if (this.object !== undefined) return this.object;
    this.seal();
    return this.packed.toBytes();
  }

  #setInObject(
    field: ByteSource,
    fieldOffset: number,
    fieldLength: number,
    value: ByteSource,
    valueOffset: number,
    valueLength: number,
    expiresAt: number,
  ): boolean {
    const object = this.object!, { table } = object;
    const ref = table.find(field, fieldOffset, fieldLength);
    const before = ref === 0 || !object.isVolatile
      ? NO_EXPIRY
      : table.expiresAt(ref);
    object.noteExpiry(expiresAt, before);
    if (ref !== 0) {
      table.setValue(ref, value, valueOffset, valueLength, expiresAt);
      return false;
    }
    table.add(
      field,
      fieldOffset,
      fieldLength,
      value,
      valueOffset,
      valueLength,
      expiresAt,
    );
    this.#checkCount();
    return true;
  }

  #checkCount(): void {
    if (this.size > this.#limits.hashMaxListpackEntries) this.#becomeTable();
  }

  #becomeTable(): void {
    this.#kind = HASH_TABLE;
    if (this.packed.length > INLINE_COLLECTION_MAX) this.toObject();
    if (this.object !== undefined) this.object.kind = HASH_TABLE;
  }
}
