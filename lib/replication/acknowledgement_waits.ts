/** Clients that wait until what was written is in enough places: WAIT and WAITAOF. */

import type { Client } from "../net/client.ts";
import type { BlockedClients, Wait } from "../router/blocked_clients.ts";

/** What a client waits for. Its `Wait` knows the answer: it is the one that a timeout gives, too. */
export interface WaitCondition {
  isMet(): boolean;
  /** Why it cannot come true any more; undefined while it can. */
  error?(): string | undefined;
}

interface Waiting {
  readonly client: Client;
  readonly wait: Wait;
  readonly condition: WaitCondition;
}

/** See the top of the file. */
export class AcknowledgementWaits {
  #waiting: Waiting[] = [];

  constructor(private readonly blocked: BlockedClients) {}

  get size(): number {
    return this.#waiting.length;
  }

  /** Notes a client that was blocked with `wait`. */
  add(client: Client, wait: Wait, condition: WaitCondition): void {
    this.#waiting.push({ client, wait, condition });
  }

  /** Answers those whose wait has come true; forgets those whose wait is over. */
  check(): void {
    if (this.#waiting.length === 0) return;
    this.#waiting = this.#waiting.filter((waiting) => {
      const { client, wait, condition } = waiting;
      if (this.blocked.get(client)?.wait !== wait) return false;
      const error = condition.error?.();
      if (error === undefined && !condition.isMet()) return true;
      this.blocked.unblock(client, error ?? "timeout");
      return false;
    });
  }
}
