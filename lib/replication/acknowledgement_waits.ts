/** Clients that wait until enough replicas have applied what was written: WAIT. */

import type { Client } from "../net/client.ts";
import type { BlockedClients, Wait } from "../router/blocked_clients.ts";
import type { Replicas } from "./replicas.ts";

interface Waiting {
  readonly client: Client;
  readonly wait: Wait;
  readonly offset: number;
  readonly count: number;
}

/** See the top of the file. */
export class AcknowledgementWaits {
  #waiting: Waiting[] = [];

  constructor(
    private readonly blocked: BlockedClients,
    private readonly replicas: Replicas,
  ) {}

  get size(): number {
    return this.#waiting.length;
  }

  /** Notes a client that was blocked with `wait`. */
  add(client: Client, wait: Wait, offset: number, count: number): void {
    this.#waiting.push({ client, wait, offset, count });
  }

  /** Answers those whose wait has come true; forgets those whose wait is over. */
  check(): void {
    if (this.#waiting.length === 0) return;
    this.#waiting = this.#waiting.filter((waiting) => {
      const { client, wait, offset, count } = waiting;
      if (this.blocked.get(client)?.wait !== wait) return false;
      const reached = this.replicas.countAcknowledged(offset);
      if (reached < count) return true;
      client.reply.integer(reached);
      this.blocked.resume(client);
      return false;
    });
  }
}
