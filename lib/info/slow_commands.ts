/**
 * Where commands go that took long: the slow log and the latency monitor.
 *
 * The router compares each time with one threshold, the lower of the two, and
 * comes here only when it is passed.
 */

import type { Client } from "../net/client.ts";
import type { Args } from "../router/args.ts";
import { type Command, flagBit } from "../router/command_table.ts";
import type { LatencyMonitor } from "./latency_monitor.ts";
import type { Slowlog } from "./slowlog.ts";

const FAST = flagBit("fast");
const SKIP_SLOWLOG = flagBit("skip_slowlog");
/** Below this, timing several commands together would hide slow ones among them. */
const GROUPED_MIN_MICROSECONDS = 1000;

/** See the top of the file. */
export class SlowCommands {
  /** Microseconds from which on somebody wants to know; infinite when nobody does. */
  thresholdMicroseconds = Infinity;
  /** Called with whether every command must be timed by itself. */
  onChange: (isExact: boolean) => void = () => {};

  constructor(
    private readonly slowlog: Slowlog,
    private readonly latency: LatencyMonitor,
  ) {}

  /** To be called when a threshold has changed. */
  update(): void {
    const { slowlog, latency } = this;
    const isLogging = slowlog.thresholdMicroseconds >= 0 &&
      slowlog.entriesMax > 0;
    this.thresholdMicroseconds = Math.min(
      isLogging ? slowlog.thresholdMicroseconds : Infinity,
      latency.thresholdMs > 0 ? latency.thresholdMs * 1000 : Infinity,
    );
    this.onChange(this.thresholdMicroseconds < GROUPED_MIN_MICROSECONDS);
  }

  /** Notes a command that took at least the threshold. */
  note(
    command: Command,
    client: Client,
    args: Args,
    microseconds: number,
    nowMs: number,
  ): void {
    const event = (command.flags & FAST) === 0 ? "command" : "fast-command";
    this.latency.note(event, microseconds / 1000, nowMs);
    const { slowlog } = this;
    if (
      slowlog.thresholdMicroseconds < 0 ||
      microseconds < slowlog.thresholdMicroseconds ||
      (command.flags & SKIP_SLOWLOG) !== 0
    ) return;
    slowlog.add(
      args,
      command.definition.secretArgs?.(args) ?? [],
      microseconds,
      nowMs,
      client.link.remoteAddress,
      client.name,
    );
  }
}
