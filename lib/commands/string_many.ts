/** Commands that set and get several strings. */

import type { Args } from "../router/args.ts";
import { CommandError } from "../router/command_error.ts";
import { defineCommand, manyKeys } from "../router/command.ts";
import type { Database } from "../keyspace/database.ts";
import { TYPE_STRING } from "../keyspace/record.ts";
import { SET_EVENT } from "./string_event.ts";

/**
 * MGET key [key ...]
 *
 * Null for what is missing or no string.
 * {@link https://redis.io/docs/latest/commands/mget/}
 */
export const mgetCommand = defineCommand({
  name: "mget",
  arity: -2,
  flags: ["readonly", "fast"],
  group: "string",
  keys: manyKeys(1, "RO", "access"),
  since: "1.0.0",
  complexity: "O(N) where N is the number of keys to retrieve.",
  summary: "Atomically returns the string values of one or more keys.",
  syntax: "key [key ...]",
  tips: ["request_policy:multi_shard"],
  run({ db, keyspace }, args, reply) {
    reply.array(args.count - 1);
    let warmed = 1;
    for (let i = 1; i < args.count; i++) {
      if (i === warmed) warmed = keyspace.warmPass.load(db.map, args, i, 1);
      const ref = db.read(args, i);
      if (ref === 0 || db.map.typeOf(ref) !== TYPE_STRING) reply.null();
      else db.replyString(reply, ref);
    }
  },
});

/** MSET key value [key value ...]. {@link https://redis.io/docs/latest/commands/mset/} */
export const msetCommand = defineCommand({
  name: "mset",
  arity: -3,
  flags: ["write", "denyoom"],
  group: "string",
  keys: manyKeys(2, "OW", "update"),
  since: "1.0.1",
  complexity: "O(N) where N is the number of keys to set.",
  summary:
    "Atomically creates or modifies the string values of one or more keys.",
  syntax: "(key value){data} [...]",
  tips: ["request_policy:multi_shard", "response_policy:all_succeeded"],
  run({ db }, args, reply) {
    checkPairs(args, msetCommand.name);
    setPairs(db, args);
    reply.ok();
  },
});

/**
 * MSETNX key value [key value ...]
 *
 * Sets nothing when one of the keys exists.
 * {@link https://redis.io/docs/latest/commands/msetnx/}
 */
export const msetnxCommand = defineCommand({
  name: "msetnx",
  arity: -3,
  flags: ["write", "denyoom"],
  group: "string",
  keys: manyKeys(2, "OW", "insert"),
  since: "1.0.1",
  complexity: "O(N) where N is the number of keys to set.",
  summary:
    "Atomically modifies the string values of one or more keys only when all keys don't exist.",
  syntax: "(key value){data} [...]",
  run({ db }, args, reply) {
    checkPairs(args, msetnxCommand.name);
    for (let i = 1; i < args.count; i += 2) {
      if (db.write(args, i) !== 0) return reply.integer(0);
    }
    setPairs(db, args);
    reply.integer(1);
  },
});

function checkPairs(args: Args, name: string): void {
  if (args.count % 2 === 0) throw CommandError.wrongArity(name);
}

function setPairs(db: Database, args: Args): void {
  const { warmPass } = db.keyspace;
  let warmed = 1;
  for (let i = 1; i < args.count; i += 2) {
    if (i === warmed) warmed = warmPass.load(db.map, args, i, 2);
    db.setString(args, i, db.write(args, i), i + 1, false, SET_EVENT);
  }
}
