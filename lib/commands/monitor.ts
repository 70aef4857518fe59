/** MONITOR: shows a client what the others do. */

import { defineCommand } from "../router/command.ts";

/**
 * MONITOR
 *
 * Answers OK, then a line per command until RESET or the end of the connection.
 * Asked for again, it answers nothing, as Redis does.
 * {@link https://redis.io/docs/latest/commands/monitor/}
 */
export const monitorCommand = defineCommand({
  name: "monitor",
  arity: 1,
  flags: ["admin", "noscript", "loading", "stale"],
  group: "server",
  since: "1.0.0",
  complexity: "",
  summary: "Listens for all requests received by the server in real-time.",
  syntax: "",
  run({ client, parts }, _args, reply) {
    if (client.isMonitor) return;
    parts.monitors.add(client);
    reply.ok();
  },
});
