/** What the stream commands read in the same way: IDs, intervals, trimming. */

import type { Args } from "../router/args.ts";
import type { Call } from "../router/call.ts";
import { CommandError } from "../router/command_error.ts";
import {
  ID_AUTO_SEQ,
  ID_EDGES,
  NOT_ID,
  parseStreamId,
  StreamId,
} from "../types/stream_id.ts";

const INVALID_ID = new CommandError(
  "ERR Invalid stream ID specified as stream command argument",
);
const INVALID_START = new CommandError(
  "ERR invalid start ID for the interval",
);
const INVALID_END = new CommandError("ERR invalid end ID for the interval");
const BOTH_STRATEGIES = new CommandError(
  "ERR syntax error, MAXLEN and MINID options at the same time are not compatible",
);
const NEGATIVE_MAXLEN = new CommandError(
  "ERR The MAXLEN argument must be >= 0.",
);
const NEGATIVE_LIMIT = new CommandError("ERR The LIMIT argument must be >= 0.");
const LIMIT_ALONE = new CommandError(
  "ERR syntax error, LIMIT cannot be used without specifying a trimming strategy",
);
const LIMIT_WITHOUT_TILDE = new CommandError(
  "ERR syntax error, LIMIT cannot be used without the special ~ option",
);
const NO_STRATEGY = new CommandError(
  "ERR syntax error, XTRIM must be called with a trimming strategy",
);

/** Entries removed at once with `~`: so many blocks full, but bounded. */
const LIMIT_BLOCKS = 100;
const LIMIT_DEFAULT = 10000;
const LIMIT_MAX = 1000000;

const STAR = 42, PARENTHESIS = 40, EQUALS = 61, TILDE = 126;

/**
 * An ID; `-` and `+` are none, and a missing number is 0.
 *
 * @throws {CommandError} `ERR Invalid stream ID specified as stream command argument`
 */
export function readId(args: Args, index: number, id: StreamId): void {
  if (!isId(args, index, id)) throw INVALID_ID;
}

/** `readId` that answers whether the argument is an ID. */
export function isId(args: Args, index: number, id: StreamId): boolean {
  const { bytes } = args;
  return parseStreamId(bytes, args.offset(index), args.length(index), id) !==
    NOT_ID;
}

/** `readId` that takes `-` and `+`, too. */
export function readIdOrEdge(args: Args, index: number, id: StreamId): void {
  const offset = args.offset(index), length = args.length(index);
  if (
    parseStreamId(args.bytes, offset, length, id, false, ID_EDGES) === NOT_ID
  ) throw INVALID_ID;
}

/**
 * The first ID of an interval: `-`, an ID, or `(` and the ID before it.
 *
 * @throws {CommandError} as `readId`; `ERR invalid start ID for the interval`
 */
export function readStart(args: Args, index: number, id: StreamId): void {
  if (readBound(args, index, id, false) && !id.increment()) {
    throw INVALID_START;
  }
}

/**
 * The last ID of an interval: `+`, an ID, or `(` and the ID behind it.
 *
 * @throws {CommandError} as `readId`; `ERR invalid end ID for the interval`
 */
export function readEnd(args: Args, index: number, id: StreamId): void {
  if (readBound(args, index, id, true) && !id.decrement()) throw INVALID_END;
}

/** Reads one side of an interval; true when it does not belong to it. */
function readBound(
  args: Args,
  index: number,
  id: StreamId,
  isEnd: boolean,
): boolean {
  const { bytes } = args;
  const offset = args.offset(index), length = args.length(index);
  const isOpen = length > 1 && bytes[offset] === PARENTHESIS;
  const skipped = isOpen ? 1 : 0;
  const found = parseStreamId(
    bytes,
    offset + skipped,
    length - skipped,
    id,
    isEnd,
    isOpen ? 0 : ID_EDGES,
  );
  if (found === NOT_ID) throw INVALID_ID;
  return isOpen;
}

