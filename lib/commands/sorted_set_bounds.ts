/** Ranges of sorted sets as commands name them, and the ranks that are in them. */

import type { Args } from "../router/args.ts";
import { CommandError } from "../router/command_error.ts";
import { parseFloatStrict, parsePlainFloat } from "../router/number_text.ts";
import { textOfBytes } from "../resp/byte_text.ts";
import { compareBytes } from "../types/byte_order.ts";
import type { SortedSetReader } from "../types/sorted_set_reader.ts";

const NO_SCORE = new CommandError("ERR min or max is not a float");
const NO_MEMBER = new CommandError(
  "ERR min or max not valid string range item",
);
const OPEN = 40, CLOSED = 91, PLUS = 43, MINUS = 45;

/** What a range is given by. */
export type RangeKind = "rank" | "score" | "member";

/** From the first rank to before the last one; the first may be the larger. */
export interface RankRange {
  first: number;
  end: number;
}

/**
 * A range read from two arguments. `count` finds its ranks once the sorted set is
 * known, so that what is wrong with an argument is said before anything else.
 */
export interface Bounds {
  ranksIn(reader: SortedSetReader): RankRange;
}

/**
 * The range from argument `min` to argument `max`, both of which are read at once.
 *
 * @throws {CommandError} `ERR value is not an integer or out of range`,
 *   `ERR min or max is not a float`, `ERR min or max not valid string range item`
 */
export function readBounds(
  args: Args,
  kind: RangeKind,
  min: number,
  max: number,
  isReverse: boolean,
): Bounds {
  if (kind === "rank") return rankBounds(args, min, max, isReverse);
  return kind === "score"
    ? scoreBounds(args, min, max)
    : memberBounds(args, min, max, isReverse);
}

function rankBounds(
  args: Args,
  min: number,
  max: number,
  isReverse: boolean,
): Bounds {
  const start = args.integer(min), stop = args.integer(max);
  return {
    ranksIn({ size }) {
      const first = Math.max(0, start < 0 ? start + size : start);
      const end = Math.min(size, (stop < 0 ? stop + size : stop) + 1);
      return isReverse && end > first
        ? { first: size - end, end: size - first }
        : { first, end };
    },
  };
}

function scoreBounds(args: Args, min: number, max: number): Bounds {
  const isMinOpen = args.bytes[args.offset(min)] === OPEN &&
    args.length(min) > 0;
  const isMaxOpen = args.bytes[args.offset(max)] === OPEN &&
    args.length(max) > 0;
  const low = readScoreBound(args, min, isMinOpen);
  const high = readScoreBound(args, max, isMaxOpen);
  return {
    ranksIn: (reader) => ({
      first: reader.countBelowScore(low, isMinOpen),
      end: reader.countBelowScore(high, !isMaxOpen),
    }),
  };
}

/** A score in the grammar of strtod, to which nothing is 0, and up to a NUL. */
function readScoreBound(args: Args, index: number, isOpen: boolean): number {
  const skipped = isOpen ? 1 : 0;
  const plain = parsePlainFloat(
    args.bytes,
    args.offset(index) + skipped,
    args.length(index) - skipped,
  );
  if (plain === plain) return plain;
  if (args.is(index, "+inf")) return Infinity;
  if (args.is(index, "-inf")) return -Infinity;
  const bytes = args.slice(index).subarray(skipped);
  const end = bytes.indexOf(0);
  const text = textOfBytes(end < 0 ? bytes : bytes.subarray(0, end));
  if (text === "") return 0;
  const trimmed = text.replace(/^[ \t\n\v\f\r]+/, "");
  const score = parseFloatStrict(trimmed);
  if (score !== undefined) return score;
  const decimal = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(trimmed);
  if (!decimal) throw NO_SCORE;
  return Number(trimmed);
}

function memberBounds(
  args: Args,
  min: number,
  max: number,
  isReverse: boolean,
): Bounds {
  const low = readMemberBound(args, min), high = readMemberBound(args, max);
  return {
    ranksIn(reader) {
      if (!mayHold(reader, args, min, max)) return { first: 0, end: 0 };
      if (reader.isListpack) {
        return walkedRanks(reader, args, min, max, isReverse);
      }
      return {
        first: ranksBelow(reader, args, min, low, low === OPEN),
        end: ranksBelow(reader, args, max, high, high === CLOSED),
      };
    },
  };
}

