/** Commands that walk over the keys: KEYS and SCAN. */

import type { Args } from "../router/args.ts";
import { CommandError } from "../router/command_error.ts";
import { defineCommand } from "../router/command.ts";
import { TYPE_NAMES } from "../keyspace/record.ts";
import { textOfBytes } from "../resp/byte_text.ts";
import { globMatch } from "../types/glob.ts";

const INVALID_CURSOR = new CommandError("ERR invalid cursor");
const CURSOR_MAX = 2n ** 64n - 1n;
/** Hashes, which cursors are here, end below this. */
const HASHES_END = 2n ** 31n;
const COUNT_DEFAULT = 10;
/** Keys walked over in one SCAN however large its COUNT, so that it ends in a fraction of a second. */
const COUNT_MAX = 1_000_000;
const WALK_END = -1;
const STAR = 0x2a;

/**
 * KEYS pattern
 *
 * Leaves expired keys out, but does not remove them.
 * {@link https://redis.io/docs/latest/commands/keys/}
 */
export const keysCommand = defineCommand({
  name: "keys",
  arity: 2,
  flags: ["readonly"],
  group: "generic",
  since: "1.0.0",
  complexity:
    "O(N) with N being the number of keys in the database, under the assumption that the key names in the database and the given pattern have limited length.",
  summary: "Returns all key names that match a pattern.",
  syntax: "pattern",
  categories: ["dangerous"],
  tips: ["request_policy:all_shards", "nondeterministic_output_order"],
  run({ db }, args, reply) {
    const pattern = patternOf(args, 1);
    const mark = reply.beginDeferred();
    let count = 0;
    db.map.index.walk(0, Infinity, (ref) => {
      if (db.isExpired(ref)) return;
      if (pattern !== undefined && !globMatch(pattern, db.map.key(ref))) return;
      db.replyKey(reply, ref);
      count++;
    });
    reply.endDeferred(mark, count);
  },
});

/** What a SCAN asks for, beside its cursor. */
interface ScanOptions {
  /** Keys to walk over at least, if so many follow. */
  count: number;
  /** Undefined for all. */
  pattern?: Uint8Array;
  /** A type number; -1 for a type that does not exist; undefined for all. */
  type?: number;
}

/**
 * SCAN cursor [MATCH pattern] [COUNT count] [TYPE type]
 *
 * The cursor is a bound in the order of hashes, in which the table is kept
 * whatever its size. So no insertion, removal or resize in between can hide a key
 * that stays, and none is returned twice.
 * {@link https://redis.io/docs/latest/commands/scan/}
 */
export const scanCommand = defineCommand({
  name: "scan",
  arity: -2,
  flags: ["readonly"],
  group: "generic",
  since: "2.8.0",
  complexity:
    "O(1) for every call. O(N) for a complete iteration, including enough command calls for the cursor to return back to 0. N is the number of elements inside the collection.",
  summary: "Iterates over the key names in the database.",
  syntax: "cursor [MATCH pattern] [COUNT count] [TYPE type]{6.0.0}",
  tips: [
    "nondeterministic_output",
    "request_policy:special",
    "response_policy:special",
  ],
  history: [["6.0.0", "Added the `TYPE` subcommand."]],
  run({ db }, args, reply) {
    const cursor = cursorOf(args, 1);
    const { count, pattern, type } = scanOptions(args, 2);
    const found: number[] = [], expired: number[] = [];
    const { map } = db;
    const next = cursor === WALK_END
      ? WALK_END
      : map.index.walk(cursor, count, (ref) => {
        if (pattern !== undefined && !globMatch(pattern, map.key(ref))) return;
        if (db.isExpired(ref)) expired.push(ref);
        else if (type === undefined || map.typeOf(ref) === type) {
          found.push(ref);
        }
      });
    reply.array(2);
    reply.bulkText(next === WALK_END ? "0" : String(next));
    reply.array(found.length);
    for (const ref of found) db.replyKey(reply, ref);
    if (!db.keyspace.isExpiring) return;
    for (const ref of expired) db.expire(ref);
  },
});

function scanOptions(args: Args, from: number): ScanOptions {
  const options: ScanOptions = { count: COUNT_DEFAULT };
  for (let i = from; i < args.count; i += 2) {
    if (i + 1 === args.count) throw CommandError.syntax;
    if (args.is(i, "count")) {
      const count = args.integer(i + 1);
      if (count < 1) throw CommandError.syntax;
      options.count = Math.min(count, COUNT_MAX);
    } else if (args.is(i, "match")) options.pattern = patternOf(args, i + 1);
    else if (args.is(i, "type")) {
      options.type = TYPE_NAMES.indexOf(args.text(i + 1).toLowerCase(), 1);
    } else throw CommandError.syntax;
  }
  return options;
}

/** A pattern, or undefined when it is the one that matches all keys. */
function patternOf(args: Args, index: number): Uint8Array | undefined {
  const pattern = args.slice(index);
  return pattern.length === 1 && pattern[0] === STAR ? undefined : pattern;
}

/**
 * The hash at which to go on, or -1 when there is none so high.
 *
 * What is a number is what C's strtoul reads up to a NUL: a sign is allowed, and
 * a negative number counts from 2^64 down.
 *
 * @throws {CommandError} `ERR invalid cursor`
 */
function cursorOf(args: Args, index: number): number {
  const bytes = args.slice(index);
  const end = bytes.indexOf(0);
  const text = textOfBytes(end < 0 ? bytes : bytes.subarray(0, end));
  if (text === "") return 0;
  const match = /^([+-]?)(\d+)$/.exec(text);
  if (match === null) throw INVALID_CURSOR;
  const magnitude = BigInt(match[2]);
  if (magnitude > CURSOR_MAX) throw INVALID_CURSOR;
  const cursor = match[1] === "-" ? BigInt.asUintN(64, -magnitude) : magnitude;
  return cursor < HASHES_END ? Number(cursor) : WALK_END;
}
