/** Commands that answer a hash as a whole: its fields, its values, its size. */

import type { Call } from "../router/call.ts";
import type { Args } from "../router/args.ts";
import {
  type CommandDefinition,
  defineCommand,
  oneKey,
} from "../router/command.ts";
import type { ByteMap } from "../keyspace/byte_map.ts";
import { TYPE_HASH } from "../keyspace/record.ts";
import type { ReplyWriter } from "../resp/reply_writer.ts";
import type { HashObject } from "../types/hash_object.ts";
import { hashSize } from "../types/hash_value.ts";
import {
  entryLength,
  entryStart,
  inlineCount,
  inlineEnd,
  inlineStart,
  nextEntry,
} from "../types/inline_entries.ts";

/** Parts of a field that are answered. */
const FIELDS = 1;
const VALUES = 2;

/** What the commands that answer all of a hash have in common. */
const READS_ALL = {
  arity: 2,
  flags: ["readonly"],
  group: "hash",
  keys: oneKey("RO", "access"),
  since: "2.0.0",
  complexity: "O(N) where N is the size of the hash.",
  syntax: "key",
  tips: ["nondeterministic_output_order"],
} satisfies Partial<CommandDefinition>;

/** HGETALL key. {@link https://redis.io/docs/latest/commands/hgetall/} */
export const hgetallCommand = defineCommand({
  ...READS_ALL,
  name: "hgetall",
  summary: "Returns all fields and values in a hash.",
  run(call, args, reply) {
    answerAll(call, args, reply, FIELDS | VALUES);
  },
});

/** HKEYS key. {@link https://redis.io/docs/latest/commands/hkeys/} */
export const hkeysCommand = defineCommand({
  ...READS_ALL,
  name: "hkeys",
  summary: "Returns all fields in a hash.",
  run(call, args, reply) {
    answerAll(call, args, reply, FIELDS);
  },
});

/** HVALS key. {@link https://redis.io/docs/latest/commands/hvals/} */
export const hvalsCommand = defineCommand({
  ...READS_ALL,
  name: "hvals",
  summary: "Returns all values in a hash.",
  run(call, args, reply) {
    answerAll(call, args, reply, VALUES);
  },
});

function answerAll(
  call: Call,
  args: Args,
  reply: ReplyWriter,
  parts: number,
): void {
  const { map } = call.db;
  const ref = call.db.readType(args, 1, TYPE_HASH);
  if (ref === 0) begin(reply, parts, 0);
  else if (map.isObject(ref)) {
    const hash = map.object(ref) as HashObject;
    if (hash.volatileCount === 0) answerTable(hash, reply, parts);
    else answerLive(hash, reply, parts, call.keyspace.fieldNowMs);
  } else answerInline(map, ref, reply, parts);
}

function begin(reply: ReplyWriter, parts: number, count: number): void {
  if (parts === (FIELDS | VALUES)) reply.map(count);
  else reply.array(count);
}

function answerInline(
  map: ByteMap,
  ref: number,
  reply: ReplyWriter,
  parts: number,
): void {
  begin(reply, parts, inlineCount(map, ref));
  const bytes = map.arena.bytes[ref >>> 20], end = inlineEnd(map, ref);
  let part = FIELDS;
  for (let at = inlineStart(map, ref); at < end; at = nextEntry(bytes, at)) {
    if ((parts & part) !== 0) {
      reply.bulkRange(bytes, entryStart(bytes, at), entryLength(bytes, at));
    }
    part ^= FIELDS | VALUES;
  }
}

function answerTable(
  { table }: HashObject,
  reply: ReplyWriter,
  parts: number,
): void {
  begin(reply, parts, table.size);
  table.replyAll(reply, (parts & FIELDS) !== 0, (parts & VALUES) !== 0);
}

/** Leaves the fields out whose time is over. */
function answerLive(
  hash: HashObject,
  reply: ReplyWriter,
  parts: number,
  nowMs: number,
): void {
  const { table } = hash, mark = reply.beginDeferred();
  let count = 0;
  for (let at = table.first(); at !== 0; at = table.next(at)) {
    if (!hash.isLive(at, nowMs)) continue;
    if ((parts & FIELDS) !== 0) table.replyKey(reply, at);
    if ((parts & VALUES) !== 0) table.replyValue(reply, at);
    count++;
  }
  const kind = parts === (FIELDS | VALUES) ? "map" : "array";
  reply.endDeferred(mark, count, kind);
}

/** HLEN key. {@link https://redis.io/docs/latest/commands/hlen/} */
export const hlenCommand = defineCommand({
  name: "hlen",
  arity: 2,
  flags: ["readonly", "fast"],
  group: "hash",
  keys: oneKey("RO"),
  since: "2.0.0",
  complexity: "O(1)",
  summary: "Returns the number of fields in a hash.",
  syntax: "key",
  run({ db }, args, reply) {
    const ref = db.readType(args, 1, TYPE_HASH);
    reply.integer(ref === 0 ? 0 : hashSize(db.map, ref));
  },
});