/**
 * Finds a range of members as Redis does in a listpack: from one end, as far as
 * members are in it. With equal scores that is all the range; with others it is
 * what clients get from Redis.
 */
function walkedRanks(
  reader: SortedSetReader,
  args: Args,
  min: number,
  max: number,
  isReverse: boolean,
): RankRange {
  const last = reader.size - 1;
  const isHigh = (rank: number) => isFromMin(reader, rank, args, min);
  const isLow = (rank: number) => isUpToMax(reader, rank, args, max);
  if (isReverse) {
    let end = last;
    while (!isLow(end)) end--;
    let first = end;
    while (first >= 0 && isHigh(first)) first--;
    return { first: first + 1, end: end + 1 };
  }
  let first = 0;
  while (!isHigh(first)) first++;
  let end = first;
  while (end <= last && isLow(end)) end++;
  return { first, end };
}

/** Whether there can be members in a range, by its bounds and by the first and the last member. */
function mayHold(
  reader: SortedSetReader,
  args: Args,
  min: number,
  max: number,
): boolean {
  return reader.size > 0 && !isNoRange(args, min, max) &&
    isFromMin(reader, reader.size - 1, args, min) &&
    isUpToMax(reader, 0, args, max);
}

function isFromMin(
  reader: SortedSetReader,
  rank: number,
  args: Args,
  min: number,
): boolean {
  const isOpen = args.bytes[args.offset(min)] === OPEN;
  return orderOf(reader, rank, args, min) >= (isOpen ? 1 : 0);
}

function isUpToMax(
  reader: SortedSetReader,
  rank: number,
  args: Args,
  max: number,
): boolean {
  const isOpen = args.bytes[args.offset(max)] === OPEN;
  return orderOf(reader, rank, args, max) <= (isOpen ? -1 : 0);
}

/** Below 0, 0 or above 0 as the member of a rank is before the one of a bound, the same, or behind it. */
function orderOf(
  reader: SortedSetReader,
  rank: number,
  args: Args,
  index: number,
): number {
  const at = args.offset(index), kind = args.bytes[at];
  if (kind === MINUS) return 1;
  if (kind === PLUS) return -1;
  reader.seek(rank);
  reader.load();
  return compareBytes(
    reader.bytes,
    reader.offset,
    reader.length,
    args.bytes,
    at + 1,
    args.length(index) - 1,
  );
}

/** Whether no member can be between two bounds. */
function isNoRange(args: Args, min: number, max: number): boolean {
  const low = args.offset(min), high = args.offset(max), { bytes } = args;
  const hasNames = [bytes[low], bytes[high]].every((kind) =>
    kind === OPEN || kind === CLOSED
  );
  if (!hasNames) return false;
  const order = compareBytes(
    bytes,
    low + 1,
    args.length(min) - 1,
    bytes,
    high + 1,
    args.length(max) - 1,
  );
  const isOpen = bytes[low] === OPEN || bytes[high] === OPEN;
  return order > 0 || (order === 0 && isOpen);
}

/** The kind of a bound: `(`, `[`, `+` or `-`. */
function readMemberBound(args: Args, index: number): number {
  const at = args.offset(index), length = args.length(index);
  const kind = length === 0 ? 0 : args.bytes[at];
  if (kind === OPEN || kind === CLOSED) return kind;
  const isEndless = kind === PLUS || kind === MINUS;
  if (!isEndless || (length > 1 && args.bytes[at + 1] !== 0)) throw NO_MEMBER;
  return kind;
}

function ranksBelow(
  reader: SortedSetReader,
  args: Args,
  index: number,
  kind: number,
  isInclusive: boolean,
): number {
  if (kind === MINUS) return 0;
  if (kind === PLUS) return reader.size;
  const at = args.offset(index) + 1, length = args.length(index) - 1;
  return reader.countBelowMember(args.bytes, at, length, isInclusive);
}
