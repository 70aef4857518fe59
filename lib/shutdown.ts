/**
 * How a server ends: SHUTDOWN and signals, the wait for replicas that lag, what is
 * saved, and how all of that is called off.
 *
 * ```
 * signal → the next tick ─┐
 * SHUTDOWN ───────────────┴→ waiting for replicas → saving → the end
 *                                  └─ ABORT, or a failure: back to work
 * ```
 *
 * While it waits nothing is written, so that replicas can catch up.
 */

import type { ServerParts } from "./router/call.ts";
import { UNTIL_WOKEN, type Wait } from "./router/blocked_clients.ts";

/** How to end. */
export interface ShutdownOptions {
  /** Undefined means: as the `save` directive has it. */
  save?: boolean;
  /** Wait for no replica. */
  now?: boolean;
  /** End even if the data cannot be saved. */
  force?: boolean;
}

/** What has come of a wish to end. */
export type ShutdownOutcome = "ending" | "waiting" | "failed";

/** For clients whose SHUTDOWN waits. */
export const UNTIL_SHUTDOWN: Wait = { ...UNTIL_WOKEN };
export const SHUTDOWN_FAILED = "ERR Errors trying to SHUTDOWN. Check logs.";

/** See the top of the file. */
export class Shutdown {
  /** Asked for by a signal, for the next tick. */
  #scheduled: (() => ShutdownOptions) | undefined;
  /** While it waits for replicas: how it was asked for, and until when. */
  #waiting: { options: ShutdownOptions; deadlineMs: number } | undefined;
  #isEnding = false;

  /** @param end stops the server; called once. */
  constructor(
    private readonly parts: ServerParts,
    private readonly end: () => void,
  ) {}

  /** How long it is going to wait for replicas, in ms; undefined when it does not. */
  get remainingMs(): number | undefined {
    return this.#waiting === undefined
      ? undefined
      : this.#waiting.deadlineMs - this.parts.keyspace.nowMs;
  }

  /** Ends the server soon, as a signal wants it. False when that was wanted already. */
  schedule(options: () => ShutdownOptions): boolean {
    if (this.#scheduled !== undefined) return false;
    this.#scheduled = options;
    return true;
  }

  /** Ends the server, after the batch that runs, or once its replicas have caught up. */
  request(options: ShutdownOptions): ShutdownOutcome {
    if (this.#isEnding) return "ending";
    if (this.#waiting !== undefined) return "waiting";
    const { config, log, keyspace, clients, replication } = this.parts;
    log.notice("User requested shutdown...");
    keyspace.effects.flush();
    const timeoutMs = config.get("shutdown-timeout") * 1000;
    if (options.now === true || timeoutMs === 0 || this.#areReplicasReady) {
      return this.#finish(options);
    }
    this.#waiting = { options, deadlineMs: keyspace.clock.nowMs() + timeoutMs };
    replication.acknowledgements.ask();
    clients.pause(Infinity, "write", "shutdown");
    log.notice("Waiting for replicas before shutting down.");
    return "waiting";
  }

  /** Calls it off; false when there is nothing to call off. */
  abort(): boolean {
    if (this.#waiting === undefined && this.#scheduled === undefined) {
      return false;
    }
    this.#cancel();
    this.parts.log.notice("Shutdown manually aborted.");
    return true;
  }

  /** Does what is due; by the cron. */
  tick(): void {
    if (this.#isEnding) return;
    if (this.#waiting !== undefined) {
      const isOver = this.#waiting.deadlineMs <= this.parts.keyspace.nowMs;
      if (isOver || this.#areReplicasReady) this.#finish(this.#waiting.options);
    } else if (this.#scheduled !== undefined) {
      this.request(this.#scheduled());
    }
  }

  get #areReplicasReady(): boolean {
    const { replicas, history } = this.parts.replication;
    return [...replicas.all()].every(({ ackOffset }) =>
      ackOffset === history.offset
    );
  }

  #finish(options: ShutdownOptions): ShutdownOutcome {
    this.#logReplicas();
    if (!this.#save(options)) {
      this.parts.log.warning(
        "Errors trying to shut down the server. Check the logs for more information.",
      );
      this.#cancel();
      return "failed";
    }
    this.#isEnding = true;
    // After the turn, so that the batch that asked for it is done.
    queueMicrotask(this.end);
    return "ending";
  }

  /** Sees to it that the data is kept; false, having logged why, when it is not. */
  #save({ save, force }: ShutdownOptions): boolean {
    const { appendOnly, persistence, log } = this.parts;
    if (appendOnly.file.state === "waiting") {
      if (force !== true) {
        log.warning("Writing initial AOF, can't exit.");
        return false;
      }
      log.warning("Writing initial AOF. Exit anyway.");
    }
    if (persistence.saveFinally(save)) return true;
    log.warning(
      `Error trying to save the DB${
        force === true ? ". Exit anyway." : ", can't exit."
      }`,
    );
    return force === true;
  }

  #cancel(): void {
    const { blocked, clients } = this.parts;
    this.#waiting = this.#scheduled = undefined;
    for (const { client, wait } of [...blocked.all()]) {
      if (wait === UNTIL_SHUTDOWN) blocked.unblock(client, SHUTDOWN_FAILED);
    }
    clients.unpause("shutdown");
  }

  #logReplicas(): void {
    const { log, keyspace, replication: { replicas, history } } = this.parts;
    if (replicas.size === 0) return;
    let readyCount = 0;
    for (const replica of replicas.all()) {
      const behind = history.offset - replica.ackOffset;
      if (behind === 0) {
        readyCount++;
        continue;
      }
      const { state, stateName, name } = replica;
      const lag = state === "online"
        ? replica.lagSeconds(keyspace.clock.nowMs())
        : 0;
      log.notice(
        `Lagging replica ${name} reported offset ${behind} behind master, lag=${lag}, state=${stateName}.`,
      );
    }
    log.notice(
      `${readyCount} of ${replicas.size} replicas are in sync when shutting down.`,
    );
  }
}
