/**
 * Who has how much of the stream: replicas that are asked, our primary that is told,
 * and clients that wait until what was written is in enough places (WAIT, WAITAOF).
 */

import type { Client } from "../net/client.ts";
import type { Replication } from "./replication.ts";
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
export class Acknowledgements {
  #waiting: Waiting[] = [];
  #isAsking = false;
  /** Our primary has asked how far we are, and our file was behind. */
  #isFileAwaited = false;

  constructor(
    private readonly replication: Replication,
    private readonly blocked: BlockedClients,
  ) {}

  get size(): number {
    return this.#waiting.length;
  }

  /** Has replicas tell how far they are, soon and once for all who want it in this turn. */
  ask(): void {
    if (this.#isAsking) return;
    this.#isAsking = true;
    queueMicrotask(() => {
      this.#isAsking = false;
      this.replication.say("REPLCONF", "GETACK", "*");
    });
  }

  /** Tells our primary how far we are, and again when our file has come as far. */
  tell(): void {
    const { link, appliedOffset, data: { fileOffset } } = this.replication;
    link?.stream?.acknowledge(appliedOffset, fileOffset);
    this.#isFileAwaited = fileOffset !== undefined &&
      fileOffset < appliedOffset;
  }

  /** More of the stream is on our disk, or there is no file any more. */
  noteFileProgress(): void {
    if (this.#isFileAwaited) this.tell();
    this.check();
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
