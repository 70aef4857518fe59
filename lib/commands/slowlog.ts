/** SLOWLOG: the commands that took long. */

import { CommandError } from "../router/command_error.ts";
import { defineCommand } from "../router/command.ts";
import { helpSubcommand, subcommandSyntaxError } from "./help_subcommand.ts";

const BAD_COUNT = new CommandError(
  "ERR count should be greater than or equal to -1",
);
const COUNT_DEFAULT = 10;

/** SLOWLOG GET [count]: newest first; -1 means all. */
const slowlogGet = defineCommand({
  name: "get",
  arity: -2,
  flags: ["admin", "loading", "stale"],
  group: "server",
  since: "2.2.12",
  complexity: "O(N) where N is the number of entries returned",
  summary: "Returns the slow log's entries.",
  syntax: "[count]",
  tips: ["request_policy:all_nodes", "nondeterministic_output"],
  history: [["4.0.0", "Added client IP address, port and name to the reply."]],
  run({ parts }, args, reply) {
    if (args.count > 3) throw subcommandSyntaxError(args);
    const count = args.count === 3 ? args.integer(2, BAD_COUNT) : COUNT_DEFAULT;
    if (count < -1) throw BAD_COUNT;
    const { entries } = parts.slowlog;
    const shown = count === -1 ? entries : entries.slice(0, count);
    reply.array(shown.length);
    for (const entry of shown) {
      reply.array(6);
      reply.integer(entry.id);
      reply.integer(entry.atSeconds);
      reply.integer(entry.microseconds);
      reply.array(entry.args.length);
      for (const arg of entry.args) reply.bulk(arg);
      reply.bulkText(entry.address);
      reply.bulkText(entry.clientName);
    }
  },
});

/** SLOWLOG LEN */
const slowlogLen = defineCommand({
  name: "len",
  arity: 2,
  flags: ["admin", "loading", "stale"],
  group: "server",
  since: "2.2.12",
  complexity: "O(1)",
  summary: "Returns the number of entries in the slow log.",
  syntax: "",
  tips: [
    "request_policy:all_nodes",
    "response_policy:agg_sum",
    "nondeterministic_output",
  ],
  run({ parts }, _args, reply) {
    reply.integer(parts.slowlog.entries.length);
  },
});

/** SLOWLOG RESET */
const slowlogReset = defineCommand({
  name: "reset",
  arity: 2,
  flags: ["admin", "loading", "stale"],
  group: "server",
  since: "2.2.12",
  complexity: "O(N) where N is the number of entries in the slowlog",
  summary: "Clears all entries from the slow log.",
  syntax: "",
  tips: ["request_policy:all_nodes", "response_policy:all_succeeded"],
  run({ parts }, _args, reply) {
    parts.slowlog.clear();
    reply.ok();
  },
});

/** SLOWLOG: a container. {@link https://redis.io/docs/latest/commands/slowlog/} */
export const slowlogCommand = defineCommand({
  name: "slowlog",
  arity: -2,
  flags: [],
  group: "server",
  since: "2.2.12",
  complexity: "Depends on subcommand.",
  summary: "A container for slow log commands.",
  syntax: "",
  help: [
    "GET [<count>]",
    "    Return top <count> entries from the slowlog (default: 10, -1 mean all).",
    "    Entries are made of:",
    "    id, timestamp, time in microseconds, arguments array, client IP and port,",
    "    client name",
    "LEN",
    "    Return the length of the slowlog.",
    "RESET",
    "    Reset the slowlog.",
  ],
  subcommands: [
    slowlogGet,
    helpSubcommand({
      since: "6.2.0",
      group: "server",
      summary: "Show helpful text about the different subcommands",
    }),
    slowlogLen,
    slowlogReset,
  ],
  run() {
    throw CommandError.wrongArity("slowlog");
  },
});
