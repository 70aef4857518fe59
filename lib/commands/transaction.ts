/** Transactions: MULTI, EXEC, DISCARD, WATCH, UNWATCH. */

import { GATE_REPLY_OFF, GATE_REPLY_SKIP } from "../net/client.ts";
import type { ReplyWriter } from "../resp/reply_writer.ts";
import type { Call } from "../router/call.ts";
import { CommandError } from "../router/command_error.ts";
import {
  type CommandFlag,
  defineCommand,
  manyKeys,
} from "../router/command.ts";

const FLAGS: readonly CommandFlag[] = [
  "noscript",
  "loading",
  "stale",
  "fast",
  "allow_busy",
];
const NESTED = new CommandError("ERR MULTI calls can not be nested");
const EXEC_WITHOUT_MULTI = new CommandError("ERR EXEC without MULTI");
const DISCARD_WITHOUT_MULTI = new CommandError("ERR DISCARD without MULTI");
const WATCH_IN_MULTI = new CommandError(
  "ERR WATCH inside MULTI is not allowed",
);
const ABORTED = new CommandError(
  "EXECABORT Transaction discarded because of previous errors.",
);

/** MULTI: what follows waits for EXEC. {@link https://redis.io/docs/latest/commands/multi/} */
export const multiCommand = defineCommand({
  name: "multi",
  arity: 1,
  flags: FLAGS,
  group: "transactions",
  since: "1.2.0",
  complexity: "O(1)",
  summary: "Starts a transaction.",
  syntax: "",
  transaction: "control",
  run({ client }, _args, reply) {
    if (client.transaction !== undefined) throw NESTED;
    client.beginTransaction();
    reply.ok();
  },
});

/**
 * EXEC
 *
 * Runs what was queued since MULTI, with nothing of others in between; answers
 * null when a watched key was changed.
 * {@link https://redis.io/docs/latest/commands/exec/}
 */
export const execCommand = defineCommand({
  name: "exec",
  arity: 1,
  flags: ["noscript", "loading", "stale", "skip_slowlog"],
  group: "transactions",
  since: "1.2.0",
  complexity: "Depends on commands in the transaction",
  summary: "Executes all commands in a transaction.",
  syntax: "",
  transaction: "execute",
  run: execute,
});

function execute(call: Call, _args: unknown, reply: ReplyWriter): void {
  const { client, parts, executor, effects } = call;
  const { transaction } = client;
  if (transaction === undefined) throw EXEC_WITHOUT_MULTI;
  const hasFailed = client.hasWatchFailed ||
    parts.watchedKeys.hasExpired(client);
  parts.watchedKeys.unwatch(client);
  if (transaction.isAborted || hasFailed) {
    client.endTransaction();
    if (transaction.isAborted) throw ABORTED;
    return reply.nullArray();
  }
  // One of the commands may have replies begin again: those get no head.
  if ((client.gates & (GATE_REPLY_OFF | GATE_REPLY_SKIP)) === 0) {
    reply.array(transaction.queue.length);
  }
  for (const queued of transaction.queue) executor.runQueued(client, queued);
  client.endTransaction();
  // The commands have passed on what they did.
  effects.suppress();
}

/** DISCARD: forgets what was queued. {@link https://redis.io/docs/latest/commands/discard/} */
export const discardCommand = defineCommand({
  name: "discard",
  arity: 1,
  flags: FLAGS,
  group: "transactions",
  since: "2.0.0",
  complexity: "O(N), when N is the number of queued commands",
  summary: "Discards a transaction.",
  syntax: "",
  transaction: "control",
  run({ client, parts }, _args, reply) {
    if (client.transaction === undefined) throw DISCARD_WITHOUT_MULTI;
    client.endTransaction();
    parts.watchedKeys.unwatch(client);
    reply.ok();
  },
});

/** WATCH key [key ...]. {@link https://redis.io/docs/latest/commands/watch/} */
export const watchCommand = defineCommand({
  name: "watch",
  arity: -2,
  flags: FLAGS,
  group: "transactions",
  keys: manyKeys(1, "RO"),
  since: "2.2.0",
  complexity: "O(1) for every key.",
  summary:
    "Monitors changes to keys to determine the execution of a transaction.",
  syntax: "key [key ...]",
  transaction: "control",
  run({ client, db, parts }, args, reply) {
    if (client.transaction !== undefined) throw WATCH_IN_MULTI;
    // Once it has failed, nothing more can happen to the next EXEC.
    for (let i = 1; i < args.count && !client.hasWatchFailed; i++) {
      parts.watchedKeys.watch(client, db, args.slice(i));
    }
    reply.ok();
  },
});

/** UNWATCH: forgets all watched keys. {@link https://redis.io/docs/latest/commands/unwatch/} */
export const unwatchCommand = defineCommand({
  name: "unwatch",
  arity: 1,
  flags: FLAGS,
  group: "transactions",
  since: "2.2.0",
  complexity: "O(1)",
  summary: "Forgets about watched keys of a transaction.",
  syntax: "",
  run({ client, parts }, _args, reply) {
    parts.watchedKeys.unwatch(client);
    reply.ok();
  },
});
