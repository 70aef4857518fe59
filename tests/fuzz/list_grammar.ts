/** Productions for the list commands. */
import type { Argument } from "../support/command_text.ts";
import {
  type Grammar,
  integerOrNot,
  key,
  keys,
  randomCase,
  value,
} from "./production.ts";
import type { Random } from "./random.ts";

/** How long the blocking commands wait, in seconds. */
const WAIT = "0.001";

/** From a small universe, so that elements are found again. */
function element(r: Random): Argument {
  return r.oneIn(6)
    ? value(r)
    : r.pick<Argument>(["a", "b", "c", "10", "-10", "007"]);
}

function elements(r: Random): Argument[] {
  return r.repeat(r.between(1, 6), () => element(r));
}

/** A place in a short list, often from its end. */
function place(r: Random): string {
  return r.oneIn(15) ? integerOrNot(r) : String(r.between(-8, 8));
}

function count(r: Random): Argument[] {
  return r.oneIn(2) ? [] : [r.oneIn(10) ? integerOrNot(r) : r.between(0, 4)];
}

function side(r: Random): string {
  return r.oneIn(30) ? "UP" : randomCase(r, r.pick(["LEFT", "RIGHT"]));
}

function where(r: Random): string {
  return r.oneIn(30) ? "AT" : randomCase(r, r.pick(["BEFORE", "AFTER"]));
}

function positionOptions(r: Random): Argument[] {
  return r.some(["RANK", "COUNT", "MAXLEN"]).flatMap((option) => [
    randomCase(r, option),
    r.oneIn(10) ? integerOrNot(r) : r.between(-3, 4),
  ]);
}

function countedPop(r: Random): Argument[] {
  const names = keys(r);
  const number = r.oneIn(20) ? integerOrNot(r) : names.length;
  const options = r.oneIn(2)
    ? []
    : [randomCase(r, "COUNT"), r.oneIn(10) ? integerOrNot(r) : r.between(1, 5)];
  return [number, ...names, side(r), ...options];
}

export const listGrammar: Grammar = {
  lpush: { weight: 5, make: (r) => [key(r), ...elements(r)] },
  rpush: { weight: 5, make: (r) => [key(r), ...elements(r)] },
  lpushx: { make: (r) => [key(r), ...elements(r)] },
  rpushx: { make: (r) => [key(r), ...elements(r)] },
  lpop: { weight: 3, make: (r) => [key(r), ...count(r)] },
  rpop: { weight: 3, make: (r) => [key(r), ...count(r)] },
  llen: { make: (r) => [key(r)] },
  lindex: { weight: 2, make: (r) => [key(r), place(r)] },
  // Redis takes only the low 32 bits of a larger place, and sets what is there.
  lset: {
    weight: 2,
    make: (r) => [key(r), r.oneIn(30) ? "x" : r.between(-8, 8), element(r)],
  },
  linsert: {
    weight: 2,
    make: (r) => [key(r), where(r), element(r), element(r)],
  },
  lrem: { weight: 2, make: (r) => [key(r), place(r), element(r)] },
  ltrim: { make: (r) => [key(r), place(r), place(r)] },
  lpos: {
    weight: 2,
    make: (r) => [key(r), element(r), ...positionOptions(r)],
  },
  lmove: { weight: 3, make: (r) => [key(r), key(r), side(r), side(r)] },
  rpoplpush: { make: (r) => [key(r), key(r)] },
  lmpop: { weight: 2, make: (r) => countedPop(r) },
  // With something to pop, or in vain for as short as can be: nobody would push.
  blpop: { weight: 0.2, isExact: true, make: (r) => [...keys(r), WAIT] },
  brpop: { weight: 0.2, isExact: true, make: (r) => [...keys(r), WAIT] },
  blmpop: { weight: 0.2, isExact: true, make: (r) => [WAIT, ...countedPop(r)] },
  blmove: {
    weight: 0.2,
    isExact: true,
    make: (r) => [key(r), key(r), side(r), side(r), WAIT],
  },
  brpoplpush: {
    weight: 0.2,
    isExact: true,
    make: (r) => [key(r), key(r), WAIT],
  },
  lrange: { weight: 3, make: (r) => [key(r), place(r), place(r)] },
};
