/** CLIENT UNBLOCK. */

import { CommandError } from "../router/command_error.ts";
import { type CommandDefinition, defineCommand } from "../router/command.ts";
import { subcommandSyntaxError } from "./help_subcommand.ts";

const BAD_REASON = new CommandError(
  "ERR CLIENT UNBLOCK reason should be TIMEOUT or ERROR",
);

/**
 * CLIENT UNBLOCK client-id [TIMEOUT | ERROR]
 *
 * Ends what a client waits for, as its timeout would, or with an error. Answers 0
 * when the client does not wait for a command of its own.
 * {@link https://redis.io/docs/latest/commands/client-unblock/}
 */
export const clientUnblock: CommandDefinition = defineCommand({
  name: "unblock",
  arity: -3,
  flags: ["admin", "noscript", "loading", "stale"],
  group: "connection",
  since: "5.0.0",
  complexity: "O(log N) where N is the number of client connections",
  summary:
    "Unblocks a client blocked by a blocking command from a different connection.",
  syntax: "client-id [TIMEOUT | ERROR]{unblock-type}",
  run({ parts }, args, reply) {
    if (args.count > 4) throw subcommandSyntaxError(args);
    const isError = args.count === 4 && args.is(3, "error");
    if (args.count === 4 && !isError && !args.is(3, "timeout")) {
      throw BAD_REASON;
    }
    const client = parts.clients.get(args.integer(2));
    const isUnblocked = client !== undefined &&
      parts.blocked.get(client)?.wait.isFirm !== true &&
      parts.blocked.unblock(client, isError ? undefined : "timeout");
    reply.integer(isUnblocked ? 1 : 0);
  },
});
