/**
 * Expires keys that a writable replica's own clients have made: its primary does
 * not know them. The primary's keys are left to the primary.
 */

import type { Database } from "../keyspace/database.ts";
import type { KeyEvent } from "../keyspace/key_event.ts";
import type { KeyObserver, Keyspace } from "../keyspace/keyspace.ts";
import { sourceOf } from "../keyspace/record_store.ts";
import { bytesOfText, type ByteText, textOfBytes } from "../resp/byte_text.ts";

/** Keys looked at in one turn. */
const KEYS_PER_TURN = 1000;

/** See the top of the file. */
export class LocalExpiry implements KeyObserver {
  /** Keys with an expiry, by the number of their database. */
  readonly #keys = new Map<number, Set<ByteText>>();
  #isObserving = false;

  constructor(private readonly keyspace: Keyspace) {}

  /** How many keys it knows. */
  get size(): number {
    let size = 0;
    for (const keys of this.#keys.values()) size += keys.size;
    return size;
  }

  /** Begins or ends, with the role and with `replica-read-only`. */
  setActive(isActive: boolean): void {
    if (isActive === this.#isObserving) return;
    this.#isObserving = isActive;
    if (isActive) this.keyspace.observe(this);
    else this.keyspace.unobserve(this);
    this.#keys.clear();
  }

  keyChanged(db: Database, key: Uint8Array, _event: KeyEvent): void {
    if (this.keyspace.isFollowing) return;
    const ref = db.peekKey(key);
    const text = textOfBytes(key);
    const isVolatile = ref !== 0 && db.expiresAt(ref) !== -1;
    if (isVolatile) this.#keysOf(db.index).add(text);
    else this.#keys.get(db.index)?.delete(text);
  }

  databaseReplaced(index: number): void {
    this.#keys.delete(index);
  }

  /** Removes keys whose time is over; by the cron. */
  tick(): void {
    for (const [dbIndex, keys] of this.#keys) {
      const db = this.keyspace.databases[dbIndex];
      for (const text of [...keys.values().take(KEYS_PER_TURN)]) {
        const key = bytesOfText(text);
        const ref = db.map.find(sourceOf(key), 0, key.length);
        keys.delete(text);
        if (ref === 0) continue;
        if (db.isExpired(ref)) db.expire(ref);
        // One that is not due comes to the end of the line.
        else if (db.expiresAt(ref) !== -1) keys.add(text);
      }
    }
  }

  #keysOf(dbIndex: number): Set<ByteText> {
    let keys = this.#keys.get(dbIndex);
    if (keys === undefined) this.#keys.set(dbIndex, keys = new Set());
    return keys;
  }
}
