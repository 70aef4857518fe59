/** SAVE, BGSAVE, LASTSAVE: saving the data as an RDB file. */

import { CommandError } from "../router/command_error.ts";
import { defineCommand } from "../router/command.ts";

const BACKGROUND_RUNS = new CommandError(
  "ERR Background save already in progress",
);
const CHILD_RUNS = new CommandError(
  "ERR Another child process is active (AOF?): can't BGSAVE right now. Use BGSAVE SCHEDULE in order to schedule a BGSAVE whenever possible.",
);
const FAILED = new CommandError("ERR");

/** SAVE. {@link https://redis.io/docs/latest/commands/save/} */
export const saveCommand = defineCommand({
  name: "save",
  arity: 1,
  flags: ["admin", "noscript", "no_async_loading", "no_multi"],
  group: "server",
  since: "1.0.0",
  complexity: "O(N) where N is the total number of keys in all databases",
  summary: "Synchronously saves the database(s) to disk.",
  syntax: "",
  run({ parts: { persistence, log } }, _args, reply) {
    if (persistence.saving !== undefined) throw BACKGROUND_RUNS;
    persistence.saves++;
    try {
      persistence.save();
    } catch (error) {
      log.warning(`Error saving DB on disk: ${error}`);
      throw FAILED;
    }
    reply.ok();
  },
});

/**
 * BGSAVE [SCHEDULE]
 *
 * The file shows the moment of the command; commands go on while it is written.
 * {@link https://redis.io/docs/latest/commands/bgsave/}
 */
export const bgsaveCommand = defineCommand({
  name: "bgsave",
  arity: -1,
  flags: ["admin", "noscript", "no_async_loading"],
  group: "server",
  since: "1.0.0",
  complexity: "O(1)",
  summary: "Asynchronously saves the database(s) to disk.",
  syntax: "[SCHEDULE]{schedule 3.2.2}",
  history: [["3.2.2", "Added the `SCHEDULE` option."]],
  run(call, args, reply) {
    const isScheduled = args.count === 2 && args.is(1, "schedule");
    if (args.count > 1 && !isScheduled) throw CommandError.syntax;
    const { persistence } = call.parts;
    if (persistence.saving !== undefined) throw BACKGROUND_RUNS;
    if (persistence.isBusy || call.executor.depth > 0) {
      if (!isScheduled && call.executor.depth === 0) throw CHILD_RUNS;
      persistence.isSaveScheduled = true;
      reply.simple("Background saving scheduled");
      return;
    }
    persistence.saveInBackground();
    reply.simple("Background saving started");
  },
});

/** LASTSAVE. {@link https://redis.io/docs/latest/commands/lastsave/} */
export const lastsaveCommand = defineCommand({
  name: "lastsave",
  arity: 1,
  flags: ["loading", "stale", "fast"],
  group: "server",
  since: "1.0.0",
  complexity: "O(1)",
  summary: "Returns the Unix timestamp of the last successful save to disk.",
  syntax: "",
  categories: ["admin", "dangerous"],
  tips: ["nondeterministic_output"],
  run({ parts }, _args, reply) {
    reply.integer(parts.persistence.lastSaveSeconds);
  },
});

const REWRITE_RUNS = new CommandError(
  "ERR Background append only file rewriting already in progress",
);
const REWRITE_FAILED = new CommandError(
  "ERR Can't execute an AOF background rewriting. Please check the server logs for more information.",
);

/**
 * BGREWRITEAOF
 *
 * Makes the append-only file as small as the data, while commands go on.
 * {@link https://redis.io/docs/latest/commands/bgrewriteaof/}
 */
export const bgrewriteaofCommand = defineCommand({
  name: "bgrewriteaof",
  arity: 1,
  flags: ["admin", "noscript", "no_async_loading"],
  group: "server",
  since: "1.0.0",
  complexity: "O(1)",
  summary: "Asynchronously rewrites the append-only file to disk.",
  syntax: "",
  run(
    { parts: { appendOnly: { file }, persistence }, executor },
    _args,
    reply,
  ) {
    if (file.isRewriting) throw REWRITE_RUNS;
    if (persistence.isBusy || executor.depth > 0) {
      file.scheduleRewrite();
      return reply.simple(
        "Background append only file rewriting scheduled",
      );
    }
    if (!file.rewrite()) throw REWRITE_FAILED;
    reply.simple("Background append only file rewriting started");
  },
});
