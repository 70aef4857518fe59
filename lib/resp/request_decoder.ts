/**
 * Decodes requests: RESP arrays of bulk strings, and inline commands.
 *
 * One call decodes every complete frame of a connection's buffer into offset
 * arrays that all connections share, since decoding and running a batch is one
 * synchronous turn:
 *
 * ```
 * buffer   *2\r\n$3\r\nGET\r\n$1\r\nk\r\n*1\r\n$4\r\nPING\r\n*3\r\n$3\r\nSE
 * frames   0: base 0, count 2, ends here ^      1: base 2, count 1   (2: incomplete)
 * offsets  8, 17, 31 …
 * ```
 *
 * "Not enough bytes yet" is an outcome, not an error. A short incomplete frame is
 * decoded again from its start when more has come, which is bounded work; one with
 * more than {@link RESUME_ARGS_MIN} arguments resumes where it stopped.
 *
 * Limits and texts are Redis's, see `processMultibulkBuffer` and
 * `processInlineBuffer` for behaviour.
 * {@link https://redis.io/docs/latest/develop/reference/protocol-spec/}
 */

import type { ByteSource } from "../keyspace/record_store.ts";
import { splitArguments } from "./split_arguments.ts";

/** Frames decoded at once; a longer pipeline takes several rounds. */
export const FRAMES_MAX = 512;
/** Longest line of an inline command or of a length, in bytes. */
export const INLINE_MAX_BYTES = 64 * 1024;
const ARGS_MAX = 0x7fffffff;
/** Unauthenticated clients may send no more arguments and no longer ones than these. */
const UNAUTHENTICATED_ARGS_MAX = 10;
const UNAUTHENTICATED_BULK_MAX_BYTES = 16384;
const RESUME_ARGS_MIN = 64;
/** What no 64-bit integer reaches. */
const INT64_END = 2 ** 63;
const CR = 13, LF = 10, STAR = 42, DOLLAR = 36;
const INITIAL_ARGS = 4096;
/** Readable bytes behind the last argument of an inline command. */
const INLINE_SLACK_BYTES = 8;
/** Outcomes of reading a length line; a length is never below -1. */
const INCOMPLETE = -2, INVALID = -3;

/** What a connection remembers between two calls about its incomplete frame. */
export interface RequestState {
  /** The buffer, and the part of it that is not decoded yet. */
  buffer: Uint8Array;
  view: DataView;
  start: number;
  end: number;
  /** Bytes that the incomplete frame needs in the buffer from `start` on, at least. */
  neededBytes: number;
  isAuthenticated: boolean;
  /** A long incomplete frame's arguments so far, relative to `start`. */
  partial: PartialFrame | undefined;
}

/** Where decoding of a long frame stopped. */
export interface PartialFrame {
  argCount: number;
  decoded: number;
  /** Next byte to decode, relative to the frame's start. */
  at: number;
  offsets: Int32Array;
  lengths: Int32Array;
}

/** See the top of the file. */
export class RequestDecoder {
  /** Arguments of all frames of the round. */
  offsets = new Int32Array(INITIAL_ARGS);
  lengths = new Int32Array(INITIAL_ARGS);
  /** Per frame: its first argument and how many it has. */
  readonly bases = new Int32Array(FRAMES_MAX);
  readonly counts = new Int32Array(FRAMES_MAX);
  /** Per frame: the byte behind it. */
  readonly ends = new Int32Array(FRAMES_MAX);
  /** Complete frames of the round. */
  frameCount = 0;
  /** Text of the protocol error that follows the frames, or "". */
  error = "";
  /** Longest bulk string accepted, in bytes (`proto-max-bulk-len`). */
  bulkMaxBytes = 512 * 1024 * 1024;

  /** Byte behind the length line that was read last. */
  #lineEnd = 0;
  #argsUsed = 0;
  /** Per inline frame: its arguments, unquoted, one behind the other. */
  readonly #inlineSources = new Map<number, ByteSource>();

