/**
 * Keys on their way to other servers: MIGRATE.
 *
 * Commands never await, and MIGRATE has to. So its client waits, and all others go
 * on; only commands that would change the keys are held back until it is known
 * what has become of them. Then the command is run again, finds the result here,
 * and removes what has arrived, in one turn.
 *
 * What changes a held key all the same (a script that does not name its keys, a
 * hash field whose time is over) is noticed: such a key stays, and the client is
 * told. Nothing is lost then; the target has the older value.
 */

import type { Database } from "../keyspace/database.ts";
import { type KeyEvent, REWRITE_EVENT } from "../keyspace/key_event.ts";
import type { KeyObserver, Keyspace } from "../keyspace/keyspace.ts";
import type { Client } from "../net/client.ts";
import { type ByteText, textOfBytes } from "../resp/byte_text.ts";
import type {
  BlockedClient,
  BlockedClients,
} from "../router/blocked_clients.ts";
import type { Holds } from "../router/holds.ts";
import { TargetPool } from "./target_pool.ts";
import { transfer, type TransferRequest } from "./transfer.ts";

/** One MIGRATE that is under way, or done. */
interface Migration {
  readonly dbIndex: number;
  readonly keys: ReadonlySet<ByteText>;
  /** Keys that were changed since they were read. */
  readonly changed: Set<ByteText>;
}

/** What a MIGRATE that is run again has to do. */
export interface MigrationResult {
  /** Indices of the keys that have arrived. */
  readonly arrived: readonly number[];
  /** Keys that were changed on the way. */
  readonly changed: ReadonlySet<ByteText>;
  /** What to answer; undefined when all has arrived. */
  readonly error: string | undefined;
}

/** See the top of the file. */
export class Migrations implements KeyObserver {
  readonly targets: TargetPool;
  readonly #moving = new Set<Migration>();
  readonly #results = new Map<Client, MigrationResult>();
  #isStopped = false;

  constructor(
    private readonly keyspace: Keyspace,
    private readonly blocked: BlockedClients,
    private readonly holds: Holds,
  ) {
    this.targets = new TargetPool(() => keyspace.clock.nowMs());
  }

  /**
   * Sends keys for a client that was blocked; `indices` are theirs among its
   * arguments. With `isMoving` they are going to be removed.
   */
  async run(
    waiting: BlockedClient,
    indices: readonly number[],
    request: TransferRequest,
    isMoving: boolean,
  ): Promise<void> {
    const { client, dbIndex, args } = waiting;
    const keys = indices.map((index) => args.slice(index));
    const migration: Migration = {
      dbIndex,
      keys: new Set(keys.map(textOfBytes)),
      changed: new Set(),
    };
    if (isMoving) {
      this.holds.holdKeys(keys);
      this.#begin(migration);
    }
    const { arrived, error } = await transfer(this.targets, request);
    if (isMoving) this.#end(migration);
    // A client that is gone does not undo that its keys are elsewhere.
    const isOver = this.blocked.get(client) !== waiting &&
      (!client.isClosing || this.keyspace.isReplica);
    if (!isOver && !this.#isStopped) {
      this.#results.set(client, {
        arrived: indices.filter((_, i) => arrived[i]),
        changed: migration.changed,
        error,
      });
      this.blocked.wake(waiting);
      if (client.isClosing) client.reply.discard();
    }
    if (isMoving) this.holds.releaseKeys(keys);
  }

  /** The result for a client whose command is run again; undefined when it is run the first time. */
  takeResult(client: Client): MigrationResult | undefined {
    const result = this.#results.get(client);
    this.#results.delete(client);
    return result;
  }

  /** Ends all connections. */
  stop(): void {
    this.#isStopped = true;
    this.targets.close();
  }

  keyChanged(db: Database, key: Uint8Array, event: KeyEvent): void {
    if (event === REWRITE_EVENT) return;
    const text = textOfBytes(key);
    for (const { dbIndex, keys, changed } of this.#moving) {
      if (dbIndex === db.index && keys.has(text)) changed.add(text);
    }
  }

  databaseReplaced(index: number): void {
    for (const { dbIndex, keys, changed } of this.#moving) {
      if (dbIndex !== index) continue;
      for (const key of keys) changed.add(key);
    }
  }

  #begin(migration: Migration): void {
    if (this.#moving.size === 0) this.keyspace.observe(this);
    this.#moving.add(migration);
  }

  #end(migration: Migration): void {
    this.#moving.delete(migration);
    if (this.#moving.size === 0) this.keyspace.unobserve(this);
  }
}
