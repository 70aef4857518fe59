/** Unions, intersections and differences of sorted sets: answered, counted, stored. */

import type { Args } from "../router/args.ts";
import type { Call } from "../router/call.ts";
import { CommandError } from "../router/command_error.ts";
import {
  type CommandDefinition,
  defineCommand,
  keyAt,
  type KeySpec,
} from "../router/command.ts";
import type { KeyEvent } from "../keyspace/key_event.ts";
import { TYPE_SET, TYPE_ZSET } from "../keyspace/record.ts";
import { ScratchSource } from "../types/inline_entries.ts";
import type { ReplyWriter } from "../resp/reply_writer.ts";
import {
  type Aggregate,
  higherScore,
  type Input,
  lowerScore,
  SortedSetAlgebra,
  sumOfScores,
} from "../types/sorted_set_algebra.ts";
import { SortedSetEdit } from "../types/sorted_set_edit.ts";
import {
  SORTED_SET_SKIPLIST,
  type SortedSetObject,
} from "../types/sorted_set_object.ts";
import {
  ZDIFFSTORE_EVENT,
  ZINTERSTORE_EVENT,
  ZUNIONSTORE_EVENT,
} from "./sorted_set_event.ts";
import { storeSortedSet } from "./sorted_set_store.ts";

const NO_FLOAT = new CommandError("ERR weight value is not a float");
const NEGATIVE_LIMIT = new CommandError("ERR LIMIT can't be negative");

const edit = new SortedSetEdit();
const memberSource = new ScratchSource();

type Operation = "union" | "intersection" | "difference";

/** Keys behind their number, which is at an argument. */
function countedKeys(index: number): KeySpec {
  return {
    flags: ["RO", "access"],
    begin: { index },
    find: { keyNumIndex: 0, firstKey: 1, step: 1 },
  };
}

const READS = {
  arity: -3,
  flags: ["readonly"],
  group: "sorted-set",
  keys: [countedKeys(1)],
  since: "6.2.0",
} satisfies Partial<CommandDefinition>;
const STORES = {
  arity: -4,
  flags: ["write", "denyoom"],
  group: "sorted-set",
  keys: [keyAt(1, "OW", "update"), countedKeys(2)],
} satisfies Partial<CommandDefinition>;

const COMBINING_SYNTAX =
  "numkeys key [key ...] [WEIGHTS weight [weight ...]] [AGGREGATE <SUM | MIN | MAX>{aggregate}]";
const INTERSECTION_COMPLEXITY =
  "O(N*K)+O(M*log(M)) worst case with N being the smallest input sorted set, K being the number of input sorted sets and M being the number of elements in the resulting sorted set.";
const DIFFERENCE_COMPLEXITY =
  "O(L + (N-K)log(N)) worst case where L is the total number of elements in all the sets, N is the size of the first set, and K is the size of the result set.";

/** ZUNION numkeys key [key ...] [WEIGHTS …] [AGGREGATE …] [WITHSCORES]. {@link https://redis.io/docs/latest/commands/zunion/} */
export const zunionCommand = defineCommand({
  ...READS,
  name: "zunion",
  complexity:
    "O(N)+O(M*log(M)) with N being the sum of the sizes of the input sorted sets, and M being the number of elements in the resulting sorted set.",
  summary: "Returns the union of multiple sorted sets.",
  syntax: `${COMBINING_SYNTAX} [WITHSCORES]`,
  run: (call, args, reply) => answer(call, args, reply, "union"),
});

/** ZUNIONSTORE destination numkeys key [key ...] [WEIGHTS …] [AGGREGATE …]. {@link https://redis.io/docs/latest/commands/zunionstore/} */
export const zunionstoreCommand = defineCommand({
  ...STORES,
  name: "zunionstore",
  since: "2.0.0",
  complexity:
    "O(N)+O(M log(M)) with N being the sum of the sizes of the input sorted sets, and M being the number of elements in the resulting sorted set.",
  summary: "Stores the union of multiple sorted sets in a key.",
  syntax: `destination ${COMBINING_SYNTAX}`,
  run: (call, args, reply) =>
    store(call, args, reply, "union", ZUNIONSTORE_EVENT),
});

/** ZINTER numkeys key [key ...] [WEIGHTS …] [AGGREGATE …] [WITHSCORES]. {@link https://redis.io/docs/latest/commands/zinter/} */
export const zinterCommand = defineCommand({
  ...READS,
  name: "zinter",
  complexity: INTERSECTION_COMPLEXITY,
  summary: "Returns the intersect of multiple sorted sets.",
  syntax: `${COMBINING_SYNTAX} [WITHSCORES]`,
  run: (call, args, reply) => answer(call, args, reply, "intersection"),
});

/** ZINTERSTORE destination numkeys key [key ...] [WEIGHTS …] [AGGREGATE …]. {@link https://redis.io/docs/latest/commands/zinterstore/} */
export const zinterstoreCommand = defineCommand({
  ...STORES,
  name: "zinterstore",
  since: "2.0.0",
  complexity: INTERSECTION_COMPLEXITY,
  summary: "Stores the intersect of multiple sorted sets in a key.",
  syntax: `destination ${COMBINING_SYNTAX}`,
  run: (call, args, reply) =>
    store(call, args, reply, "intersection", ZINTERSTORE_EVENT),
});

/** ZDIFF numkeys key [key ...] [WITHSCORES]. {@link https://redis.io/docs/latest/commands/zdiff/} */
export const zdiffCommand = defineCommand({
  ...READS,
  name: "zdiff",
  complexity: DIFFERENCE_COMPLEXITY,
  summary: "Returns the difference between multiple sorted sets.",
  syntax: "numkeys key [key ...] [WITHSCORES]",
  run: (call, args, reply) => answer(call, args, reply, "difference"),
});

