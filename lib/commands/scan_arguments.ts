/** What the scanning commands have in common: cursors, MATCH and COUNT. */

import type { Args } from "../router/args.ts";
import { CommandError } from "../router/command_error.ts";
import { textOfBytes } from "../resp/byte_text.ts";

const INVALID_CURSOR = new CommandError("ERR invalid cursor");
const CURSOR_MAX = 2n ** 64n - 1n;
/** Hashes, which cursors are here, end below this. */
const HASHES_END = 2n ** 31n;
const COUNT_DEFAULT = 10;
/** Elements walked over in one call however large its COUNT, so that it ends in a fraction of a second. */
const COUNT_MAX = 1_000_000;
/** In place of a cursor: nothing follows. */
export const SCAN_END = -1;
const STAR = 0x2a;

/** What a scan asks for, beside its cursor. */
export interface ScanOptions {
  /** Elements to walk over at least, if so many follow. */
  count: number;
  /** Undefined for all. */
  pattern?: Uint8Array;
}

/**
 * COUNT and MATCH from an argument on, in any order; others are `readOther`'s,
 * which answers how many arguments it took, or 0 when it knows none.
 */
export function scanOptions<Options extends ScanOptions = ScanOptions>(
  args: Args,
  from: number,
  readOther: (index: number, options: Options) => number = () => 0,
): Options {
  const options = { count: COUNT_DEFAULT } as Options;
  for (let i = from; i < args.count;) {
    const hasValue = i + 1 < args.count;
    if (hasValue && args.is(i, "count")) {
      const count = args.integer(i + 1);
      if (count < 1) throw CommandError.syntax;
      options.count = Math.min(count, COUNT_MAX);
      i += 2;
    } else if (hasValue && args.is(i, "match")) {
      options.pattern = scanPattern(args, i + 1);
      i += 2;
    } else {
      const taken = readOther(i, options);
      if (taken === 0) throw CommandError.syntax;
      i += taken;
    }
  }
  return options;
}

/** A pattern, or undefined when it is the one that matches all keys. */
export function scanPattern(args: Args, index: number): Uint8Array | undefined {
  const pattern = args.slice(index);
  return pattern.length === 1 && pattern[0] === STAR ? undefined : pattern;
}

/**
 * The hash at which to go on, or -1 when there is none so high.
 *
 * What is a number is what C's strtoul reads up to a NUL: a sign is allowed, and
 * a negative number counts from 2^64 down.
 *
 * @throws {CommandError} `ERR invalid cursor`
 */
export function scanCursor(args: Args, index: number): number {
  const bytes = args.slice(index);
  const end = bytes.indexOf(0);
  const text = textOfBytes(end < 0 ? bytes : bytes.subarray(0, end));
  if (text === "") return 0;
  const match = /^([+-]?)(\d+)$/.exec(text);
  if (match === null) throw INVALID_CURSOR;
  const magnitude = BigInt(match[2]);
  if (magnitude > CURSOR_MAX) throw INVALID_CURSOR;
  const cursor = match[1] === "-" ? BigInt.asUintN(64, -magnitude) : magnitude;
  return cursor < HASHES_END ? Number(cursor) : SCAN_END;
}
