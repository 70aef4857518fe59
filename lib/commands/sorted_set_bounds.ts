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

/**
 * The range of a command, read from two arguments, and the ranks in it, which are
 * found once the sorted set is known: so what is wrong with an argument is said
 * before anything else. One serves one command after the other.
 */
export class RangeBounds {
  /** From the first rank to before the last one; the first may be the larger. */
  first = 0;
  end = 0;

  #kind: RangeKind = "rank";
  #isReverse = false;
  /** Ranks or scores; of members the kinds of bounds. */
  #low = 0;
  #high = 0;
  #isMinOpen = false;
  #isMaxOpen = false;
  #args!: Args;
  #min = 0;
  #max = 0;

  /**
   * Reads the range from argument `min` to argument `max`.
   *
   * @throws {CommandError} `ERR value is not an integer or out of range`,
   *   `ERR min or max is not a float`, `ERR min or max not valid string range item`
   */
  read(
    args: Args,
    kind: RangeKind,
    min: number,
    max: number,
    isReverse: boolean,
  ): void {
    this.#kind = kind;
    this.#isReverse = isReverse;
    this.#args = args;
    this.#min = min;
    this.#max = max;
    if (kind === "rank") {
      this.#low = args.integer(min);
      this.#high = args.integer(max);
    } else if (kind === "score") {
      this.#isMinOpen = isOpen(args, min);
      this.#isMaxOpen = isOpen(args, max);
      this.#low = readScoreBound(args, min, this.#isMinOpen);
      this.#high = readScoreBound(args, max, this.#isMaxOpen);
    } else {
      this.#low = readMemberBound(args, min);
      this.#high = readMemberBound(args, max);
    }
  }

  /** Finds the ranks from `first` on and before `end`. */
  find(reader: SortedSetReader): void {
    const low = this.#low, high = this.#high;
    if (this.#kind === "rank") this.#findRanks(reader.size);
    else if (this.#kind === "score") {
      this.first = reader.countBelowScore(low, this.#isMinOpen);
      this.end = reader.countBelowScore(high, !this.#isMaxOpen);
    } else this.#findMembers(reader);
  }

  #findRanks(size: number): void {
    const start = this.#low, stop = this.#high;
    const first = Math.max(0, start < 0 ? start + size : start);
    const end = Math.min(size, (stop < 0 ? stop + size : stop) + 1);
    const isSwapped = this.#isReverse && end > first;
    this.first = isSwapped ? size - end : first;
    this.end = isSwapped ? size - first : end;
  }

  #findMembers(reader: SortedSetReader): void {
    const args = this.#args, min = this.#min, max = this.#max;
    this.first = this.end = 0;
    if (!mayHold(reader, args, min, max)) return;
    if (reader.isListpack) return this.#walkMembers(reader);
    const low = this.#low, high = this.#high;
    this.first = ranksBelow(reader, args, min, low, low === OPEN);
    this.end = ranksBelow(reader, args, max, high, high === CLOSED);
  }

  /**
   * Finds a range of members as Redis does in a listpack: from one end, as far as
   * members are in it. With equal scores that is all the range; with others it is
   * what clients get from Redis.
   */
  #walkMembers(reader: SortedSetReader): void {
    const last = reader.size - 1, args = this.#args;
    const isHigh = (rank: number) => isFromMin(reader, rank, args, this.#min);
    const isLow = (rank: number) => isUpToMax(reader, rank, args, this.#max);
    if (this.#isReverse) {
      let end = last;
      while (!isLow(end)) end--;
      let first = end;
      while (first >= 0 && isHigh(first)) first--;
      this.first = first + 1;
      this.end = end + 1;
      return;
    }
    let first = 0;
    while (!isHigh(first)) first++;
    let end = first;
    while (end <= last && isLow(end)) end++;
    this.first = first;
    this.end = end;
  }
}

function isOpen(args: Args, index: number): boolean {
  return args.length(index) > 0 && args.bytes[args.offset(index)] === OPEN;
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
  return orderOf(reader, rank, args, min) >= (isOpen(args, min) ? 1 : 0);
}

function isUpToMax(
  reader: SortedSetReader,
  rank: number,
  args: Args,
  max: number,
): boolean {
  return orderOf(reader, rank, args, max) <= (isOpen(args, max) ? -1 : 0);
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
  return order > 0 ||
    (order === 0 && (isOpen(args, min) || isOpen(args, max)));
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
