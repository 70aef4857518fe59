/**
 * The keys that clients watch: a change of one makes the client's next EXEC fail.
 *
 * A key whose time was over already when it was watched may go without counting
 * as changed: nobody can see a difference.
 */

import type { Client } from "../net/client.ts";
import { bytesOfText, type ByteText, textOfBytes } from "../resp/byte_text.ts";
import type { Database } from "./database.ts";
import type { KeyObserver, Keyspace } from "./keyspace.ts";
import { CHANGED_FOR_ALL, type KeyEvent } from "./key_event.ts";

/** One client's watch of one key. */
interface Watch {
  readonly client: Client;
  /** The key's time was over when the watch began, and nobody has removed it since. */
  wasExpired: boolean;
}

/** Watches by database and key. */
type Watches = Map<number, Map<ByteText, Watch[]>>;

/** See the top of the file. */
export class WatchedKeys implements KeyObserver {
  readonly #watches: Watches = new Map();
  /** What each client watches. */
  readonly #byClient = new Map<Client, { dbIndex: number; key: ByteText }[]>();

  constructor(private readonly keyspace: Keyspace) {}

  /** Number of keys that at least one client watches. */
  get size(): number {
    let count = 0;
    for (const keys of this.#watches.values()) count += keys.size;
    return count;
  }

  /** How many keys a client watches. */
  countOf(client: Client): number {
    return this.#byClient.get(client)?.length ?? 0;
  }

  watch(client: Client, db: Database, key: Uint8Array): void {
    const text = textOfBytes(key), dbIndex = db.index;
    let own = this.#byClient.get(client);
    if (own === undefined) {
      if (this.#byClient.size === 0) this.keyspace.observe(this);
      this.#byClient.set(client, own = []);
    }
    if (own.some((watch) => watch.key === text && watch.dbIndex === dbIndex)) {
      return;
    }
    own.push({ dbIndex, key: text });
    let keys = this.#watches.get(dbIndex);
    if (keys === undefined) this.#watches.set(dbIndex, keys = new Map());
    const watches = keys.get(text);
    const watch = { client, wasExpired: db.isKeyExpired(key) };
    if (watches === undefined) keys.set(text, [watch]);
    else watches.push(watch);
  }

  /** Ends all watches of a client. */
  unwatch(client: Client): void {
    client.hasWatchFailed = false;
    const own = this.#byClient.get(client);
    if (own === undefined) return;
    this.#byClient.delete(client);
    for (const { dbIndex, key } of own) {
      const keys = this.#watches.get(dbIndex)!;
      const left = keys.get(key)!.filter((watch) => watch.client !== client);
      if (left.length > 0) keys.set(key, left);
      else keys.delete(key);
    }
    if (this.#byClient.size === 0) this.keyspace.unobserve(this);
  }

  /** Whether a key that a client watches has run out of time since. */
  hasExpired(client: Client): boolean {
    return this.#byClient.get(client)?.some(({ dbIndex, key }) => {
      const watches = this.#watches.get(dbIndex)!.get(key)!;
      const watch = watches.find((watch) => watch.client === client)!;
      return !watch.wasExpired &&
        this.keyspace.databases[dbIndex].isKeyExpired(
          bytesOfText(key),
        );
    }) ?? false;
  }

  keyChanged(db: Database, key: Uint8Array, event: KeyEvent): void {
    if (event.audience !== CHANGED_FOR_ALL) return;
    const watches = this.#watches.get(db.index)?.get(textOfBytes(key));
    if (watches === undefined) return;
    const isGone = !db.hasKey(key);
    for (const watch of watches) {
      if (watch.wasExpired && isGone) watch.wasExpired = false;
      else watch.client.hasWatchFailed = true;
    }
  }

  /** A key that is there before or after counts as changed, unless its time is over. */
  databaseReplacing(db: Database, replacement: Database | undefined): void {
    for (const [text, watches] of this.#watches.get(db.index) ?? []) {
      const key = bytesOfText(text);
      const wasThere = db.hasKey(key), isThere = replacement?.hasKey(key);
      if (!wasThere && isThere !== true) continue;
      const isExpired = replacement?.isKeyExpired(key) ?? false;
      for (const watch of watches) {
        if (watch.wasExpired && isThere !== true) watch.wasExpired = false;
        else if (!wasThere && isExpired) watch.wasExpired = true;
        else if (!watch.wasExpired || !isExpired) {
          watch.client.hasWatchFailed = true;
        }
      }
    }
  }

  databaseReplaced(): void {}
}
