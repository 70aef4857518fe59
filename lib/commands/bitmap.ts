/** Strings as bitmaps: single bits, counts, searches and combinations. */

import type { Args } from "../router/args.ts";
import { CommandError } from "../router/command_error.ts";
import { defineCommand, oneKey } from "../router/command.ts";
import { IS_RAW } from "../keyspace/record.ts";
import {
  growWithZeros,
  stringMemory,
  stringStart,
} from "../keyspace/string_edit.ts";
import {
  type BitOperation,
  bitsOf,
  combineBits,
  countBits,
  findBit,
} from "../types/bits.ts";
import { readBitOffset } from "./bit_offset.ts";
import { isBehind } from "./index_range.ts";
import { SET_EVENT, SETBIT_EVENT } from "./string_event.ts";

const BYTE_BITS = 8;

const BAD_BIT = new CommandError("ERR bit is not an integer or out of range");
const NO_BIT = new CommandError("ERR The bit argument must be 1 or 0.");
const NOT_NEEDS_ONE_KEY = new CommandError(
  "ERR BITOP NOT must be called with a single source key.",
);

const OPERATIONS: readonly BitOperation[] = ["and", "or", "xor", "not"];

/**
 * SETBIT key offset value
 *
 * Fills up to the offset with zeros. Answers what the bit was; a bit that stays as
 * it is, is no change. {@link https://redis.io/docs/latest/commands/setbit/}
 */
export const setbitCommand = defineCommand({
  name: "setbit",
  arity: 4,
  flags: ["write", "denyoom"],
  group: "bitmap",
  keys: oneKey("RW", "access", "update"),
  since: "2.2.0",
  complexity: "O(1)",
  summary:
    "Sets or clears the bit at offset of the string value. Creates the key if it doesn't exist.",
  syntax: "key offset{:integer} value{:integer}",
  run(call, args, reply) {
    const { db } = call, { map } = db;
    const at = readBitOffset(call, args, 2), bit = args.integer(3, BAD_BIT);
    if (bit !== 0 && bit !== 1) throw BAD_BIT;
    const ref = db.writeString(args, 1);
    const byteLength = Math.floor(at / BYTE_BITS) + 1;
    const isGrowing = ref === 0 || byteLength > map.stringLength(ref);
    const made = growWithZeros(db, args, 1, ref, byteLength);
    const bytes = stringMemory(map, made);
    const place = stringStart(map, made) + byteLength - 1;
    const mask = 0x80 >>> (at & 7), old = bytes[place] & mask;
    if (isGrowing || (old !== 0) !== (bit === 1)) {
      bytes[place] = bit === 1 ? bytes[place] | mask : bytes[place] & ~mask;
      db.changed(args, 1, SETBIT_EVENT);
    }
    reply.integer(old === 0 ? 0 : 1);
  },
});

/** GETBIT key offset. {@link https://redis.io/docs/latest/commands/getbit/} */
export const getbitCommand = defineCommand({
  name: "getbit",
  arity: 3,
  flags: ["readonly", "fast"],
  group: "bitmap",
  keys: oneKey("RO", "access"),
  since: "2.2.0",
  complexity: "O(1)",
  summary: "Returns a bit value by offset.",
  syntax: "key offset{:integer}",
  run(call, args, reply) {
    const { db } = call, { map } = db;
    const at = readBitOffset(call, args, 2);
    const ref = db.readString(args, 1), index = Math.floor(at / BYTE_BITS);
    if (ref === 0 || index >= map.stringLength(ref)) return reply.integer(0);
    const byte = stringMemory(map, ref)[stringStart(map, ref) + index];
    reply.integer((byte >>> (7 - (at & 7))) & 1);
  },
});

/**
 * BITCOUNT key [start end [BYTE | BIT]]
 *
 * Both ends count; negative ones from the string's end. A key that does not exist
 * is answered before the range is read.
 * {@link https://redis.io/docs/latest/commands/bitcount/}
 */
export const bitcountCommand = defineCommand({
  name: "bitcount",
  arity: -2,
  flags: ["readonly"],
  group: "bitmap",
  keys: oneKey("RO", "access"),
  since: "2.6.0",
  complexity: "O(N)",
  summary: "Counts the number of set bits (population counting) in a string.",
  syntax: "key [start{:integer} end{:integer} [BYTE | BIT]{unit 7.0.0}]{range}",
  history: [["7.0.0", "Added the `BYTE|BIT` option."]],
  run({ db }, args, reply) {
    const ref = db.readString(args, 1), { map } = db;
    if (ref === 0) return reply.integer(0);
    const length = map.stringLength(ref);
    const bytes = stringMemory(map, ref), offset = stringStart(map, ref);
    if (args.count === 2) {
      return reply.integer(countBits(bytes, offset, length));
    }
    if (args.count < 4 || args.count > 5) throw CommandError.syntax;
    const start = args.integer(2), end = args.integer(3);
    if (start < 0 && end < 0 && isBehind(args, start, end)) {
      return reply.integer(0);
    }
    const unitBits = args.count === 5 ? readUnit(args, 4) : BYTE_BITS;
    const count = length * BYTE_BITS / unitBits;
    const from = fromStart(start, count) * unitBits;
    const to = (Math.min(fromStart(end, count), count - 1) + 1) * unitBits;
    reply.integer(from < to ? countRange(bytes, offset, from, to) : 0);
  },
});

