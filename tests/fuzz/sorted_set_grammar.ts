/** Productions for the sorted set and geo commands. */
import type { Argument } from "../support/command_text.ts";
import {
  floatOrNot,
  type Grammar,
  integerOrNot,
  key,
  keys,
  offset,
  randomCase,
  value,
  WHOLE_SCAN_COUNT,
} from "./production.ts";
import type { Random } from "./random.ts";

/** Few names that commands meet again, and now and then one of many. */
function member(r: Random): Argument {
  if (r.oneIn(30)) return value(r);
  return r.oneIn(4)
    ? `member:${r.below(300)}`
    : r.pick(["a", "b", "c", "ab", "", "1"]);
}

function members(r: Random): Argument[] {
  return r.repeat(r.between(1, 4), () => member(r));
}

/** Scores that meet each other, and others of every kind. */
function score(r: Random): string {
  if (r.oneIn(2)) return String(r.between(-3, 6));
  return r.oneIn(8)
    ? r.pick(["inf", "-inf", "+inf", "-0", "nan", "1e17", "123456789012"])
    : floatOrNot(r);
}

function scoresAndMembers(r: Random): Argument[] {
  const most = r.oneIn(30) ? 140 : 4;
  return r.repeat(r.between(1, most), () => [score(r), member(r)]).flat();
}

function options(r: Random, ...names: string[]): string[] {
  return names.filter(() => r.oneIn(5)).map((name) => randomCase(r, name));
}

function scoreBound(r: Random): string {
  return (r.oneIn(4) ? "(" : "") + score(r);
}

function memberBound(r: Random): string {
  const name = r.pick(["a", "b", "c", "", "member:2", "z"]);
  return r.oneIn(3)
    ? r.pick(["-", "+", "x", "", "++"])
    : r.pick(["(", "["]) + name;
}

/** Keys of sorted sets whose members have one score: ranges of members are not defined for others. */
const ALPHABETIC_KEYS = ["lex:a", "lex:b"];

function limit(r: Random): string[] {
  return r.oneIn(3) ? [randomCase(r, "LIMIT"), offset(r), offset(r)] : [];
}

/** A sorted set and a range of it as ZRANGE takes it, by rank, score or member. */
function range(r: Random): Argument[] {
  const kind = r.below(3);
  const bound = [offset, scoreBound, memberBound][kind];
  const by = [[], ["BYSCORE"], ["BYLEX"]][kind];
  return [
    kind === 2 ? r.pick(ALPHABETIC_KEYS) : key(r),
    bound(r),
    bound(r),
    ...by,
    ...options(r, "REV"),
    ...(kind > 0 || r.oneIn(20) ? limit(r) : []),
  ];
}

/** Keys behind their number. */
function countedKeys(r: Random): Argument[] {
  const names = keys(r);
  return [r.oneIn(12) ? integerOrNot(r) : String(names.length), ...names];
}

function combination(r: Random): Argument[] {
  const counted = countedKeys(r);
  const weights = r.oneIn(3)
    ? ["WEIGHTS", ...counted.slice(1).map(() => score(r))]
    : [];
  const aggregate = r.oneIn(3)
    ? ["AGGREGATE", r.pick(["SUM", "MIN", "MAX", "x"])]
    : [];
  return [...counted, ...weights, ...aggregate];
}

function end(r: Random): string {
  return r.pick(["MIN", "MAX", "MIN", "MAX", "x"]);
}

function popCount(r: Random): string[] {
  return r.oneIn(2) ? ["COUNT", r.oneIn(5) ? integerOrNot(r) : "2"] : [];
}

/** Counts that leave nothing to chance: all members, none, or what is refused. */
function certainCount(r: Random): string {
  return r.pick(["0", "100000", "x", "", "-9223372036854775808"]);
}

function place(r: Random): string[] {
  if (r.oneIn(12)) return [floatOrNot(r), floatOrNot(r)];
  const hundredths = (most: number) => String(r.between(-most, most) / 100);
  return r.oneIn(2)
    ? [hundredths(18000), hundredths(8500)]
    : [hundredths(300), hundredths(300)];
}

function unit(r: Random): string {
  return r.pick(["m", "km", "ft", "mi", "KM", "x"]);
}

function length(r: Random): string {
  return r.oneIn(10) ? floatOrNot(r) : r.pick(["0", "100", "1000", "50.5"]);
}

function searchOptions(r: Random): string[] {
  return [
    ...options(r, "WITHCOORD", "WITHHASH"),
    ...(r.oneIn(2) ? ["ASC"] : options(r, "DESC")),
    ...(r.oneIn(5)
      ? ["COUNT", r.pick(["1", "3", "0", "x"]), ...options(r, "ANY")]
      : []),
  ];
}

function shape(r: Random): Argument[] {
  return [
    ...(r.oneIn(2) ? ["FROMMEMBER", member(r)] : ["FROMLONLAT", ...place(r)]),
    ...(r.oneIn(2)
      ? ["BYRADIUS", length(r), unit(r)]
      : ["BYBOX", length(r), length(r), unit(r)]),
  ];
}

