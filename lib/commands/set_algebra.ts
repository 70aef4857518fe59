/** Intersections, unions and differences of sets: answered, counted, stored. */

import type { Args } from "../router/args.ts";
import type { Call } from "../router/call.ts";
import { CommandError } from "../router/command_error.ts";
import {
  type CommandDefinition,
  defineCommand,
  keyAt,
  type KeyFlag,
  manyKeys,
} from "../router/command.ts";
import { putValue } from "../keyspace/collection_edit.ts";
import type { KeyEvent } from "../keyspace/key_event.ts";
import { TYPE_SET } from "../keyspace/record.ts";
import type { ReplyWriter } from "../resp/reply_writer.ts";
import { SetAlgebra } from "../types/set_algebra.ts";
import { replyEdited } from "../types/set_value.ts";
import {
  SDIFFSTORE_EVENT,
  SINTERSTORE_EVENT,
  SUNIONSTORE_EVENT,
} from "./set_event.ts";

const BAD_NUMKEYS = new CommandError("ERR numkeys should be greater than 0");
const TOO_MANY_KEYS = new CommandError(
  "ERR Number of keys can't be greater than number of args",
);
const NEGATIVE_LIMIT = new CommandError("ERR LIMIT can't be negative");

const INTERSECTION_COMPLEXITY =
  "O(N*M) worst case where N is the cardinality of the smallest set and M is the number of sets.";
const TOTAL_COMPLEXITY =
  "O(N) where N is the total number of elements in all given sets.";

/** What the commands that answer members have in common. */
const READS = {
  arity: -2,
  flags: ["readonly"],
  group: "set",
  keys: manyKeys(1, "RO", "access"),
  since: "1.0.0",
  syntax: "key [key ...]",
  tips: ["nondeterministic_output_order"],
} satisfies Partial<CommandDefinition>;

/** What the commands that store a set have in common. */
const STORES = {
  arity: -3,
  flags: ["write", "denyoom"],
  group: "set",
  since: "1.0.0",
  syntax: "destination key [key ...]",
} satisfies Partial<CommandDefinition>;

function storeKeys(flag: KeyFlag): CommandDefinition["keys"] {
  return [keyAt(1, flag, "update"), {
    flags: ["RO", "access"],
    begin: { index: 2 },
    find: { last: -1, step: 1, limit: 0 },
  }];
}

/** SINTER key [key ...]. {@link https://redis.io/docs/latest/commands/sinter/} */
export const sinterCommand = defineCommand({
  ...READS,
  name: "sinter",
  complexity: INTERSECTION_COMPLEXITY,
  summary: "Returns the intersect of multiple sets.",
  run(call, args, reply) {
    const refs = readSets(call, args, 1, args.count);
    if (refs.includes(0)) return reply.set(0);
    const mark = reply.beginDeferred();
    let count = 0;
    algebraOf(call).intersect(refs, (source, offset, length) => {
      reply.bulkRange(source.bytes, offset, length);
      count++;
      return true;
    });
    reply.endDeferred(mark, count, "set");
  },
});

/** SINTERCARD numkeys key [key ...] [LIMIT limit]. {@link https://redis.io/docs/latest/commands/sintercard/} */
export const sintercardCommand = defineCommand({
  name: "sintercard",
  arity: -3,
  flags: ["readonly"],
  group: "set",
  keys: [{
    flags: ["RO", "access"],
    begin: { index: 1 },
    find: { keyNumIndex: 0, firstKey: 1, step: 1 },
  }],
  since: "7.0.0",
  complexity: INTERSECTION_COMPLEXITY,
  summary: "Returns the number of members of the intersect of multiple sets.",
  syntax: "numkeys key [key ...] [LIMIT limit]",
  run(call, args, reply) {
    const keyCount = args.integer(1, BAD_NUMKEYS);
    if (keyCount < 1) throw BAD_NUMKEYS;
    if (keyCount > args.count - 2) throw TOO_MANY_KEYS;
    const end = 2 + keyCount;
    let limit = 0;
    for (let i = end; i < args.count; i += 2) {
      if (i + 1 === args.count || !args.is(i, "limit")) {
        throw CommandError.syntax;
      }
      limit = args.integer(i + 1, NEGATIVE_LIMIT);
      if (limit < 0) throw NEGATIVE_LIMIT;
    }
    const refs = readSets(call, args, 2, end);
    if (refs.includes(0)) return reply.integer(0);
    let count = 0;
    algebraOf(call).intersect(refs, () => ++count !== limit);
    reply.integer(count);
  },
});

