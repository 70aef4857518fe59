import type { Clock } from "../../lib/keyspace/keyspace.ts";

/** A clock that stands still until it is told to go on. */
export class ManualClock implements Clock {
  /** Milliseconds that go by with every look at the monotonic clock. */
  stepMs = 0;
  #elapsedMs = 0;

  constructor(public startMs = 1_700_000_000_000) {}

  advance(milliseconds: number): void {
    this.#elapsedMs += milliseconds;
  }

  nowMs(): number {
    return this.startMs + Math.floor(this.#elapsedMs);
  }

  monotonicMs(): number {
    this.#elapsedMs += this.stepMs;
    return this.#elapsedMs;
  }
}
