/**
 * What a server does by itself, a few times a second: removes expired keys, ends
 * pauses, closes idle clients, keeps memory compact, and takes the samples that
 * INFO shows. Each task is bounded in time, so that no client waits for it.
 */

import { ActiveExpiry } from "./keyspace/active_expiry.ts";
import { Compaction } from "./keyspace/compaction.ts";
import type { OutputLimits } from "./net/output_limits.ts";
import type { ServerParts } from "./router/call.ts";

/** How often a second samples are taken, at most. */
const SAMPLES_PER_SECOND = 10;
const MS_PER_SECOND = 1000;
/** Longest turn of compaction, and the pause before the next while there is more to do. */
const COMPACTION_BUDGET_MS = 1;
const COMPACTION_PAUSE_MS = 9;

/** See the top of the file. */
export class Cron {
  #timer: ReturnType<typeof setInterval> | undefined;
  #ticks = 0;
  /** When replication has its next turn. */
  #nextSecondMs = 0;
  #expiryTimer: ReturnType<typeof setTimeout> | undefined;
  #compactionTimer: ReturnType<typeof setTimeout> | undefined;
  readonly #expiry: ActiveExpiry;
  readonly #compaction: Compaction;

  constructor(
    private readonly parts: ServerParts,
    private readonly outputLimits: OutputLimits,
  ) {
    this.#expiry = new ActiveExpiry(parts.keyspace);
    this.#compaction = new Compaction(parts.keyspace);
    parts.config.onChange("hz", () => {
      if (this.#timer !== undefined) this.start();
    });
  }

  /** Starts, as often as `hz` says. */
  start(): void {
    clearInterval(this.#timer);
    const periodMs = 1000 / this.parts.config.get("hz");
    this.#timer = setInterval(() => this.#tick(), periodMs);
  }

  stop(): void {
    clearInterval(this.#timer);
    clearTimeout(this.#expiryTimer);
    clearTimeout(this.#compactionTimer);
    this.#timer = this.#expiryTimer = this.#compactionTimer = undefined;
  }

  #tick(): void {
    if (this.parts.lifecycle.isCronPaused) return;
    const { keyspace, clients, stats, memory, lifecycle } = this.parts;
    const startMs = keyspace.clock.monotonicMs();
    keyspace.tick();
    if (this.#ticks++ % this.#ticksPerSample === 0) {
      stats.sample(startMs);
      memory.measure();
    }
    lifecycle.ending.tick();
    clients.endPauses(keyspace.nowMs);
    if (this.#expiryTimer === undefined) this.#expire();
    if (this.#compactionTimer === undefined) this.#compact();
    this.parts.persistence.tick();
    keyspace.effects.flush();
    this.parts.appendOnly.file.tick();
    this.#closeIdleClients();
    this.#closeSlowReaders();
    if (startMs >= this.#nextSecondMs) {
      this.#nextSecondMs = startMs + MS_PER_SECOND;
      this.parts.replication.tick();
      this.parts.migrations.targets.trim();
      keyspace.largeBuffers.trim();
    }
    const microseconds = (keyspace.clock.monotonicMs() - startMs) * 1000;
    stats.cronMicroseconds += microseconds;
    stats.countTurn(microseconds, 0);
  }

  get #ticksPerSample(): number {
    const hz = this.parts.config.get("hz");
    return Math.max(1, Math.round(hz / SAMPLES_PER_SECOND));
  }

  #expire(): void {
    this.#expiryTimer = undefined;
    const { config, keyspace, stats, latency } = this.parts;
    if (!keyspace.isExpiringActively) return;
    keyspace.tick();
    const startMs = keyspace.clock.monotonicMs();
    this.#expiry.effort = config.get("active-expire-effort");
    const isTimedOut = this.#expiry.run();
    const isFieldTimedOut = keyspace.fieldExpiry.run();
    keyspace.effects.flush();
    const tookMs = keyspace.clock.monotonicMs() - startMs;
    stats.expiryMilliseconds += tookMs;
    latency.note("expire-cycle", tookMs, keyspace.nowMs);
    if ((isTimedOut || isFieldTimedOut) && this.#timer !== undefined) {
      const { pauseMs } = this.#expiry;
      this.#expiryTimer = setTimeout(() => this.#expire(), pauseMs);
    }
  }

  #compact(): void {
    this.#compactionTimer = undefined;
    const hasMore = this.#compaction.run(COMPACTION_BUDGET_MS);
    if (hasMore && this.#timer !== undefined) {
      this.#compactionTimer = setTimeout(
        () => this.#compact(),
        COMPACTION_PAUSE_MS,
      );
    }
  }

  #closeIdleClients(): void {
    const { config, clients, keyspace, log } = this.parts;
    const idleMaxMs = config.get("timeout") * 1000;
    if (idleMaxMs === 0) return;
    for (const client of clients.all()) {
      if (
        client.isParked || client.isMonitor || client.isReplica ||
        client.isPrimary ||
        client.outputClass !== "normal" ||
        keyspace.nowMs - client.lastActiveAtMs <= idleMaxMs
      ) continue;
      log.verbose("Closing idle client");
      client.link.close();
    }
  }

  #closeSlowReaders(): void {
    const { clients, keyspace } = this.parts;
    for (const client of clients.all()) {
      if (client.outputBytes === 0) continue;
      if (this.outputLimits.isExceeded(client, keyspace.nowMs)) {
        client.link.close();
      }
    }
  }
}
