/** INFO: what the server says about itself. */

import { infoText } from "../info/info_text.ts";
import { bytesOfText } from "../resp/byte_text.ts";
import { defineCommand } from "../router/command.ts";

/**
 * INFO [section …]
 *
 * Sections that do not exist are passed over; `all` and `everything` show all.
 * {@link https://redis.io/docs/latest/commands/info/}
 */
export const infoCommand = defineCommand({
  name: "info",
  arity: -1,
  flags: ["loading", "stale"],
  group: "server",
  since: "1.0.0",
  complexity: "O(1)",
  summary: "Returns information and statistics about the server.",
  syntax: "[section [section ...]]",
  tips: [
    "nondeterministic_output",
    "request_policy:all_shards",
    "response_policy:special",
  ],
  history: [["7.0.0", "Added support for taking multiple section arguments."]],
  categories: ["dangerous"],
  run({ parts }, args, reply) {
    const names: string[] = [];
    for (let i = 1; i < args.count; i++) names.push(args.text(i));
    reply.verbatim("txt", bytesOfText(infoText(parts, names)));
  },
});
