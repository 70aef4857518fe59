/**
 * The options of SET and GETEX, and the moments that they, SETEX and PSETEX mean.
 *
 * Options are read into one number, so that a SET with an expiry makes no garbage:
 * flags, and the place of the time among the arguments.
 */

import type { Args } from "../router/args.ts";
import type { Call } from "../router/call.ts";
import { CommandError } from "../router/command_error.ts";

/** Options that were given, as bits. */
export const OPTION_NX = 1 << 0;
export const OPTION_XX = 1 << 1;
export const OPTION_GET = 1 << 2;
export const OPTION_KEEPTTL = 1 << 3;
export const OPTION_PERSIST = 1 << 4;
export const OPTION_EX = 1 << 5;
export const OPTION_PX = 1 << 6;
export const OPTION_EXAT = 1 << 7;
export const OPTION_PXAT = 1 << 8;

/** Any option that takes a time. */
export const OPTION_TIME = OPTION_EX | OPTION_PX | OPTION_EXAT | OPTION_PXAT;
/** What each option excludes; a time may be repeated, the last one counts. */
const EXCLUDES_EXPIRY = OPTION_TIME | OPTION_KEEPTTL | OPTION_PERSIST;
const OPTION_BITS = 9;

const SECOND_MS = 1000;
const INT64_MAX = 9223372036854775807n;

/** Flags of {@link readOptions}'s result. */
export function flagsOf(options: number): number {
  return options & ((1 << OPTION_BITS) - 1);
}

/** Reads SET's options, from argument 3 on; see {@link readOptions}. */
export function readSetOptions(args: Args): number {
  return readOptions(
    args,
    3,
    OPTION_NX | OPTION_XX | OPTION_GET | OPTION_KEEPTTL | OPTION_TIME,
  );
}

/** Reads GETEX's options, from argument 2 on; see {@link readOptions}. */
export function readGetexOptions(args: Args): number {
  return readOptions(args, 2, OPTION_PERSIST | OPTION_TIME);
}

/**
 * Reads options from argument `from` on: the flags of those given in the lower
 * bits, the index of the time argument above.
 *
 * @throws {CommandError} `ERR syntax error`
 */
function readOptions(args: Args, from: number, allowed: number): number {
  let flags = 0, timeIndex = 0;
  for (let i = from; i < args.count; i++) {
    const option = optionAt(args, i) & allowed;
    if (option === 0 || (flags & excludedBy(option)) !== 0) {
      throw CommandError.syntax;
    }
    flags |= option;
    if ((option & OPTION_TIME) !== 0) {
      if (++i === args.count) throw CommandError.syntax;
      timeIndex = i;
    }
  }
  return timeIndex * (1 << OPTION_BITS) + flags;
}

/** Options that may not stand before `option`. */
function excludedBy(option: number): number {
  if (option === OPTION_NX) return OPTION_XX;
  if (option === OPTION_XX) return OPTION_NX;
  return (option & EXCLUDES_EXPIRY) === 0 ? 0 : EXCLUDES_EXPIRY & ~option;
}

function optionAt(args: Args, index: number): number {
  switch (args.length(index)) {
    case 2:
      if (args.is(index, "ex")) return OPTION_EX;
      if (args.is(index, "px")) return OPTION_PX;
      if (args.is(index, "nx")) return OPTION_NX;
      return args.is(index, "xx") ? OPTION_XX : 0;
    case 3:
      return args.is(index, "get") ? OPTION_GET : 0;
    case 4:
      if (args.is(index, "exat")) return OPTION_EXAT;
      return args.is(index, "pxat") ? OPTION_PXAT : 0;
    case 7:
      if (args.is(index, "keepttl")) return OPTION_KEEPTTL;
      return args.is(index, "persist") ? OPTION_PERSIST : 0;
    default:
      return 0;
  }
}

/** The moment that options from {@link readOptions} mean; see {@link momentOf}. */
export function momentOfOptions(
  call: Call,
  args: Args,
  options: number,
): number | bigint {
  const flags = flagsOf(options);
  return momentOf(
    call,
    args,
    Math.floor(options / (1 << OPTION_BITS)),
    (flags & (OPTION_EX | OPTION_EXAT)) !== 0 ? SECOND_MS : 1,
    (flags & (OPTION_EX | OPTION_PX)) !== 0,
  );
}

/**
 * The moment that an argument means, in ms since 1970: a number when it is exact
 * as one.
 *
 * @param unitMs 1000 for seconds, 1 for milliseconds.
 * @param isRelative whether it counts from now.
 * @throws {CommandError} `ERR value is not an integer or out of range`, or `ERR
 *   invalid expire time in '…' command` when it is not positive or too large.
 */
export function momentOf(
  call: Call,
  args: Args,
  index: number,
  unitMs: number,
  isRelative: boolean,
): number | bigint {
  const given = args.integer(index);
  const moment = given * unitMs + (isRelative ? call.nowMs : 0);
  if (given > 0 && moment <= Number.MAX_SAFE_INTEGER) return moment;
  const exact = args.bigint(index) * BigInt(unitMs) +
    (isRelative ? BigInt(call.nowMs) : 0n);
  if (given <= 0 || exact > INT64_MAX) {
    throw CommandError.invalidExpire(call.command.fullName);
  }
  return exact;
}