  /**
   * Decodes the complete frames from `state.start` on, without moving it: the
   * caller does so when it has run them. After a protocol error `error` is set;
   * the frames before it are good.
   */
  decode(state: RequestState): void {
    const { buffer, end } = state;
    this.frameCount = 0;
    this.error = "";
    this.#argsUsed = 0;
    if (this.#inlineSources.size > 0) this.#inlineSources.clear();
    let at = state.start;
    if (state.partial !== undefined) {
      at = this.#resume(state, state.partial);
    }
    while (
      at >= 0 && at < end && this.frameCount < FRAMES_MAX && this.error === ""
    ) {
      at = buffer[at] === STAR
        ? this.#multibulk(state, at)
        : this.#inline(state, at);
    }
  }

  /** Decodes the frame at `start`; the byte behind it, or -1 when it is not complete or wrong. */
  #multibulk(state: RequestState, start: number): number {
    const count = this.#length(state.buffer, start + 1, state.end);
    if (count === INCOMPLETE) {
      if (state.end - start > INLINE_MAX_BYTES) {
        return this.#fail("too big mbulk count string");
      }
      return this.#wait(state, 0);
    }
    if (count === INVALID || count > ARGS_MAX) {
      return this.#fail("invalid multibulk length");
    }
    if (!state.isAuthenticated && count > UNAUTHENTICATED_ARGS_MAX) {
      return this.#fail("unauthenticated multibulk length");
    }
    if (count <= 0) {
      // An empty request is skipped without a reply, but it is consumed.
      return this.#frame(this.#argsUsed, 0, this.#lineEnd);
    }
    return this.#args(state, start, count, 0, this.#lineEnd);
  }

