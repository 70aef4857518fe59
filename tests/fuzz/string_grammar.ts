/** Productions for the string commands. */
import type { Argument } from "../support/command_text.ts";
import {
  expiryOption,
  floatOrNot,
  type Grammar,
  integerOrNot,
  key,
  keys,
  offset,
  randomCase,
  time,
  value,
} from "./production.ts";
import type { Random } from "./random.ts";

/** Options of SET in any number and order: many of the combinations are wrong. */
function setOptions(r: Random): Argument[] {
  const options: string[][] = [];
  if (r.oneIn(4)) options.push([randomCase(r, r.pick(["NX", "XX"]))]);
  if (r.oneIn(4)) options.push([randomCase(r, "GET")]);
  if (r.oneIn(6)) options.push([randomCase(r, "KEEPTTL")]);
  if (r.oneIn(3)) options.push(expiryOption(r));
  if (r.oneIn(30)) options.push([r.pick(["NX", "XX", "PERSIST", "EX", "GET"])]);
  return options.sort(() => r.oneIn(2) ? 1 : -1).flat();
}

function pairs(r: Random): Argument[] {
  return r.repeat(r.between(1, 5), () => [key(r), value(r)]).flat();
}

function lcsOptions(r: Random): string[] {
  return r.some(["IDX", "LEN", "WITHMATCHLEN", "MINMATCHLEN"]).flatMap((
    option,
  ) =>
    option === "MINMATCHLEN"
      ? [randomCase(r, option), integerOrNot(r)]
      : [randomCase(r, option)]
  );
}

export const stringGrammar: Grammar = {
  set: [
    { weight: 8, make: (r) => [key(r), value(r)] },
    { weight: 6, make: (r) => [key(r), value(r), ...setOptions(r)] },
  ],
  get: { weight: 8, make: (r) => [key(r)] },
  getset: { make: (r) => [key(r), value(r)] },
  getdel: { make: (r) => [key(r)] },
  getex: [
    { weight: 2, make: (r) => [key(r), ...expiryOption(r)] },
    { make: (r) => [key(r), ...r.some(["PERSIST", "KEEPTTL"])] },
  ],
  setnx: { make: (r) => [key(r), value(r)] },
  setex: { make: (r) => [key(r), time(r, "EX"), value(r)] },
  psetex: { make: (r) => [key(r), time(r, "PX"), value(r)] },
  mset: { make: pairs },
  msetnx: { make: pairs },
  mget: { weight: 2, make: (r) => keys(r, 6) },
  append: { weight: 2, make: (r) => [key(r), value(r)] },
  strlen: { weight: 2, make: (r) => [key(r)] },
  getrange: { weight: 2, make: (r) => [key(r), offset(r), offset(r)] },
  substr: { make: (r) => [key(r), offset(r), offset(r)] },
  setrange: {
    weight: 2,
    make: (
      r,
    ) => [key(r), r.oneIn(20) ? integerOrNot(r) : r.between(-1, 300), value(r)],
  },
  incr: { weight: 2, make: (r) => [key(r)] },
  decr: { weight: 2, make: (r) => [key(r)] },
  incrby: { weight: 2, make: (r) => [key(r), integerOrNot(r)] },
  decrby: { weight: 2, make: (r) => [key(r), integerOrNot(r)] },
  incrbyfloat: { weight: 3, make: (r) => [key(r), floatOrNot(r)] },
  lcs: { weight: 2, make: (r) => [key(r), key(r), ...lcsOptions(r)] },
};
