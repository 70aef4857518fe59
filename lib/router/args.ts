/**
 * The arguments of one command, as places in a buffer.
 *
 * Nothing is copied or made into a string until a handler asks for it. An `Args`
 * is a window that its owner (a batch of decoded frames, a queued transaction, a
 * script) moves from command to command: what must outlive the call is copied
 * with {@link Args.copy} or taken with {@link Args.take}.
 *
 * The readers are strict as Redis is: `Number()` would take "", " 1", "0x10" and
 * "1e3" for integers. They throw the CommandError that Redis answers.
 */

import { CommandError } from "./command_error.ts";
import type { ByteSource } from "../keyspace/record_store.ts";
import { textOfBytes } from "../resp/byte_text.ts";
import { parseFloatStrict, parsePlainFloat } from "./number_text.ts";

/** Readable bytes that must follow the last argument in its buffer. */
export const ARGS_SLACK_BYTES = 8;

/** A taken argument may leave this many times its length unused in its buffer. */
const TAKE_WASTE_MAX = 2;
/** Shorter arguments are always copied. */
const TAKE_LENGTH_MIN = 16 * 1024;
const INT64_MAX = 9223372036854775807n;
const INT64_MIN = -9223372036854775808n;
/** Digits that a double holds exactly, whatever they are. */
export const SMALL_INTEGER_LENGTH = 15;

/** See the top of the file. */
export class Args implements ByteSource {
  /** The buffer, with ARGS_SLACK_BYTES readable behind the last argument. */
  bytes: Uint8Array = new Uint8Array(ARGS_SLACK_BYTES);
  view: DataView = new DataView(this.bytes.buffer);
  /** Where each argument begins and how long it is; this command's begin at `base`. */
  offsets: Int32Array = new Int32Array(1);
  lengths: Int32Array = new Int32Array(1);
  base = 0;
  /** How many arguments there are, the command's name included. */
  count = 0;
  /** Hash of argument 1, or -1 when nobody has computed it. */
  firstKeyHash = -1;
  /** Set by `take`: the buffer's owner must not write to it any more. */
  isTaken = false;

  /** Arguments that come from no client; the first is the command's name. */
  static of(...parts: readonly Uint8Array[]): Args {
    const args = new Args();
    const length = parts.reduce((sum, part) => sum + part.length, 0);
    args.bytes = new Uint8Array(length + ARGS_SLACK_BYTES);
    args.view = new DataView(args.bytes.buffer);
    args.offsets = new Int32Array(parts.length);
    args.lengths = Int32Array.from(parts, (part) => part.length);
    args.count = parts.length;
    let offset = 0;
    for (let i = 0; i < parts.length; i++) {
      args.bytes.set(parts[i], offset);
      args.offsets[i] = offset;
      offset += parts[i].length;
    }
    return args;
  }

  offset(index: number): number {
    return this.offsets[this.base + index];
  }

  /** Length in bytes. */
  length(index: number): number {
    return this.lengths[this.base + index];
  }

  /** The argument's bytes in place, valid during the call. */
  slice(index: number): Uint8Array {
    const offset = this.offset(index);
    return this.bytes.subarray(offset, offset + this.length(index));
  }

  /** A copy of the argument's bytes. */
  copy(index: number): Uint8Array {
    const offset = this.offset(index);
    return this.bytes.slice(offset, offset + this.length(index));
  }

  /** The argument's bytes for keeps: without copying them, when they fill most of the buffer. */
  take(index: number): Uint8Array {
    const length = this.length(index);
    if (
      length < TAKE_LENGTH_MIN || this.bytes.length > length * TAKE_WASTE_MAX
    ) {
      return this.copy(index);
    }
    this.isTaken = true;
    return this.slice(index);
  }

  /** The argument with one char per byte (Latin-1), for messages and names. */
  text(index: number): string {
    return textOfBytes(this.slice(index));
  }

