/**
 * Strings as numbers: INCR and its relatives.
 *
 * Counters are 64-bit integers kept as their digits. What is small is added where
 * it is; the rest takes a BigInt.
 */

import type { Args } from "../router/args.ts";
import { parseInt64, parseSmallInteger } from "../router/args.ts";
import type { Call } from "../router/call.ts";
import { CommandError } from "../router/command_error.ts";
import {
  type CommandDefinition,
  defineCommand,
  oneKey,
} from "../router/command.ts";
import { IS_NOT_INTEGER } from "../keyspace/record.ts";
import { addInPlace, putText } from "../keyspace/string_edit.ts";
import type { ReplyWriter } from "../resp/reply_writer.ts";
import {
  addLongDoubles,
  formatLongDouble,
  LONG_DOUBLE_ZERO,
  parseLongDouble,
} from "../types/long_double.ts";
import { setCommand } from "./string.ts";
import { INCRBY_EVENT, INCRBYFLOAT_EVENT } from "./string_event.ts";

const INT64_MAX = 9223372036854775807n;
const INT64_MIN = -9223372036854775808n;
const OVERFLOW = new CommandError("ERR increment or decrement would overflow");
const DECREMENT_OVERFLOW = new CommandError("ERR decrement would overflow");
const NOT_FINITE = new CommandError(
  "ERR increment would produce NaN or Infinity",
);

/** What all counter commands have in common. */
const COUNTS = {
  flags: ["write", "denyoom", "fast"],
  group: "string",
  keys: oneKey("RW", "access", "update"),
  complexity: "O(1)",
} satisfies Partial<CommandDefinition>;

/** INCR key. {@link https://redis.io/docs/latest/commands/incr/} */
export const incrCommand = defineCommand({
  ...COUNTS,
  name: "incr",
  arity: 2,
  since: "1.0.0",
  summary:
    "Increments the integer value of a key by one. Uses 0 as initial value if the key doesn't exist.",
  syntax: "key",
  run(call, args, reply) {
    addSmall(call, args, reply, 1);
  },
});

/** DECR key. {@link https://redis.io/docs/latest/commands/decr/} */
export const decrCommand = defineCommand({
  ...COUNTS,
  name: "decr",
  arity: 2,
  since: "1.0.0",
  summary:
    "Decrements the integer value of a key by one. Uses 0 as initial value if the key doesn't exist.",
  syntax: "key",
  run(call, args, reply) {
    addSmall(call, args, reply, -1);
  },
});

/** INCRBY key increment. {@link https://redis.io/docs/latest/commands/incrby/} */
export const incrbyCommand = defineCommand({
  ...COUNTS,
  name: "incrby",
  arity: 3,
  since: "1.0.0",
  summary:
    "Increments the integer value of a key by a number. Uses 0 as initial value if the key doesn't exist.",
  syntax: "key increment{:integer}",
  run(call, args, reply) {
    const delta = smallArgument(args, 2);
    if (delta === delta) addSmall(call, args, reply, delta);
    else addExact(call, args, reply, args.bigint(2));
  },
});

/** DECRBY key decrement. {@link https://redis.io/docs/latest/commands/decrby/} */
export const decrbyCommand = defineCommand({
  ...COUNTS,
  name: "decrby",
  arity: 3,
  since: "1.0.0",
  summary:
    "Decrements a number from the integer value of a key. Uses 0 as initial value if the key doesn't exist.",
  syntax: "key decrement",
  run(call, args, reply) {
    const delta = smallArgument(args, 2);
    if (delta === delta) return addSmall(call, args, reply, -delta);
    const exact = args.bigint(2);
    if (exact === INT64_MIN) throw DECREMENT_OVERFLOW;
    addExact(call, args, reply, -exact);
  },
});

/** An integer argument of up to 15 digits, or NaN. */
function smallArgument(args: Args, index: number): number {
  return parseSmallInteger(args.bytes, args.offset(index), args.length(index));
}

function addSmall(
  call: Call,
  args: Args,
  reply: ReplyWriter,
  delta: number,
): void {
  const { db } = call;
  const ref = db.writeString(args, 1);
  const sum = addInPlace(db, args, 1, ref, delta);
  if (sum !== sum) return setSum(call, args, reply, ref, BigInt(delta));
  db.changed(args, 1, INCRBY_EVENT);
  reply.integer(sum);
}

function addExact(
  call: Call,
  args: Args,
  reply: ReplyWriter,
  delta: bigint,
): void {
  setSum(call, args, reply, call.db.writeString(args, 1), delta);
}

/** After lookup: adds to a counter of any size. */
function setSum(
  { db }: Call,
  args: Args,
  reply: ReplyWriter,
  ref: number,
  delta: bigint,
): void {
  const value = ref === 0 ? 0n : parseInt64(db.map.string(ref));
  if (value === undefined) throw CommandError.notInteger;
  const sum = value + delta;
  if (sum > INT64_MAX || sum < INT64_MIN) throw OVERFLOW;
  putText(db, args, 1, ref, sum.toString(), 0);
  db.changed(args, 1, INCRBY_EVENT);
  reply.bigint(sum);
}

/**
 * INCRBYFLOAT key increment
 *
 * Computes with 80-bit floats and prints 17 decimals, as Redis does on x86.
 * Replicas get the result. {@link https://redis.io/docs/latest/commands/incrbyfloat/}
 */
export const incrbyfloatCommand = defineCommand({
  ...COUNTS,
  name: "incrbyfloat",
  arity: 3,
  since: "2.6.0",
  summary:
    "Increment the floating point value of a key by a number. Uses 0 as initial value if the key doesn't exist.",
  syntax: "key increment{:double}",
  run(call, args, reply) {
    const { db, effects } = call;
    const ref = db.writeString(args, 1);
    const value = ref === 0
      ? LONG_DOUBLE_ZERO
      : parseLongDouble(db.map.string(ref));
    const increment = parseLongDouble(args.slice(2));
    if (value === undefined || increment === undefined) {
      throw CommandError.notFloat;
    }
    const sum = addLongDoubles(value, increment);
    if (sum === undefined) throw NOT_FINITE;
    const text = formatLongDouble(sum);
    putText(db, args, 1, ref, text, IS_NOT_INTEGER);
    db.changed(args, 1, INCRBYFLOAT_EVENT);
    if (effects.isWanted) {
      effects.replaceWith(setCommand.name, args.slice(1), text, "KEEPTTL");
    }
    reply.bulkText(text);
  },
});
