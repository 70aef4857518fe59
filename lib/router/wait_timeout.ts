/** How long a blocking command may wait, as an argument of it. */

import type { Args } from "./args.ts";
import { CommandError } from "./command_error.ts";

const NO_FLOAT = new CommandError(
  "ERR timeout is not a float or out of range",
);
const OUT_OF_RANGE = new CommandError("ERR timeout is out of range");
const NEGATIVE = new CommandError("ERR timeout is negative");
/** The last moment that Redis can name, in ms since 1970. */
const MOMENT_MAX_MS = 2 ** 63;

/**
 * A time in seconds, with fractions, as ms rounded up; 0 stands for ever.
 *
 * @throws {CommandError} `ERR timeout is not a float or out of range`,
 *   `ERR timeout is out of range`, `ERR timeout is negative`
 */
export function secondsToWait(
  args: Args,
  index: number,
  nowMs: number,
): number {
  const timeoutMs = Math.ceil(args.float(index, NO_FLOAT) * 1000);
  if (timeoutMs < 0) throw NEGATIVE;
  if (timeoutMs >= MOMENT_MAX_MS - nowMs) throw OUT_OF_RANGE;
  return timeoutMs;
}
