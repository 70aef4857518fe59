/** Commands that remove a range of a sorted set. */

import type { Args } from "../router/args.ts";
import type { Call } from "../router/call.ts";
import {
  type CommandDefinition,
  defineCommand,
  oneKey,
} from "../router/command.ts";
import type { KeyEvent } from "../keyspace/key_event.ts";
import { TYPE_ZSET } from "../keyspace/record.ts";
import type { ReplyWriter } from "../resp/reply_writer.ts";
import { SortedSetReader } from "../types/sorted_set_reader.ts";
import { RangeBounds, type RangeKind } from "./sorted_set_bounds.ts";
import { removeRange } from "./sorted_set_removal.ts";
import {
  ZREMRANGEBYLEX_EVENT,
  ZREMRANGEBYRANK_EVENT,
  ZREMRANGEBYSCORE_EVENT,
} from "./sorted_set_event.ts";

const reader = new SortedSetReader();
const bounds = new RangeBounds();

const REMOVES = {
  arity: 4,
  flags: ["write"],
  group: "sorted-set",
  keys: oneKey("RW", "delete"),
  complexity:
    "O(log(N)+M) with N being the number of elements in the sorted set and M the number of elements removed by the operation.",
} satisfies Partial<CommandDefinition>;

/** ZREMRANGEBYRANK key start stop. {@link https://redis.io/docs/latest/commands/zremrangebyrank/} */
export const zremrangebyrankCommand = defineCommand({
  ...REMOVES,
  name: "zremrangebyrank",
  since: "2.0.0",
  summary:
    "Removes members in a sorted set within a range of indexes. Deletes the sorted set if all members were removed.",
  syntax: "key start{:integer} stop{:integer}",
  run: (call, args, reply) =>
    removeBounds(call, args, reply, "rank", ZREMRANGEBYRANK_EVENT),
});

/** ZREMRANGEBYSCORE key min max. {@link https://redis.io/docs/latest/commands/zremrangebyscore/} */
export const zremrangebyscoreCommand = defineCommand({
  ...REMOVES,
  name: "zremrangebyscore",
  since: "1.2.0",
  summary:
    "Removes members in a sorted set within a range of scores. Deletes the sorted set if all members were removed.",
  syntax: "key min{:double} max{:double}",
  run: (call, args, reply) =>
    removeBounds(call, args, reply, "score", ZREMRANGEBYSCORE_EVENT),
});

/** ZREMRANGEBYLEX key min max. {@link https://redis.io/docs/latest/commands/zremrangebylex/} */
export const zremrangebylexCommand = defineCommand({
  ...REMOVES,
  name: "zremrangebylex",
  since: "2.8.9",
  summary:
    "Removes members in a sorted set within a lexicographical range. Deletes the sorted set if all members were removed.",
  syntax: "key min{:string} max{:string}",
  run: (call, args, reply) =>
    removeBounds(call, args, reply, "member", ZREMRANGEBYLEX_EVENT),
});

function removeBounds(
  { db }: Call,
  args: Args,
  reply: ReplyWriter,
  kind: RangeKind,
  event: KeyEvent,
): void {
  bounds.read(args, kind, 2, 3, false);
  const ref = db.writeType(args, 1, TYPE_ZSET);
  if (ref === 0) return reply.integer(0);
  reader.open(db.map, ref);
  bounds.find(reader);
  const { first, end } = bounds;
  const count = Math.max(0, end - first);
  if (count > 0) removeRange(db, args, 1, ref, first, count, event);
  reply.integer(count);
}
