/** Changes to a hash: see collection_edit.ts. */

import { INLINE_COLLECTION_MAX, RECORD_VALUE_MAX } from "../keyspace/record.ts";
import { type ByteSource, NO_EXPIRY } from "../keyspace/record_store.ts";
import { CollectionEdit } from "./collection_edit.ts";
import { HASH_TABLE, HashObject, unpackHash } from "./hash_object.ts";
import { packedLength } from "./packed.ts";

/** See the top of the file. */
export class HashEdit extends CollectionEdit<HashObject> {
  protected unpack(bytes: Uint8Array): HashObject {
    return unpackHash(bytes);
  }

  /** Tells that up to so many fields will be set: Redis converts a hash in advance. */
  expect(count: number): void {
    if (count > this.limits.hashMaxListpackEntries) this.#becomeTable();
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
    const longest = this.limits.hashMaxListpackValue;
    if (fieldLength > longest || valueLength > longest) this.#becomeTable();
    if (this.object === undefined) {
      const { packed } = this;
      const at = this.findPacked(field, fieldOffset, fieldLength, 2);
      const needed = packed.length + packedLength(valueLength) +
        (at < 0 ? packedLength(fieldLength) : 0);
      const max = this.kind === HASH_TABLE
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
        this.count++;
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
    const at = this.findPacked(field, offset, length, 2);
    if (at < 0) return false;
    packed.remove(at, 2);
    this.count--;
    return true;
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
    if (this.size > this.limits.hashMaxListpackEntries) this.#becomeTable();
  }

  #becomeTable(): void {
    if (this.packed.length > INLINE_COLLECTION_MAX) this.toObject();
    this.become(HASH_TABLE);
  }
}
