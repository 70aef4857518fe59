/** Hashes that are objects: the large ones, and those with fields that expire. */

import type { ExpiringCollection } from "../keyspace/field_expiry.ts";
import { type ByteSource, NO_EXPIRY } from "../keyspace/record_store.ts";
import { ByteTable } from "./byte_table.ts";
import {
  entryBytes,
  entryLength,
  INLINE_HEAD_BYTES,
  nextEntry,
  ScratchSource,
} from "./inline_entries.ts";

/** Kinds of hashes: what OBJECT ENCODING answers for them. */
export const HASH_LISTPACK = 0;
export const HASH_TABLE = 1;

/** A hash that is an object. */
export class HashObject implements ExpiringCollection {
  kind = HASH_LISTPACK;
  /** Fields that have an expiry. */
  volatileCount = 0;
  /** Whether a field has or had one. */
  isVolatile = false;
  /** No field expires before this moment. */
  nextExpiryMs = Infinity;
  /** How far `removeExpired` has come, as a hash, and the first expiry met on the way. */
  #cursor = 0;
  #firstMs = Infinity;

  constructor(readonly table: ByteTable = new ByteTable(true)) {}

  get encoding(): string {
    if (this.kind === HASH_TABLE) return "hashtable";
    return this.isVolatile ? "listpackex" : "listpack";
  }

  get size(): number {
    return this.table.size;
  }

  get memoryBytes(): number {
    return this.table.memoryBytes;
  }

  copy(): HashObject {
    const copy = new HashObject(this.table.copy());
    copy.kind = this.kind;
    copy.volatileCount = this.volatileCount;
    copy.isVolatile = this.isVolatile;
    copy.nextExpiryMs = this.nextExpiryMs;
    return copy;
  }

  /** `table.find` that does not see a field whose time is over. */
  findLive(
    source: ByteSource,
    offset: number,
    length: number,
    nowMs: number,
  ): number {
    const ref = this.table.find(source, offset, length);
    return ref === 0 || this.isLive(ref, nowMs) ? ref : 0;
  }

  /** Notes that a field expires now at one moment, and before at another; -1 is never. */
  noteExpiry(expiresAt: number, before: number): void {
    if (before !== NO_EXPIRY) this.volatileCount--;
    if (expiresAt === NO_EXPIRY) return;
    this.volatileCount++;
    this.isVolatile = true;
    this.nextExpiryMs = Math.min(this.nextExpiryMs, expiresAt);
    this.#firstMs = Math.min(this.#firstMs, expiresAt);
  }

  /** After a find in the table: sets when the field expires, or never with -1. */
  setExpiry(ref: number, expiresAt: number): void {
    this.noteExpiry(expiresAt, this.table.expiresAt(ref));
    this.table.setExpiry(ref, expiresAt);
  }

  /** After a find in the table: removes the field. */
  removeField(ref: number): void {
    this.noteExpiry(NO_EXPIRY, this.table.expiresAt(ref));
    this.table.remove(ref);
  }

  isOver(
    source: ByteSource,
    offset: number,
    length: number,
    nowMs: number,
  ): boolean {
    const ref = this.table.find(source, offset, length);
    return ref !== 0 && !this.isLive(ref, nowMs);
  }

  remove(field: Uint8Array): void {
    fieldSource.hold(field);
    const ref = this.table.find(fieldSource, 0, field.length);
    if (ref !== 0) this.removeField(ref);
  }

  removeExpired(nowMs: number): Uint8Array[] {
    const { table } = this, expired: Uint8Array[] = [];
    this.#cursor = table.index.walk(this.#cursor, STEP_FIELDS, (ref) => {
      const expiresAt = table.expiresAt(ref);
      if (expiresAt === NO_EXPIRY) return;
      if (expiresAt <= nowMs) expired.push(table.key(ref).slice());
      else this.#firstMs = Math.min(this.#firstMs, expiresAt);
    });
    if (this.#cursor === WALK_END) {
      this.nextExpiryMs = this.#firstMs;
      this.#cursor = 0;
      this.#firstMs = Infinity;
    }
    for (const field of expired) this.remove(field);
    return expired;
  }

  /** Whether a field's time is not over. */
  isLive(ref: number, nowMs: number): boolean {
    if (this.volatileCount === 0) return true;
    const expiresAt = this.table.expiresAt(ref);
    return expiresAt === NO_EXPIRY || expiresAt > nowMs;
  }
}

/** Fields looked at in one step of removing those whose time is over. */
const STEP_FIELDS = 256;
const WALK_END = -1;
const fieldSource = new ScratchSource();
const valueSource = new ScratchSource();

/** The object for an inline hash's bytes. */
export function unpackHash(bytes: Uint8Array): HashObject {
  const hash = new HashObject();
  hash.kind = bytes[0];
  for (let at = INLINE_HEAD_BYTES; at < bytes.length;) {
    const value = nextEntry(bytes, at);
    fieldSource.hold(entryBytes(bytes, at));
    valueSource.hold(entryBytes(bytes, value));
    const length = entryLength(bytes, at);
    hash.table.find(fieldSource, 0, length);
    hash.table.add(
      fieldSource,
      0,
      length,
      valueSource,
      0,
      entryLength(bytes, value),
    );
    at = nextEntry(bytes, value);
  }
  return hash;
}
