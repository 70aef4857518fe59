/** TIME: the server's clock. */

import { defineCommand } from "../router/command.ts";

/**
 * TIME
 *
 * Seconds since 1970 and the microseconds within the second. The clock is read
 * once per batch and counts milliseconds, so the last three digits are 0.
 * {@link https://redis.io/docs/latest/commands/time/}
 */
export const timeCommand = defineCommand({
  name: "time",
  arity: 1,
  flags: ["loading", "stale", "fast"],
  group: "server",
  since: "2.6.0",
  complexity: "O(1)",
  summary: "Returns the server time.",
  syntax: "",
  tips: ["nondeterministic_output"],
  run(call, _args, reply) {
    const { nowMs } = call;
    reply.array(2);
    reply.bulkText(String(Math.floor(nowMs / 1000)));
    reply.bulkText(String((nowMs % 1000) * 1000));
  },
});