/** ZDIFFSTORE destination numkeys key [key ...]. {@link https://redis.io/docs/latest/commands/zdiffstore/} */
export const zdiffstoreCommand = defineCommand({
  ...STORES,
  name: "zdiffstore",
  since: "6.2.0",
  complexity: DIFFERENCE_COMPLEXITY,
  summary: "Stores the difference of multiple sorted sets in a key.",
  syntax: "destination numkeys key [key ...]",
  run: (call, args, reply) =>
    store(call, args, reply, "difference", ZDIFFSTORE_EVENT),
});

/** ZINTERCARD numkeys key [key ...] [LIMIT limit]. {@link https://redis.io/docs/latest/commands/zintercard/} */
export const zintercardCommand = defineCommand({
  ...READS,
  name: "zintercard",
  since: "7.0.0",
  complexity:
    "O(N*K) worst case with N being the smallest input sorted set, K being the number of input sorted sets.",
  summary:
    "Returns the number of members of the intersect of multiple sorted sets.",
  syntax: "numkeys key [key ...] [LIMIT limit]",
  run(call, args, reply) {
    const algebra = new SortedSetAlgebra(call.db.map);
    const inputs = readInputs(call, args, 1, algebra);
    let limit = 0;
    for (let i = 2 + inputs.length; i < args.count; i += 2) {
      if (i + 1 === args.count || !args.is(i, "limit")) {
        throw CommandError.syntax;
      }
      limit = args.integer(i + 1, NEGATIVE_LIMIT);
      if (limit < 0) throw NEGATIVE_LIMIT;
    }
    let count = 0;
    algebra.forEachShared(inputs, sumOfScores, () => ++count !== limit);
    reply.integer(count);
  },
});

/** The inputs that are counted at an argument and named behind it. */
function readInputs(
  { db, command }: Call,
  args: Args,
  index: number,
  algebra: SortedSetAlgebra,
): Input[] {
  const count = args.integer(index);
  if (count < 1) {
    throw new CommandError(
      `ERR at least 1 input key is needed for '${command.fullName}' command`,
    );
  }
  if (count > args.count - index - 1) throw CommandError.syntax;
  const inputs: Input[] = [];
  for (let i = 0; i < count; i++) {
    const ref = db.read(args, index + 1 + i);
    const type = ref === 0 ? TYPE_ZSET : db.map.typeOf(ref);
    if (type !== TYPE_ZSET && type !== TYPE_SET) throw CommandError.wrongType;
    inputs.push(algebra.input(ref));
  }
  return inputs;
}

/** Combines the inputs counted at argument `index` as the options behind them say. */
function combine(
  call: Call,
  args: Args,
  index: number,
  operation: Operation,
): { result: SortedSetObject; hasScores: boolean } {
  const algebra = new SortedSetAlgebra(call.db.map);
  const inputs = readInputs(call, args, index, algebra);
  const isCombining = operation !== "difference";
  let aggregate: Aggregate = sumOfScores, hasScores = false;
  for (let i = index + 1 + inputs.length; i < args.count;) {
    const remaining = args.count - i;
    if (isCombining && remaining > inputs.length && args.is(i, "weights")) {
      i++;
      for (const input of inputs) input.weight = args.float(i++, NO_FLOAT);
    } else if (isCombining && remaining >= 2 && args.is(i, "aggregate")) {
      aggregate = readAggregate(args, i + 1);
      i += 2;
    } else if (index === 1 && args.is(i, "withscores")) {
      hasScores = true;
      i++;
    } else throw CommandError.syntax;
  }
  const result = operation === "union"
    ? algebra.union(inputs, aggregate)
    : operation === "intersection"
    ? algebra.intersection(inputs, aggregate)
    : algebra.difference(inputs);
  return { result, hasScores };
}

function readAggregate(args: Args, index: number): Aggregate {
  if (args.is(index, "sum")) return sumOfScores;
  if (args.is(index, "min")) return lowerScore;
  if (args.is(index, "max")) return higherScore;
  throw CommandError.syntax;
}

function answer(
  call: Call,
  args: Args,
  reply: ReplyWriter,
  operation: Operation,
): void {
  const { result, hasScores } = combine(call, args, 1, operation);
  const { order, table, size } = result;
  const isNested = hasScores && reply.protocol === 3;
  reply.array(hasScores && !isNested ? size * 2 : size);
  for (let rank = 0; rank < size; rank++) {
    if (rank === 0) order.seek(0);
    else order.next();
    if (isNested) reply.array(2);
    table.replyKey(reply, order.ref);
    if (hasScores) reply.double(order.score);
  }
}

function store(
  call: Call,
  args: Args,
  reply: ReplyWriter,
  operation: Operation,
  event: KeyEvent,
): void {
  const { result } = combine(call, args, 2, operation);
  takeResult(call, result);
  storeSortedSet(call.db, args, edit, event, reply);
}

/** Puts a result into `edit`, which makes a small one compact. */
function takeResult({ keyspace: { limits } }: Call, result: SortedSetObject) {
  const { order, table, size } = result;
  edit.begin(limits);
  if (size > limits.zsetMaxListpackEntries) {
    result.kind = SORTED_SET_SKIPLIST;
    edit.object = result;
    return;
  }
  for (let rank = 0; rank < size; rank++) {
    if (rank === 0) order.seek(0);
    else order.next();
    const member = table.key(order.ref), { length } = member;
    if (length > limits.zsetMaxListpackValue) {
      result.kind = SORTED_SET_SKIPLIST;
      edit.object = result;
      return;
    }
    memberSource.hold(member);
    edit.find(memberSource, 0, length);
    edit.add(memberSource, 0, length, order.score);
  }
}
