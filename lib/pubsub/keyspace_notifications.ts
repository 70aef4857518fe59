/**
 * Publishes what happens to keys, as `notify-keyspace-events` has it: the event on
 * the key's channel, and the key on the event's channel.
 *
 * ```
 * __keyspace@<db>__:<key>    <event>
 * __keyevent@<db>__:<event>  <key>
 * ```
 *
 * Watches the keyspace only while the directive names a class of events: it costs
 * every change of a key. {@link https://redis.io/docs/latest/develop/use/keyspace-notifications/}
 */

import type { Config } from "../config/config.ts";
import type { Database } from "../keyspace/database.ts";
import {
  KEY_MISS_EVENT,
  type KeyEvent,
  NOTIFY_KEY_MISS,
  NOTIFY_KEYEVENT,
  NOTIFY_KEYSPACE,
} from "../keyspace/key_event.ts";
import type { KeyObserver, Keyspace } from "../keyspace/keyspace.ts";
import { bytesOfText } from "../resp/byte_text.ts";
import type { PubSub } from "./pubsub.ts";

const CHANNELS = NOTIFY_KEYSPACE | NOTIFY_KEYEVENT;

/** See the top of the file. */
export class KeyspaceNotifications implements KeyObserver {
  /** NOTIFY_ bits. */
  #classes = 0;
  #isObserving = false;
  /** The names of events as bytes. */
  readonly #names = new Map<KeyEvent, Uint8Array>();

  constructor(
    config: Config,
    private readonly keyspace: Keyspace,
    private readonly pubsub: PubSub,
  ) {
    const follow = () => this.#follow(config.get("notify-keyspace-events"));
    follow();
    config.onChange("notify-keyspace-events", follow);
  }

  keyChanged(db: Database, key: Uint8Array, event: KeyEvent): void {
    if ((this.#classes & event.class) === 0 || !this.pubsub.hasListeners) {
      return;
    }
    const name = this.#nameOf(event);
    if ((this.#classes & NOTIFY_KEYSPACE) !== 0) {
      this.pubsub.publish(channel(`__keyspace@${db.index}__:`, key), name);
    }
    if ((this.#classes & NOTIFY_KEYEVENT) !== 0) {
      this.pubsub.publish(channel(`__keyevent@${db.index}__:`, name), key);
    }
  }

  databaseReplaced(): void {}

  #follow(classes: number): void {
    this.#classes = classes;
    const isWanted = (classes & CHANNELS) !== 0 && (classes & ~CHANNELS) !== 0;
    if (isWanted !== this.#isObserving) {
      this.#isObserving = isWanted;
      if (isWanted) this.keyspace.observe(this);
      else this.keyspace.unobserve(this);
    }
    this.keyspace.onMiss = isWanted && (classes & NOTIFY_KEY_MISS) !== 0
      ? (db, key) => this.keyChanged(db, key, KEY_MISS_EVENT)
      : undefined;
  }

  #nameOf(event: KeyEvent): Uint8Array {
    let name = this.#names.get(event);
    if (name === undefined) {
      this.#names.set(event, name = bytesOfText(event.name));
    }
    return name;
  }
}

function channel(prefix: string, rest: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(prefix.length + rest.length);
  for (let i = 0; i < prefix.length; i++) bytes[i] = prefix.charCodeAt(i);
  bytes.set(rest, prefix.length);
  return bytes;
}