  /** Decodes arguments `decoded` to `count` of the frame at `start`, the next at `at`. */
  #args(
    state: RequestState,
    start: number,
    count: number,
    decoded: number,
    at: number,
  ): number {
    const buffer = state.buffer, end = state.end;
    const base = this.#argsUsed;
    for (; decoded < count; decoded++) {
      if (at >= end) return this.#suspend(state, start, count, decoded, at, 0);
      const isBulk = buffer[at] === DOLLAR;
      const length = isBulk
        ? this.#length(buffer, at + 1, end)
        : this.#skipInvalid(buffer, at, end);
      if (length === INCOMPLETE) {
        if (end - at > INLINE_MAX_BYTES) {
          return this.#fail("too big bulk count string");
        }
        return this.#suspend(state, start, count, decoded, at, 0);
      }
      if (!isBulk) {
        return this.#fail(
          `expected '$', got '${String.fromCharCode(buffer[at])}'`,
        );
      }
      if (length < 0 || length > this.bulkMaxBytes) {
        return this.#fail("invalid bulk length");
      }
      if (!state.isAuthenticated && length > UNAUTHENTICATED_BULK_MAX_BYTES) {
        return this.#fail("unauthenticated bulk length");
      }
      const offset = this.#lineEnd;
      if (offset + length + 2 > end) {
        return this.#suspend(
          state,
          start,
          count,
          decoded,
          at,
          offset + length + 2 - start,
        );
      }
      if (base + decoded === this.offsets.length) this.#growArgs();
      this.offsets[base + decoded] = offset;
      this.lengths[base + decoded] = length;
      at = offset + length + 2;
    }
    return this.#frame(base, count, at);
  }

  /** Decodes the inline command at `start`. */
  #inline(state: RequestState, start: number): number {
    const { buffer, end } = state;
    const newline = findTerminator(buffer, LF, start, end);
    if (newline < 0) {
      if (end - start > INLINE_MAX_BYTES) {
        return this.#fail("too big inline request");
      }
      return this.#wait(state, 0);
    }
    const parts = splitArguments(buffer.subarray(start, newline));
    if (parts === undefined) return this.#fail("unbalanced quotes in request");
    const bytes = new Uint8Array(newline - start + INLINE_SLACK_BYTES);
    const base = this.#argsUsed;
    let offset = 0;
    for (let i = 0; i < parts.length; i++) {
      if (base + i === this.offsets.length) this.#growArgs();
      bytes.set(parts[i], offset);
      this.offsets[base + i] = offset;
      this.lengths[base + i] = parts[i].length;
      offset += parts[i].length;
    }
    this.#inlineSources.set(this.frameCount, {
      bytes,
      view: new DataView(bytes.buffer),
    });
    return this.#frame(base, parts.length, newline + 1);
  }

  /** The memory of a frame whose arguments are not in the connection's buffer: an inline command. */
  inlineSource(frame: number): ByteSource | undefined {
    if (this.#inlineSources.size === 0) return undefined;
    return this.#inlineSources.get(frame);
  }

  #frame(base: number, count: number, end: number): number {
    const frame = this.frameCount++;
    this.bases[frame] = base;
    this.counts[frame] = count;
    this.ends[frame] = end;
    this.#argsUsed = base + count;
    return end;
  }

  /** Reads digits up to CR LF; sets `#lineEnd`. A length, INCOMPLETE or INVALID. */
  #length(buffer: Uint8Array, at: number, end: number): number {
    // Nearly all lengths have one digit or two.
    if (at + 4 <= end) {
      const ones = buffer[at] - 48;
      if (ones >= 0 && ones <= 9) {
        if (buffer[at + 1] === CR) {
          this.#lineEnd = at + 3;
          return ones;
        }
        const next = buffer[at + 1] - 48;
        if (buffer[at + 2] === CR && ones > 0 && next >= 0 && next <= 9) {
          this.#lineEnd = at + 4;
          return ones * 10 + next;
        }
      }
    }
    let value = 0;
    const isNegative = at < end && buffer[at] === 45;
    if (isNegative) at++;
    const first = at;
    for (; at < end; at++) {
      const byte = buffer[at];
      if (byte === CR) {
        if (at + 1 >= end) return INCOMPLETE;
        this.#lineEnd = at + 2;
        if (at === first || value >= INT64_END) return INVALID;
        return isNegative ? (value > 0 ? -1 : INVALID) : value;
      }
      const digit = byte - 48;
      // No leading zeros, as string2ll has it.
      const isBehindZero = at > first && buffer[first] === 48;
      if (digit < 0 || digit > 9 || isBehindZero) {
        return this.#skipInvalid(buffer, at, end);
      }
      value = value * 10 + digit;
    }
    return INCOMPLETE;
  }

  /** A wrong length line is judged when it is whole, as Redis does. */
  #skipInvalid(buffer: Uint8Array, at: number, end: number): number {
    const cr = findTerminator(buffer, CR, at, end);
    return cr < 0 || cr + 1 >= end ? INCOMPLETE : INVALID;
  }

  #suspend(
    state: RequestState,
    start: number,
    argCount: number,
    decoded: number,
    at: number,
    neededBytes: number,
  ): number {
    if (decoded >= RESUME_ARGS_MIN) {
      this.#savePartialFrame(state, start, argCount, decoded, at);
    }
    return this.#wait(state, neededBytes);
  }

  #wait(state: RequestState, neededBytes: number): number {
    state.neededBytes = neededBytes;
    return -1;
  }

  #savePartialFrame(
    state: RequestState,
    start: number,
    argCount: number,
    decoded: number,
    at: number,
  ): void {
    const base = this.#argsUsed;
    let point = state.partial;
    if (point === undefined || point.offsets.length < decoded) {
      const capacity = Math.min(argCount, decoded * 2);
      const offsets = new Int32Array(capacity),
        lengths = new Int32Array(capacity);
      if (point !== undefined) {
        offsets.set(point.offsets.subarray(0, point.decoded));
        lengths.set(point.lengths.subarray(0, point.decoded));
      }
      point = {
        argCount,
        decoded: point?.decoded ?? 0,
        at: 0,
        offsets,
        lengths,
      };
    }
    for (let i = point.decoded; i < decoded; i++) {
      point.offsets[i] = this.offsets[base + i] - start;
      point.lengths[i] = this.lengths[base + i];
    }
    point.decoded = decoded;
    point.at = at - start;
    state.partial = point;
  }

  #resume(state: RequestState, point: PartialFrame): number {
    while (this.offsets.length < point.decoded) this.#growArgs();
    for (let i = 0; i < point.decoded; i++) {
      this.offsets[i] = point.offsets[i] + state.start;
      this.lengths[i] = point.lengths[i];
    }
    const at = this.#args(
      state,
      state.start,
      point.argCount,
      point.decoded,
      state.start + point.at,
    );
    if (at >= 0 || this.error !== "") state.partial = undefined;
    return at;
  }

  #growArgs(): void {
    const grow = (from: Int32Array) => {
      const to = new Int32Array(from.length * 2);
      to.set(from);
      return to;
    };
    this.offsets = grow(this.offsets);
    this.lengths = grow(this.lengths);
  }

  #fail(text: string): number {
    this.error = `ERR Protocol error: ${text}`;
    return -1;
  }
}

/**
 * Where the terminator of a line is; -1 when it has not come or stands behind a
 * null byte. Redis searches with strchr, for which a null byte ends the buffer:
 * such a line is never whole, and in the end too long.
 */
function findTerminator(
  buffer: Uint8Array,
  terminator: number,
  from: number,
  end: number,
): number {
  for (let at = from; at < end && buffer[at] !== 0; at++) {
    if (buffer[at] === terminator) return at;
  }
  return -1;
}
