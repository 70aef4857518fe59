/** Refusals that several files of stream commands have. */

import type { Args } from "../router/args.ts";
import { CommandError } from "../router/command_error.ts";

/** A subcommand's group is missing from its stream. */
export function noSuchGroup(args: Args): CommandError {
  return new CommandError(
    `NOGROUP No such consumer group '${args.shown(3)}' for key name '${
      args.shown(2)
    }'`,
  );
}

/** A command's key or group is missing. */
export function noSuchKeyOrGroup(args: Args): CommandError {
  return new CommandError(
    `NOGROUP No such key '${args.shown(1)}' or consumer group '${
      args.shown(2)
    }'`,
  );
}
