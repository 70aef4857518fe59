/** HSCAN: a hash in steps. */

import type { Args } from "../router/args.ts";
import { defineCommand, oneKey } from "../router/command.ts";
import { TYPE_HASH } from "../keyspace/record.ts";
import { type Elements, InlineElements } from "../types/elements.ts";
import { HASH_TABLE, type HashObject } from "../types/hash_object.ts";
import { scanCursor, type ScanOptions, scanOptions } from "./scan_arguments.ts";
import { scanNothing, scanTable, scanWhole } from "./table_scan.ts";

/** What an HSCAN asks for, beside its cursor. */
interface HashScanOptions extends ScanOptions {
  hasNoValues?: boolean;
}

/**
 * HSCAN key cursor [MATCH pattern] [COUNT count] [NOVALUES]
 *
 * {@link https://redis.io/docs/latest/commands/hscan/}
 */
export const hscanCommand = defineCommand({
  name: "hscan",
  arity: -3,
  flags: ["readonly"],
  group: "hash",
  keys: oneKey("RO", "access"),
  since: "2.8.0",
  complexity:
    "O(1) for every call. O(N) for a complete iteration, including enough command calls for the cursor to return back to 0. N is the number of elements inside the collection.",
  summary: "Iterates over fields and values of a hash.",
  syntax: "key cursor [MATCH pattern] [COUNT count] [NOVALUES]{7.4.0}",
  tips: ["nondeterministic_output"],
  run(call, args, reply) {
    const cursor = scanCursor(args, 2);
    const { map } = call.db, ref = call.db.readType(args, 1, TYPE_HASH);
    if (ref === 0) return scanNothing(reply);
    const options = scanOptions<HashScanOptions>(
      args,
      3,
      (index, options) => readNoValues(args, index, options),
    );
    const object = map.isObject(ref)
      ? map.object(ref) as HashObject
      : undefined;
    const answer = (elements: Elements, at: number) => {
      if (
        object !== undefined && !object.isLive(at, call.keyspace.fieldNowMs)
      ) return 0;
      elements.replyKey(reply, at);
      if (options.hasNoValues) return 1;
      elements.replyValue(reply, at);
      return 2;
    };
    if (object === undefined) {
      scanWhole(reply, new InlineElements(map, ref, true), options, answer);
    } else if (object.kind === HASH_TABLE) {
      scanTable(reply, object.table, cursor, options, answer);
    } else scanWhole(reply, object.table, options, answer);
  },
});

function readNoValues(
  args: Args,
  index: number,
  options: HashScanOptions,
): number {
  if (!args.is(index, "novalues")) return 0;
  options.hasNoValues = true;
  return 1;
}
