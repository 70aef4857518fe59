/**
 * Who listens to what: channels, patterns of channel names, and shard channels.
 *
 * A message is encoded once, and its bytes are appended to the output of each who
 * listens; a large one is not even copied. What a client is sent because of its
 * own command follows that command's reply (see {@link Client.push}).
 *
 * Subscribing is answered by push messages instead of replies: the commands write
 * them, this only keeps count. {@link https://redis.io/docs/latest/develop/interact/pubsub/}
 */

import { type Client, GATE_SUBSCRIBED } from "../net/client.ts";
import { BufferPool } from "../resp/buffer_pool.ts";
import { type ByteText, textOfBytes } from "../resp/byte_text.ts";
import { LEND_LENGTH_MIN, ReplyWriter } from "../resp/reply_writer.ts";
import { globMatch } from "../types/glob.ts";
import { Subscriptions } from "./subscriptions.ts";

/** What can be subscribed to. */
export type SubscriptionKind = "channels" | "patterns" | "shardChannels";

/** A channel or a pattern that at least one client is subscribed to. */
export interface Topic {
  readonly name: Uint8Array;
  /** In the order in which they came. */
  readonly clients: Set<Client>;
}

/** See the top of the file. */
export class PubSub {
  /** Topics of each kind by name. */
  readonly topics: Readonly<Record<SubscriptionKind, Map<ByteText, Topic>>> = {
    channels: new Map(),
    patterns: new Map(),
    shardChannels: new Map(),
  };
  /** Where a message is encoded before it is sent. */
  readonly #encoder = new ReplyWriter(new BufferPool());

  /** Subscribes a client to a topic; nothing happens when it is subscribed already. */
  subscribe(client: Client, kind: SubscriptionKind, name: Uint8Array): void {
    const text = textOfBytes(name), topics = this.topics[kind];
    client.subscriptions ??= new Subscriptions();
    client.subscriptions[kind].add(text);
    client.setGate(GATE_SUBSCRIBED, true);
    const topic = topics.get(text);
    if (topic !== undefined) topic.clients.add(client);
    else topics.set(text, { name: name.slice(), clients: new Set([client]) });
  }

  /** Ends one subscription, if there is one. */
  unsubscribe(client: Client, kind: SubscriptionKind, name: ByteText): void {
    const { subscriptions } = client;
    if (subscriptions === undefined || !subscriptions[kind].delete(name)) {
      return;
    }
    const topic = this.topics[kind].get(name)!;
    topic.clients.delete(client);
    if (topic.clients.size === 0) this.topics[kind].delete(name);
    if (subscriptions.count > 0) return;
    client.subscriptions = undefined;
    client.setGate(GATE_SUBSCRIBED, false);
  }

  /** Ends all subscriptions of a client, silently. */
  forget(client: Client): void {
    for (const kind of ["channels", "patterns", "shardChannels"] as const) {
      for (const name of client.subscriptions?.[kind] ?? []) {
        this.unsubscribe(client, kind, name);
      }
    }
  }

  /** Whether a published message can reach anybody. */
  get hasListeners(): boolean {
    return this.topics.channels.size > 0 || this.topics.patterns.size > 0;
  }

  /** Sends a message to a channel's subscribers and to those of matching patterns; answers to how many. */
  publish(channel: Uint8Array, message: Uint8Array): number {
    let count = this.#publishTo("channels", "message", channel, message);
    for (const { name, clients } of this.topics.patterns.values()) {
      if (!globMatch(name, channel)) continue;
      const encoder = this.#begin(4, "pmessage");
      encoder.bulk(name);
      encoder.bulk(channel);
      count += this.#send(clients, message);
    }
    return count;
  }

  /** Sends a message to a shard channel's subscribers; answers to how many. */
  publishToShard(channel: Uint8Array, message: Uint8Array): number {
    return this.#publishTo("shardChannels", "smessage", channel, message);
  }

  #publishTo(
    kind: "channels" | "shardChannels",
    type: string,
    channel: Uint8Array,
    message: Uint8Array,
  ): number {
    const topics = this.topics[kind];
    if (topics.size === 0) return 0;
    const topic = topics.get(textOfBytes(channel));
    if (topic === undefined) return 0;
    this.#begin(3, type).bulk(channel);
    return this.#send(topic.clients, message);
  }

  #begin(count: number, type: string): ReplyWriter {
    const encoder = this.#encoder;
    encoder.truncate(0);
    encoder.push(count);
    encoder.bulkText(type);
    return encoder;
  }

  /** Sends what was begun, with the message as its last part; answers to how many. */
  #send(clients: Set<Client>, message: Uint8Array): number {
    const encoder = this.#encoder;
    let large: Uint8Array | undefined;
    if (message.length < LEND_LENGTH_MIN) encoder.bulk(message);
    else {
      large = message.slice();
      encoder.bulkHead(large.length);
    }
    const encoded = encoder.written(0);
    for (const client of clients) client.push(encoded, large);
    return clients.size;
  }
}
