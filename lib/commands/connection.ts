/** Commands about the connection itself: PING, ECHO, QUIT, SELECT. */

import { CommandError } from "../router/command_error.ts";
import { defineCommand } from "../router/command.ts";

/**
 * PING [message]
 *
 * Answers the simple string PONG, or the message as a bulk string.
 * {@link https://redis.io/docs/latest/commands/ping/}
 */
export const pingCommand = defineCommand({
  name: "ping",
  arity: -1,
  flags: ["fast"],
  group: "connection",
  since: "1.0.0",
  complexity: "O(1)",
  summary: "Returns the server's liveliness response.",
  syntax: "[message]",
  tips: ["request_policy:all_shards", "response_policy:all_succeeded"],
  run(_call, args, reply) {
    if (args.count > 2) throw CommandError.wrongArity("ping");
    if (args.count === 2) reply.bulk(args.slice(1));
    else reply.simple("PONG");
  },
});

/** ECHO message. {@link https://redis.io/docs/latest/commands/echo/} */
export const echoCommand = defineCommand({
  name: "echo",
  arity: 2,
  flags: ["loading", "stale", "fast"],
  group: "connection",
  since: "1.0.0",
  complexity: "O(1)",
  summary: "Returns the given string.",
  syntax: "message",
  run(_call, args, reply) {
    reply.bulk(args.slice(1));
  },
});
