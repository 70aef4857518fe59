/** Ranges as GETRANGE and BITCOUNT take them, in arguments 2 and 3. */

import type { Args } from "../router/args.ts";

/** Whether argument 2 is larger than argument 3; far from 0 they may be equal as numbers. */
export function isBehind(args: Args, start: number, end: number): boolean {
  return start === end && !Number.isSafeInteger(start)
    ? args.bigint(2) > args.bigint(3)
    : start > end;
}
