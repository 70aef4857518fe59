/** Commands that set, get and delete fields of a hash by their names. */

import type { Args } from "../router/args.ts";
import type { Call } from "../router/call.ts";
import { CommandError } from "../router/command_error.ts";
import {
  type CommandDefinition,
  defineCommand,
  oneKey,
} from "../router/command.ts";
import { tableAt } from "../keyspace/collection.ts";
import { DEL_EVENT } from "../keyspace/key_event.ts";
import { TYPE_HASH } from "../keyspace/record.ts";
import type { ReplyWriter } from "../resp/reply_writer.ts";
import { HashEdit } from "../types/hash_edit.ts";
import { HashField } from "../types/hash_field.ts";
import { storeEdit } from "./collection_store.ts";
import { removeMissed, writeHash } from "./field_times.ts";
import { HDEL_EVENT, HSET_EVENT } from "./hash_event.ts";

const edit = new HashEdit();
const field = new HashField();

/** HSET key field value [field value ...]. {@link https://redis.io/docs/latest/commands/hset/} */
export const hsetCommand = defineCommand({
  name: "hset",
  arity: -4,
  flags: ["write", "denyoom", "fast"],
  group: "hash",
  keys: oneKey("RW", "update"),
  since: "2.0.0",
  complexity:
    "O(1) for each field/value pair added, so O(N) to add N field/value pairs when the command is called with multiple field/value pairs.",
  summary: "Creates or modifies the value of a field in a hash.",
  syntax: "key (field value){data} [...]",
  history: [["4.0.0", "Accepts multiple `field` and `value` arguments."]],
  run(call, args, reply) {
    reply.integer(setFields(call, args));
  },
});

/** HMSET key field value [field value ...]. {@link https://redis.io/docs/latest/commands/hmset/} */
export const hmsetCommand = defineCommand({
  name: "hmset",
  arity: -4,
  flags: ["write", "denyoom", "fast"],
  group: "hash",
  keys: oneKey("RW", "update"),
  since: "2.0.0",
  complexity: "O(N) where N is the number of fields being set.",
  summary: "Sets the values of multiple fields.",
  syntax: "key (field value){data} [...]",
  deprecatedSince: "4.0.0",
  replacedBy: "`HSET` with multiple field-value pairs",
  run(call, args, reply) {
    setFields(call, args);
    reply.ok();
  },
});

/** Sets the pairs from argument 2 on; how many of the fields are new. */
function setFields(call: Call, args: Args): number {
  if (args.count % 2 === 1) {
    throw CommandError.wrongArity(call.command.fullName);
  }
  const { db, keyspace } = call;
  const ref = db.writeType(args, 1, TYPE_HASH);
  const pairs = (args.count - 2) / 2;
  let created = 0;
  if (pairs !== 1 || !overwriteField(call, ref, args)) {
    if (ref === 0) edit.begin(keyspace.limits);
    else edit.open(db.map, ref, keyspace.limits);
    edit.expect(pairs);
    for (let i = 2; i < args.count; i += 2) created += setField(args, i);
    storeEdit(db, args, 1, ref, TYPE_HASH, edit);
  }
  db.changed(args, 1, HSET_EVENT);
  keyspace.dirty += pairs - 1;
  return created;
}

function setField(args: Args, index: number): number {
  const isNew = edit.set(
    args,
    args.offset(index),
    args.length(index),
    args,
    args.offset(index + 1),
    args.length(index + 1),
  );
  return isNew ? 1 : 0;
}

/**
 * Writes argument 3 over the value of the field in argument 2, where it is, if
 * the hash is in its record and the value as long as before.
 */
function overwriteField(call: Call, ref: number, args: Args): boolean {
  const { db: { map }, keyspace } = call, length = args.length(3);
  return ref !== 0 && !map.isObject(ref) &&
    length <= keyspace.limits.hashMaxListpackValue &&
    findField(call, ref, args, 2) &&
    field.overwrite(args, args.offset(3), length);
}

/** Finds the field that an argument names; false when it is not there. */
function findField(
  { db, keyspace: { fieldNowMs } }: Call,
  ref: number,
  args: Args,
  index: number,
): boolean {
  const offset = args.offset(index), length = args.length(index);
  return field.find(db.map, ref, args, offset, length, fieldNowMs);
}

/** HSETNX key field value. {@link https://redis.io/docs/latest/commands/hsetnx/} */
export const hsetnxCommand = defineCommand({
  name: "hsetnx",
  arity: 4,
  flags: ["write", "denyoom", "fast"],
  group: "hash",
  keys: oneKey("RW", "insert"),
  since: "2.0.0",
  complexity: "O(1)",
  summary:
    "Sets the value of a field in a hash only when the field doesn't exist.",
  syntax: "key field value",
  run(call, args, reply) {
    const { db, keyspace } = call;
    const ref = writeHash(call, args);
    if (findField(call, ref, args, 2)) return reply.integer(0);
    if (ref === 0) edit.begin(keyspace.limits);
    else edit.open(db.map, ref, keyspace.limits);
    edit.expect(1);
    setField(args, 2);
    storeEdit(db, args, 1, ref, TYPE_HASH, edit);
    db.changed(args, 1, HSET_EVENT);
    reply.integer(1);
  },
});

