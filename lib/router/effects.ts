/**
 * What commands did, for those who must do it again: the append-only file and
 * the replicas.
 *
 * By default a command that changed something is passed on as it came. A handler
 * whose words would mean something else later or elsewhere (a relative time, a
 * random choice) says instead what to pass on.
 *
 * Effects are encoded as requests, one behind the other, and handed on together
 * at the end of a batch, before its replies leave. What one command, transaction
 * or served client did is one unit: when it has several effects they stand
 * between MULTI and EXEC, so that no reader sees half of it.
 */

import type { Args } from "./args.ts";
import { bytesOfText } from "../resp/byte_text.ts";
import { writeInteger } from "./number_text.ts";

/** Commands for one database, in the order in which they are to be done. */
export interface EffectRun {
  readonly dbIndex: number;
  /** Not for a file: it is about what is connected now, as PUBLISH is. */
  readonly isForReplicasOnly: boolean;
  /** Where they are in the batch's bytes. */
  start: number;
  end: number;
}

/** What happened in a batch, valid during the call that hands it over. */
export interface EffectBatch {
  /** RESP requests without SELECT: each run says its database. */
  readonly bytes: Uint8Array;
  readonly runs: readonly EffectRun[];
}

/** Told of everything that happened, in order. */
export type EffectListener = (batch: EffectBatch) => void;

/** What the first run of a unit of several effects begins with. */
export const MULTI = bytesOfText("*1\r\n$5\r\nMULTI\r\n");
const EXEC = bytesOfText("*1\r\n$4\r\nEXEC\r\n");
const INITIAL_BYTES = 64 * 1024;
/** A buffer that one batch made larger than this is not kept. */
const KEPT_BYTES = 1024 * 1024;
/** Room for the head of an array or a bulk string. */
const HEAD_BYTES = 24;
/** Up to this many bytes are copied one by one, more with `set`. */
const BYTE_COPY_MAX = 48;
const CR = 13, LF = 10, STAR = 42, DOLLAR = 36;

/** See the top of the file. */
export class Effects {
  /** Whether anybody listens; without, nothing needs to be made. */
  isWanted = false;
  /** True when the handler's effects stand for the command, or it shall not be passed on. */
  isReplaced = false;
  /** The database of the command that runs; the router sets it. */
  dbIndex = 0;

  #bytes = new Uint8Array(INITIAL_BYTES);
  #length = 0;
  readonly #runs: EffectRun[] = [];
  // The unit that is open: where it began, in bytes and in runs, and its effects so far.
  #unitStart = 0;
  #unitRun = 0;
  #unitCount = 0;
  #isLoose = false;
  readonly #listeners: EffectListener[] = [];

  /** Bytes that have come together and are not handed on yet. */
  get pendingBytes(): number {
    return this.#length;
  }

  listen(listener: EffectListener): void {
    this.#listeners.push(listener);
    this.isWanted = true;
  }

  unlisten(listener: EffectListener): void {
    const index = this.#listeners.indexOf(listener);
    if (index >= 0) this.#listeners.splice(index, 1);
    this.isWanted = this.#listeners.length > 0;
  }

  /** Passes this on in the command's place; called again, this too. */
  replaceWith(...args: readonly (Uint8Array | string)[]): void {
    if (!this.isWanted) return;
    this.isReplaced = true;
    this.add(this.dbIndex, args);
  }

  /** Passes nothing on. */
  suppress(): void {
    this.isReplaced = true;
  }

  /** What follows in this unit, a command by itself, happened to keys by chance and belongs not together. */
  loosen(): void {
    this.#isLoose = true;
  }

  /** Passes this on beside the command. */
  add(dbIndex: number, args: readonly (Uint8Array | string)[]): void {
    if (!this.isWanted) return;
    this.#begin(dbIndex, args.length);
    for (const arg of args) {
      const bytes = typeof arg === "string" ? bytesOfText(arg) : arg;
      this.#bulk(bytes, 0, bytes.length);
    }
    this.#end();
  }

  /** Passes the command on as it came. */
  addVerbatim(args: Args, isForReplicasOnly = false): void {
    if (!this.isWanted) return;
    this.#begin(this.dbIndex, args.count, isForReplicasOnly);
    for (let i = 0; i < args.count; i++) {
      this.#bulk(args.bytes, args.offset(i), args.length(i));
    }
    this.#end();
  }

