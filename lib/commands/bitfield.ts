/**
 * Strings as arrays of integers of any width: BITFIELD.
 *
 * Integers have up to 64 bits, so what is written is computed with BigInts.
 */

import { type Args, parseInt64 } from "../router/args.ts";
import type { Call } from "../router/call.ts";
import { CommandError } from "../router/command_error.ts";
import { defineCommand, keyAt, oneKey } from "../router/command.ts";
import {
  growWithZeros,
  stringMemory,
  stringStart,
} from "../keyspace/string_edit.ts";
import type { ReplyWriter } from "../resp/reply_writer.ts";
import { readWideBits, writeWideBits } from "../types/bits.ts";
import { readBitOffset } from "./bit_offset.ts";
import { SETBIT_EVENT } from "./string_event.ts";

/** What is done when a value does not fit. */
type Overflow = "wrap" | "sat" | "fail";

const OVERFLOWS: readonly Overflow[] = ["wrap", "sat", "fail"];
const LOWER_I = 105, LOWER_U = 117;
const WIDTH_MAX = 64;
const INT64_MAX = 9223372036854775807n;
const BYTE_BITS = 8;

const BAD_TYPE = new CommandError(
  "ERR Invalid bitfield type. Use something like i16 u8. Note that u64 is not supported but i64 is.",
);
const BAD_OVERFLOW = new CommandError("ERR Invalid OVERFLOW type specified");
const READS_ONLY = new CommandError(
  "ERR BITFIELD_RO only supports the GET subcommand",
);

/** One operation on one integer. */
interface FieldOperation {
  kind: "get" | "set" | "incrby";
  isSigned: boolean;
  width: number;
  /** Its first bit. */
  at: number;
  /** What is set or added. */
  operand: bigint;
  overflow: Overflow;
}

/**
 * BITFIELD key [GET encoding offset | [OVERFLOW WRAP | SAT | FAIL]
 *   SET encoding offset value | INCRBY encoding offset increment ...]
 *
 * The string grows to hold the last integer that is written, even when every
 * write fails. {@link https://redis.io/docs/latest/commands/bitfield/}
 */
export const bitfieldCommand = defineCommand({
  name: "bitfield",
  arity: -2,
  flags: ["write", "denyoom"],
  group: "bitmap",
  keys: [{
    ...keyAt(1, "RW", "update", "access", "variable_flags"),
    notes: "This command allows both access and modification of the key",
  }],
  keyFlagsOf(args, nameIndex) {
    return isReadingOnly(args, nameIndex + 2)
      ? ["RO", "access"]
      : ["RW", "access", "update"];
  },
  since: "3.2.0",
  complexity: "O(1) for each subcommand specified",
  summary: "Performs arbitrary bitfield integer operations on strings.",
  syntax:
    "key [GET (encoding offset){get-block} | ([OVERFLOW <WRAP | SAT | FAIL>{overflow-block}] <SET (encoding offset value{:integer}){set-block} | INCRBY (encoding offset increment){incrby-block}>{write-operation}){write}]{operation} [...]",
  run(call, args, reply) {
    const operations = readOperations(call, args);
    if (operations.some(isWriting)) change(call, args, reply, operations);
    else answerAll(call, args, reply, operations);
  },
});

/**
 * BITFIELD_RO key [GET encoding offset [GET encoding offset ...]]
 *
 * {@link https://redis.io/docs/latest/commands/bitfield_ro/}
 */
export const bitfieldRoCommand = defineCommand({
  name: "bitfield_ro",
  arity: -2,
  flags: ["readonly", "fast"],
  group: "bitmap",
  keys: oneKey("RO", "access"),
  since: "6.0.0",
  complexity: "O(1) for each subcommand specified",
  summary:
    "Performs arbitrary read-only bitfield integer operations on strings.",
  syntax: "key [GET (encoding offset){get-block} [GET (encoding offset) ...]]",
  run(call, args, reply) {
    const operations = readOperations(call, args);
    if (operations.some(isWriting)) throw READS_ONLY;
    answerAll(call, args, reply, operations);
  },
});

function isWriting({ kind }: FieldOperation): boolean {
  return kind !== "get";
}

/** Whether all operations from `index` on are GET, as far as that can be said without reading them. */
function isReadingOnly(args: Args, index: number): boolean {
  while (index < args.count) {
    const left = args.count - index - 1;
    if (args.is(index, "get") && left >= 2) index += 3;
    else if (args.is(index, "overflow") && left >= 1) index += 2;
    else return false;
  }
  return true;
}

