/** Commands on parts of strings. */

import type { Args } from "../router/args.ts";
import type { Call } from "../router/call.ts";
import { CommandError } from "../router/command_error.ts";
import { defineCommand, oneKey } from "../router/command.ts";
import type { ByteMap } from "../keyspace/byte_map.ts";
import { IS_RAW, type LargeString } from "../keyspace/record.ts";
import {
  clearRange,
  makeWritable,
  reserveString,
  writeAt,
} from "../keyspace/string_edit.ts";
import { LEND_LENGTH_MIN, type ReplyWriter } from "../resp/reply_writer.ts";
import { isBehind } from "./index_range.ts";
import { APPEND_EVENT, SETRANGE_EVENT } from "./string_event.ts";

/** Smallest value that `proto-max-bulk-len` can have: strings up to here are never too long. */
const LIMIT_MIN_BYTES = 1024 * 1024;

const TOO_LONG = new CommandError(
  "ERR string exceeds maximum allowed size (proto-max-bulk-len)",
);
const OFFSET_OUT_OF_RANGE = new CommandError("ERR offset is out of range");

const GETRANGE_COMPLEXITY =
  "O(N) where N is the length of the returned string. The complexity is ultimately determined by the returned length, but because creating a substring from an existing string is very cheap, it can be considered O(1) for small strings.";

/**
 * APPEND key value
 *
 * Answers the new length. {@link https://redis.io/docs/latest/commands/append/}
 */
export const appendCommand = defineCommand({
  name: "append",
  arity: 3,
  flags: ["write", "denyoom", "fast"],
  group: "string",
  keys: oneKey("RW", "insert"),
  since: "2.0.0",
  complexity:
    "O(1). The amortized time complexity is O(1) assuming the appended value is small and the already present value is of any size, since the dynamic string library used by Redis will double the free space available on every reallocation.",
  summary:
    "Appends a string to the value of a key. Creates the key if it doesn't exist.",
  syntax: "key value",
  run(call, args, reply) {
    const { db } = call;
    const ref = db.writeString(args, 1);
    const length = args.length(2);
    if (ref === 0) {
      db.setString(args, 1, ref, 2, false, APPEND_EVENT);
      return reply.integer(length);
    }
    const oldLength = db.map.stringLength(ref), newLength = oldLength + length;
    checkLength(call, newLength);
    const grown = makeWritable(db, args, 1, ref, newLength);
    writeAt(db.map, grown, oldLength, args, args.offset(2), length);
    db.changed(args, 1, APPEND_EVENT);
    reply.integer(newLength);
  },
});

/** STRLEN key. {@link https://redis.io/docs/latest/commands/strlen/} */
export const strlenCommand = defineCommand({
  name: "strlen",
  arity: 2,
  flags: ["readonly", "fast"],
  group: "string",
  keys: oneKey("RO"),
  since: "2.2.0",
  complexity: "O(1)",
  summary: "Returns the length of a string value.",
  syntax: "key",
  run({ db }, args, reply) {
    const ref = db.readString(args, 1);
    reply.integer(ref === 0 ? 0 : db.map.stringLength(ref));
  },
});

/**
 * GETRANGE key start end
 *
 * Both ends count; negative ones from the string's end.
 * {@link https://redis.io/docs/latest/commands/getrange/}
 */
export const getrangeCommand = defineCommand({
  name: "getrange",
  arity: 4,
  flags: ["readonly"],
  group: "string",
  keys: oneKey("RO", "access"),
  since: "2.4.0",
  complexity: GETRANGE_COMPLEXITY,
  summary: "Returns a substring of the string stored at a key.",
  syntax: "key start{:integer} end{:integer}",
  run: answerRange,
});

/** SUBSTR key start end: GETRANGE's old name. {@link https://redis.io/docs/latest/commands/substr/} */
export const substrCommand = defineCommand({
  ...getrangeCommand,
  name: "substr",
  since: "1.0.0",
  summary: "Returns a substring from a string value.",
  deprecatedSince: "2.0.0",
  replacedBy: "`GETRANGE`",
});

function answerRange({ db }: Call, args: Args, reply: ReplyWriter): void {
  let start = args.integer(2), end = args.integer(3);
  const ref = db.readString(args, 1);
  const length = ref === 0 ? 0 : db.map.stringLength(ref);
  const isReversed = start < 0 && end < 0 && isBehind(args, start, end);
  if (start < 0) start = Math.max(0, length + start);
  if (end < 0) end = Math.max(0, length + end);
  end = Math.min(end, length - 1);
  if (isReversed || start > end) reply.bulkText("");
  else replyRange(db.map, reply, ref, start, end - start + 1);
}

/** Answers `length` bytes of a string. */
function replyRange(
  map: ByteMap,
  reply: ReplyWriter,
  ref: number,
  start: number,
  length: number,
): void {
  if (!map.isObject(ref)) {
    const { bytes } = map.chunkOf(ref);
    return reply.bulkRange(bytes, map.stringOffset(ref) + start, length);
  }
  const large = map.object(ref) as LargeString;
  const range = large.bytes.subarray(start, start + length);
  if (length < LEND_LENGTH_MIN) return reply.bulk(range);
  large.isLent = true;
  reply.bulkLent(range);
}

/**
 * SETRANGE key offset value
 *
 * Fills up to the offset with zeros. Answers the new length.
 * {@link https://redis.io/docs/latest/commands/setrange/}
 */
export const setrangeCommand = defineCommand({
  name: "setrange",
  arity: 4,
  flags: ["write", "denyoom"],
  group: "string",
  keys: oneKey("RW", "update"),
  since: "2.2.0",
  complexity:
    "O(1), not counting the time taken to copy the new string in place. Usually, this string is very small so the amortized complexity is O(1). Otherwise, complexity is O(M) with M being the length of the value argument.",
  summary:
    "Overwrites a part of a string value with another by an offset. Creates the key if it doesn't exist.",
  syntax: "key offset value",
  run(call, args, reply) {
    const { db } = call, { map } = db;
    const at = args.integer(2);
    if (at < 0) throw OFFSET_OUT_OF_RANGE;
    const ref = db.writeString(args, 1);
    const oldLength = ref === 0 ? 0 : map.stringLength(ref);
    const length = args.length(3);
    if (length === 0) return reply.integer(oldLength);
    checkLength(call, at + length);
    const newLength = Math.max(oldLength, at + length);
    const grown = ref === 0
      ? reserveString(db, args, 1, newLength)
      : makeWritable(db, args, 1, ref, newLength);
    clearRange(map, grown, oldLength, at);
    writeAt(map, grown, at, args, args.offset(3), length);
    map.setEncoding(grown, IS_RAW);
    db.changed(args, 1, SETRANGE_EVENT);
    reply.integer(newLength);
  },
});

/** @throws {CommandError} when a string would be longer than the configuration allows. */
function checkLength({ parts }: Call, length: number): void {
  if (
    length > LIMIT_MIN_BYTES && length > parts.config.get("proto-max-bulk-len")
  ) throw TOO_LONG;
}
