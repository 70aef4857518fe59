/** `FIELDS numfields field ...` and times, as the commands about expiring fields take them. */

import type { Args } from "../router/args.ts";
import type { Call } from "../router/call.ts";
import { CommandError } from "../router/command_error.ts";

/** The last moment at which a field can expire, in ms since 1970. */
const MOMENT_MAX = 2 ** 46 - 1;
const SECOND_MS = 1000;
const NO_FIELDS = new CommandError(
  "ERR Mandatory argument FIELDS is missing or not at the right position",
);
const WRONG_COUNT = new CommandError(
  "ERR The `numfields` parameter must match the number of arguments",
);
const NOT_POSITIVE = new CommandError(
  "ERR Number of fields must be a positive integer",
);
const NEGATIVE_TIME = new CommandError(
  "ERR invalid expire time, must be >= 0",
);

/** Checks FIELDS and its count at an argument, with `width` arguments per field; where the fields begin. */
export function fieldsFrom(
  args: Args,
  index: number,
  width = 1,
  notPositive = NOT_POSITIVE,
): number {
  if (index + 1 >= args.count || !args.is(index, "fields")) throw NO_FIELDS;
  const count = args.integer(index + 1, notPositive);
  if (count < 1) throw notPositive;
  const first = index + 2;
  if (count * width !== args.count - first) throw WRONG_COUNT;
  return first;
}

/** How a time is given. */
export interface TimeForm {
  readonly unitMs: number;
  readonly isAbsolute: boolean;
}

export const SECONDS: TimeForm = { unitMs: SECOND_MS, isAbsolute: false };
export const MILLISECONDS: TimeForm = { unitMs: 1, isAbsolute: false };
export const UNIX_SECONDS: TimeForm = { unitMs: SECOND_MS, isAbsolute: true };
export const UNIX_MILLISECONDS: TimeForm = { unitMs: 1, isAbsolute: true };

/** The moment that an argument means, in ms since 1970. */
export function fieldMoment(
  call: Call,
  args: Args,
  index: number,
  { unitMs, isAbsolute }: TimeForm,
): number {
  const time = args.integer(index);
  if (time < 0) throw NEGATIVE_TIME;
  const moment = time * unitMs + (isAbsolute ? 0 : call.nowMs);
  if (moment > MOMENT_MAX) {
    throw CommandError.invalidExpire(call.command.fullName);
  }
  return moment;
}
