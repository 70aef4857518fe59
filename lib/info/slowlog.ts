/**
 * The latest slow commands, newest first.
 *
 * Written by slow_commands.ts, read by SLOWLOG.
 * {@link https://redis.io/docs/latest/commands/slowlog-get/}
 */

import { bytesOfText } from "../resp/byte_text.ts";
import type { Args } from "../router/args.ts";

/** Most arguments kept of a slow command, and most bytes of each. */
const ARGS_MAX = 32;
const ARG_BYTES_MAX = 128;
/** What stands in for a password. */
export const REDACTED = "(redacted)";

/** A command that took long. */
export interface SlowlogEntry {
  readonly id: number;
  readonly atSeconds: number;
  readonly microseconds: number;
  readonly args: readonly Uint8Array[];
  readonly address: string;
  readonly clientName: string;
}

/** See the top of the file. */
export class Slowlog {
  entries: SlowlogEntry[] = [];
  #nextId = 0;

  /** Microseconds from which a command is slow; negative logs none (`slowlog-log-slower-than`). */
  thresholdMicroseconds = 10000;
  /** Entries kept (`slowlog-max-len`). */
  entriesMax = 128;

  /** @param secret indices of arguments that are not shown. */
  add(
    args: Args,
    secret: readonly number[],
    microseconds: number,
    nowMs: number,
    address: string,
    clientName: string,
  ): void {
    this.entries.unshift({
      id: this.#nextId++,
      atSeconds: Math.floor(nowMs / 1000),
      microseconds: Math.floor(microseconds),
      args: shortened(args, secret),
      address,
      clientName,
    });
    this.trim();
  }

  /** Drops the oldest entries beyond `entriesMax`. */
  trim(): void {
    if (this.entries.length > this.entriesMax) {
      this.entries.length = this.entriesMax;
    }
  }

  clear(): void {
    this.entries = [];
  }
}

function shortened(args: Args, secret: readonly number[]): Uint8Array[] {
  const shown = args.count > ARGS_MAX ? ARGS_MAX - 1 : args.count;
  const kept: Uint8Array[] = [];
  for (let i = 0; i < shown; i++) {
    const length = args.length(i);
    if (secret.includes(i)) kept.push(bytesOfText(REDACTED));
    else if (length <= ARG_BYTES_MAX) kept.push(args.copy(i));
    else {
      const more = bytesOfText(`... (${length - ARG_BYTES_MAX} more bytes)`);
      const cut = new Uint8Array(ARG_BYTES_MAX + more.length);
      cut.set(args.slice(i).subarray(0, ARG_BYTES_MAX));
      cut.set(more, ARG_BYTES_MAX);
      kept.push(cut);
    }
  }
  if (args.count > ARGS_MAX) {
    kept.push(bytesOfText(`... (${args.count - shown} more arguments)`));
  }
  return kept;
}