const sortedSets: Grammar = {
  zadd: [
    {
      weight: 10,
      make: (r) => [
        key(r),
        ...options(r, "NX", "XX", "GT", "LT", "CH", "INCR"),
        ...scoresAndMembers(r),
      ],
    },
    {
      weight: 2,
      make: (r) => [
        r.pick(ALPHABETIC_KEYS),
        ...members(r).flatMap((name) => [0, name]),
      ],
    },
  ],
  zincrby: { weight: 2, make: (r) => [key(r), score(r), member(r)] },
  zcard: { make: (r) => [key(r)] },
  zscore: { make: (r) => [key(r), member(r)] },
  zmscore: { make: (r) => [key(r), ...members(r)] },
  zrank: {
    since: "7.2.0",
    make: (r) => [key(r), member(r), ...options(r, "WITHSCORE")],
  },
  zrevrank: {
    since: "7.2.0",
    make: (r) => [key(r), member(r), ...options(r, "WITHSCORE")],
  },
  zrem: { weight: 2, make: (r) => [key(r), ...members(r)] },
  zcount: { make: (r) => [key(r), scoreBound(r), scoreBound(r)] },
  zlexcount: {
    make: (r) => [r.pick(ALPHABETIC_KEYS), memberBound(r), memberBound(r)],
  },
  zrange: {
    weight: 4,
    make: (r) => [...range(r), ...options(r, "WITHSCORES")],
  },
  zrangestore: { weight: 2, make: (r) => [key(r), ...range(r)] },
  zrevrange: {
    make: (r) => [key(r), offset(r), offset(r), ...options(r, "WITHSCORES")],
  },
  ...Object.fromEntries(
    ["zrangebyscore", "zrevrangebyscore"].map((name) => [name, {
      make: (r: Random) => [
        key(r),
        scoreBound(r),
        scoreBound(r),
        ...options(r, "WITHSCORES"),
        ...limit(r),
      ],
    }]),
  ),
  ...Object.fromEntries(
    ["zrangebylex", "zrevrangebylex"].map((name) => [name, {
      make: (r: Random) => [
        r.pick(ALPHABETIC_KEYS),
        memberBound(r),
        memberBound(r),
        ...limit(r),
      ],
    }]),
  ),
  zremrangebyrank: { make: (r) => [key(r), offset(r), offset(r)] },
  zremrangebyscore: { make: (r) => [key(r), scoreBound(r), scoreBound(r)] },
  zremrangebylex: {
    make: (r) => [r.pick(ALPHABETIC_KEYS), memberBound(r), memberBound(r)],
  },
  zpopmin: { make: (r) => [key(r), ...(r.oneIn(2) ? [offset(r)] : [])] },
  zpopmax: { make: (r) => [key(r), ...(r.oneIn(2) ? [offset(r)] : [])] },
  zmpop: { make: (r) => [...countedKeys(r), end(r), ...popCount(r)] },
  bzpopmin: { make: (r) => [...keys(r), "0.001"] },
  bzpopmax: { make: (r) => [...keys(r), "0.001"] },
  bzmpop: { make: (r) => ["0.001", ...countedKeys(r), end(r), ...popCount(r)] },
  // Without its count it would answer any member.
  zrandmember: {
    isExact: true,
    make: (r) => [key(r), certainCount(r), ...options(r, "WITHSCORES")],
  },
  zunion: { make: (r) => [...combination(r), ...options(r, "WITHSCORES")] },
  zinter: { make: (r) => [...combination(r), ...options(r, "WITHSCORES")] },
  zdiff: { make: (r) => [...countedKeys(r), ...options(r, "WITHSCORES")] },
  zunionstore: { make: (r) => [key(r), ...combination(r)] },
  zinterstore: { make: (r) => [key(r), ...combination(r)] },
  zdiffstore: { make: (r) => [key(r), ...countedKeys(r)] },
  zintercard: {
    make: (r) => [
      ...countedKeys(r),
      ...(r.oneIn(2) ? ["LIMIT", offset(r)] : []),
    ],
  },
  zscan: {
    make: (r) => [
      key(r),
      r.oneIn(9) ? integerOrNot(r) : "0",
      ...(r.oneIn(2) ? ["MATCH", r.pick(["*", "a*", "member:?"])] : []),
      randomCase(r, "COUNT"),
      WHOLE_SCAN_COUNT,
    ],
  },
};

const geo: Grammar = {
  geoadd: {
    weight: 4,
    make: (r) => [
      key(r),
      ...options(r, "NX", "XX", "CH"),
      ...r.repeat(r.between(1, 4), () => [...place(r), member(r)]).flat(),
    ],
  },
  geopos: { make: (r) => [key(r), ...members(r)] },
  geohash: { make: (r) => [key(r), ...members(r)] },
  geodist: {
    make: (r) => [key(r), member(r), member(r), ...r.some([unit(r)])],
  },
  geosearch: {
    weight: 3,
    make: (r) => [
      key(r),
      ...shape(r),
      ...options(r, "WITHDIST"),
      ...searchOptions(r),
    ],
  },
  geosearchstore: {
    make: (r) => [
      key(r),
      key(r),
      ...shape(r),
      ...(r.oneIn(4) ? searchOptions(r) : []),
    ],
  },
  georadius: {
    make: (r) => [
      key(r),
      ...place(r),
      length(r),
      unit(r),
      ...(r.oneIn(4) ? ["STORE", key(r)] : searchOptions(r)),
    ],
  },
  georadius_ro: {
    make: (r) => [
      key(r),
      ...place(r),
      length(r),
      unit(r),
      ...searchOptions(r),
    ],
  },
  georadiusbymember: {
    make: (r) => [
      key(r),
      member(r),
      length(r),
      unit(r),
      ...(r.oneIn(4) ? ["STORE", key(r)] : searchOptions(r)),
    ],
  },
  georadiusbymember_ro: {
    make: (r) => [key(r), member(r), length(r), unit(r), ...searchOptions(r)],
  },
};

export const sortedSetGrammar: Grammar = { ...sortedSets, ...geo };
