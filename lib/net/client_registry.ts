/**
 * The connected clients, by id.
 *
 * Connections enter and leave it; CLIENT, INFO and the cron walk it.
 */

import type { Client } from "./client.ts";

/** What PAUSE holds back. */
export type PauseMode = "write" | "all";

/** Who wants a pause: each has its own, and ends its own only. */
export type PausePurpose = "command" | "failover" | "shutdown";

interface Pause {
  readonly mode: PauseMode;
  readonly untilMs: number;
}

/** See the top of the file. */
export class ClientRegistry {
  readonly #byId = new Map<number, Client>();
  #lastId = 0;
  /** Clients that wait for the end of a pause, in the order they came. */
  readonly #paused = new Set<Client>();
  readonly #pauses = new Map<PausePurpose, Pause>();
  /** Most clients there were at once since the start. */
  peakCount = 0;
  /** The client whose command runs, while one of its gates is shut; by the router and {@link PubSub}. */
  running: Client | undefined;
  /** Called when the pause begins, changes or ends; the router sets its gate. */
  onPauseChange: (mode: PauseMode | undefined) => void = () => {};

  get size(): number {
    return this.#byId.size;
  }

  /** The next client id: 1, 2, 3 … */
  nextId(): number {
    return ++this.#lastId;
  }

  add(client: Client): void {
    this.#byId.set(client.id, client);
    this.peakCount = Math.max(this.peakCount, this.#byId.size);
  }

  remove(client: Client): void {
    this.#byId.delete(client.id);
    this.#paused.delete(client);
  }

  get(id: number): Client | undefined {
    return this.#byId.get(id);
  }

  /** In order of their ids. */
  all(): IterableIterator<Client> {
    return this.#byId.values();
  }

  /** Clients that are parked by a pause or a blocking command. */
  get parkedCount(): number {
    let count = 0;
    for (const client of this.#byId.values()) if (client.isParked) count++;
    return count;
  }

  /** The strictest of all pauses. */
  get pauseMode(): PauseMode | undefined {
    let mode: PauseMode | undefined;
    for (const pause of this.#pauses.values()) {
      if (mode !== "all") mode = pause.mode;
    }
    return mode;
  }

  /** Holds commands back until a time; a running pause for that purpose gets no shorter and no weaker. */
  pause(
    untilMs: number,
    mode: PauseMode,
    purpose: PausePurpose = "command",
  ): void {
    const running = this.#pauses.get(purpose);
    this.#pauses.set(purpose, {
      mode: running?.mode === "all" ? "all" : mode,
      untilMs: Math.max(running?.untilMs ?? 0, untilMs),
    });
    this.onPauseChange(this.pauseMode);
  }

  /** Ends a pause and lets the waiting clients go on, if no other one holds them. */
  unpause(purpose: PausePurpose = "command"): void {
    if (!this.#pauses.delete(purpose)) return;
    this.onPauseChange(this.pauseMode);
    const waiting = [...this.#paused];
    this.#paused.clear();
    for (const client of waiting) {
      client.isParked = false;
      client.link.resume();
    }
  }

  /** Ends the pauses whose time is over. */
  endPauses(nowMs: number): void {
    for (const [purpose, { untilMs }] of this.#pauses) {
      if (untilMs <= nowMs) this.unpause(purpose);
    }
  }

  /** Parks a client until the pause ends. */
  parkUntilUnpaused(client: Client): void {
    client.isParked = true;
    this.#paused.add(client);
  }
}
