/** Productions for the commands on keys and databases. */
import {
  database,
  type Grammar,
  integerOrNot,
  key,
  keys,
  pattern,
  type Production,
  randomCase,
  time,
  WHOLE_SCAN_COUNT,
} from "./production.ts";
import type { Random } from "./random.ts";

function expire(unit: "EX" | "PX" | "EXAT" | "PXAT"): Production {
  return {
    weight: 2,
    make: (r) => [key(r), time(r, unit), ...conditions(r)],
  };
}

function conditions(r: Random): string[] {
  if (r.oneIn(2)) return [];
  return r.repeat(
    r.oneIn(4) ? 2 : 1,
    () => randomCase(r, r.pick(["NX", "XX", "GT", "LT"])),
  );
}

function copyOptions(r: Random): string[] {
  const options: string[] = [];
  if (r.oneIn(3)) options.push(randomCase(r, "DB"), database(r));
  if (r.oneIn(2)) options.push(randomCase(r, "REPLACE"));
  return options;
}

/** A scan that one step completes: what a step of several returns differs between servers. */
function wholeScan(r: Random): string[] {
  const options: string[] = [];
  if (r.oneIn(2)) options.push("MATCH", pattern(r));
  if (r.oneIn(3)) {
    options.push("TYPE", r.pick(["string", "STRING", "hash", "nope"]));
  }
  return ["0", ...options, "COUNT", WHOLE_SCAN_COUNT];
}

/** Of keys that are never there: for others it has to wait, which a transaction of ours does not. */
function migration(r: Random): string[] {
  const options = r.some(["COPY", "REPLACE", "NOPE"]).map((word) =>
    randomCase(r, word)
  );
  if (r.oneIn(3)) options.push("AUTH", "x");
  if (r.oneIn(3)) options.push("AUTH2", ...r.some(["x", "y"]));
  const isMany = r.oneIn(2);
  if (isMany) {
    options.push(randomCase(r, "KEYS"), ...r.some(["absent:1", "absent:2"]));
  }
  const name = isMany && !r.oneIn(4) ? "" : "absent:0";
  const timeoutMs = r.pick(["1000", "0", "-1", "x"]);
  return ["127.0.0.1", "1", name, integerOrNot(r), timeoutMs, ...options];
}

export const keyGrammar: Grammar = {
  type: { make: (r) => [key(r)] },
  keys: { make: (r) => [pattern(r)] },
  scan: [
    { make: wholeScan },
    { make: (r) => [integerOrNot(r), ...r.some(["COUNT", integerOrNot(r)])] },
  ],
  del: { weight: 2, make: (r) => keys(r) },
  unlink: { make: (r) => keys(r) },
  exists: { weight: 2, make: (r) => keys(r) },
  migrate: { make: migration },
  touch: { make: (r) => keys(r) },
  expire: expire("EX"),
  pexpire: expire("PX"),
  expireat: expire("EXAT"),
  pexpireat: expire("PXAT"),
  ttl: { make: (r) => [key(r)] },
  pttl: { make: (r) => [key(r)] },
  expiretime: { make: (r) => [key(r)] },
  pexpiretime: { make: (r) => [key(r)] },
  persist: { make: (r) => [key(r)] },
  rename: { make: (r) => [key(r), key(r)] },
  renamenx: { make: (r) => [key(r), key(r)] },
  copy: { weight: 2, make: (r) => [key(r), key(r), ...copyOptions(r)] },
  move: { make: (r) => [key(r), database(r)] },
  randomkey: { make: () => [] },
  "object|encoding": { weight: 2, make: (r) => [key(r)] },
  "object|refcount": { make: (r) => [key(r)] },
  "object|idletime": { make: (r) => [key(r)] },
  "object|freq": { make: (r) => [key(r)] },
  dbsize: { make: () => [] },
  select: { make: (r) => [database(r)] },
  swapdb: { make: (r) => [database(r), database(r)] },
  flushdb: { weight: 0.02, make: (r) => r.some(["ASYNC"]) },
  flushall: { weight: 0.01, make: (r) => r.some(["SYNC"]) },
};
