/** What the server counts, for INFO; CONFIG RESETSTAT sets it back. */

import { InstantaneousMetric } from "./instantaneous_metric.ts";

/** An error's code is looked for in so many characters; without one it counts as ERR. */
const ERROR_CODE_CHARACTERS = 31;

/** Rates, sampled by the cron. */
export interface InstantaneousMetrics {
  readonly commands: InstantaneousMetric;
  readonly inputBytes: InstantaneousMetric;
  readonly outputBytes: InstantaneousMetric;
  readonly replicationInputBytes: InstantaneousMetric;
  readonly replicationOutputBytes: InstantaneousMetric;
  /** Turns of the event loop per second. */
  readonly turns: InstantaneousMetric;
  /** Microseconds per turn. */
  readonly turnMicroseconds: InstantaneousMetric;
}

/** See the top of the file. */
export class ServerStats {
  commandsProcessed = 0;
  connectionsReceived = 0;
  connectionsRejected = 0;
  netInputBytes = 0;
  netOutputBytes = 0;
  /** Of the two before, what came from our primary and went to our replicas. */
  netReplicationInputBytes = 0;
  netReplicationOutputBytes = 0;
  /** Replicas that got a full copy, went on where they were, and could not. */
  syncFull = 0;
  syncPartialOk = 0;
  syncPartialErr = 0;
  totalReads = 0;
  totalWrites = 0;
  queryBufferLimitDisconnections = 0;
  outputBufferLimitDisconnections = 0;
  unexpectedErrorReplies = 0;
  totalErrorReplies = 0;
  accessDeniedAuth = 0;
  /** Turns: batches of commands, and ticks of the cron. */
  turns = 0;
  turnMicroseconds = 0;
  turnMicrosecondsMax = 0;
  /** Most commands in one turn. */
  turnCommandsMax = 0;
  commandMicroseconds = 0;
  cronMicroseconds = 0;
  /** Time of active expiry. */
  expiryMilliseconds = 0;
  /** Error replies by their code, for `errorstat_…`. */
  readonly errors = new Map<string, number>();
  readonly metrics: InstantaneousMetrics = {
    commands: new InstantaneousMetric(1000),
    inputBytes: new InstantaneousMetric(1000),
    outputBytes: new InstantaneousMetric(1000),
    replicationInputBytes: new InstantaneousMetric(1000),
    replicationOutputBytes: new InstantaneousMetric(1000),
    turns: new InstantaneousMetric(1000),
    turnMicroseconds: new InstantaneousMetric(1),
  };

  /** Most error codes that are told apart; beyond, new ones are not counted by code. */
  static readonly ERROR_CODES_MAX = 128;

  countError(text: string): void {
    this.totalErrorReplies++;
    const space = text.indexOf(" ");
    const code = space < 0 || space > ERROR_CODE_CHARACTERS
      ? "ERR"
      : text.slice(0, space);
    const count = this.errors.get(code);
    if (
      count === undefined && this.errors.size >= ServerStats.ERROR_CODES_MAX
    ) return;
    this.errors.set(code, (count ?? 0) + 1);
  }

  /** Notes a turn: how long it took, and how many commands ran in it. */
  countTurn(microseconds: number, commands: number): void {
    this.turns++;
    this.turnMicroseconds += microseconds;
    if (microseconds > this.turnMicrosecondsMax) {
      this.turnMicrosecondsMax = microseconds;
    }
    if (commands > this.turnCommandsMax) this.turnCommandsMax = commands;
  }

  /** Takes the samples of the rates; `nowMs` never goes back. */
  sample(nowMs: number): void {
    const { metrics } = this;
    metrics.commands.sample(this.commandsProcessed, nowMs);
    metrics.inputBytes.sample(this.netInputBytes, nowMs);
    metrics.outputBytes.sample(this.netOutputBytes, nowMs);
    metrics.replicationInputBytes.sample(
      this.netReplicationInputBytes,
      nowMs,
    );
    metrics.replicationOutputBytes.sample(
      this.netReplicationOutputBytes,
      nowMs,
    );
    metrics.turns.sample(this.turns, nowMs);
    metrics.turnMicroseconds.sample(this.turnMicroseconds, this.turns);
  }

  reset(): void {
    const { errors: _, metrics: __, ...zeros } = new ServerStats();
    Object.assign(this, zeros);
    this.errors.clear();
    for (const metric of Object.values(this.metrics)) metric.reset();
  }
}
