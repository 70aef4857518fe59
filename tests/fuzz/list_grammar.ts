/** Productions for the list commands. */
import type { Argument } from "../support/command_text.ts";
import { type Grammar, integerOrNot, key, value } from "./production.ts";
import type { Random } from "./random.ts";

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

export const listGrammar: Grammar = {
  lpush: { weight: 5, make: (r) => [key(r), ...elements(r)] },
  rpush: { weight: 5, make: (r) => [key(r), ...elements(r)] },
  lpushx: { make: (r) => [key(r), ...elements(r)] },
  rpushx: { make: (r) => [key(r), ...elements(r)] },
  lpop: { weight: 3, make: (r) => [key(r), ...count(r)] },
  rpop: { weight: 3, make: (r) => [key(r), ...count(r)] },
  llen: { make: (r) => [key(r)] },
  lrange: { weight: 3, make: (r) => [key(r), place(r), place(r)] },
};
