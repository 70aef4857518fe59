/**
 * Removes elements of collections whose time is over though nobody asks for them:
 * the fields of hashes that HEXPIRE and its relatives gave a time.
 *
 * It knows every collection with such elements and looks at them in turn, a bounded
 * time per cycle; a large one is gone through in steps. What is over and not removed
 * yet is as good as gone for whoever reads it.
 */

import { Args } from "../router/args.ts";
import { bytesOfText } from "../resp/byte_text.ts";
import type { Collection } from "./collection.ts";
import type { Database } from "./database.ts";
import type { ByteSource } from "./record_store.ts";
import { DEL_EVENT, keyEvent, NOTIFY_HASH } from "./key_event.ts";
import type { Keyspace } from "./keyspace.ts";

/** A collection that may have elements with an expiry. */
export interface ExpiringCollection extends Collection {
  readonly size: number;
  /** How many elements have an expiry. */
  readonly volatileCount: number;
  /** No element expires before this moment, in ms since 1970. */
  readonly nextExpiryMs: number;
  /** Goes a step on and removes what is over in it; answers the names of that. */
  removeExpired(nowMs: number): Uint8Array[];
  /** Whether an element is there and its time is over. */
  isOver(
    source: ByteSource,
    offset: number,
    length: number,
    nowMs: number,
  ): boolean;
  remove(element: Uint8Array): void;
}

interface Place {
  readonly db: Database;
  readonly key: Uint8Array;
}

const EXPIRED_FIELDS_EVENT = keyEvent(NOTIFY_HASH, "hexpired");
/** How others remove fields. */
const REMOVAL = bytesOfText("HDEL");
/** Collections looked at, with nothing to do, between two looks at the clock. */
const LOOKS = 64;
/** Longest cycle. */
const CYCLE_MS = 1;

/** See the top of the file. */
export class FieldExpiry {
  readonly #places = new Map<ExpiringCollection, Place>();
  #turn: Iterator<[ExpiringCollection, Place]> | undefined;

  constructor(private readonly keyspace: Keyspace) {}

  /** How many collections it knows. */
  get size(): number {
    return this.#places.size;
  }

  /** Whether elements of a collection that is some key's value have an expiry. */
  hasAny(): boolean {
    for (const [collection, { db, key }] of this.#places) {
      if (collection.volatileCount > 0 && isAt(collection, db, key)) {
        return true;
      }
    }
    return false;
  }

  /** Takes note of where a collection is, if elements of it expire. */
  note(value: unknown, db: Database, key: Uint8Array): void {
    if (!isExpiring(value) || value.volatileCount === 0) return;
    const place = this.#places.get(value);
    if (place?.db === db && areEqual(place.key, key)) return;
    this.#places.set(value, { db, key: key.slice() });
  }

  /** How many collections of a database have elements with an expiry. */
  count(database: Database): number {
    let count = 0;
    for (const [collection, { db, key }] of this.#places) {
      if (db !== database || collection.volatileCount === 0) continue;
      if (isAt(collection, db, key)) count++;
    }
    return count;
  }

  /** Works for a bounded time; true when that was too short. */
  run(): boolean {
    if (this.#places.size === 0 || !this.keyspace.isExpiring) return false;
    const { clock, isStamping } = this.keyspace;
    const endMs = clock.monotonicMs() + CYCLE_MS;
    // Until it is once round without anything to do.
    let left = this.#places.size + 1;
    this.keyspace.isStamping = false;
    do {
      for (let looks = LOOKS; looks > 0 && left > 0; looks--) {
        left--;
        if (!this.#look()) continue;
        left = this.#places.size + 1;
        break;
      }
    } while (left > 0 && clock.monotonicMs() < endMs);
    this.keyspace.isStamping = isStamping;
    return left > 0;
  }

  /** Looks at the collection whose turn it is; true when there was something to do. */
  #look(): boolean {
    this.#turn ??= this.#places.entries();
    const next = this.#turn.next();
    if (next.done) {
      this.#turn = undefined;
      return false;
    }
    const [collection, { db, key }] = next.value, { nowMs } = this.keyspace;
    const isThere = collection.volatileCount > 0 && isAt(collection, db, key);
    if (!isThere) this.#places.delete(collection);
    else if (collection.nextExpiryMs <= nowMs) {
      const args = Args.of(REMOVAL, key), ref = db.write(args, 1);
      if (ref === 0) return false;
      this.#tell(collection, db, args, ref, collection.removeExpired(nowMs));
      return true;
    }
    return false;
  }

  /**
   * Removes those of the elements in the arguments from one on whose time is over;
   * true when there were any.
   */
  removeMissed(db: Database, args: Args, first: number): boolean {
    const collection = this.#expiringAt(db, args), { nowMs } = this.keyspace;
    if (collection === undefined) return false;
    const missed = new Map<string, Uint8Array>();
    for (let i = first; i < args.count; i++) {
      const offset = args.offset(i), length = args.length(i);
      if (collection.isOver(args, offset, length, nowMs)) {
        missed.set(args.text(i), args.slice(i));
      }
    }
    if (missed.size === 0) return false;
    const ref = db.write(args, 1), removed = [...missed.values()];
    for (const element of removed) collection.remove(element);
    this.#tell(collection, db, args, ref, removed);
    return true;
  }

  /** Removes all elements of the key in argument 1 whose time is over. */
  removeAll(db: Database, args: Args): void {
    const collection = this.#expiringAt(db, args), { nowMs } = this.keyspace;
    if (collection === undefined) return;
    const ref = db.write(args, 1), removed: Uint8Array[] = [];
    while (collection.nextExpiryMs <= nowMs) {
      for (const element of collection.removeExpired(nowMs)) {
        removed.push(element);
      }
    }
    this.#tell(collection, db, args, ref, removed);
  }

  /** The collection at the key in argument 1, if something in it may be removed. */
  #expiringAt(db: Database, args: Args): ExpiringCollection | undefined {
    if (!this.keyspace.isExpiring) return undefined;
    const ref = db.peek(args, 1);
    if (ref === 0 || !db.map.isObject(ref)) return undefined;
    const value = db.map.object(ref);
    const isDue = isExpiring(value) && value.volatileCount > 0 &&
      value.nextExpiryMs <= this.keyspace.nowMs;
    return isDue ? value : undefined;
  }

  /** Tells of elements that were removed from the key in argument 1. */
  #tell(
    collection: ExpiringCollection,
    db: Database,
    args: Args,
    ref: number,
    removed: readonly Uint8Array[],
  ): void {
    if (removed.length === 0) return;
    const isEmpty = collection.size === 0, { effects, stats } = this.keyspace;
    if (isEmpty) db.discard(ref);
    stats.expiredFields += removed.length;
    effects.add(db.index, [REMOVAL, args.slice(1), ...removed]);
    db.changedToo(args, 1, EXPIRED_FIELDS_EVENT);
    if (isEmpty) db.changedToo(args, 1, DEL_EVENT);
  }
}

/** Whether a collection is the value of a key. */
function isAt(
  collection: ExpiringCollection,
  db: Database,
  key: Uint8Array,
): boolean {
  const args = Args.of(REMOVAL, key), { map } = db;
  const ref = map.find(args, args.offset(1), key.length);
  return ref !== 0 && map.isObject(ref) && map.object(ref) === collection;
}

function isExpiring(value: unknown): value is ExpiringCollection {
  return typeof value === "object" && value !== null &&
    "removeExpired" in value;
}

function areEqual(first: Uint8Array, second: Uint8Array): boolean {
  return first.length === second.length &&
    first.every((byte, i) => byte === second[i]);
}
