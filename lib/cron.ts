/**
 * What a server does by itself, a few times a second: removes expired keys, ends
 * pauses, closes idle clients, keeps memory compact, and takes the samples that
 * INFO shows. Each task is bounded in time, so that no client waits for it.
 */

import { runExpiryCycle } from "./keyspace/active_expiry.ts";
import type { ServerParts } from "./router/call.ts";

const PERIOD_MS = 100;
/** Longest turn of active expiry; when it does not suffice, another follows soon. */
const EXPIRY_BUDGET_MS = 2;
const EXPIRY_PAUSE_MS = 4;

/** See the top of the file. */
export class Cron {
  #timer: ReturnType<typeof setInterval> | undefined;
  #expiryTimer: ReturnType<typeof setTimeout> | undefined;
  /** Set by DEBUG SET-ACTIVE-EXPIRE. */
  isExpiring = true;

  constructor(private readonly parts: ServerParts) {}

  start(): void {
    this.#timer = setInterval(() => this.#tick(), PERIOD_MS);
  }

  stop(): void {
    clearInterval(this.#timer);
    clearTimeout(this.#expiryTimer);
    this.#timer = this.#expiryTimer = undefined;
  }

  #tick(): void {
    const { keyspace, clients } = this.parts;
    keyspace.tick();
    if (
      clients.pauseMode !== undefined && clients.pausedUntilMs <= keyspace.nowMs
    ) {
      clients.unpause();
    }
    if (this.#expiryTimer === undefined) this.#expire();
    this.#closeIdleClients();
  }

  #expire(): void {
    this.#expiryTimer = undefined;
    if (!this.isExpiring) return;
    const { keyspace } = this.parts;
    keyspace.tick();
    const cycle = runExpiryCycle(keyspace, EXPIRY_BUDGET_MS);
    if (cycle.isTimedOut && this.#timer !== undefined) {
      this.#expiryTimer = setTimeout(() => this.#expire(), EXPIRY_PAUSE_MS);
    }
  }

  #closeIdleClients(): void {
    const { config, clients, keyspace, log } = this.parts;
    const idleMaxMs = config.get("timeout") * 1000;
    if (idleMaxMs === 0) return;
    for (const client of [...clients.all()]) {
      if (
        client.isParked || keyspace.nowMs - client.lastActiveAtMs <= idleMaxMs
      ) continue;
      log.verbose("Closing idle client");
      client.link.close();
    }
  }
}
