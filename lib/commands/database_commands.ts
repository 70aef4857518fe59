/** Commands on whole databases: which one is selected, sizes, emptying, swapping. */

import type { Args } from "../router/args.ts";
import type { Call } from "../router/call.ts";
import { CommandError } from "../router/command_error.ts";
import { defineCommand } from "../router/command.ts";
import {
  checkedDatabase,
  databaseIndex,
  int32Argument,
} from "../router/database_index.ts";

const INVALID_FIRST = new CommandError("ERR invalid first DB index");
const INVALID_SECOND = new CommandError("ERR invalid second DB index");

/** SELECT index. {@link https://redis.io/docs/latest/commands/select/} */
export const selectCommand = defineCommand({
  name: "select",
  arity: 2,
  flags: ["loading", "stale", "fast"],
  group: "connection",
  since: "1.0.0",
  complexity: "O(1)",
  summary: "Changes the selected database.",
  syntax: "index",
  run(call, args, reply) {
    call.client.dbIndex = databaseIndex(call, args, 1);
    reply.ok();
  },
});

/** DBSIZE. {@link https://redis.io/docs/latest/commands/dbsize/} */
export const dbsizeCommand = defineCommand({
  name: "dbsize",
  arity: 1,
  flags: ["readonly", "fast"],
  group: "server",
  since: "1.0.0",
  complexity: "O(1)",
  summary: "Returns the number of keys in the database.",
  syntax: "",
  categories: ["keyspace"],
  tips: ["request_policy:all_shards", "response_policy:agg_sum"],
  run(call, _args, reply) {
    reply.integer(call.db.size);
  },
});

/**
 * FLUSHDB [ASYNC | SYNC]
 *
 * Both take the same short time whatever the size: a database owns its memory and
 * drops it at once.
 * {@link https://redis.io/docs/latest/commands/flushdb/}
 */
export const flushdbCommand = defineCommand({
  name: "flushdb",
  arity: -1,
  flags: ["write"],
  group: "server",
  since: "1.0.0",
  complexity: "O(N) where N is the number of keys in the selected database",
  summary: "Remove all keys from the current database.",
  syntax: "[ASYNC{4.0.0} | SYNC{6.2.0}]{flush-type}",
  categories: ["keyspace", "dangerous"],
  tips: ["request_policy:all_shards", "response_policy:all_succeeded"],
  history: [
    ["4.0.0", "Added the `ASYNC` flushing mode modifier."],
    ["6.2.0", "Added the `SYNC` flushing mode modifier."],
  ],
  run(call, args, reply) {
    checkFlushMode(args);
    flush(call, args, [call.db.index]);
    reply.ok();
  },
});

/** FLUSHALL [ASYNC | SYNC], as FLUSHDB. {@link https://redis.io/docs/latest/commands/flushall/} */
export const flushallCommand = defineCommand({
  name: "flushall",
  arity: -1,
  flags: ["write"],
  group: "server",
  since: "1.0.0",
  complexity: "O(N) where N is the total number of keys in all databases",
  summary: "Removes all keys from all databases.",
  syntax: "[ASYNC{4.0.0} | SYNC{6.2.0}]{flush-type}",
  categories: ["keyspace", "dangerous"],
  tips: ["request_policy:all_shards", "response_policy:all_succeeded"],
  history: [
    ["4.0.0", "Added the `ASYNC` flushing mode modifier."],
    ["6.2.0", "Added the `SYNC` flushing mode modifier."],
  ],
  run(call, args, reply) {
    checkFlushMode(args);
    flush(call, args, call.keyspace.databases.keys());
    call.parts.persistence.afterFlushAll();
    reply.ok();
  },
});

/** SWAPDB index1 index2. {@link https://redis.io/docs/latest/commands/swapdb/} */
export const swapdbCommand = defineCommand({
  name: "swapdb",
  arity: 3,
  flags: ["write", "fast"],
  group: "server",
  since: "4.0.0",
  complexity:
    "O(N) where N is the count of clients watching or blocking on keys from both databases.",
  summary: "Swaps two Redis databases.",
  syntax: "index1 index2",
  categories: ["keyspace", "dangerous"],
  run(call, args, reply) {
    const first = int32Argument(args, 1, INVALID_FIRST);
    const second = int32Argument(args, 2, INVALID_SECOND);
    checkedDatabase(call, first);
    checkedDatabase(call, second);
    if (first !== second) call.keyspace.swap(first, second);
    call.keyspace.dirty++;
    reply.ok();
  },
});

function checkFlushMode(args: Args): void {
  if (args.count === 1) return;
  const isMode = args.is(1, "async") || args.is(1, "sync");
  if (args.count > 2 || !isMode) throw CommandError.syntax;
}

/** Empties databases. Replicas are told even when they were empty already. */
function flush(call: Call, args: Args, indexes: Iterable<number>): void {
  const { keyspace, effects } = call;
  for (const index of indexes) keyspace.dirty += keyspace.flush(index);
  keyspace.noteFlushed();
  if (!effects.isWanted) return;
  const whole: Uint8Array[] = [];
  for (let i = 0; i < args.count; i++) whole.push(args.slice(i));
  effects.replaceWith(...whole);
}
