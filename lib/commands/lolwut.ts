/** LOLWUT. */

import { bytesOfText } from "../resp/byte_text.ts";
import { defineCommand } from "../router/command.ts";
import { REDIS_COMPATIBILITY_VERSION } from "../version.ts";

/**
 * LOLWUT [VERSION version]
 *
 * Redis 7.2 brought no art of its own: it shows its version.
 * {@link https://redis.io/docs/latest/commands/lolwut/}
 */
export const lolwutCommand = defineCommand({
  name: "lolwut",
  arity: -1,
  flags: ["readonly", "fast"],
  group: "server",
  since: "5.0.0",
  complexity: "",
  summary: "Displays computer art and the Redis version",
  syntax: "[VERSION version]",
  run(_call, args, reply) {
    if (args.count > 2 && args.is(1, "version")) args.integer(2);
    const text = `Redis ver. ${REDIS_COMPATIBILITY_VERSION}\n`;
    reply.verbatim("txt", bytesOfText(text));
  },
});