/** Bits that are set from one bit up to another, which is not counted. */
function countRange(
  bytes: Uint8Array,
  offset: number,
  from: number,
  to: number,
): number {
  const first = offset + Math.floor(from / BYTE_BITS);
  const end = offset + Math.floor(to / BYTE_BITS);
  const before = bytes[first] & ~(0xff >>> (from & 7));
  const last = (to & 7) === 0 ? 0 : bytes[end] & ~(0xff >>> (to & 7));
  return countBits(bytes, first, end - first) + bitsOf(last) - bitsOf(before);
}

/** @throws {CommandError} when the argument is neither BYTE nor BIT. */
function readUnit(args: Args, index: number): number {
  if (args.is(index, "bit")) return 1;
  if (args.is(index, "byte")) return BYTE_BITS;
  throw CommandError.syntax;
}

/** An index of which negative ones count from the end, at least 0. */
function fromStart(index: number, count: number): number {
  return index < 0 ? Math.max(0, count + index) : index;
}

/**
 * BITPOS key bit [start [end [BYTE | BIT]]]
 *
 * Answers -1 when there is no such bit. But a clear bit is found behind a string
 * of set ones, unless an end was given.
 * {@link https://redis.io/docs/latest/commands/bitpos/}
 */
export const bitposCommand = defineCommand({
  name: "bitpos",
  arity: -3,
  flags: ["readonly"],
  group: "bitmap",
  keys: oneKey("RO", "access"),
  since: "2.8.7",
  complexity: "O(N)",
  summary: "Finds the first set (1) or clear (0) bit in a string.",
  syntax:
    "key bit [start{:integer} [end{:integer} [BYTE | BIT]{unit 7.0.0}]{end-unit-block}]{range}",
  history: [["7.0.0", "Added the `BYTE|BIT` option."]],
  run({ db }, args, reply) {
    const bit = args.integer(2), { map } = db, given = args.count;
    if (bit !== 0 && bit !== 1) throw NO_BIT;
    const ref = db.readString(args, 1);
    if (ref === 0) return reply.integer(bit === 1 ? -1 : 0);
    if (given > 6) throw CommandError.syntax;
    const length = map.stringLength(ref);
    const start = given > 3 ? args.integer(3) : 0;
    const unitBits = given === 6 ? readUnit(args, 5) : BYTE_BITS;
    const end = given > 4 ? args.integer(4) : -1;
    const count = length * BYTE_BITS / unitBits;
    const from = fromStart(start, count) * unitBits;
    const to = (Math.min(fromStart(end, count), count - 1) + 1) * unitBits - 1;
    if (from > to) return reply.integer(-1);
    const bytes = stringMemory(map, ref), offset = stringStart(map, ref);
    const position = findBit(bytes, offset, from, to, bit);
    reply.integer(
      position < 0 && bit === 0 && given < 5 ? length * BYTE_BITS : position,
    );
  },
});

/**
 * BITOP AND | OR | XOR | NOT destkey key [key ...]
 *
 * The result is as long as the longest string; when all are empty or missing, the
 * destination is deleted. {@link https://redis.io/docs/latest/commands/bitop/}
 */
export const bitopCommand = defineCommand({
  name: "bitop",
  arity: -4,
  flags: ["write", "denyoom"],
  group: "bitmap",
  keys: [
    {
      flags: ["OW", "update"],
      begin: { index: 2 },
      find: { last: 0, step: 1, limit: 0 },
    },
    {
      flags: ["RO", "access"],
      begin: { index: 3 },
      find: { last: -1, step: 1, limit: 0 },
    },
  ],
  since: "2.6.0",
  complexity: "O(N)",
  summary:
    "Performs bitwise operations on multiple strings, and stores the result.",
  syntax: "<AND | OR | XOR | NOT>{operation} destkey key [key ...]",
  run({ db }, args, reply) {
    const operation = OPERATIONS.find((name) => args.is(1, name));
    if (operation === undefined) throw CommandError.syntax;
    if (operation === "not" && args.count !== 4) throw NOT_NEEDS_ONE_KEY;
    const sources: Uint8Array[] = [];
    for (let i = 3; i < args.count; i++) {
      const ref = db.readString(args, i);
      sources.push(ref === 0 ? new Uint8Array() : db.map.string(ref));
    }
    const result = combineBits(operation, sources);
    const ref = db.write(args, 2);
    if (result.length > 0) {
      db.setStringBytes(args, 2, ref, result, false, SET_EVENT, IS_RAW);
    } else if (ref !== 0) db.delete(args, 2, ref);
    reply.integer(result.length);
  },
});
