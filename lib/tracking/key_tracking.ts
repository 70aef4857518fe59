/**
 * Client-side caching: which client has read which key, and who wants to know of
 * changes of keys with certain beginnings.
 *
 * A key that a tracking client has read is remembered until it changes; then the
 * client is told once, and it is forgotten. A broadcast remembers nothing: what has
 * changed in a turn is told at its end to those whose prefix fits. Messages are
 * pushed in RESP3, or to a client of RESP2 as messages on a channel, when it is the
 * one to which another client redirects its own.
 * {@link https://redis.io/docs/latest/develop/reference/client-side-caching/}
 */

import type { Config } from "../config/config.ts";
import type { Database } from "../keyspace/database.ts";
import {
  CHANGED_FOR_ALL,
  EXPIRED_EVENT,
  type KeyEvent,
  NEW_EVENT,
} from "../keyspace/key_event.ts";
import type { KeyObserver, Keyspace } from "../keyspace/keyspace.ts";
import { type Client, GATE_SUBSCRIBED, GATE_TRACKING } from "../net/client.ts";
import type { ClientRegistry } from "../net/client_registry.ts";
import type { PubSub } from "../pubsub/pubsub.ts";
import { BufferPool } from "../resp/buffer_pool.ts";
import { bytesOfText, type ByteText, textOfBytes } from "../resp/byte_text.ts";
import { ReplyWriter } from "../resp/reply_writer.ts";
import type { Args } from "../router/args.ts";
import { type Command, flagBit } from "../router/command_table.ts";
import { findKeys } from "../router/key_positions.ts";
import { ClientTracking, type TrackingOptions } from "./client_tracking.ts";

const READONLY = flagBit("readonly");
const PUBSUB = flagBit("pubsub");
const CHANNEL = "__redis__:invalidate";

/** Who is told of the keys that begin in one way, and what has changed. */
interface Broadcast {
  readonly clients: Set<Client>;
  /** Changed keys, each with the tracking client that changed it last. */
  readonly changed: Map<ByteText, Client | undefined>;
}

/** See the top of the file. */
export class KeyTracking implements KeyObserver {
  /** Ids of the clients that have read a key since it changed last. */
  readonly #readers = new Map<ByteText, Set<number>>();
  /** Number of ids in all of it. */
  #readerCount = 0;
  readonly #broadcasts = new Map<ByteText, Broadcast>();
  readonly #tracking = new Set<Client>();
  #keysMax = 0;
  #isBroadcastQueued = false;
  readonly #encoder = new ReplyWriter(new BufferPool());

  constructor(
    config: Config,
    private readonly keyspace: Keyspace,
    private readonly clients: ClientRegistry,
    private readonly pubsub: PubSub,
  ) {
    const follow = () => {
      this.#keysMax = config.get("tracking-table-max-keys");
      this.#evict();
    };
    follow();
    config.onChange("tracking-table-max-keys", follow);
  }

  get clientCount(): number {
    return this.#tracking.size;
  }

  get keyCount(): number {
    return this.#readers.size;
  }

  get readerCount(): number {
    return this.#readerCount;
  }

  get prefixCount(): number {
    return this.#broadcasts.size;
  }

