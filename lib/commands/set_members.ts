/** Commands that add, remove, move and look up members of one set. */

import type { Args } from "../router/args.ts";
import {
  type CommandDefinition,
  defineCommand,
  keyAt,
  oneKey,
} from "../router/command.ts";
import type { Database } from "../keyspace/database.ts";
import { tableAt } from "../keyspace/collection.ts";
import { DEL_EVENT } from "../keyspace/key_event.ts";
import { TYPE_SET } from "../keyspace/record.ts";
import { SetEdit } from "../types/set_edit.ts";
import { hasMember, replyMembers, setSize } from "../types/set_value.ts";
import { storeEdit } from "./collection_store.ts";
import { SADD_EVENT, SREM_EVENT } from "./set_event.ts";

const edit = new SetEdit();

/** SADD key member [member ...]. {@link https://redis.io/docs/latest/commands/sadd/} */
export const saddCommand = defineCommand({
  name: "sadd",
  arity: -3,
  flags: ["write", "denyoom", "fast"],
  group: "set",
  keys: oneKey("RW", "insert"),
  since: "1.0.0",
  complexity:
    "O(1) for each element added, so O(N) to add N elements when the command is called with multiple arguments.",
  summary:
    "Adds one or more members to a set. Creates the key if it doesn't exist.",
  syntax: "key member [member ...]",
  history: [["2.4.0", "Accepts multiple `member` arguments."]],
  run({ db, keyspace }, args, reply) {
    const ref = db.writeType(args, 1, TYPE_SET);
    if (
      args.count === 3 && ref !== 0 && !db.map.isObject(ref) &&
      isMember(db, ref, args, 2)
    ) return reply.integer(0);
    const added = addMembers(db, ref, args);
    if (added > 0) {
      db.changed(args, 1, SADD_EVENT);
      keyspace.dirty += added - 1;
    }
    reply.integer(added);
  },
});

function addMembers(db: Database, ref: number, args: Args): number {
  const { limits } = db.keyspace, count = args.count - 2;
  if (ref !== 0) {
    edit.open(db.map, ref, limits);
    edit.expect(count);
  } else {
    edit.beginFor(limits, args, args.offset(2), args.length(2), count);
  }
  let added = 0;
  for (let i = 2; i < args.count; i++) {
    if (edit.add(args, args.offset(i), args.length(i))) added++;
  }
  storeEdit(db, args, 1, ref, TYPE_SET, edit);
  return added;
}

function isMember(
  db: Database,
  ref: number,
  args: Args,
  index: number,
): boolean {
  return hasMember(db.map, ref, args, args.offset(index), args.length(index));
}

/**
 * SREM key member [member ...]
 *
 * The last member takes the key with it.
 * {@link https://redis.io/docs/latest/commands/srem/}
 */
export const sremCommand = defineCommand({
  name: "srem",
  arity: -3,
  flags: ["write", "fast"],
  group: "set",
  keys: oneKey("RW", "delete"),
  since: "1.0.0",
  complexity: "O(N) where N is the number of members to be removed.",
  summary:
    "Removes one or more members from a set. Deletes the set if the last member was removed.",
  syntax: "key member [member ...]",
  history: [["2.4.0", "Accepts multiple `member` arguments."]],
  run({ db, keyspace }, args, reply) {
    const ref = db.writeType(args, 1, TYPE_SET);
    if (ref === 0) return reply.integer(0);
    edit.open(db.map, ref, keyspace.limits);
    let removed = 0;
    for (let i = 2; i < args.count && edit.size > 0; i++) {
      if (edit.remove(args, args.offset(i), args.length(i))) removed++;
    }
    if (removed > 0) {
      storeRemoval(db, args, ref);
      keyspace.dirty += removed - 1;
    }
    reply.integer(removed);
  },
});

/** Stores what is left of the set at argument 1, and tells of it. */
function storeRemoval(db: Database, args: Args, ref: number): void {
  const isEmpty = edit.size === 0;
  if (isEmpty) db.discard(ref);
  else storeEdit(db, args, 1, ref, TYPE_SET, edit);
  db.changed(args, 1, SREM_EVENT);
  if (isEmpty) db.changedToo(args, 1, DEL_EVENT);
}

