/** Commands on keys, whatever they hold: existence, deletion, names, copies. */

import { CommandError } from "../router/command_error.ts";
import { defineCommand, keyAt, manyKeys, oneKey } from "../router/command.ts";
import type { Args } from "../router/args.ts";
import type { Call } from "../router/call.ts";
import { databaseIndex } from "../router/database_index.ts";
import type { Database } from "../keyspace/database.ts";
import { keyEvent, NOTIFY_GENERIC } from "../keyspace/key_event.ts";
import {
  type Collection,
  copyValue,
  valueUnder,
} from "../keyspace/collection.ts";
import { randomKey } from "../keyspace/random_key.ts";
import { type LargeString, TYPE_NAMES, TYPE_NONE } from "../keyspace/record.ts";

const RENAME_FROM_EVENT = keyEvent(NOTIFY_GENERIC, "rename_from");
const RENAME_TO_EVENT = keyEvent(NOTIFY_GENERIC, "rename_to");
const COPY_TO_EVENT = keyEvent(NOTIFY_GENERIC, "copy_to");
const MOVE_FROM_EVENT = keyEvent(NOTIFY_GENERIC, "move_from");
const MOVE_TO_EVENT = keyEvent(NOTIFY_GENERIC, "move_to");

const SAME_OBJECT = new CommandError(
  "ERR source and destination objects are the same",
);

/** TYPE key. {@link https://redis.io/docs/latest/commands/type/} */
export const typeCommand = defineCommand({
  name: "type",
  arity: 2,
  flags: ["readonly", "fast"],
  group: "generic",
  keys: oneKey("RO"),
  since: "1.0.0",
  complexity: "O(1)",
  summary: "Determines the type of value stored at a key.",
  syntax: "key",
  run(call, args, reply) {
    const ref = call.db.inspect(args, 1);
    reply.simple(
      TYPE_NAMES[ref === 0 ? TYPE_NONE : call.db.map.typeOf(ref)],
    );
  },
});

/** DEL key [key ...]. {@link https://redis.io/docs/latest/commands/del/} */
export const delCommand = defineCommand({
  name: "del",
  arity: -2,
  flags: ["write"],
  group: "generic",
  keys: manyKeys(1, "RM", "delete"),
  since: "1.0.0",
  complexity:
    "O(N) where N is the number of keys that will be removed. When a key to remove holds a value other than a string, the individual complexity for this key is O(M) where M is the number of elements in the list, set, sorted set or hash. Removing a single key that holds a string value is O(1).",
  summary: "Deletes one or more keys.",
  syntax: "key [key ...]",
  tips: ["request_policy:multi_shard", "response_policy:agg_sum"],
  run(call, args, reply) {
    reply.integer(deleteKeys(call, args));
  },
});

/**
 * UNLINK key [key ...]
 *
 * The same as DEL here: what a key holds is memory that the collector frees, and
 * never inside the command.
 * {@link https://redis.io/docs/latest/commands/unlink/}
 */
export const unlinkCommand = defineCommand({
  name: "unlink",
  arity: -2,
  flags: ["write", "fast"],
  group: "generic",
  keys: manyKeys(1, "RM", "delete"),
  since: "4.0.0",
  complexity:
    "O(1) for each key removed regardless of its size. Then the command does O(N) work in a different thread in order to reclaim memory, where N is the number of allocations the deleted objects where composed of.",
  summary: "Asynchronously deletes one or more keys.",
  syntax: "key [key ...]",
  tips: ["request_policy:multi_shard", "response_policy:agg_sum"],
  run(call, args, reply) {
    reply.integer(deleteKeys(call, args));
  },
});

function deleteKeys(call: Call, args: Args): number {
  const { db, keyspace } = call;
  let deleted = 0, warmed = 1;
  for (let i = 1; i < args.count; i++) {
    if (i === warmed) warmed = keyspace.warmPass.load(db.map, args, i, 1);
    const ref = db.peek(args, i);
    if (ref === 0) continue;
    db.delete(args, i, ref);
    deleted++;
  }
  return deleted;
}

