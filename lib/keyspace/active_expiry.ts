/**
 * Removes keys whose time is over though nobody asks for them.
 *
 * Walks the index of volatile keys of each database in hash order, a sample at a
 * time. A database in which many of a sample were expired is sampled again at
 * once; one with few is left for the next cycle. A cycle ends when its time is
 * used up, so that no client waits longer for it than that.
 */

import type { Database } from "./database.ts";
import type { Keyspace } from "./keyspace.ts";

/** Volatile keys looked at between two looks at the clock. */
const SAMPLE_KEYS = 64;
/** A sample with a larger share of expired keys is followed by another one. */
const STALE_SHARE_MAX = 0.1;
/** Weight of the latest sample in running means. */
const MEAN_WEIGHT = 0.05;
const HASH_END = -1;

/** What a cycle did. */
export interface ExpiryCycle {
  readonly expiredKeys: number;
  /** The time was used up with databases left to look at. */
  readonly isTimedOut: boolean;
}

/** Runs one cycle of at most about `budgetMs`. */
export function runExpiryCycle(
  keyspace: Keyspace,
  budgetMs: number,
): ExpiryCycle {
  if (!keyspace.isExpiring) return { expiredKeys: 0, isTimedOut: false };
  const { clock } = keyspace;
  const endMs = clock.monotonicMs() + budgetMs;
  let expiredKeys = 0;
  for (const db of keyspace.databases) {
    let isStale = db.volatile.size > 0;
    while (isStale) {
      const sample = expireSample(db);
      expiredKeys += sample.expired;
      isStale = sample.expired > sample.seen * STALE_SHARE_MAX &&
        db.volatile.size > 0;
      if (isStale && clock.monotonicMs() > endMs) {
        keyspace.stats.expiredTimeCapReachedCount++;
        return { expiredKeys, isTimedOut: true };
      }
    }
  }
  return { expiredKeys, isTimedOut: false };
}

function expireSample(db: Database): { seen: number; expired: number } {
  const { keyspace, map } = db;
  const refs: number[] = [];
  const next = db.volatile.walk(
    db.expireCursor,
    SAMPLE_KEYS,
    (ref) => refs.push(ref),
  );
  db.expireCursor = next === HASH_END ? 0 : next;
  let expired = 0, ttlSumMs = 0;
  for (const ref of refs) {
    const ttlMs = map.expiresAtMs(ref) - keyspace.nowMs;
    if (ttlMs > 0) ttlSumMs += ttlMs;
    else {
      db.expire(ref);
      expired++;
    }
  }
  const seen = refs.length, alive = seen - expired;
  if (alive > 0) {
    const meanMs = ttlSumMs / alive;
    db.averageTtlMs += (meanMs - db.averageTtlMs) *
      (db.averageTtlMs === 0 ? 1 : MEAN_WEIGHT);
  }
  if (seen > 0) {
    const { stats } = keyspace;
    stats.expiredStalePercent +=
      (100 * expired / seen - stats.expiredStalePercent) * MEAN_WEIGHT;
  }
  return { seen, expired };
}