  /** Tracks a client's keys from now on, or in another way; a broadcast gets further prefixes. */
  enable(
    client: Client,
    options: TrackingOptions,
    prefixes: readonly ByteText[],
  ): void {
    if (client.tracking === undefined) {
      client.tracking = new ClientTracking(options);
      // Clients learn that a key is no longer valid before they learn what was done to it.
      if (this.#tracking.size === 0) this.keyspace.observe(this, true);
      this.#tracking.add(client);
    }
    client.tracking.options = options;
    client.tracking.isRedirectBroken = false;
    client.setGate(GATE_TRACKING, true);
    // Whom others' messages can reach must get them behind its own replies.
    this.clients.get(options.redirectTo)?.setGate(GATE_TRACKING, true);
    if (!options.isBroadcast) return;
    for (const prefix of prefixes.length > 0 ? prefixes : [""]) {
      client.tracking.prefixes.add(prefix);
      const broadcast = this.#broadcasts.get(prefix);
      if (broadcast !== undefined) broadcast.clients.add(client);
      else {
        this.#broadcasts.set(prefix, {
          clients: new Set([client]),
          changed: new Map(),
        });
      }
    }
  }

  disable(client: Client): void {
    const { tracking } = client;
    if (tracking === undefined) return;
    for (const prefix of tracking.prefixes) {
      const broadcast = this.#broadcasts.get(prefix)!;
      broadcast.clients.delete(client);
      if (broadcast.clients.size === 0) this.#broadcasts.delete(prefix);
    }
    client.tracking = undefined;
    this.#tracking.delete(client);
    if (this.#tracking.size > 0) return;
    this.keyspace.unobserve(this);
    this.#forgetReaders();
  }

  /** Notes what a command of a tracking client has read. */
  afterCommand(client: Client, command: Command, args: Args): void {
    const { flags, definition } = command;
    const isReading = (flags & READONLY) !== 0 && (flags & PUBSUB) === 0 &&
      definition.group !== "scripting";
    if (isReading && client.tracking!.isRemembering) {
      for (const { index } of findKeys(definition, args, 0) ?? []) {
        this.#remember(args.text(index), client.id);
      }
      this.#evict();
    }
  }

  /** Ends what CLIENT CACHING said about one command or transaction. */
  afterCaching(client: Client, command: Command): void {
    const tracking = client.tracking!;
    if (
      client.transaction === undefined &&
      command.parent !== tracking.cachingGivenBy
    ) tracking.cachingGivenBy = undefined;
  }

  keyChanged(_db: Database, key: Uint8Array, event: KeyEvent): void {
    // What was done to a new key follows, in the order of Redis's messages.
    if (event === NEW_EVENT || event.audience !== CHANGED_FOR_ALL) return;
    const text = textOfBytes(key), { running } = this.clients;
    const author = event === EXPIRED_EVENT ? undefined : running;
    for (const [prefix, { changed }] of this.#broadcasts) {
      if (!text.startsWith(prefix)) continue;
      changed.set(text, author);
      this.#broadcastSoon();
    }
    this.#invalidate(text, running);
  }

  /** Everything of a database is gone: all clients may forget all. */
  flushed(): void {
    for (const client of this.#tracking) this.#tell(client, undefined);
    this.#forgetReaders();
  }

  databaseReplaced(): void {}

  /** Tells what has changed to those who want to know of all changes. */
  broadcast(): void {
    this.#isBroadcastQueued = false;
    for (const prefix of [...this.#broadcasts.keys()].sort()) {
      const { clients, changed } = this.#broadcasts.get(prefix)!;
      if (changed.size === 0) continue;
      const keys = [...changed.keys()].sort();
      for (const client of clients) {
        const told = client.tracking!.options.isNoLoop
          ? keys.filter((key) => changed.get(key) !== client)
          : keys;
        if (told.length > 0) this.#tell(client, told);
      }
      changed.clear();
    }
  }

  #forgetReaders(): void {
    this.#readers.clear();
    this.#readerCount = 0;
  }

  #broadcastSoon(): void {
    if (this.#isBroadcastQueued) return;
    this.#isBroadcastQueued = true;
    queueMicrotask(() => this.broadcast());
  }

  #remember(key: ByteText, id: number): void {
    const readers = this.#readers.get(key);
    if (readers === undefined) this.#readers.set(key, new Set([id]));
    else if (readers.has(id)) return;
    else readers.add(id);
    this.#readerCount++;
  }

  /** Forgets the keys that have been remembered longest when there are too many. */
  #evict(): void {
    if (this.#keysMax === 0) return;
    while (this.#readers.size > this.#keysMax) {
      const [oldest] = this.#readers.keys();
      this.#invalidate(oldest, undefined);
    }
  }

  /** Tells those who have read a key, but not the author of its change if that is its wish. */
  #invalidate(key: ByteText, author: Client | undefined): void {
    const readers = this.#readers.get(key);
    if (readers === undefined) return;
    this.#readers.delete(key);
    this.#readerCount -= readers.size;
    for (const id of readers) {
      const client = this.clients.get(id), options = client?.tracking?.options;
      if (options === undefined || options.isBroadcast) continue;
      if (options.isNoLoop && client === author) continue;
      this.#tell(client!, [key]);
    }
  }

  /** Tells a client, or the one in its place, which keys have changed; undefined for all. */
  #tell(client: Client, keys: readonly ByteText[] | undefined): void {
    const { redirectTo } = client.tracking!.options;
    const target = redirectTo === 0 ? client : this.clients.get(redirectTo);
    if (target === undefined || (target.isClosing && target !== client)) {
      return this.#tellBroken(client, redirectTo);
    }
    const encoder = this.#encoder;
    encoder.protocol = target.reply.protocol;
    if (encoder.protocol === 3) {
      encoder.push(2);
      encoder.bulkText("invalidate");
    } else if (target !== client && (target.gates & GATE_SUBSCRIBED) !== 0) {
      encoder.push(3);
      encoder.bulkText("message");
      encoder.bulkText(CHANNEL);
    } else return;
    if (keys === undefined) encoder.null();
    else {
      encoder.array(keys.length);
      for (const key of keys) encoder.bulk(bytesOfText(key));
    }
    this.#send(target);
  }

  #tellBroken(client: Client, redirectTo: number): void {
    client.tracking!.isRedirectBroken = true;
    if (client.reply.protocol !== 3) return;
    this.#encoder.protocol = 3;
    this.#encoder.push(2);
    this.#encoder.bulkText("tracking-redir-broken");
    this.#encoder.integer(redirectTo);
    this.#send(client);
  }

  #send(target: Client): void {
    // What was published before comes before.
    if (target.subscriptions !== undefined) this.pubsub.settle();
    const encoded = this.#encoder.written(0);
    if (target === this.clients.running) target.deferLast(encoded);
    else target.push(encoded);
    this.#encoder.truncate(0);
  }
}