  /** Ends what belongs together. */
  endUnit(): void {
    if (this.#unitCount > 1 && !this.#isLoose) this.#wrapUnit();
    this.#isLoose = false;
    this.#unitStart = this.#length;
    this.#unitRun = this.#runs.length;
    this.#unitCount = 0;
  }

  /** Hands on what belongs to no unit that is still open; false when one is. */
  flushUnits(): boolean {
    if (this.#unitCount > 0) return false;
    this.flush();
    return true;
  }

  /** Hands on what has come together. */
  flush(): void {
    if (this.#length === 0) return;
    this.endUnit();
    const batch: EffectBatch = { bytes: this.#bytes, runs: this.#runs };
    for (const listener of this.#listeners) listener(batch);
    this.#runs.length =
      this.#length =
      this.#unitStart =
      this.#unitRun =
        0;
    if (this.#bytes.length > KEPT_BYTES) {
      this.#bytes = new Uint8Array(INITIAL_BYTES);
    }
  }

  #begin(dbIndex: number, count: number, isForReplicasOnly = false): void {
    const last = this.#runs[this.#runs.length - 1];
    const isNewUnit = this.#unitRun === this.#runs.length;
    if (
      last === undefined || isNewUnit || last.dbIndex !== dbIndex ||
      last.isForReplicasOnly !== isForReplicasOnly
    ) {
      const start = this.#length;
      this.#runs.push({ dbIndex, isForReplicasOnly, start, end: start });
    }
    this.#head(STAR, count);
  }

  #end(): void {
    this.#unitCount++;
    this.#runs[this.#runs.length - 1].end = this.#length;
  }

  #bulk(from: Uint8Array, offset: number, length: number): void {
    this.#head(DOLLAR, length);
    this.#room(length + 2);
    const to = this.#bytes;
    let at = this.#length;
    if (length <= BYTE_COPY_MAX) {
      for (const end = offset + length; offset < end; offset++) {
        to[at++] = from[offset];
      }
    } else {
      to.set(from.subarray(offset, offset + length), at);
      at += length;
    }
    to[at] = CR;
    to[at + 1] = LF;
    this.#length = at + 2;
  }

  #head(type: number, count: number): void {
    this.#room(HEAD_BYTES);
    const to = this.#bytes;
    to[this.#length] = type;
    const at = writeInteger(to, this.#length + 1, count);
    to[at] = CR;
    to[at + 1] = LF;
    this.#length = at + 2;
  }

  #wrapUnit(): void {
    this.#room(MULTI.length + EXEC.length);
    const start = this.#unitStart, shift = MULTI.length;
    this.#bytes.copyWithin(start + shift, start, this.#length);
    this.#bytes.set(MULTI, start);
    this.#length += shift;
    this.#bytes.set(EXEC, this.#length);
    this.#length += EXEC.length;
    const runs = this.#runs, first = this.#unitRun, end = this.#length;
    for (let i = first; i < runs.length; i++) {
      if (i > first) runs[i].start += shift;
      runs[i].end += shift;
    }
    const isSplit = runs.some((run, i) => i >= first && run.isForReplicasOnly);
    if (!isSplit) runs[runs.length - 1].end = end;
    else this.#splitOffWrapping(runs, first, start + shift, end);
  }

  /** Gives MULTI and EXEC runs of their own, so that a file which leaves out what is between them has both. */
  #splitOffWrapping(
    runs: EffectRun[],
    first: number,
    bodyStart: number,
    end: number,
  ): void {
    const { dbIndex, start } = runs[first];
    const isForReplicasOnly = runs.every((run, i) =>
      i < first || run.isForReplicasOnly
    );
    runs[first].start = bodyStart;
    const last = runs[runs.length - 1];
    runs.splice(first, 0, {
      dbIndex,
      isForReplicasOnly,
      start,
      end: bodyStart,
    });
    runs.push({
      dbIndex: last.dbIndex,
      isForReplicasOnly,
      start: last.end,
      end,
    });
  }

  #room(count: number): void {
    const needed = this.#length + count;
    if (needed <= this.#bytes.length) return;
    const grown = new Uint8Array(Math.max(needed, this.#bytes.length * 2));
    grown.set(this.#bytes.subarray(0, this.#length));
    this.#bytes = grown;
  }
}

/** Whether a run begins a transaction. */
export function isMultiAt(bytes: Uint8Array, at: number): boolean {
  return MULTI.every((byte, i) => bytes[at + i] === byte);
}
