/**
 * Removes keys whose time is over though nobody asks for them.
 *
 * It walks the index of volatile keys of each database in hash order, a sample at
 * a time, so that every key has its turn. A database in which many of a sample
 * were expired is sampled again at once; one with few is left for the next cycle.
 * A cycle ends when its time is used up, so that no client waits for it longer
 * than that, and the next one goes on where it ended.
 *
 * `active-expire-effort` (1 to 10) makes samples larger, the share of expired keys
 * that is left alone smaller, and the pauses between cycles shorter.
 */

import type { Database } from "./database.ts";
import type { Keyspace } from "./keyspace.ts";

/** Volatile keys looked at between two looks at the clock, and more of them per effort. */
const SAMPLE_KEYS = 64;
const SAMPLE_KEYS_PER_EFFORT = 16;
/** A sample with a larger share of expired keys is followed by another; less per effort. */
const STALE_SHARE_MAX = 0.1;
const STALE_SHARE_PER_EFFORT = 0.01;
/** Share of time that cycles may take while there is much to do, and more of it per effort. */
const TIME_SHARE = 0.25;
const TIME_SHARE_PER_EFFORT = 0.02;
/** Longest cycle. */
const CYCLE_MS = 1;
/** Weight of the latest cycle in the running mean of the share of expired keys. */
const STALE_WEIGHT = 0.05;
/** Weight of the latest sample in the running mean of remaining times. */
const TTL_WEIGHT = 0.02;
const WALK_END = -1;

/** Keys seen, and how many of them had expired. */
interface Tally {
  seen: number;
  expired: number;
}

/** See the top of the file. */
export class ActiveExpiry {
  /** `active-expire-effort`, from 0 on. */
  #effort = 0;
  /** Where the next cycle begins, so that none starves another. */
  #nextDatabase = 0;
  /** The keys of a sample. */
  readonly #refs: number[] = [];
  readonly #hashes: number[] = [];

  constructor(private readonly keyspace: Keyspace) {}

  /** @param effort 1 to 10. */
  set effort(effort: number) {
    this.#effort = effort - 1;
  }

  /** Milliseconds to pause before a cycle follows one that ran out of time. */
  get pauseMs(): number {
    const share = TIME_SHARE + TIME_SHARE_PER_EFFORT * this.#effort;
    return CYCLE_MS * (1 - share) / share;
  }

  /** Runs one cycle; true when its time was used up before its work was done. */
  run(): boolean {
    const { keyspace } = this;
    if (!keyspace.isExpiring) return false;
    const { databases, stats, clock } = keyspace;
    const endMs = clock.monotonicMs() + CYCLE_MS;
    const total: Tally = { seen: 0, expired: 0 };
    let isTimedOut = false;
    for (let i = 0; i < databases.length && !isTimedOut; i++) {
      const db = databases[this.#nextDatabase++ % databases.length];
      isTimedOut = this.#runDatabase(db, total, endMs);
    }
    this.#nextDatabase %= databases.length;
    if (isTimedOut) stats.expiredTimeCapReachedCount++;
    const percent = total.seen === 0 ? 0 : 100 * total.expired / total.seen;
    stats.expiredStalePercent += (percent - stats.expiredStalePercent) *
      STALE_WEIGHT;
    return isTimedOut;
  }

  /** Samples a database until few keys are stale; true when the time is up before. */
  #runDatabase(db: Database, total: Tally, endMs: number): boolean {
    const staleMax = STALE_SHARE_MAX - STALE_SHARE_PER_EFFORT * this.#effort;
    while (db.volatile.size > 0) {
      const { seen, expired } = this.#sample(db);
      total.seen += seen;
      total.expired += expired;
      if (seen > 0 && expired <= seen * staleMax) return false;
      if (this.keyspace.clock.monotonicMs() > endMs) return true;
    }
    db.averageTtlMs = 0;
    return false;
  }

  #sample(db: Database): Tally {
    const { nowMs } = this.keyspace;
    const { map } = db;
    const refs = this.#refs, hashes = this.#hashes;
    let ttlSumMs = 0, alive = 0;
    refs.length = hashes.length = 0;
    const next = db.volatile.walk(
      db.expireCursor,
      SAMPLE_KEYS + SAMPLE_KEYS_PER_EFFORT * this.#effort,
      (ref, hash) => {
        const ttlMs = map.expiresAtMs(ref) - nowMs;
        if (ttlMs < 0) {
          refs.push(ref);
          hashes.push(hash);
        } else {
          ttlSumMs += ttlMs;
          alive++;
        }
      },
    );
    db.expireCursor = next === WALK_END ? 0 : next;
    for (let i = 0; i < refs.length; i++) {
      db.expire(refs[i], hashes[i]);
      this.keyspace.effects.endUnit();
    }
    if (alive > 0) {
      const meanMs = ttlSumMs / alive;
      db.averageTtlMs += (meanMs - db.averageTtlMs) *
        (db.averageTtlMs === 0 ? 1 : TTL_WEIGHT);
    }
    return { seen: refs.length + alive, expired: refs.length };
  }
}
