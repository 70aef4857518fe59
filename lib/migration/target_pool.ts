/**
 * Connections to servers that keys were sent to, kept for a while: who moves many
 * keys does so with many commands.
 */

import { TargetConnection } from "./target_connection.ts";

/** Most connections that are kept. */
const KEPT_MAX = 64;
/** How long an unused one is kept. */
const KEPT_MS = 10_000;

/** See the top of the file. */
export class TargetPool {
  /** Those that nobody uses now, by `host:port`, the one used last at the end. */
  readonly #kept = new Map<string, TargetConnection>();
  readonly #inUse = new Set<TargetConnection>();
  #isClosed = false;

  constructor(private readonly nowMs: () => number) {}

  /** Connections that are open (`migrate_cached_sockets`). */
  get size(): number {
    return this.#kept.size + this.#inUse.size;
  }

  /** A connection that nobody else uses. @throws {Error} when there is none to be had in time */
  async acquire(
    host: string,
    port: number,
    timeoutMs: number,
  ): Promise<TargetConnection> {
    const name = `${host}:${port}`;
    const kept = this.#kept.get(name);
    this.#kept.delete(name);
    const target = kept ?? await TargetConnection.open(host, port, timeoutMs);
    this.#inUse.add(target);
    if (this.#isClosed) {
      this.discard(target);
      throw new Error("the server ends");
    }
    return target;
  }

  /** Keeps a connection for others. */
  release(host: string, port: number, target: TargetConnection): void {
    if (!this.#inUse.delete(target)) return;
    const name = `${host}:${port}`;
    this.#kept.get(name)?.close();
    this.#kept.delete(name);
    target.usedAtMs = this.nowMs();
    this.#kept.set(name, target);
    if (this.#kept.size > KEPT_MAX) this.#drop(this.#kept.keys().next().value!);
  }

  /** Closes a connection that is of no more use. */
  discard(target: TargetConnection): void {
    this.#inUse.delete(target);
    target.close();
  }

  /** Closes what was not used for long; the cron calls it. */
  trim(): void {
    const oldestMs = this.nowMs() - KEPT_MS;
    for (const [name, { usedAtMs }] of this.#kept) {
      if (usedAtMs < oldestMs) this.#drop(name);
    }
  }

  close(): void {
    this.#isClosed = true;
    for (const name of this.#kept.keys()) this.#drop(name);
    for (const target of this.#inUse) this.discard(target);
  }

  #drop(name: string): void {
    this.#kept.get(name)?.close();
    this.#kept.delete(name);
  }
}
