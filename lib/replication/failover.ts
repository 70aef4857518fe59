/**
 * FAILOVER: hands the role of the primary over to one of the replicas.
 *
 * ```
 * waiting-for-sync      writes are paused until a replica has everything
 * failover-in-progress  that one is asked to become the primary, and we follow it
 * ```
 *
 * At any time it may be aborted; then writes go on here.
 */

import type { Replica } from "./replica.ts";
import type { Replication } from "./replication.ts";

/** As INFO names it. */
export type FailoverState =
  | "no-failover"
  | "waiting-for-sync"
  | "failover-in-progress";

/** What FAILOVER asks for. */
export interface FailoverRequest {
  /** The replica that takes over; undefined for the first that has everything. */
  readonly target: { host: string; port: number } | undefined;
  /** How long to wait for it, in ms; 0 for ever. */
  readonly timeoutMs: number;
  /** Hand over to the target when the time is over, whatever it has. */
  readonly isForced: boolean;
}

/** See the top of the file. */
export class Failover {
  #state: FailoverState = "no-failover";
  #request: FailoverRequest | undefined;
  #deadlineMs = Infinity;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(private readonly replication: Replication) {}

  get state(): FailoverState {
    return this.#state;
  }

  get isIdle(): boolean {
    return this.#state === "no-failover";
  }

  /** A replica was asked to take over. */
  get isInProgress(): boolean {
    return this.#state === "failover-in-progress";
  }

  start(request: FailoverRequest): void {
    const { parts } = this.replication;
    this.#request = request;
    this.#state = "waiting-for-sync";
    parts.clients.pause(Infinity, "write", "failover");
    const { target, timeoutMs } = request;
    parts.log.notice(
      target === undefined
        ? "FAILOVER requested to any replica."
        : `FAILOVER requested to ${target.host}:${target.port}.`,
    );
    this.#deadlineMs = timeoutMs === 0
      ? Infinity
      : parts.keyspace.nowMs + timeoutMs;
    if (timeoutMs > 0) {
      this.#timer = setTimeout(() => this.check(), timeoutMs);
    }
    this.replication.acknowledgements.ask();
  }

  /** Goes back to what was before. */
  abort(reason: string): void {
    if (this.isIdle) return;
    const wasInProgress = this.isInProgress;
    const { log } = this.replication.parts;
    log.notice(
      this.#request?.target === undefined
        ? `Aborting failover. ${reason}`
        : `Aborting failover to ${this.#request.target.host}:${this.#request.target.port}. ${reason}`,
    );
    this.#clear();
    if (wasInProgress) this.replication.promote();
  }

  /** Hands over when a replica has everything; gives up when the time is over. */
  check(): void {
    if (this.#state !== "waiting-for-sync") return;
    const { keyspace } = this.replication.parts;
    const request = this.#request!;
    if (keyspace.clock.nowMs() >= this.#deadlineMs) {
      if (!request.isForced || request.target === undefined) {
        return this.abort("Replica never caught up before timeout");
      }
      this.replication.parts.log.notice(
        `Failover to ${request.target.host}:${request.target.port} time out exceeded, failing over.`,
      );
      return this.#handOver(request.target);
    }
    const ready = this.#ready(request);
    if (ready === undefined) return;
    this.#handOver({ host: ready.host, port: ready.options.listeningPort });
  }

  /** The replica that was asked to take over has agreed, or has not. */
  answered(isAccepted: boolean): void {
    if (!this.isInProgress) return;
    if (isAccepted) this.#clear();
    else this.abort("Failover target rejected psync request");
  }

  #ready({ target }: FailoverRequest): Replica | undefined {
    const { replicas, history } = this.replication;
    for (const replica of replicas.all()) {
      const isMeant = target === undefined ||
        (replica.host === target.host &&
          replica.options.listeningPort === target.port);
      if (
        isMeant && replica.state === "online" &&
        replica.ackOffset === history.offset
      ) return replica;
    }
    return undefined;
  }

  #handOver(target: { host: string; port: number }): void {
    this.#request = { ...this.#request!, target };
    this.#state = "failover-in-progress";
    clearTimeout(this.#timer);
    this.replication.follow(target.host, target.port);
  }

  #clear(): void {
    clearTimeout(this.#timer);
    this.#state = "no-failover";
    this.#request = undefined;
    this.#deadlineMs = Infinity;
    this.replication.parts.clients.unpause("failover");
  }
}
