/**
 * Productions for the commands of transactions by themselves; fuzz_grammar.ts makes
 * whole ones of the other commands. Between MULTI and EXEC whatever comes is queued,
 * and the comparison of EXEC's reply knows it.
 */
import { type Grammar, keys } from "./production.ts";

export const transactionGrammar: Grammar = {
  multi: { weight: 0.3, make: () => [] },
  exec: { weight: 6, make: () => [] },
  discard: { weight: 0.3, make: () => [] },
  watch: { weight: 1, make: (r) => keys(r) },
  unwatch: { weight: 0.3, make: () => [] },
};