/** SINTERSTORE destination key [key ...]. {@link https://redis.io/docs/latest/commands/sinterstore/} */
export const sinterstoreCommand = defineCommand({
  ...STORES,
  name: "sinterstore",
  keys: storeKeys("RW"),
  complexity: INTERSECTION_COMPLEXITY,
  summary: "Stores the intersect of multiple sets in a key.",
  run(call, args, reply) {
    const refs = readSets(call, args, 2, args.count);
    const algebra = algebraOf(call);
    if (refs.includes(0)) algebra.edit.begin(call.keyspace.limits);
    else algebra.storeIntersection(refs);
    storeResult(call, args, algebra, SINTERSTORE_EVENT, reply);
  },
});

/** SUNION key [key ...]. {@link https://redis.io/docs/latest/commands/sunion/} */
export const sunionCommand = defineCommand({
  ...READS,
  name: "sunion",
  complexity: TOTAL_COMPLEXITY,
  summary: "Returns the union of multiple sets.",
  run(call, args, reply) {
    const algebra = algebraOf(call);
    algebra.storeUnion(readSets(call, args, 1, args.count));
    replyEdited(reply, algebra.edit);
  },
});

/** SUNIONSTORE destination key [key ...]. {@link https://redis.io/docs/latest/commands/sunionstore/} */
export const sunionstoreCommand = defineCommand({
  ...STORES,
  name: "sunionstore",
  keys: storeKeys("OW"),
  complexity: TOTAL_COMPLEXITY,
  summary: "Stores the union of multiple sets in a key.",
  run(call, args, reply) {
    const algebra = algebraOf(call);
    algebra.storeUnion(readSets(call, args, 2, args.count));
    storeResult(call, args, algebra, SUNIONSTORE_EVENT, reply);
  },
});

/** SDIFF key [key ...]. {@link https://redis.io/docs/latest/commands/sdiff/} */
export const sdiffCommand = defineCommand({
  ...READS,
  name: "sdiff",
  complexity: TOTAL_COMPLEXITY,
  summary: "Returns the difference of multiple sets.",
  run(call, args, reply) {
    const algebra = algebraOf(call);
    algebra.storeDifference(readSets(call, args, 1, args.count));
    replyEdited(reply, algebra.edit);
  },
});

/** SDIFFSTORE destination key [key ...]. {@link https://redis.io/docs/latest/commands/sdiffstore/} */
export const sdiffstoreCommand = defineCommand({
  ...STORES,
  name: "sdiffstore",
  keys: storeKeys("OW"),
  complexity: TOTAL_COMPLEXITY,
  summary: "Stores the difference of multiple sets in a key.",
  run(call, args, reply) {
    const algebra = algebraOf(call);
    algebra.storeDifference(readSets(call, args, 2, args.count));
    storeResult(call, args, algebra, SDIFFSTORE_EVENT, reply);
  },
});

function algebraOf({ db, keyspace }: Call): SetAlgebra {
  return new SetAlgebra(db.map, keyspace.limits);
}

/** The refs of the sets at arguments from `first` up to before `end`, 0 for one that is not there. */
function readSets(
  { db }: Call,
  args: Args,
  first: number,
  end: number,
): number[] {
  const refs: number[] = [];
  for (let i = first; i < end; i++) refs.push(db.readType(args, i, TYPE_SET));
  return refs;
}

/** Stores what was made at argument 1, whatever that held; an empty set deletes it. */
function storeResult(
  { db }: Call,
  args: Args,
  { edit }: SetAlgebra,
  event: KeyEvent,
  reply: ReplyWriter,
): void {
  const { size } = edit, ref = db.write(args, 1);
  if (size > 0) {
    putValue(db, args, 1, ref, TYPE_SET, edit.take());
    db.changed(args, 1, event);
  } else if (ref !== 0) db.delete(args, 1, ref);
  reply.integer(size);
}
