/** Fields of hashes as numbers. */

import { parseInt64 } from "../router/args.ts";
import { CommandError } from "../router/command_error.ts";
import {
  type CommandDefinition,
  defineCommand,
  oneKey,
} from "../router/command.ts";
import type { Args } from "../router/args.ts";
import type { Call } from "../router/call.ts";
import type { KeyEvent } from "../keyspace/key_event.ts";
import { TYPE_HASH } from "../keyspace/record.ts";
import { bytesOfText } from "../resp/byte_text.ts";
import { HashEdit } from "../types/hash_edit.ts";
import { fieldExpiry, fieldValue } from "../types/hash_value.ts";
import { ScratchSource } from "../types/inline_entries.ts";
import {
  addLongDoubles,
  formatLongDouble,
  LONG_DOUBLE_ZERO,
  parseLongDouble,
} from "../types/long_double.ts";
import { storeEdit } from "./collection_store.ts";
import { hsetCommand } from "./hash.ts";
import { HINCRBY_EVENT, HINCRBYFLOAT_EVENT } from "./hash_event.ts";

const INT64_MAX = 9223372036854775807n;
const INT64_MIN = -9223372036854775808n;
const NO_INTEGER = new CommandError("ERR hash value is not an integer");
const NO_FLOAT = new CommandError("ERR hash value is not a float");
const OVERFLOW = new CommandError("ERR increment or decrement would overflow");
const NOT_FINITE = new CommandError("ERR value is NaN or Infinity");
const SUM_NOT_FINITE = new CommandError(
  "ERR increment would produce NaN or Infinity",
);

const edit = new HashEdit();
const sumSource = new ScratchSource();

/** What both commands have in common. */
const COUNTS = {
  arity: 4,
  flags: ["write", "denyoom", "fast"],
  group: "hash",
  keys: oneKey("RW", "access", "update"),
  complexity: "O(1)",
} satisfies Partial<CommandDefinition>;

/** HINCRBY key field increment. {@link https://redis.io/docs/latest/commands/hincrby/} */
export const hincrbyCommand = defineCommand({
  ...COUNTS,
  name: "hincrby",
  since: "2.0.0",
  summary:
    "Increments the integer value of a field in a hash by a number. Uses 0 as initial value if the field doesn't exist.",
  syntax: "key field increment{:integer}",
  run(call, args, reply) {
    const increment = args.bigint(3);
    const ref = call.db.writeType(args, 1, TYPE_HASH);
    const bytes = valueOf(call, ref, args);
    const value = bytes === undefined ? 0n : parseInt64(bytes);
    if (value === undefined) throw NO_INTEGER;
    const sum = value + increment;
    if (sum > INT64_MAX || sum < INT64_MIN) throw OVERFLOW;
    storeSum(call, args, ref, sum.toString(), HINCRBY_EVENT);
    reply.bigint(sum);
  },
});

/**
 * HINCRBYFLOAT key field increment
 *
 * Computes as INCRBYFLOAT does. Replicas get the result.
 * {@link https://redis.io/docs/latest/commands/hincrbyfloat/}
 */
export const hincrbyfloatCommand = defineCommand({
  ...COUNTS,
  name: "hincrbyfloat",
  since: "2.6.0",
  summary:
    "Increments the floating point value of a field by a number. Uses 0 as initial value if the field doesn't exist.",
  syntax: "key field increment{:double}",
  run(call, args, reply) {
    const increment = parseLongDouble(args.slice(3));
    if (increment === undefined) throw CommandError.notFloat;
    if (increment.exponent === Infinity) throw NOT_FINITE;
    const ref = call.db.writeType(args, 1, TYPE_HASH);
    const bytes = valueOf(call, ref, args);
    const value = bytes === undefined
      ? LONG_DOUBLE_ZERO
      : parseLongDouble(bytes);
    if (value === undefined) throw NO_FLOAT;
    const sum = addLongDoubles(value, increment);
    if (sum === undefined) throw SUM_NOT_FINITE;
    const text = formatLongDouble(sum);
    storeSum(call, args, ref, text, HINCRBYFLOAT_EVENT);
    if (call.effects.isWanted) {
      const { name } = hsetCommand;
      call.effects.replaceWith(name, args.slice(1), args.slice(2), text);
    }
    reply.bulkText(text);
  },
});

/** The value of the field in argument 2; undefined without one. */
function valueOf(
  { db, nowMs }: Call,
  ref: number,
  args: Args,
): Uint8Array | undefined {
  if (ref === 0) return undefined;
  const offset = args.offset(2), length = args.length(2);
  return fieldValue(db.map, ref, args, offset, length, nowMs);
}

/** Sets the field in argument 2, which keeps its expiry. */
function storeSum(
  call: Call,
  args: Args,
  ref: number,
  sum: string,
  event: KeyEvent,
): void {
  const { db, keyspace } = call;
  const offset = args.offset(2), length = args.length(2);
  const expiresAt = ref === 0
    ? -1
    : fieldExpiry(db.map, ref, args, offset, length, call.nowMs);
  if (ref === 0) edit.begin(keyspace.limits);
  else edit.open(db.map, ref, keyspace.limits);
  sumSource.hold(bytesOfText(sum));
  edit.set(args, offset, length, sumSource, 0, sum.length, expiresAt);
  storeEdit(db, args, 1, ref, TYPE_HASH, edit);
  db.changed(args, 1, event);
}
