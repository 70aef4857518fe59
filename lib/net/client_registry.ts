/**
 * The connected clients, by id.
 *
 * Connections enter and leave it; CLIENT, INFO and the cron walk it.
 */

import type { Client } from "./client.ts";

/** What PAUSE holds back. */
export type PauseMode = "write" | "all";

/** See the top of the file. */
export class ClientRegistry {
  readonly #byId = new Map<number, Client>();
  #lastId = 0;
  /** Clients that wait for the end of a pause, in the order they came. */
  readonly #paused = new Set<Client>();
  #pausedUntilMs = 0;
  #pauseMode: PauseMode | undefined;
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

  get pauseMode(): PauseMode | undefined {
    return this.#pauseMode;
  }

  get pausedUntilMs(): number {
    return this.#pausedUntilMs;
  }

  /** Holds commands back until a time; a running pause gets no shorter and no weaker. */
  pause(untilMs: number, mode: PauseMode): void {
    if (this.#pauseMode === undefined || mode === "all") this.#pauseMode = mode;
    this.#pausedUntilMs = Math.max(this.#pausedUntilMs, untilMs);
    this.onPauseChange(this.#pauseMode);
  }

  /** Ends the pause and lets the waiting clients go on. */
  unpause(): void {
    if (this.#pauseMode === undefined) return;
    this.#pauseMode = undefined;
    this.#pausedUntilMs = 0;
    this.onPauseChange(undefined);
    const waiting = [...this.#paused];
    this.#paused.clear();
    for (const client of waiting) {
      client.isParked = false;
      client.link.resume();
    }
  }

  /** Parks a client until the pause ends. */
  parkUntilUnpaused(client: Client): void {
    client.isParked = true;
    this.#paused.add(client);
  }
}
