/**
 * The server's log, in Redis's line format, so that existing tools read it:
 *
 * ```
 * 4711:M 05 Jan 2026 03:04:05.006 * Ready to accept connections tcp
 * │    │ │                        └ level: . debug  - verbose  * notice  # warning
 * │    │ └ local time
 * │    └ role: M primary, S replica
 * └ process ID
 * ```
 */

import type { LogSink } from "./log_sink.ts";

/** The levels, from the least important on; `nothing` lets no message through. */
export const LOG_LEVELS = [
  "debug",
  "verbose",
  "notice",
  "warning",
  "nothing",
] as const;

export type LogLevel = (typeof LOG_LEVELS)[number];

/** The level's character in a line, by rank. */
const LEVEL_CHARACTERS = ".-*#";

const MONTHS = [
  "Jan",
  "Feb",
  "Mar",
  "Apr",
  "May",
  "Jun",
  "Jul",
  "Aug",
  "Sep",
  "Oct",
  "Nov",
  "Dec",
];

/** What a log needs of the world around it. */
export interface LoggerOptions {
  readonly sink: LogSink;
  /** The least important level that is written. */
  readonly level: LogLevel;
  /** The time, in ms since 1970. */
  readonly nowMs: () => number;
  readonly processId: number;
}

const encoder = new TextEncoder();

/** See the top of the file. */
export class Logger {
  /** Set by replication when the server becomes a replica or a primary. */
  isReplica = false;
  /** Rank of the least important level that is written. */
  #rank: number;
  readonly #sink: LogSink;
  readonly #nowMs: () => number;
  readonly #processId: number;

  constructor({ sink, level, nowMs, processId }: LoggerOptions) {
    this.#sink = sink;
    this.#rank = LOG_LEVELS.indexOf(level);
    this.#nowMs = nowMs;
    this.#processId = processId;
  }

  /** The least important level that is written. */
  get level(): LogLevel {
    return LOG_LEVELS[this.#rank];
  }

  set level(level: LogLevel) {
    this.#rank = LOG_LEVELS.indexOf(level);
  }

  /** For people who look into the server itself. */
  debug(message: string): void {
    this.#write(0, message);
  }

  /** Details of normal work, many of them. */
  verbose(message: string): void {
    this.#write(1, message);
  }

  /** What somebody who runs the server wants to know. */
  notice(message: string): void {
    this.#write(2, message);
  }

  /** Something is wrong. */
  warning(message: string): void {
    this.#write(3, message);
  }

  /** Text that is written as it is, at the level of a notice: the banner. */
  banner(text: string): void {
    if (this.#rank <= 2) this.#sink.write(encoder.encode(text));
  }

  #write(rank: number, message: string): void {
    if (rank < this.#rank) return;
    const role = this.isReplica ? "S" : "M";
    const time = formatLogTime(this.#nowMs());
    const level = LEVEL_CHARACTERS[rank];
    const line = `${this.#processId}:${role} ${time} ${level} ${message}\n`;
    this.#sink.write(encoder.encode(line));
  }
}

/** A moment, in ms since 1970, as log lines show it: in local time. */
export function formatLogTime(timeMs: number): string {
  const date = new Date(timeMs);
  const two = (value: number) => `${value}`.padStart(2, "0");
  const day = `${two(date.getDate())} ${MONTHS[date.getMonth()]}`;
  const clock = [date.getHours(), date.getMinutes(), date.getSeconds()]
    .map(two).join(":");
  const milliseconds = `${date.getMilliseconds()}`.padStart(3, "0");
  return `${day} ${date.getFullYear()} ${clock}.${milliseconds}`;
}
