/**
 * Changing HyperLogLogs that have few registers set: a buffer to work in, used
 * again and again. Load a value's bytes, raise registers, and write `bytes` up to
 * `length` back.
 *
 * Splits and merges of runs are those of Redis, so that the bytes are the same
 * as there after the same commands. hyperloglog.ts has the format.
 */

import type { ByteSource } from "../keyspace/record_store.ts";
import {
  DENSE,
  DENSE_BYTES,
  encodingAt,
  HEAD_BYTES,
  markStale,
  raiseDenseRegister,
  REGISTER_COUNT,
  setDenseRegister,
  SPARSE,
  SparseRuns,
  writeHead,
} from "./hyperloglog.ts";

/** Largest value and longest run of one byte. */
const SPARSE_VALUE_MAX = 32;
const SHORT_ZEROS_MAX = 64;
const VALUE_RUN_MAX = 4;
/** Runs from the one before the change on that are looked at to merge them. */
const MERGED_RUNS = 5;
const IS_VALUE = 0x80;
const IS_LONG = 0x40;
/** Runs that replace one take at most this. */
const SPLIT_BYTES_MAX = 5;
const SLACK_BYTES = 8;
/** Fewer bytes are copied one by one, more with `set`. */
const BYTE_COPY_MAX = 48;

/** What became of an attempt to raise a register. */
export type Raised = "raised" | "unchanged" | "broken";

/** See the top of the file. */
export class HyperLogLogEdit implements ByteSource {
  bytes = new Uint8Array(DENSE_BYTES + SLACK_BYTES);
  view = new DataView(this.bytes.buffer);
  length = 0;

  readonly #split = new Uint8Array(SPLIT_BYTES_MAX);
  #splitLength = 0;
  // The run with the register looked for: where it and the one before are, its first register, its length.
  #at = 0;
  #before = 0;
  #first = 0;
  #count = 0;

  get isDense(): boolean {
    return encodingAt(this.bytes, 0) === DENSE;
  }

