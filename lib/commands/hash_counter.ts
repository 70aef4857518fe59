/** Fields of hashes as numbers. */

import { parseInt64, parseSmallInteger } from "../router/args.ts";
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
import { writeInteger } from "../router/number_text.ts";
import { HashEdit } from "../types/hash_edit.ts";
import { HashField } from "../types/hash_field.ts";
import { NO_EXPIRY } from "../keyspace/record_store.ts";
import { ScratchSource } from "../types/inline_entries.ts";
import {
  addLongDoubles,
  formatLongDouble,
  LONG_DOUBLE_ZERO,
  parseLongDouble,
} from "../types/long_double.ts";
import { storeEdit } from "./collection_store.ts";
import { writeHash } from "./field_times.ts";
import { HINCRBY_EVENT, HINCRBYFLOAT_EVENT } from "./hash_event.ts";

/** With an increment up to this, the sum with a counter of up to 15 digits is exact. */
const INCREMENT_MAX = 2 ** 52;
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
const field = new HashField();
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
    const increment = args.integer(3);
    const ref = writeHash(call, args);
    const isThere = findField(call, ref, args);
    const value = isThere
      ? parseSmallInteger(field.bytes, field.start, field.length)
      : 0;
    if (value !== value || Math.abs(increment) > INCREMENT_MAX) {
      const old = isThere ? parseInt64(field.value) : 0n;
      const sum = sumOf(old, args.bigint(3)), length = holdText(`${sum}`);
      storeSum(call, args, ref, isThere, length, HINCRBY_EVENT);
      return reply.bigint(sum);
    }
    const sum = value + increment;
    const length = writeInteger(sumSource.bytes, 0, sum);
    storeSum(call, args, ref, isThere, length, HINCRBY_EVENT);
    reply.integer(sum);
  },
});

/** @throws {CommandError} when there is no value, or the sum has more than 64 bits. */
function sumOf(value: bigint | undefined, increment: bigint): bigint {
  if (value === undefined) throw NO_INTEGER;
  const sum = value + increment;
  if (sum > INT64_MAX || sum < INT64_MIN) throw OVERFLOW;
  return sum;
}

/** Puts a text into `sumSource`; its length. */
function holdText(text: string): number {
  sumSource.hold(bytesOfText(text));
  return text.length;
}

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
    const ref = writeHash(call, args);
    const isThere = findField(call, ref, args);
    const value = isThere ? parseLongDouble(field.value) : LONG_DOUBLE_ZERO;
    if (value === undefined) throw NO_FLOAT;
    const sum = addLongDoubles(value, increment);
    if (sum === undefined) throw SUM_NOT_FINITE;
    const text = formatLongDouble(sum);
    const keepsTime = isThere && field.expiresAt !== NO_EXPIRY;
    storeSum(call, args, ref, isThere, holdText(text), HINCRBYFLOAT_EVENT);
    if (call.effects.isWanted) passOnSum(call, args, keepsTime, text);
    reply.bulkText(text);
  },
});

/** Replicas set the field, which keeps its time. */
function passOnSum(
  { effects }: Call,
  args: Args,
  keepsTime: boolean,
  text: string,
): void {
  const key = args.slice(1), name = args.slice(2);
  if (!keepsTime) effects.replaceWith("HSET", key, name, text);
  else {
    const fields = ["KEEPTTL", "FIELDS", "1", name, text];
    effects.replaceWith("HSETEX", key, ...fields);
  }
}

/** Finds the field in argument 2; false when it is not there. */
function findField({ db, keyspace }: Call, ref: number, args: Args): boolean {
  const offset = args.offset(2), length = args.length(2);
  return field.find(db.map, ref, args, offset, length, keyspace.fieldNowMs);
}

/** Sets the field in argument 2, which was just looked for, to the first bytes of `sumSource`. Its expiry stays. */
function storeSum(
  { db, keyspace: { limits } }: Call,
  args: Args,
  ref: number,
  isThere: boolean,
  length: number,
  event: KeyEvent,
): void {
  const isSmall = length <= limits.hashMaxListpackValue;
  if (!isThere || !isSmall || !field.overwrite(sumSource, 0, length)) {
    const expiresAt = isThere ? field.expiresAt : NO_EXPIRY;
    if (ref === 0) edit.begin(limits);
    else edit.open(db.map, ref, limits);
    const offset = args.offset(2), fieldLength = args.length(2);
    edit.set(args, offset, fieldLength, sumSource, 0, length, expiresAt);
    storeEdit(db, args, 1, ref, TYPE_HASH, edit);
  }
  db.changed(args, 1, event);
}
