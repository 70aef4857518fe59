/** Hashes that are objects: the large ones, and those with fields that expire. */

import type { Collection } from "../keyspace/collection.ts";
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
export class HashObject implements Collection {
  kind = HASH_LISTPACK;
  /** Fields that have an expiry. */
  volatileCount = 0;
  /** Whether a field has or had one. */
  isVolatile = false;

  constructor(readonly table: ByteTable = new ByteTable(true)) {}

  get encoding(): string {
    if (this.kind === HASH_TABLE) return "hashtable";
    return this.isVolatile ? "listpackex" : "listpack";
  }

  get memoryBytes(): number {
    return this.table.memoryBytes;
  }

  copy(): HashObject {
    const copy = new HashObject(this.table.copy());
    copy.kind = this.kind;
    copy.volatileCount = this.volatileCount;
    copy.isVolatile = this.isVolatile;
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

  /** Whether a field's time is not over. */
  isLive(ref: number, nowMs: number): boolean {
    if (this.volatileCount === 0) return true;
    const expiresAt = this.table.expiresAt(ref);
    return expiresAt === NO_EXPIRY || expiresAt > nowMs;
  }
}

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