/** How to trim, and for XADD what is said of the ID. One serves all commands. */
export class TrimOptions {
  /** Index of the threshold, or 0 when nothing is to be trimmed. */
  thresholdAt = 0;
  isByLength = false;
  lengthMax = Infinity;
  readonly firstKept = new StreamId();
  /** `~`: whole blocks only. */
  isApproximate = false;
  /** Entries to remove at most; 0 for any number. */
  entriesMax = 0;
  /** XADD: index of the ID, and what it is: OPEN_ID, WHOLE_ID, or NOT_ID for `*`. */
  idAt = 0;
  idKind = NOT_ID;
  readonly id = new StreamId();
  /** XADD: a missing stream is not made. */
  needsStream = false;

  // LIMIT: its index, or 0, and its value.
  #limitAt = 0;
  #limit = 0;

  /** Reads the options of XADD, up to the ID. @throws {CommandError} many */
  readAdd(call: Call, args: Args): void {
    this.#reset();
    this.idAt = 2;
    this.idKind = NOT_ID;
    if (isByte(args, 2, STAR)) return;
    let at = 2;
    for (; at < args.count && !isByte(args, at, STAR); at++) {
      const next = this.#readOption(args, at);
      if (next !== at) at = next;
      else if (args.is(at, "nomkstream")) this.needsStream = true;
      else {
        this.#readOwnId(args, at);
        break;
      }
    }
    this.idAt = at;
    this.#finish(call);
  }

  /** Reads the options of XTRIM. @throws {CommandError} many */
  readTrim(call: Call, args: Args): void {
    this.#reset();
    for (let at = 2; at < args.count; at++) {
      const next = this.#readOption(args, at);
      if (next === at) throw CommandError.syntax;
      at = next;
    }
    if (this.#limit !== 0 && this.thresholdAt === 0) throw LIMIT_ALONE;
    if (this.thresholdAt === 0) throw NO_STRATEGY;
    this.#finish(call);
  }

  #reset(): void {
    this.thresholdAt =
      this.entriesMax =
      this.#limitAt =
      this.#limit =
        0;
    this.lengthMax = Infinity;
    this.firstKept.set(0, 0, 0, 0);
    this.isApproximate = this.needsStream = this.isByLength = false;
  }

  /** Index of the last argument of an option at `at`; `at` when there is none. */
  #readOption(args: Args, at: number): number {
    if (at + 1 >= args.count) return at;
    const isByLength = args.is(at, "maxlen");
    if (isByLength || args.is(at, "minid")) {
      return this.#readThreshold(args, at + 1, isByLength);
    }
    if (!args.is(at, "limit")) return at;
    this.#limit = args.integer(at + 1);
    if (this.#limit < 0) throw NEGATIVE_LIMIT;
    return this.#limitAt = at + 1;
  }

  #readThreshold(args: Args, at: number, isByLength: boolean): number {
    if (this.thresholdAt !== 0) throw BOTH_STRATEGIES;
    this.isByLength = isByLength;
    if (at + 1 < args.count) {
      this.isApproximate = isByte(args, at, TILDE);
      if (this.isApproximate || isByte(args, at, EQUALS)) at++;
    }
    if (isByLength) {
      this.lengthMax = args.integer(at);
      if (this.lengthMax < 0) throw NEGATIVE_MAXLEN;
    } else readId(args, at, this.firstKept);
    return this.thresholdAt = at;
  }

  #readOwnId(args: Args, at: number): void {
    const offset = args.offset(at), length = args.length(at);
    this.idKind = parseStreamId(
      args.bytes,
      offset,
      length,
      this.id,
      false,
      ID_AUTO_SEQ,
    );
    if (this.idKind === NOT_ID) throw INVALID_ID;
  }

  #finish(call: Call): void {
    if (this.#limit !== 0 && this.thresholdAt === 0) throw LIMIT_ALONE;
    // What comes from a primary says exactly what to remove.
    if (call.client.isPrimary) return;
    if (this.#limitAt !== 0) {
      if (!this.isApproximate) throw LIMIT_WITHOUT_TILDE;
      this.entriesMax = this.#limit;
    } else if (this.isApproximate) {
      const { streamNodeMaxEntries } = call.keyspace.limits;
      const entries = LIMIT_BLOCKS * streamNodeMaxEntries;
      this.entriesMax = entries <= 0
        ? LIMIT_DEFAULT
        : Math.min(entries, LIMIT_MAX);
    }
  }
}

/** Whether an argument is the one byte. */
function isByte(args: Args, index: number, byte: number): boolean {
  return args.length(index) === 1 && args.bytes[args.offset(index)] === byte;
}
