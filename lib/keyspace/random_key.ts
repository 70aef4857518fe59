/** Picks a random key of a database, for RANDOMKEY and eviction. */

import type { Database } from "./database.ts";

/** Keys picked until one is live. */
const TRIES_MAX = 100;
/** Keys walked over between two removals of the expired ones among them. */
const WALK_KEYS = 64;
const WALK_END = -1;

/**
 * A live key picked at random: its ref, or 0 when there is none.
 *
 * Expired keys that are met are removed. Where they may not be (a replica), one of
 * them is picked in the end, as in Redis.
 */
export function randomKey(db: Database): number {
  const { index } = db.map, { isExpiring, random } = db.keyspace;
  let ref = 0;
  for (let tries = 0; tries < TRIES_MAX; tries++) {
    ref = index.random(random);
    if (ref === 0 || !db.isExpired(ref)) return ref;
    if (isExpiring) db.expire(ref);
  }
  return isExpiring ? firstLive(db) : ref;
}

/** The first live key in hash order, removing the expired ones before it. */
function firstLive(db: Database): number {
  let from = 0;
  while (from !== WALK_END) {
    const refs: number[] = [];
    from = db.map.index.walk(from, WALK_KEYS, (ref) => refs.push(ref));
    for (const ref of refs) {
      if (!db.isExpired(ref)) return ref;
      db.expire(ref);
    }
  }
  return 0;
}
