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
}

interface Place {
  readonly db: Database;
  readonly key: Uint8Array;
}

const EXPIRED_FIELDS_EVENT = keyEvent(NOTIFY_HASH, "hexpired");
/** How others remove fields. */
const REMOVAL = bytesOfText("HDEL");
/** Collections looked at between two looks at the clock. */
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

  /** Works for a bounded time. */
  run(): void {
    if (this.#places.size === 0 || !this.keyspace.isExpiring) return;
    const { clock, isStamping } = this.keyspace;
    const endMs = clock.monotonicMs() + CYCLE_MS;
    let left = this.#places.size;
    this.keyspace.isStamping = false;
    do {
      for (let looks = LOOKS; looks > 0 && left > 0; looks--, left--) {
        this.#look();
      }
    } while (left > 0 && clock.monotonicMs() < endMs);
    this.keyspace.isStamping = isStamping;
  }

  /** Looks at the collection whose turn it is. */
  #look(): void {
    this.#turn ??= this.#places.entries();
    const next = this.#turn.next();
    if (next.done) {
      this.#turn = undefined;
      return;
    }
    const [collection, { db, key }] = next.value;
    const isThere = collection.volatileCount > 0 && isAt(collection, db, key);
    if (!isThere) this.#places.delete(collection);
    else if (collection.nextExpiryMs <= this.keyspace.nowMs) {
      this.#expire(collection, db, key);
    }
  }

  #expire(collection: ExpiringCollection, db: Database, key: Uint8Array): void {
    const args = Args.of(REMOVAL, key);
    const ref = db.write(args, 1);
    if (ref === 0) return;
    const removed = collection.removeExpired(this.keyspace.nowMs);
    if (removed.length === 0) return;
    const isEmpty = collection.size === 0;
    if (isEmpty) db.discard(ref);
    this.keyspace.effects.add(db.index, [REMOVAL, key, ...removed]);
    db.changed(args, 1, EXPIRED_FIELDS_EVENT);
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
