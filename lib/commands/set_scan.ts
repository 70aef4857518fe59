/** SSCAN: a set in steps. */

import { defineCommand, oneKey } from "../router/command.ts";
import { TYPE_SET } from "../keyspace/record.ts";
import type { ReplyWriter } from "../resp/reply_writer.ts";
import type { Elements } from "../types/elements.ts";
import { SET_TABLE, type SetObject } from "../types/set_object.ts";
import { inlineMembers } from "../types/set_value.ts";
import { scanCursor, scanOptions } from "./scan_arguments.ts";
import { scanNothing, scanTable, scanWhole } from "./table_scan.ts";

/** SSCAN key cursor [MATCH pattern] [COUNT count]. {@link https://redis.io/docs/latest/commands/sscan/} */
export const sscanCommand = defineCommand({
  name: "sscan",
  arity: -3,
  flags: ["readonly"],
  group: "set",
  keys: oneKey("RO", "access"),
  since: "2.8.0",
  complexity:
    "O(1) for every call. O(N) for a complete iteration, including enough command calls for the cursor to return back to 0. N is the number of elements inside the collection.",
  summary: "Iterates over members of a set.",
  syntax: "key cursor [MATCH pattern] [COUNT count]",
  tips: ["nondeterministic_output"],
  run({ db }, args, reply: ReplyWriter) {
    const cursor = scanCursor(args, 2);
    const { map } = db, ref = db.readType(args, 1, TYPE_SET);
    if (ref === 0) return scanNothing(reply);
    const options = scanOptions(args, 3);
    const answer = (elements: Elements, at: number) => {
      elements.replyKey(reply, at);
      return 1;
    };
    if (!map.isObject(ref)) {
      const elements = inlineMembers(map, ref);
      return scanWhole(reply, elements, options, answer);
    }
    const { table, kind } = map.object(ref) as SetObject;
    if (kind === SET_TABLE) {
      scanTable(reply, table, cursor, options, answer);
    } else scanWhole(reply, table, options, answer);
  },
});