/**
 * EXISTS key [key ...]
 *
 * A key named twice counts twice.
 * {@link https://redis.io/docs/latest/commands/exists/}
 */
export const existsCommand = defineCommand({
  name: "exists",
  arity: -2,
  flags: ["readonly", "fast"],
  group: "generic",
  keys: manyKeys(1, "RO"),
  since: "1.0.0",
  complexity: "O(N) where N is the number of keys to check.",
  summary: "Determines whether one or more keys exist.",
  syntax: "key [key ...]",
  tips: ["request_policy:multi_shard", "response_policy:agg_sum"],
  history: [["3.0.3", "Accepts multiple `key` arguments."]],
  run({ db, keyspace }, args, reply) {
    let count = 0, warmed = 1;
    for (let i = 1; i < args.count; i++) {
      if (i === warmed) warmed = keyspace.warmPass.load(db.map, args, i, 1);
      if (db.inspect(args, i) !== 0) count++;
    }
    reply.integer(count);
  },
});

/**
 * TOUCH key [key ...]
 *
 * Notes the use of the keys even for a client with CLIENT NO-TOUCH.
 * {@link https://redis.io/docs/latest/commands/touch/}
 */
export const touchCommand = defineCommand({
  name: "touch",
  arity: -2,
  flags: ["readonly", "fast"],
  group: "generic",
  keys: manyKeys(1, "RO"),
  since: "3.2.1",
  complexity: "O(N) where N is the number of keys that will be touched.",
  summary:
    "Returns the number of existing keys out of those specified after updating the time they were last accessed.",
  syntax: "key [key ...]",
  tips: ["request_policy:multi_shard", "response_policy:agg_sum"],
  run({ db, keyspace }, args, reply) {
    let count = 0, warmed = 1;
    for (let i = 1; i < args.count; i++) {
      if (i === warmed) warmed = keyspace.warmPass.load(db.map, args, i, 1);
      const ref = db.inspect(args, i);
      if (ref === 0) continue;
      db.touch(ref);
      count++;
    }
    reply.integer(count);
  },
});

/** RANDOMKEY. {@link https://redis.io/docs/latest/commands/randomkey/} */
export const randomkeyCommand = defineCommand({
  name: "randomkey",
  arity: 1,
  flags: ["readonly"],
  group: "generic",
  since: "1.0.0",
  complexity: "O(1)",
  summary: "Returns a random key name from the database.",
  syntax: "",
  tips: [
    "request_policy:all_shards",
    "response_policy:special",
    "nondeterministic_output",
  ],
  run(call, _args, reply) {
    if (call.executor.depth === 0) call.effects.loosen();
    const ref = randomKey(call.db);
    if (ref === 0) reply.null();
    else call.db.replyKey(reply, ref);
  },
});

/** RENAME key newkey. {@link https://redis.io/docs/latest/commands/rename/} */
export const renameCommand = defineCommand({
  name: "rename",
  arity: 3,
  flags: ["write"],
  group: "generic",
  keys: [
    keyAt(1, "RW", "access", "delete"),
    keyAt(2, "OW", "update"),
  ],
  since: "1.0.0",
  complexity: "O(1)",
  summary: "Renames a key and overwrites the destination.",
  syntax: "key newkey",
  run(call, args, reply) {
    renameKey(call.db, args, true);
    reply.ok();
  },
});

/** RENAMENX key newkey. {@link https://redis.io/docs/latest/commands/renamenx/} */
export const renamenxCommand = defineCommand({
  name: "renamenx",
  arity: 3,
  flags: ["write", "fast"],
  group: "generic",
  keys: [
    keyAt(1, "RW", "access", "delete"),
    keyAt(2, "OW", "insert"),
  ],
  since: "1.0.0",
  complexity: "O(1)",
  summary: "Renames a key only when the target key name doesn't exist.",
  syntax: "key newkey",
  history: [[
    "3.2.0",
    "The command no longer returns an error when source and destination names are the same.",
  ]],
  run(call, args, reply) {
    reply.integer(renameKey(call.db, args, false) ? 1 : 0);
  },
});

