/** Commands that walk over the keys: KEYS and SCAN. */

import type { Args } from "../router/args.ts";
import { defineCommand } from "../router/command.ts";
import { TYPE_NAMES } from "../keyspace/record.ts";
import { globMatch } from "../types/glob.ts";
import {
  SCAN_END,
  scanCursor,
  type ScanOptions,
  scanOptions,
  scanPattern,
} from "./scan_arguments.ts";

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
    const pattern = scanPattern(args, 1);
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
interface KeyScanOptions extends ScanOptions {
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
  run({ db, executor }, args, reply) {
    const cursor = scanCursor(args, 1);
    const { count, pattern, type } = scanOptions<KeyScanOptions>(
      args,
      2,
      (index, options) => readType(args, index, options),
    );
    const found: number[] = [], expired: number[] = [];
    const { map } = db;
    const next = cursor === SCAN_END
      ? SCAN_END
      : map.index.walk(cursor, count, (ref) => {
        if (pattern !== undefined && !globMatch(pattern, map.key(ref))) return;
        if (db.isExpired(ref)) expired.push(ref);
        else if (type === undefined || map.typeOf(ref) === type) {
          found.push(ref);
        }
      });
    reply.array(2);
    reply.bulkText(next === SCAN_END ? "0" : String(next));
    reply.array(found.length);
    for (const ref of found) db.replyKey(reply, ref);
    if (!db.keyspace.isExpiring) return;
    if (executor.depth === 0) db.keyspace.effects.loosen();
    for (const ref of expired) db.expire(ref);
  },
});

/** TYPE and the type behind it, if they are there. */
function readType(args: Args, index: number, options: KeyScanOptions): number {
  if (index + 1 === args.count || !args.is(index, "type")) return 0;
  options.type = TYPE_NAMES.indexOf(args.text(index + 1).toLowerCase(), 1);
  return 2;
}
