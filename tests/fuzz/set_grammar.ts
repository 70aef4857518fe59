/** Productions for the set commands. */
import type { Argument } from "../support/command_text.ts";
import {
  type Grammar,
  integerOrNot,
  key,
  keys,
  randomCase,
  value,
  WHOLE_SCAN_COUNT,
} from "./production.ts";
import type { Random } from "./random.ts";

/** Few members that commands meet again: integers and words. */
function member(r: Random): Argument {
  if (r.oneIn(40)) return value(r);
  if (r.oneIn(2)) return String(r.between(-5, r.oneIn(3) ? 300 : 20));
  return r.pick(["a", "b", "c", "d", "", "01"]);
}

/** Integers only, for intsets that last. */
function integers(r: Random): Argument[] {
  const most = r.oneIn(20) ? 300 : 5;
  return r.repeat(r.between(1, most), () => String(r.between(-20, 600)));
}

function members(r: Random): Argument[] {
  const most = r.oneIn(40) ? 140 : 5;
  return r.repeat(r.between(1, most), () => member(r));
}

/** Counts that leave nothing to chance: all members, none, or what is refused. */
function certainCount(r: Random): string {
  return r.pick(["0", "100000", "x", "", "-9223372036854775808"]);
}

function cardinality(r: Random): Argument[] {
  const names = keys(r, 3);
  const count = r.oneIn(8) ? integerOrNot(r) : String(names.length);
  const limit = r.oneIn(2)
    ? [randomCase(r, "LIMIT"), r.oneIn(6) ? integerOrNot(r) : r.below(5)]
    : [];
  return [count, ...names, ...limit];
}

export const setGrammar: Grammar = {
  sadd: [
    { weight: 5, make: (r) => [key(r), ...members(r)] },
    { weight: 4, make: (r) => [key(r), ...integers(r)] },
  ],
  srem: { weight: 4, make: (r) => [key(r), ...members(r)] },
  sismember: { weight: 2, make: (r) => [key(r), member(r)] },
  smismember: { make: (r) => [key(r), ...members(r)] },
  smembers: { weight: 2, make: (r) => [key(r)] },
  scard: { weight: 2, make: (r) => [key(r)] },
  smove: { weight: 2, make: (r) => [key(r), key(r), member(r)] },
  spop: { isExact: true, make: (r) => [key(r), certainCount(r)] },
  srandmember: { isExact: true, make: (r) => [key(r), certainCount(r)] },
  sinter: { weight: 2, make: (r) => keys(r, 3) },
  sintercard: { weight: 2, make: cardinality },
  sinterstore: { weight: 2, make: (r) => [key(r), ...keys(r, 3)] },
  sunion: { make: (r) => keys(r, 3) },
  sunionstore: { make: (r) => [key(r), ...keys(r, 3)] },
  sdiff: { weight: 2, make: (r) => keys(r, 3) },
  sdiffstore: { weight: 2, make: (r) => [key(r), ...keys(r, 3)] },
  sscan: {
    make: (r) => [
      key(r),
      r.oneIn(9) ? integerOrNot(r) : "0",
      ...(r.oneIn(2) ? ["MATCH", r.pick(["*", "a*", "1?", "[a-c]"])] : []),
      randomCase(r, "COUNT"),
      WHOLE_SCAN_COUNT,
    ],
  },
};
