/**
 * Changes of when the fields of one hash expire, and of which fields there are:
 * made one by one, then told and passed on together.
 *
 * Replicas get moments and the fields concerned, not the command: HPEXPIREAT for
 * the fields that got a time, HPERSIST for those that lost it, HDEL for those that
 * are gone.
 */

import type { Args } from "../router/args.ts";
import type { Call } from "../router/call.ts";
import { DEL_EVENT, type KeyEvent } from "../keyspace/key_event.ts";
import { NO_EXPIRY } from "../keyspace/record_store.ts";
import type { HashObject } from "../types/hash_object.ts";
import { HashField } from "../types/hash_field.ts";
import { HashEdit } from "../types/hash_edit.ts";
import { TYPE_HASH } from "../keyspace/record.ts";
import { storeEdit } from "./collection_store.ts";
import { HDEL_EVENT, HEXPIRE_EVENT, HPERSIST_EVENT } from "./hash_event.ts";

const edit = new HashEdit();
const field = new HashField();

/**
 * Looks the hash at argument 1 up to change it, when those of the fields from
 * argument `first` on whose time is over are removed: replicas, for which they are
 * there until they are told, must not go by them.
 */
export function writeHash(
  { db, keyspace }: Call,
  args: Args,
  first = 2,
): number {
  const ref = db.writeType(args, 1, TYPE_HASH);
  if (ref === 0 || !db.map.isObject(ref)) return ref;
  return keyspace.fieldExpiry.removeMissed(db, args, first)
    ? db.write(args, 1)
    : ref;
}

/** Removes the fields from argument `first` on that `field` missed because their time is over. */
export function removeMissed(
  { db, keyspace }: Call,
  args: Args,
  field: HashField,
  first = 2,
): void {
  if (!field.hasMissed) return;
  field.hasMissed = false;
  keyspace.fieldExpiry.removeMissed(db, args, first);
}

/** See the top of the file. */
export class FieldTimes {
  /** The hash, once it is an object. */
  #hash: HashObject | undefined;
  readonly #expired: Uint8Array[] = [];
  readonly #persisted: Uint8Array[] = [];
  readonly #removed: Uint8Array[] = [];
  #moment = NO_EXPIRY;

  /** @param ref the hash at argument 1, after its lookup. */
  constructor(
    private readonly call: Call,
    private readonly args: Args,
    private readonly ref: number,
  ) {
    const { map } = call.db;
    if (map.isObject(ref)) this.#hash = map.object(ref) as HashObject;
  }

  /** The field in an argument; 0 when it is not there, or its time is over. */
  find(index: number): number {
    const { call, args } = this;
    const offset = args.offset(index), length = args.length(index);
    if (this.#hash === undefined) {
      const { db: { map }, keyspace } = call;
      if (!field.find(map, this.ref, args, offset, length, 0)) return 0;
      edit.open(map, this.ref, keyspace.limits);
      this.#hash = edit.toObject();
    }
    return this.#hash.findLive(args, offset, length, call.keyspace.fieldNowMs);
  }

  /** When a found field expires, or -1. */
  expiryOf(found: number): number {
    return this.#hash!.table.expiresAt(found);
  }

  /** Has the field just found, in this argument, expire. All get the same moment. */
  expire(index: number, found: number, moment: number): void {
    this.#hash!.setExpiry(found, moment);
    this.#moment = moment;
    this.#expired.push(this.args.slice(index));
  }

  /** Has the field just found never expire. */
  persist(index: number, found: number): void {
    this.#hash!.setExpiry(found, NO_EXPIRY);
    this.#persisted.push(this.args.slice(index));
  }

  /** Removes the field just found. */
  remove(index: number, found: number): void {
    this.#hash!.removeField(found);
    this.#removed.push(this.args.slice(index));
  }

  /** Stores the hash, and tells of what was done. */
  end(): void {
    const changes = this.#expired.length + this.#persisted.length +
      this.#removed.length;
    if (changes === 0) return;
    const { call: { db, keyspace }, args } = this, hash = this.#hash!;
    const isEmpty = hash.size === 0;
    if (isEmpty) db.discard(this.ref);
    else this.#store(hash);
    this.#tell(this.#expired, HEXPIRE_EVENT);
    this.#tell(this.#persisted, HPERSIST_EVENT);
    this.#tell(this.#removed, HDEL_EVENT);
    keyspace.dirty += changes;
    if (isEmpty) db.changedToo(args, 1, DEL_EVENT);
    this.#passOn();
  }

  #store(hash: HashObject): void {
    const { call: { db, keyspace }, args, ref } = this;
    if (!db.map.isObject(ref)) storeEdit(db, args, 1, ref, TYPE_HASH, edit);
    keyspace.fieldExpiry.note(hash, db, args.slice(1));
  }

  #tell(fields: readonly Uint8Array[], event: KeyEvent): void {
    if (fields.length > 0) this.call.db.changedToo(this.args, 1, event);
  }

  #passOn(): void {
    const { call: { effects }, args } = this;
    if (!effects.isWanted) return;
    const key = args.slice(1);
    const fields = (names: readonly Uint8Array[]) => [
      "FIELDS",
      String(names.length),
      ...names,
    ];
    if (this.#expired.length > 0) {
      effects.replaceWith(
        "HPEXPIREAT",
        key,
        String(this.#moment),
        ...fields(this.#expired),
      );
    }
    if (this.#persisted.length > 0) {
      effects.replaceWith("HPERSIST", key, ...fields(this.#persisted));
    }
    if (this.#removed.length > 0) {
      effects.replaceWith("HDEL", key, ...this.#removed);
    }
  }
}