/** SMOVE source destination member. {@link https://redis.io/docs/latest/commands/smove/} */
export const smoveCommand = defineCommand({
  name: "smove",
  arity: 4,
  flags: ["write", "fast"],
  group: "set",
  keys: [keyAt(1, "RW", "access", "delete"), keyAt(2, "RW", "insert")],
  since: "1.0.0",
  complexity: "O(1)",
  summary: "Moves a member from one set to another.",
  syntax: "source destination member",
  run({ db, keyspace }, args, reply) {
    const { limits } = keyspace;
    if (db.write(args, 1) === 0) {
      db.write(args, 2);
      return reply.integer(0);
    }
    db.writeType(args, 1, TYPE_SET);
    db.writeType(args, 2, TYPE_SET);
    const ref = db.peek(args, 1);
    const offset = args.offset(3), length = args.length(3);
    if (args.areEqual(1, 2)) {
      return reply.integer(isMember(db, ref, args, 3) ? 1 : 0);
    }
    edit.open(db.map, ref, limits);
    if (!edit.remove(args, offset, length)) return reply.integer(0);
    storeRemoval(db, args, ref);
    const destination = db.peek(args, 2);
    if (destination === 0) edit.beginFor(limits, args, offset, length, 1);
    else edit.open(db.map, destination, limits);
    if (edit.add(args, offset, length)) {
      storeEdit(db, args, 2, destination, TYPE_SET, edit);
      db.changed(args, 2, SADD_EVENT);
    }
    reply.integer(1);
  },
});

/** SISMEMBER key member. {@link https://redis.io/docs/latest/commands/sismember/} */
export const sismemberCommand = defineCommand({
  name: "sismember",
  arity: 3,
  flags: ["readonly", "fast"],
  group: "set",
  keys: oneKey("RO"),
  since: "1.0.0",
  complexity: "O(1)",
  summary: "Determines whether a member belongs to a set.",
  syntax: "key member",
  run({ db }, args, reply) {
    const ref = db.readType(args, 1, TYPE_SET);
    reply.integer(ref !== 0 && isMember(db, ref, args, 2) ? 1 : 0);
  },
});

/** SMISMEMBER key member [member ...]. {@link https://redis.io/docs/latest/commands/smismember/} */
export const smismemberCommand = defineCommand({
  name: "smismember",
  arity: -3,
  flags: ["readonly", "fast"],
  group: "set",
  keys: oneKey("RO", "access"),
  since: "6.2.0",
  complexity:
    "O(N) where N is the number of elements being checked for membership",
  summary: "Determines whether multiple members belong to a set.",
  syntax: "key member [member ...]",
  run({ db, keyspace }, args, reply) {
    const ref = db.readType(args, 1, TYPE_SET), table = tableAt(db.map, ref);
    let warmed = 2;
    reply.array(args.count - 2);
    for (let i = 2; i < args.count; i++) {
      if (i === warmed) warmed = keyspace.warmPass.load(table, args, i, 1);
      reply.integer(ref !== 0 && isMember(db, ref, args, i) ? 1 : 0);
    }
  },
});

/** What the commands about a whole set have in common. */
const READS_SET = {
  arity: 2,
  group: "set",
  since: "1.0.0",
  syntax: "key",
} satisfies Partial<CommandDefinition>;

/** SCARD key. {@link https://redis.io/docs/latest/commands/scard/} */
export const scardCommand = defineCommand({
  ...READS_SET,
  name: "scard",
  flags: ["readonly", "fast"],
  keys: oneKey("RO"),
  complexity: "O(1)",
  summary: "Returns the number of members in a set.",
  run({ db }, args, reply) {
    const ref = db.readType(args, 1, TYPE_SET);
    reply.integer(ref === 0 ? 0 : setSize(db.map, ref));
  },
});

/** SMEMBERS key. {@link https://redis.io/docs/latest/commands/smembers/} */
export const smembersCommand = defineCommand({
  ...READS_SET,
  name: "smembers",
  flags: ["readonly"],
  keys: oneKey("RO", "access"),
  complexity: "O(N) where N is the set cardinality.",
  summary: "Returns all members of a set.",
  tips: ["nondeterministic_output_order"],
  run({ db }, args, reply) {
    const ref = db.readType(args, 1, TYPE_SET);
    if (ref === 0) reply.set(0);
    else replyMembers(reply, db.map, ref);
  },
});
