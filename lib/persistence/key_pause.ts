/** The pause for each key that is written (`rdb-key-save-delay`), in which tests look at a server. */

import { SnapshotAborted } from "../keyspace/snapshot.ts";

/** How often a pause is measured against the delay, which may have changed. */
const LOOK_MS = 50;

/** See the top of the file. */
export class KeyPause {
  /** Written since the last pause. */
  #keys = 0;
  #isAborted = false;
  #wake: (() => void) | undefined;

  /** @param delayMicroseconds for each key, as it is at the moment; none up to 0. */
  constructor(private readonly delayMicroseconds: () => number) {}

  /** Whether there is one at the moment. */
  get isOn(): boolean {
    return this.delayMicroseconds() > 0;
  }

  /** A key is written. */
  count(): void {
    this.#keys++;
  }

  /** Has what was written handed over; resolves after the pause for the keys since the last time. */
  async drain(hand: () => Promise<void>): Promise<void> {
    const keys = this.#keys, startMs = performance.now();
    this.#keys = 0;
    await hand();
    while (!this.#isAborted) {
      const pauseMs = keys * this.delayMicroseconds() / 1000;
      const leftMs = startMs + pauseMs - performance.now();
      if (leftMs <= 0) return;
      await this.#sleep(Math.min(leftMs, LOOK_MS));
    }
  }

  /** Ends the pause, and all to come, when a snapshot is aborted. */
  abort(): void {
    this.#isAborted = true;
    this.#wake?.();
  }

  /** @throws {SnapshotAborted} when the snapshot, which may have ended, was aborted in the pause behind its last key. */
  throwIfAborted(): void {
    if (!this.#isAborted) return;
    throw new SnapshotAborted("the snapshot was aborted");
  }

  #sleep(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}
