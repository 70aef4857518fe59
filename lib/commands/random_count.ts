/** Counts of random elements, as HRANDFIELD and SRANDMEMBER take them. */

import type { Args } from "../router/args.ts";
import { CommandError } from "../router/command_error.ts";

const TWO_63 = 2 ** 63;
const INT64_MIN = -9223372036854775808n;
/** More elements than this in one reply are refused: they would take gigabytes. */
const REPEATED_MAX = 10_000_000;
const OUT_OF_RANGE = new CommandError(
  "ERR value is out of range, value must between -9223372036854775807 and 9223372036854775807",
);

/** A count: how many different elements, or if negative how many with repetitions. */
export function randomCount(args: Args, index: number): number {
  const count = args.integer(index);
  if (count <= -TWO_63 && args.bigint(index) === INT64_MIN) throw OUT_OF_RANGE;
  return count;
}

/** Refuses what could not be answered. @throws {CommandError} `ERR value is out of range` */
export function checkRepetitions(count: number): void {
  if (count < -REPEATED_MAX) throw CommandError.outOfRange;
}