/** Reads all operations. @throws {CommandError} at the first that is wrong. */
function readOperations(call: Call, args: Args): FieldOperation[] {
  const operations: FieldOperation[] = [];
  let overflow: Overflow = "wrap";
  for (let i = 2; i < args.count;) {
    const left = args.count - i - 1;
    if (args.is(i, "overflow") && left >= 1) {
      const named = OVERFLOWS.find((name) => args.is(i + 1, name));
      if (named === undefined) throw BAD_OVERFLOW;
      overflow = named;
      i += 2;
      continue;
    }
    const kind = readKind(args, i, left);
    const width = readWidth(args, i + 1);
    operations.push({
      kind,
      width,
      isSigned: args.bytes[args.offset(i + 1)] === LOWER_I,
      at: readBitOffset(call, args, i + 2, width),
      operand: kind === "get" ? 0n : args.bigint(i + 3),
      overflow,
    });
    i += kind === "get" ? 3 : 4;
  }
  return operations;
}

function readKind(
  args: Args,
  index: number,
  left: number,
): FieldOperation["kind"] {
  if (args.is(index, "get") && left >= 2) return "get";
  if (args.is(index, "set") && left >= 3) return "set";
  if (args.is(index, "incrby") && left >= 3) return "incrby";
  throw CommandError.syntax;
}

/** The bits of an encoding like `i16` or `u8`; what follows a null byte is not seen. */
function readWidth(args: Args, index: number): number {
  const encoding = args.slice(index), sign = encoding[0];
  if (sign !== LOWER_I && sign !== LOWER_U) throw BAD_TYPE;
  const end = encoding.indexOf(0);
  const digits = encoding.subarray(1, end < 0 ? encoding.length : end);
  const width = Number(parseInt64(digits) ?? 0n);
  const most = sign === LOWER_I ? WIDTH_MAX : WIDTH_MAX - 1;
  if (width < 1 || width > most) throw BAD_TYPE;
  return width;
}

/** Answers operations that change nothing. */
function answerAll(
  { db }: Call,
  args: Args,
  reply: ReplyWriter,
  operations: readonly FieldOperation[],
): void {
  const ref = db.readString(args, 1), { map } = db;
  const bytes = ref === 0 ? new Uint8Array() : stringMemory(map, ref);
  const start = ref === 0 ? 0 : stringStart(map, ref);
  const end = ref === 0 ? 0 : start + map.stringLength(ref);
  reply.array(operations.length);
  for (const operation of operations) {
    reply.bigint(readField(bytes, start, end, operation));
  }
}

/** Does operations of which some write. */
function change(
  call: Call,
  args: Args,
  reply: ReplyWriter,
  operations: readonly FieldOperation[],
): void {
  const { db } = call, { map } = db;
  const lastBit = operations.filter(isWriting)
    .reduce((last, { at, width }) => Math.max(last, at + width - 1), 0);
  const length = Math.floor(lastBit / BYTE_BITS) + 1;
  const ref = db.writeString(args, 1);
  const isGrowing = ref === 0 || length > map.stringLength(ref);
  const made = growWithZeros(db, args, 1, ref, length);
  const bytes = stringMemory(map, made), start = stringStart(map, made);
  const end = start + map.stringLength(made);
  let changes = 0;
  reply.array(operations.length);
  for (const operation of operations) {
    const old = readField(bytes, start, end, operation);
    if (operation.kind === "get") {
      reply.bigint(old);
      continue;
    }
    const value = valueAfter(operation, old);
    if (value === undefined) {
      reply.null();
      continue;
    }
    reply.bigint(operation.kind === "set" ? old : value);
    writeWideBits(bytes, start, operation.at, operation.width, value);
    if (isGrowing || value !== old) changes++;
  }
  if (changes === 0) return;
  db.changed(args, 1, SETBIT_EVENT);
  call.keyspace.dirty += changes - 1;
}

function readField(
  bytes: Uint8Array,
  start: number,
  end: number,
  { at, width, isSigned }: FieldOperation,
): bigint {
  const unsigned = readWideBits(bytes, start, end, at, width);
  return isSigned ? BigInt.asIntN(width, unsigned) : unsigned;
}

/** What a field holds after SET or INCRBY, or undefined when that fails. */
function valueAfter(
  { kind, isSigned, width, operand, overflow }: FieldOperation,
  old: bigint,
): bigint | undefined {
  const bits = BigInt(width);
  const max = (1n << (isSigned ? bits - 1n : bits)) - 1n;
  const min = isSigned ? -max - 1n : 0n;
  const value = kind === "set" ? operand : old + operand;
  if (value >= min && value <= max) return value;
  if (overflow === "fail") return undefined;
  if (overflow === "wrap") {
    return isSigned
      ? BigInt.asIntN(width, value)
      : BigInt.asUintN(width, value);
  }
  // Redis takes what SET is given for unsigned, and its distance from the maximum for 64 bits.
  const isAbove = value > max ||
    (kind === "set" && (!isSigned || (width < 64 && max - value > INT64_MAX)));
  return isAbove ? max : min;
}
