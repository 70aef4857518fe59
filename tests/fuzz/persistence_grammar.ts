/** Productions for RESTORE: values as Redis 7.0 dumps them, now and then damaged. */
import * as dumped from "../support/dump_payloads.ts";
import {
  type Grammar,
  integerOrNot,
  key,
  randomCase,
  time,
} from "./production.ts";
import type { Random } from "./random.ts";

const PAYLOADS: readonly string[] = Object.values(dumped);

function payload(r: Random): string {
  const whole = r.pick(PAYLOADS);
  return r.oneIn(10) ? whole.slice(r.below(whole.length)) : whole;
}

/** Mostly none; a moment with ABSTTL, else a time to live. */
function expiry(r: Random): [time: string, option: string[]] {
  if (r.oneIn(2)) return ["0", r.oneIn(4) ? ["ABSTTL"] : []];
  return r.oneIn(2)
    ? [time(r, "PX"), []]
    : [time(r, "PXAT"), [randomCase(r, "ABSTTL")]];
}

function options(r: Random): string[] {
  const words: string[] = [];
  if (r.oneIn(2)) words.push(randomCase(r, "REPLACE"));
  if (r.oneIn(8)) words.push(randomCase(r, "IDLETIME"), integerOrNot(r));
  if (r.oneIn(8)) words.push(randomCase(r, "FREQ"), integerOrNot(r));
  return words;
}

export const persistenceGrammar: Grammar = {
  "restore": {
    // A moment in the past that lost its ABSTTL is a time to live of seconds.
    isExact: true,
    make: (r) => {
      const [time, option] = expiry(r);
      return [key(r), time, payload(r), ...option, ...options(r)];
    },
  },
};