  /** Begins with no element. */
  clear(): void {
    writeHead(this.bytes, SPARSE);
    this.length = HEAD_BYTES;
    this.#splitLength = 0;
    this.#splitZeros(REGISTER_COUNT);
    this.bytes.set(this.#split.subarray(0, this.#splitLength), HEAD_BYTES);
    this.length += this.#splitLength;
  }

  /** Takes a value's bytes. */
  load(from: Uint8Array, start: number, end: number): void {
    this.length = end - start;
    this.#room(SPLIT_BYTES_MAX);
    const { bytes, length } = this;
    if (length > BYTE_COPY_MAX) bytes.set(from.subarray(start, end));
    else for (let i = 0; i < length; i++) bytes[i] = from[start + i];
    bytes[length] = 0;
  }

  /** Raises a register; the value becomes dense when it would be longer than `sparseMaxBytes`. */
  raise(index: number, value: number, sparseMaxBytes: number): Raised {
    if (this.isDense) {
      return raiseDenseRegister(this.bytes, HEAD_BYTES, index, value)
        ? "raised"
        : "unchanged";
    }
    if (value > SPARSE_VALUE_MAX) return this.#raiseDense(index, value);
    if (!this.#find(index)) return "broken";
    const code = this.bytes[this.#at];
    const isValue = (code & IS_VALUE) !== 0;
    const old = isValue ? ((code >>> 2) & 31) + 1 : 0;
    if (old >= value) return "unchanged";
    this.#splitRun(index, old, value);
    const oldLength = !isValue && (code & IS_LONG) !== 0 ? 2 : 1;
    const added = this.#splitLength - oldLength;
    if (added > 0 && this.length + added > sparseMaxBytes) {
      return this.#raiseDense(index, value);
    }
    this.#room(SPLIT_BYTES_MAX);
    const { bytes } = this, at = this.#at;
    if (added !== 0) {
      bytes.copyWithin(at + this.#splitLength, at + oldLength, this.length);
      this.length += added;
    }
    for (let i = 0; i < this.#splitLength; i++) bytes[at + i] = this.#split[i];
    this.#merge();
    markStale(bytes, 0);
    bytes[this.length] = 0;
    return "raised";
  }

  /** Makes the value dense; false, with nothing changed, when it is broken. */
  toDense(): boolean {
    if (this.isDense) return true;
    const dense = new Uint8Array(DENSE_BYTES + SLACK_BYTES);
    dense.set(this.bytes.subarray(0, HEAD_BYTES));
    dense[4] = DENSE;
    let index = 0;
    const runs = new SparseRuns(this.bytes, HEAD_BYTES, this.length);
    while (runs.next()) {
      const { value, count } = runs;
      if (value === 0) {
        index += count;
        continue;
      }
      if (index + count > REGISTER_COUNT) break;
      for (const last = index + count; index < last; index++) {
        setDenseRegister(dense, HEAD_BYTES, index, value);
      }
    }
    if (index !== REGISTER_COUNT) return false;
    this.bytes = dense;
    this.view = new DataView(dense.buffer);
    this.length = DENSE_BYTES;
    return true;
  }

  #raiseDense(index: number, value: number): Raised {
    if (!this.toDense()) return "broken";
    raiseDenseRegister(this.bytes, HEAD_BYTES, index, value);
    return "raised";
  }

  /** Finds the run of a register; false when there is none. */
  #find(index: number): boolean {
    const { bytes, length } = this;
    let at = HEAD_BYTES, before = HEAD_BYTES, first = 0;
    while (at < length) {
      const four = at + 4 <= length ? this.#countOfFour(at) : 0;
      if (four > 0 && first + four <= index) {
        before = at + 3;
        first += four;
        at += 4;
        continue;
      }
      const code = bytes[at];
      let count = (code & 63) + 1, step = 1;
      if ((code & IS_VALUE) !== 0) count = (code & 3) + 1;
      else if ((code & IS_LONG) !== 0) {
        count = (((code & 63) << 8) | bytes[at + 1]) + 1;
        step = 2;
      }
      if (index < first + count) {
        this.#at = at;
        this.#before = before;
        this.#first = first;
        this.#count = count;
        return true;
      }
      before = at;
      first += count;
      at += step;
    }
    return false;
  }

  /** Registers of the four runs from `at` on, when each is of one byte; else 0. */
  #countOfFour(at: number): number {
    const codes = this.view.getInt32(at, true);
    if ((codes & ~(codes >>> 1) & 0x40404040) !== 0) return 0;
    // Of a value the lowest two bits count, of zeros the lowest six.
    const mask = 0x3f3f3f3f - Math.imul((codes >>> 7) & 0x01010101, 0x3c);
    return (Math.imul(codes & mask, 0x01010101) >>> 24) + 4;
  }

  /** Makes the runs that take the place of the one found, with the register at `index` raised. */
  #splitRun(index: number, old: number, value: number): void {
    const before = index - this.#first, after = this.#count - before - 1;
    this.#splitLength = 0;
    if (before > 0) this.#splitOld(old, before);
    this.#splitValue(value, 1);
    if (after > 0) this.#splitOld(old, after);
  }

  #splitOld(value: number, count: number): void {
    if (value === 0) this.#splitZeros(count);
    else this.#splitValue(value, count);
  }

  #splitValue(value: number, count: number): void {
    this.#split[this.#splitLength++] = valueRun(value, count);
  }

  #splitZeros(count: number): void {
    const rest = count - 1;
    if (count > SHORT_ZEROS_MAX) {
      this.#split[this.#splitLength++] = IS_LONG | (rest >>> 8);
    }
    this.#split[this.#splitLength++] = rest & 0xff;
  }

  /** Joins runs of the same value around the change. */
  #merge(): void {
    const { bytes } = this;
    let at = this.#before;
    for (let left = MERGED_RUNS; left > 0 && at < this.length; left--) {
      const code = bytes[at];
      if ((code & IS_VALUE) === 0) {
        at += (code & IS_LONG) !== 0 ? 2 : 1;
        continue;
      }
      const next = at + 1 < this.length ? bytes[at + 1] : 0;
      const count = (code & 3) + (next & 3) + 2;
      if ((code ^ next) >>> 2 !== 0 || count > VALUE_RUN_MAX) {
        at++;
        continue;
      }
      bytes[at + 1] = valueRun(((code >>> 2) & 31) + 1, count);
      bytes.copyWithin(at, at + 1, this.length);
      this.length--;
    }
  }

  #room(count: number): void {
    const needed = this.length + count + SLACK_BYTES;
    if (needed <= this.bytes.length) return;
    const grown = new Uint8Array(needed * 2);
    grown.set(this.bytes);
    this.bytes = grown;
    this.view = new DataView(grown.buffer);
  }
}

function valueRun(value: number, count: number): number {
  return IS_VALUE | ((value - 1) << 2) | (count - 1);
}
