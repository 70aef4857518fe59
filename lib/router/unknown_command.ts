/** The refusal of a command that does not exist. */

import type { Args } from "./args.ts";
import { CommandError } from "./command_error.ts";

/** Longest part of a command that a refusal quotes. */
export const QUOTED_ARGS_BYTES = 128;

/** Quotes the name and the first arguments. */
export function unknownCommand(args: Args): CommandError {
  const name = args.shown(0, QUOTED_ARGS_BYTES);
  let quoted = "";
  for (let i = 1; i < args.count && quoted.length < QUOTED_ARGS_BYTES; i++) {
    quoted += `'${args.shown(i, QUOTED_ARGS_BYTES - quoted.length)}' `;
  }
  return new CommandError(
    `ERR unknown command '${name}', with args beginning with: ${quoted}`,
  );
}