/** What commands that read one field have in common. */
const READS_FIELD = {
  arity: 3,
  flags: ["readonly", "fast"],
  group: "hash",
  complexity: "O(1)",
  syntax: "key field",
} satisfies Partial<CommandDefinition>;

/** HGET key field. {@link https://redis.io/docs/latest/commands/hget/} */
export const hgetCommand = defineCommand({
  ...READS_FIELD,
  name: "hget",
  keys: oneKey("RO", "access"),
  since: "2.0.0",
  summary: "Returns the value of a field in a hash.",
  run(call, args, reply) {
    answerField(call, call.db.readType(args, 1, TYPE_HASH), args, 2, reply);
    removeMissed(call, args, field);
  },
});

function answerField(
  call: Call,
  ref: number,
  args: Args,
  index: number,
  reply: ReplyWriter,
): void {
  if (findField(call, ref, args, index)) field.reply(reply);
  else reply.null();
}

/** HMGET key field [field ...]. {@link https://redis.io/docs/latest/commands/hmget/} */
export const hmgetCommand = defineCommand({
  name: "hmget",
  arity: -3,
  flags: ["readonly", "fast"],
  group: "hash",
  keys: oneKey("RO", "access"),
  since: "2.0.0",
  complexity: "O(N) where N is the number of fields being requested.",
  summary: "Returns the values of all fields in a hash.",
  syntax: "key field [field ...]",
  run(call, args, reply) {
    const { db, keyspace: { warmPass } } = call;
    const ref = db.readType(args, 1, TYPE_HASH), table = tableAt(db.map, ref);
    let warmed = 2;
    reply.array(args.count - 2);
    for (let i = 2; i < args.count; i++) {
      if (i === warmed) warmed = warmPass.load(table, args, i, 1);
      answerField(call, ref, args, i, reply);
    }
    removeMissed(call, args, field);
  },
});

/** HSTRLEN key field. {@link https://redis.io/docs/latest/commands/hstrlen/} */
export const hstrlenCommand = defineCommand({
  ...READS_FIELD,
  name: "hstrlen",
  keys: oneKey("RO"),
  since: "3.2.0",
  summary: "Returns the length of the value of a field.",
  run(call, args, reply) {
    const ref = call.db.readType(args, 1, TYPE_HASH);
    reply.integer(findField(call, ref, args, 2) ? field.length : 0);
    removeMissed(call, args, field);
  },
});

/** HEXISTS key field. {@link https://redis.io/docs/latest/commands/hexists/} */
export const hexistsCommand = defineCommand({
  ...READS_FIELD,
  name: "hexists",
  keys: oneKey("RO"),
  since: "2.0.0",
  summary: "Determines whether a field exists in a hash.",
  run(call, args, reply) {
    const ref = call.db.readType(args, 1, TYPE_HASH);
    reply.integer(findField(call, ref, args, 2) ? 1 : 0);
    removeMissed(call, args, field);
  },
});

/**
 * HDEL key field [field ...]
 *
 * The last field takes the key with it.
 * {@link https://redis.io/docs/latest/commands/hdel/}
 */
export const hdelCommand = defineCommand({
  name: "hdel",
  arity: -3,
  flags: ["write", "fast"],
  group: "hash",
  keys: oneKey("RW", "delete"),
  since: "2.0.0",
  complexity: "O(N) where N is the number of fields to be removed.",
  summary:
    "Deletes one or more fields and their values from a hash. Deletes the hash if no fields remain.",
  syntax: "key field [field ...]",
  history: [["2.4.0", "Accepts multiple `field` arguments."]],
  run({ db, keyspace }, args, reply) {
    const ref = db.writeType(args, 1, TYPE_HASH);
    if (ref === 0) return reply.integer(0);
    edit.open(db.map, ref, keyspace.limits);
    let deleted = 0;
    for (let i = 2; i < args.count && edit.size > 0; i++) {
      if (edit.remove(args, args.offset(i), args.length(i))) deleted++;
    }
    if (deleted > 0) {
      const isEmpty = edit.size === 0;
      if (isEmpty) db.discard(ref);
      else storeEdit(db, args, 1, ref, TYPE_HASH, edit);
      db.changed(args, 1, HDEL_EVENT);
      if (isEmpty) db.changedToo(args, 1, DEL_EVENT);
      keyspace.dirty += deleted - 1;
    }
    reply.integer(deleted);
  },
});
