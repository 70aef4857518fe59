/** SHUTDOWN: ends the server. */

import { CommandError } from "../router/command_error.ts";
import { defineCommand } from "../router/command.ts";
import {
  SHUTDOWN_FAILED,
  type ShutdownOptions,
  UNTIL_SHUTDOWN,
} from "../shutdown.ts";

const NOTHING_TO_ABORT = new CommandError("ERR No shutdown in progress.");
const MAY_NOT_WAIT = new CommandError(
  "ERR SHUTDOWN without NOW or ABORT isn't allowed for DENY BLOCKING client",
);

/**
 * SHUTDOWN [NOSAVE | SAVE] [NOW] [FORCE] [ABORT]
 *
 * Answers nothing when it succeeds: the connection closes. Without NOW it waits for
 * replicas that lag, and ABORT calls that off.
 * {@link https://redis.io/docs/latest/commands/shutdown/}
 */
export const shutdownCommand = defineCommand({
  name: "shutdown",
  arity: -1,
  flags: ["admin", "noscript", "loading", "stale", "no_multi", "allow_busy"],
  group: "server",
  since: "1.0.0",
  complexity:
    "O(N) when saving, where N is the total number of keys in all databases when saving data, otherwise O(1)",
  summary:
    "Synchronously saves the database(s) to disk and shuts down the Redis server.",
  syntax:
    "[NOSAVE | SAVE]{save-selector} [NOW]{7.0.0} [FORCE]{7.0.0} [ABORT]{7.0.0}",
  history: [["7.0.0", "Added the `NOW`, `FORCE` and `ABORT` modifiers."]],
  run(call, args, reply) {
    const options: ShutdownOptions = {};
    let isAbort = false, isNoSave = false;
    for (let i = 1; i < args.count; i++) {
      if (args.is(i, "nosave")) isNoSave = true;
      else if (args.is(i, "save")) options.save = true;
      else if (args.is(i, "now")) options.now = true;
      else if (args.is(i, "force")) options.force = true;
      else if (args.is(i, "abort")) isAbort = true;
      else throw CommandError.syntax;
    }
    const hasModifier = isNoSave || Object.keys(options).length > 0;
    if ((isAbort && hasModifier) || (isNoSave && options.save)) {
      throw CommandError.syntax;
    }
    const { ending } = call.parts.lifecycle;
    if (isAbort) {
      if (!ending.abort()) throw NOTHING_TO_ABORT;
      return reply.ok();
    }
    if (isNoSave) options.save = false;
    if (options.now !== true && !call.mayBlock) throw MAY_NOT_WAIT;
    const outcome = ending.request(options);
    if (outcome === "failed") throw new CommandError(SHUTDOWN_FAILED);
    if (outcome === "waiting") call.block(args, UNTIL_SHUTDOWN);
    else call.client.isClosing = true;
  },
});