/** Whether the key was renamed; a key to itself is not. */
function renameKey(db: Database, args: Args, replaces: boolean): boolean {
  const ref = db.write(args, 1);
  if (ref === 0) throw CommandError.noSuchKey;
  if (args.areEqual(1, 2)) return false;
  const replaced = db.write(args, 2);
  if (replaced !== 0) {
    if (!replaces) return false;
    db.discard(replaced);
  }
  const object = valueUnder(db.map, ref, args.length(2));
  db.rename(ref, object, args, 2);
  db.keyspace.fieldExpiry.note(object, db, args.slice(2));
  db.changed(args, 1, RENAME_FROM_EVENT);
  db.changedToo(args, 2, RENAME_TO_EVENT);
  return true;
}

/**
 * COPY source destination [DB destination-db] [REPLACE]
 *
 * The copy gets the expiry too, and is as new as a key just made.
 * {@link https://redis.io/docs/latest/commands/copy/}
 */
export const copyCommand = defineCommand({
  name: "copy",
  arity: -3,
  flags: ["write", "denyoom"],
  group: "generic",
  keys: [keyAt(1, "RO", "access"), keyAt(2, "OW", "update")],
  since: "6.2.0",
  complexity:
    "O(N) worst case for collections, where N is the number of nested items. O(1) for string values.",
  summary: "Copies the value of a key to a new key.",
  syntax: "source destination [DB destination-db] [REPLACE]",
  run(call, args, reply) {
    const { db } = call;
    let target = db, replaces = false;
    for (let i = 3; i < args.count; i++) {
      if (args.is(i, "replace")) replaces = true;
      else if (args.is(i, "db") && i + 1 < args.count) {
        target = call.keyspace.databases[databaseIndex(call, args, ++i)];
      } else throw CommandError.syntax;
    }
    if (target === db && args.areEqual(1, 2)) throw SAME_OBJECT;
    const ref = db.read(args, 1);
    if (ref === 0) return reply.integer(0);
    const replaced = target.write(args, 2);
    if (replaced !== 0 && !replaces) return reply.integer(0);
    const object = db.map.isObject(ref)
      ? copyValue(db.map.object(ref) as LargeString | Collection)
      : valueUnder(db.map, ref, args.length(2));
    if (replaced !== 0) target.discard(replaced);
    target.putFrom(db, ref, object, args, 2);
    call.keyspace.fieldExpiry.note(object, target, args.slice(2));
    target.changed(args, 2, COPY_TO_EVENT);
    reply.integer(1);
  },
});

/** MOVE key db. {@link https://redis.io/docs/latest/commands/move/} */
export const moveCommand = defineCommand({
  name: "move",
  arity: 3,
  flags: ["write", "fast"],
  group: "generic",
  keys: oneKey("RW", "access", "update"),
  since: "1.0.0",
  complexity: "O(1)",
  summary: "Moves a key to another database.",
  syntax: "key db",
  run(call, args, reply) {
    const { db } = call;
    const target = call.keyspace.databases[databaseIndex(call, args, 2)];
    if (target === db) throw SAME_OBJECT;
    const ref = db.write(args, 1);
    if (ref === 0 || target.write(args, 1) !== 0) return reply.integer(0);
    const object = db.map.isObject(ref) ? db.map.object(ref) : undefined;
    target.putFrom(db, ref, object, args, 1);
    call.keyspace.fieldExpiry.note(object, target, args.slice(1));
    db.extract(ref);
    db.changed(args, 1, MOVE_FROM_EVENT);
    target.changedToo(args, 1, MOVE_TO_EVENT);
    reply.integer(1);
  },
});
