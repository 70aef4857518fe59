/**
 * How long commands take, for their statistics, the slow log and the latency
 * monitor.
 *
 * Reading the clock costs as much as a small command. So commands of constant
 * time that follow each other in a batch are timed together and each is charged
 * the mean; any other command is timed alone.
 */

import type { Client } from "../net/client.ts";
import type { Args } from "./args.ts";
import type { ServerParts } from "./call.ts";
import type { BlockedClient } from "./blocked_clients.ts";
import type { Command } from "./command_table.ts";

/** Commands timed together at most, unless slow ones among them must be told apart. */
const GROUP_MAX = 64;

/** See the top of the file. */
export class CommandTimer {
  /** Whether latencies go into histograms (`latency-tracking`). */
  isTrackingLatency = true;

  /** When the clock was read last. */
  #startMs = 0;
  /** The commands that were run since, and who sent the last of them. */
  #count = 0;
  readonly #commands: Command[] = [];
  #lastArgs!: Args;
  #lastClient!: Client;
  #groupMax = GROUP_MAX;

  constructor(private readonly parts: ServerParts) {
    parts.slowCommands.onChange = (isExact) => {
      this.#groupMax = isExact ? 1 : GROUP_MAX;
    };
    parts.blocked.onUnblocked = (blocked, error) =>
      this.#countUnblocked(blocked, error);
  }

  /** Begins a batch at a moment of the monotonic clock. */
  start(nowMs: number): void {
    this.#startMs = nowMs;
  }

  /** Before a command runs. */
  begin(command: Command, args: Args): void {
    if (this.#count > 0 && args.count > command.quickArgsMax) this.close();
  }

  /** After a command has run. */
  end(client: Client, command: Command, args: Args): void {
    this.#lastArgs = args;
    this.#lastClient = client;
    this.#commands[this.#count++] = command;
    if (args.count > command.quickArgsMax || this.#count >= this.#groupMax) {
      this.close();
    }
  }

  /** Charges the commands since the clock was read last with the time since; returns the clock. */
  close(): number {
    const count = this.#count;
    if (count === 0) return this.#startMs;
    this.#count = 0;
    const { keyspace, stats, slowCommands } = this.parts;
    const nowMs = keyspace.clock.monotonicMs();
    const microseconds = (nowMs - this.#startMs) * 1000;
    this.#startMs = nowMs;
    const each = microseconds / count;
    let first = 0;
    for (let i = 1; i <= count; i++) {
      if (i < count && this.#commands[i] === this.#commands[first]) continue;
      this.#commands[first].record(
        i - first,
        each * (i - first),
        this.isTrackingLatency,
      );
      first = i;
    }
    stats.commandMicroseconds += microseconds;
    if (each >= slowCommands.thresholdMicroseconds) {
      const last = this.#commands[count - 1], { nowMs: atMs } = keyspace;
      slowCommands.note(last, this.#lastClient, this.#lastArgs, each, atMs);
    }
    return nowMs;
  }

  /** Counts a command that waited and was not run again. */
  #countUnblocked({ client, command }: BlockedClient, error?: string): void {
    const { stats } = this.parts;
    client.commandsRun++;
    stats.commandsProcessed++;
    command.record(1, 0, this.isTrackingLatency);
    if (error === undefined) return;
    command.failedCalls++;
    stats.countError(error);
  }
}
