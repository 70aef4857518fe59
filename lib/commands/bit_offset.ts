/** Arguments that name a bit of a string. */

import { type Args, parseInt64 } from "../router/args.ts";
import type { Call } from "../router/call.ts";
import { CommandError } from "../router/command_error.ts";

/** Bits of the smallest value of `proto-max-bulk-len`: offsets below are never too large. */
const LIMIT_MIN_BITS = 8 * 1024 * 1024;
const BYTE_BITS = 8;

const BAD_OFFSET = new CommandError(
  "ERR bit offset is not an integer or out of range",
);
/**
 * An argument that names a bit.
 *
 * @param width bits that `#n` counts by; 0 where that form is not known.
 * @throws {CommandError} when it is none, or beyond the longest string.
 */
export function readBitOffset(
  call: Call,
  args: Args,
  index: number,
  width = 0,
): number {
  const isCounted = width > 0 && args.length(index) > 0 &&
    args.bytes[args.offset(index)] === 35;
  const offset = isCounted
    ? countedOffset(args, index, width)
    : args.integer(index, BAD_OFFSET);
  if (offset < 0 || (offset >= LIMIT_MIN_BITS && isBeyond(call, offset))) {
    throw BAD_OFFSET;
  }
  return offset;
}

/** `#n`: n times the width, in 64 bits. */
function countedOffset(args: Args, index: number, width: number): number {
  const count = parseInt64(args.slice(index).subarray(1));
  if (count === undefined) throw BAD_OFFSET;
  return Number(BigInt.asIntN(64, count * BigInt(width)));
}

function isBeyond({ client, parts }: Call, offset: number): boolean {
  return !client.isPrimary &&
    offset / BYTE_BITS >= parts.config.get("proto-max-bulk-len");
}
