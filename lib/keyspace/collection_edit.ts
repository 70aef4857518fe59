/**
 * Storing collections: small ones as bytes in the record of their key, large ones
 * as objects. See collection.ts.
 *
 * All functions act on the key of the last lookup, with nothing changed since,
 * and return its new ref. The caller tells of the change with `db.changed`.
 */

import type { Args } from "../router/args.ts";
import { type Collection, type StoredValue } from "./collection.ts";
import { VALUE_TYPES } from "../types/value_types.ts";
import type { Database } from "./database.ts";
import { HAS_EXPIRY, KEY_INLINE_MAX, RECORD_VALUE_MAX } from "./record.ts";
import {
  type ByteSource,
  isNever,
  NO_EXPIRY,
  sourceOf,
} from "./record_store.ts";

/** Whether a collection of so many bytes fits into the record of the key at `index`. */
export function fitsInline(args: Args, index: number, length: number): boolean {
  return length <= RECORD_VALUE_MAX &&
    args.length(index) <= KEY_INLINE_MAX;
}

/**
 * Gives the key a small collection of at most RECORD_VALUE_MAX bytes; the key itself
 * must fit a record, too. Its expiry stays.
 *
 * @param ref what the lookup returned.
 */
export function putInline(
  db: Database,
  args: Args,
  index: number,
  ref: number,
  type: number,
  value: ByteSource,
  offset: number,
  length: number,
): number {
  const made = db.map.putString(
    ref,
    args,
    args.offset(index),
    args.length(index),
    value,
    offset,
    length,
    true,
    NO_EXPIRY,
    type,
  );
  if (ref === 0) db.created(args, index);
  else db.moved(ref, made);
  return made;
}

/** Gives the key a collection that is an object. Its expiry stays. */
export function putCollection(
  db: Database,
  args: Args,
  index: number,
  ref: number,
  type: number,
  value: Collection,
): number {
  const { map } = db;
  const hadExpiry = ref !== 0 && (map.headerOf(ref) & HAS_EXPIRY) !== 0;
  const made = map.putObject(
    ref,
    args,
    args.offset(index),
    args.length(index),
    type,
    value,
    hadExpiry ? map.expiresAtMsExact(ref) : NO_EXPIRY,
  );
  db.keyspace.fieldExpiry.note(value, db, args.slice(index));
  if (ref === 0) db.created(args, index);
  else db.moved(ref, made);
  return made;
}

/**
 * Sets the key to a whole collection, in place of what it held, its expiry
 * included.
 *
 * @param value bytes of at most RECORD_VALUE_MAX, or an object.
 */
export function putValue(
  db: Database,
  args: Args,
  index: number,
  ref: number,
  type: number,
  value: StoredValue,
  expiresAt: number | bigint = NO_EXPIRY,
): number {
  const { map } = db;
  const hadExpiry = ref !== 0 && (map.headerOf(ref) & HAS_EXPIRY) !== 0;
  const old = hadExpiry ? db.putExpiry(ref, NO_EXPIRY) : ref;
  let made: number;
  if (!(value instanceof Uint8Array)) {
    made = putCollection(db, args, index, old, type, value);
  } else if (fitsInline(args, index, value.length)) {
    const source = sourceOf(value);
    made = putInline(db, args, index, old, type, source, 0, value.length);
  } else {
    const object = VALUE_TYPES[type]!.unpack(value);
    made = putCollection(db, args, index, old, type, object);
  }
  if (isNever(expiresAt)) return made;
  // The place of a new record is known only after a lookup.
  db.map.find(args, args.offset(index), args.length(index));
  return db.putExpiry(made, expiresAt);
}
