/** Reads the number of a database from a command's arguments. */

import type { Args } from "./args.ts";
import type { Call } from "./call.ts";
import { CommandError } from "./command_error.ts";

const INT32_MAX = 2147483647;
const INT32_MIN = -2147483648;
const NO_SUCH_DATABASE = new CommandError("ERR DB index is out of range");
const NOT_AN_INT = new CommandError(
  `ERR value is out of range, value must between ${INT32_MIN} and ${INT32_MAX}`,
);

/**
 * The number of a database that exists.
 *
 * @throws {CommandError} as {@link int32Argument}, and `ERR DB index is out of range`
 */
export function databaseIndex(call: Call, args: Args, index: number): number {
  return checkedDatabase(call, int32Argument(args, index));
}

/** The number itself. @throws {CommandError} `ERR DB index is out of range` */
export function checkedDatabase(call: Call, number: number): number {
  if (number < 0 || number >= call.keyspace.databases.length) {
    throw NO_SUCH_DATABASE;
  }
  return number;
}

/**
 * A 32-bit integer.
 *
 * @param error what is thrown in place of
 *   `ERR value is not an integer or out of range` and
 *   `ERR value is out of range, value must between -2147483648 and 2147483647`.
 */
export function int32Argument(
  args: Args,
  index: number,
  error?: CommandError,
): number {
  const number = args.integer(index, error);
  if (number < INT32_MIN || number > INT32_MAX) throw error ?? NOT_AN_INT;
  return number;
}
