/**
 * Productions for SORT: on lists, sets, sorted sets and weights of their own.
 *
 * Left out is what Redis itself leaves open: the order of a set that is not
 * sorted, in which it looks up weights too, and of elements whose texts under BY
 * are equal.
 */
import type { Argument } from "../support/command_text.ts";
import { type Grammar, integerOrNot, key, randomCase } from "./production.ts";
import type { Random } from "./random.ts";

const SETS = ["sort:s"];
const SORTED_SETS = ["sort:z"];
const LISTS = ["sort:l", "sort:m"];
const PATTERNS = ["w:*", "h:*->f", "h:*->g", "w:*:x", "#", "h:*->", "x:*"];

function element(r: Random): string {
  if (r.oneIn(40)) return r.pick(["x", "", " 1", "1e3", "0x10", "-inf", "nan"]);
  return r.oneIn(4) ? r.pick(["1.5", "-2", "10", "007"]) : String(r.below(12));
}

function elements(r: Random): string[] {
  return r.repeat(r.between(1, r.oneIn(20) ? 150 : 5), () => element(r));
}

function limit(r: Random): string[] {
  if (!r.oneIn(3)) return [];
  const bound = () => r.oneIn(15) ? integerOrNot(r) : String(r.between(-2, 8));
  return [randomCase(r, "LIMIT"), bound(), bound()];
}

function gets(r: Random): string[] {
  return r.oneIn(3)
    ? r.repeat(
      r.between(1, 3),
      () => [randomCase(r, "GET"), r.pick(PATTERNS)],
    ).flat()
    : [];
}

/** Options with one result only. */
function options(r: Random, isSet: boolean): Argument[] {
  const order = r.some(["ALPHA", r.pick(["ASC", "DESC"])]);
  const byWeight = ["BY", r.pick(["w:*", "h:*->f"])];
  const by = isSet
    ? []
    : r.oneIn(3) && !order.includes("ALPHA")
    ? byWeight
    : r.oneIn(5)
    ? ["BY", "nosort"]
    : [];
  const junk = r.oneIn(40) ? ["x"] : [];
  return [...order, ...by, ...limit(r), ...gets(r), ...junk];
}

function sortable(r: Random): [string, boolean] {
  if (r.oneIn(4)) return [r.pick(SORTED_SETS), r.oneIn(2)];
  const isSet = r.oneIn(2);
  return [r.pick(isSet ? SETS : LISTS), isSet];
}

export const sortGrammar: Grammar = {
  sort: [
    {
      weight: 4,
      make: (r) => {
        const [source, isSet] = sortable(r);
        return [source, ...options(r, isSet)];
      },
    },
    {
      weight: 2,
      make: (r) => {
        const [source, isSet] = sortable(r);
        return [source, ...options(r, isSet), "STORE", r.pick(LISTS)];
      },
    },
    { make: (r) => [r.pick(SETS), "BY", "nosort", "STORE", "sort:m"] },
    // Other texts than those here may have zero bytes, at which ALPHA ends in Redis.
    { weight: 0.2, make: (r) => [key(r), ...limit(r)] },
  ],
  sort_ro: {
    weight: 2,
    make: (r) => {
      const [source, isSet] = sortable(r);
      const store = r.oneIn(20) ? ["STORE", "sort:l"] : [];
      return [source, ...options(r, isSet), ...store];
    },
  },
  rpush: {
    weight: 2,
    isExact: true,
    make: (r) => [r.pick(LISTS), ...elements(r)],
  },
  sadd: {
    weight: 2,
    isExact: true,
    make: (r) => [r.pick(SETS), ...elements(r)],
  },
  zadd: {
    isExact: true,
    make: (r) => [r.pick(SORTED_SETS), r.below(9), element(r)],
  },
  hset: {
    weight: 2,
    make: (r) => [`h:${element(r)}`, r.pick(["f", "g"]), element(r)],
  },
  set: { weight: 2, make: (r) => [`w:${element(r)}`, element(r)] },
  del: { make: (r) => [r.pick([...SETS, ...LISTS, ...SORTED_SETS])] },
};
