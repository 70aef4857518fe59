/** Productions for the hash commands. */
import type { Argument } from "../support/command_text.ts";
import {
  expiryOption,
  floatOrNot,
  type Grammar,
  integerOrNot,
  key,
  randomCase,
  time,
  value,
  WHOLE_SCAN_COUNT,
} from "./production.ts";
import type { Random } from "./random.ts";

/** Few names that commands meet again, and now and then one of many. */
function field(r: Random): Argument {
  if (r.oneIn(30)) return value(r);
  return r.oneIn(4)
    ? `field:${r.below(300)}`
    : r.pick(["f", "g", "h", "", "1"]);
}

function pairs(r: Random): Argument[] {
  const most = r.oneIn(40) ? 140 : 5;
  return r.repeat(r.between(1, most), () => [field(r), value(r)]).flat();
}

function fields(r: Random): Argument[] {
  return r.repeat(r.between(1, 5), () => field(r));
}

/** Numbers to add up, which other commands rarely write over. */
function counter(r: Random): string {
  return r.pick(["n", "m"]);
}

/** Counts that leave nothing to chance: all fields, none, or what is refused. */
function certainCount(r: Random): string {
  return r.pick(["0", "100000", "x", "", "-9223372036854775808"]);
}

function namedFields(r: Random): Argument[] {
  const names = fields(r);
  const count = r.oneIn(10) ? integerOrNot(r) : names.length;
  return ["FIELDS", count, ...names];
}

function condition(r: Random): string[] {
  return r.oneIn(2) ? [randomCase(r, r.pick(["NX", "XX", "GT", "LT"]))] : [];
}

function timesOfFields(since: string): Grammar {
  const setting = (unit: "EX" | "PX" | "EXAT" | "PXAT") => ({
    since,
    make: (r: Random) => [
      key(r),
      time(r, unit),
      ...condition(r),
      ...namedFields(r),
    ],
  });
  const asking = { since, make: (r: Random) => [key(r), ...namedFields(r)] };
  return {
    hexpire: setting("EX"),
    hpexpire: setting("PX"),
    hexpireat: setting("EXAT"),
    hpexpireat: setting("PXAT"),
    httl: asking,
    hpttl: asking,
    hexpiretime: asking,
    hpexpiretime: asking,
    hpersist: asking,
  };
}

function fieldsWithTimes(since: string): Grammar {
  const option = (r: Random) => r.oneIn(3) ? [] : expiryOption(r);
  return {
    hgetdel: { since, make: (r) => [key(r), ...namedFields(r)] },
    hgetex: { since, make: (r) => [key(r), ...option(r), ...namedFields(r)] },
    hsetex: {
      since,
      make: (r) => {
        const data = pairs(r);
        return [key(r), ...option(r), "FIELDS", data.length / 2, ...data];
      },
    },
  };
}

export const hashGrammar: Grammar = {
  hset: { weight: 8, make: (r) => [key(r), ...pairs(r)] },
  hmset: { weight: 2, make: (r) => [key(r), ...pairs(r)] },
  hsetnx: { weight: 2, make: (r) => [key(r), field(r), value(r)] },
  hget: { weight: 3, make: (r) => [key(r), field(r)] },
  hmget: { weight: 2, make: (r) => [key(r), ...fields(r)] },
  hgetall: { weight: 2, make: (r) => [key(r)] },
  hkeys: { make: (r) => [key(r)] },
  hvals: { make: (r) => [key(r)] },
  hlen: { weight: 2, make: (r) => [key(r)] },
  hstrlen: { make: (r) => [key(r), field(r)] },
  hexists: { make: (r) => [key(r), field(r)] },
  hdel: { weight: 3, make: (r) => [key(r), ...fields(r)] },
  hincrby: [
    { weight: 2, make: (r) => [key(r), counter(r), integerOrNot(r)] },
    { make: (r) => [key(r), field(r), integerOrNot(r)] },
  ],
  hincrbyfloat: [
    { weight: 2, make: (r) => [key(r), counter(r), floatOrNot(r)] },
    { make: (r) => [key(r), field(r), floatOrNot(r)] },
  ],
  hrandfield: {
    make: (r) => [
      key(r),
      certainCount(r),
      ...r.some([randomCase(r, "WITHVALUES")]),
    ],
  },
  ...timesOfFields("7.4.0"),
  ...fieldsWithTimes("8.0.0"),
  hscan: {
    make: (r) => [
      key(r),
      r.oneIn(9) ? integerOrNot(r) : "0",
      ...(r.oneIn(2) ? ["MATCH", r.pick(["*", "f*", "field:?", "[a-g]"])] : []),
      randomCase(r, "COUNT"),
      WHOLE_SCAN_COUNT,
    ],
  },
};
