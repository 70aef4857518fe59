import type { Args } from "../router/args.ts";

/** Most arguments kept of a slow command, and most bytes of each. */
const ARGS_MAX = 32;
const ARG_BYTES_MAX = 128;

/** A command that took long. */
export interface SlowlogEntry {
  readonly id: number;
  readonly atSeconds: number;
  readonly microseconds: number;
  readonly args: readonly Uint8Array[];
  readonly address: string;
  readonly clientName: string;
}

/**
 * The latest slow commands, newest first.
 *
 * Written by the router, read by SLOWLOG. {@link https://redis.io/docs/latest/commands/slowlog-get/}
 */
export class Slowlog {
  entries: SlowlogEntry[] = [];
  #nextId = 0;

  /** Microseconds from which a command is slow; negative logs none (`slowlog-log-slower-than`). */
  thresholdMicroseconds = 10000;
  /** Entries kept (`slowlog-max-len`). */
  entriesMax = 128;

  add(
    args: Args,
    microseconds: number,
    nowMs: number,
    address: string,
    clientName: string,
  ): void {
    this.entries.unshift({
      id: this.#nextId++,
      atSeconds: Math.floor(nowMs / 1000),
      microseconds: Math.round(microseconds),
      args: shortened(args),
      address,
      clientName,
    });
    if (this.entries.length > this.entriesMax) {
      this.entries.length = this.entriesMax;
    }
  }

  clear(): void {
    this.entries = [];
  }
}

function shortened(args: Args): Uint8Array[] {
  const encoder = new TextEncoder();
  const shown = args.count > ARGS_MAX ? ARGS_MAX - 1 : args.count;
  const kept: Uint8Array[] = [];
  for (let i = 0; i < shown; i++) {
    const length = args.length(i);
    if (length <= ARG_BYTES_MAX) kept.push(args.copy(i));
    else {
      const more = encoder.encode(`... (${length - ARG_BYTES_MAX} more bytes)`);
      const cut = new Uint8Array(ARG_BYTES_MAX + more.length);
      cut.set(args.slice(i).subarray(0, ARG_BYTES_MAX));
      cut.set(more, ARG_BYTES_MAX);
      kept.push(cut);
    }
  }
  if (args.count > ARGS_MAX) {
    kept.push(encoder.encode(`... (${args.count - shown} more arguments)`));
  }
  return kept;
}