  /**
   * The argument as error messages show it: its first `maxBytes`, up to a null
   * byte, where Redis's strings end.
   */
  shown(index: number, maxBytes = Infinity): string {
    const bytes = this.slice(index);
    const end = bytes.indexOf(0);
    const shownBytes = Math.min(end < 0 ? bytes.length : end, maxBytes);
    return textOfBytes(bytes.subarray(0, shownBytes));
  }

  /** Whether the argument is `keyword`, given in lower case, in any case. */
  is(index: number, keyword: string): boolean {
    const length = keyword.length;
    if (this.length(index) !== length) return false;
    const offset = this.offset(index), bytes = this.bytes;
    for (let i = 0; i < length; i++) {
      let byte = bytes[offset + i];
      if (byte >= 65 && byte <= 90) byte |= 32;
      if (byte !== keyword.charCodeAt(i)) return false;
    }
    return true;
  }

  /** Whether two arguments are the same bytes. */
  areEqual(first: number, second: number): boolean {
    const length = this.length(first);
    if (this.length(second) !== length) return false;
    const bytes = this.bytes;
    const at = this.offset(first), other = this.offset(second);
    for (let i = 0; i < length; i++) {
      if (bytes[at + i] !== bytes[other + i]) return false;
    }
    return true;
  }

  /**
   * A 64-bit integer as a double, exact up to 2^53 and rounded beyond.
   *
   * @throws {CommandError} `ERR value is not an integer or out of range`, or `error`.
   */
  integer(
    index: number,
    error: CommandError = CommandError.notInteger,
  ): number {
    const value = parseSmallInteger(
      this.bytes,
      this.offset(index),
      this.length(index),
    );
    return value === value ? value : Number(this.bigint(index, error));
  }

  /**
   * A 64-bit integer, exact.
   *
   * @throws {CommandError} as `integer`.
   */
  bigint(index: number, error: CommandError = CommandError.notInteger): bigint {
    const value = parseInt64(this.slice(index));
    if (value === undefined) throw error;
    return value;
  }

  /**
   * An integer between two bounds, both allowed.
   *
   * @throws {CommandError} as `integer`; `error` when out of bounds.
   */
  integerBetween(
    index: number,
    min: number,
    max: number,
    error: CommandError = CommandError.outOfRange,
  ): number {
    const value = this.integer(index);
    if (value < min || value > max) throw error;
    return value;
  }

  /**
   * A double, in the grammar of strtod without NaN and without spaces.
   *
   * @throws {CommandError} `ERR value is not a valid float`, or `error`.
   */
  float(index: number, error: CommandError = CommandError.notFloat): number {
    const plain = parsePlainFloat(
      this.bytes,
      this.offset(index),
      this.length(index),
    );
    if (plain === plain) return plain;
    const value = parseFloatStrict(this.text(index));
    if (value === undefined) throw error;
    return value;
  }
}

/** An integer of up to 15 digits in Redis's canonical form; NaN for anything else. */
export function parseSmallInteger(
  bytes: Uint8Array,
  offset: number,
  length: number,
): number {
  let at = offset;
  const end = offset + length;
  const isNegative = length > 0 && bytes[at] === 45;
  if (isNegative) at++;
  const digits = end - at;
  if (digits === 0 || digits > SMALL_INTEGER_LENGTH) return NaN;
  if (bytes[at] === 48) return digits === 1 && !isNegative ? 0 : NaN;
  let value = 0;
  for (; at < end; at++) {
    const digit = bytes[at] - 48;
    if (digit < 0 || digit > 9) return NaN;
    value = value * 10 + digit;
  }
  return isNegative ? -value : value;
}

/** A signed 64-bit integer in Redis's canonical form (no sign +, no leading zeros), or undefined. */
export function parseInt64(bytes: Uint8Array): bigint | undefined {
  const small = parseSmallInteger(bytes, 0, bytes.length);
  if (small === small) return BigInt(small);
  if (bytes.length > 20) return undefined;
  const text = textOfBytes(bytes);
  if (!/^-?[1-9][0-9]*$/.test(text)) return undefined;
  const value = BigInt(text);
  return value > INT64_MAX || value < INT64_MIN ? undefined : value;
}
