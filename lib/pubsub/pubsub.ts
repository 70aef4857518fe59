/**
 * Who listens to what: channels, patterns of channel names, and shard channels.
 *
 * Messages are encoded once. Those of one topic that follow each other in a turn are
 * collected, and at its end appended to the output of each who listens, all in one
 * piece: a hundred subscribers cost a hundred copies a turn, not a message. A message
 * to another topic, or a change of who listens, ends the collection, so that every
 * client gets everything in the order in which it was published. A large message is
 * not copied at all. What a client is sent because of its own command follows that
 * command's reply.
 *
 * Subscribing is answered by push messages instead of replies: the commands write
 * them, this only keeps count. {@link https://redis.io/docs/latest/develop/interact/pubsub/}
 */

import { type Client, GATE_SUBSCRIBED } from "../net/client.ts";
import type { ClientRegistry } from "../net/client_registry.ts";
import { BufferPool } from "../resp/buffer_pool.ts";
import { type ByteText, textOfBytes } from "../resp/byte_text.ts";
import { LEND_LENGTH_MIN, ReplyWriter } from "../resp/reply_writer.ts";
import { globMatch } from "../types/glob.ts";
import { Subscriptions } from "./subscriptions.ts";

/** Collected messages are handed out at this size. */
const COLLECTED_MAX_BYTES = 64 * 1024;
/** Type byte of a push message in RESP3. */
const PUSH = 62;

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
  /** Collected messages, or one that is about to be sent; encoded for RESP2. */
  readonly #encoder = new ReplyWriter(new BufferPool());
  /** Where each collected message begins. */
  readonly #starts: number[] = [];
  /** Whom they are for; undefined while nothing is collected. */
  #collectedFor: Topic | undefined;
  readonly #settleSoon = () => this.settle();

  constructor(private readonly clients: ClientRegistry) {}

  /** Subscribes a client to a topic; nothing happens when it is subscribed already. */
  subscribe(client: Client, kind: SubscriptionKind, name: Uint8Array): void {
    const text = textOfBytes(name), topics = this.topics[kind];
    client.subscriptions ??= new Subscriptions();
    client.subscriptions[kind].add(text);
    client.setGate(GATE_SUBSCRIBED, true);
    const topic = topics.get(text);
    this.settle();
    if (topic !== undefined) topic.clients.add(client);
    else topics.set(text, { name: name.slice(), clients: new Set([client]) });
  }

  /** Ends one subscription, if there is one. */
  unsubscribe(client: Client, kind: SubscriptionKind, name: ByteText): void {
    const { subscriptions } = client;
    if (subscriptions === undefined || !subscriptions[kind].delete(name)) {
      return;
    }
    this.settle();
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
    for (const topic of this.topics.patterns.values()) {
      if (!globMatch(topic.name, channel)) continue;
      count += this.#send(topic, "pmessage", topic.name, channel, message);
    }
    return count;
  }

  /** Sends a message to a shard channel's subscribers; answers to how many. */
  publishToShard(channel: Uint8Array, message: Uint8Array): number {
    return this.#publishTo("shardChannels", "smessage", channel, message);
  }

  /**
   * A command of a client with a shut gate begins. What it was sent before must not
   * come into the middle of its reply.
   */
  beforeCommand(client: Client): void {
    if (client.subscriptions !== undefined) this.settle();
    this.clients.running = client;
  }

  /** Hands collected messages to those who listen. */
  settle(): void {
    const topic = this.#collectedFor;
    if (topic === undefined) return;
    this.#collectedFor = undefined;
    const messages = this.#encoder.written(0), starts = this.#starts;
    const isForProtocol3: Client[] = [];
    for (const client of topic.clients) {
      if (client.reply.protocol === 3) isForProtocol3.push(client);
      else client.push(messages);
    }
    if (isForProtocol3.length > 0) {
      for (const start of starts) messages[start] = PUSH;
      for (const client of isForProtocol3) client.push(messages);
    }
    starts.length = 0;
    this.#encoder.discard();
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
    return topic === undefined
      ? 0
      : this.#send(topic, type, undefined, channel, message);
  }

  /** Sends a message to a topic's subscribers, or collects it; answers to how many. */
  #send(
    topic: Topic,
    type: string,
    pattern: Uint8Array | undefined,
    channel: Uint8Array,
    message: Uint8Array,
  ): number {
    const { clients } = topic, { running } = this.clients;
    const isLarge = message.length >= LEND_LENGTH_MIN;
    if (isLarge || (running !== undefined && clients.has(running))) {
      this.settle();
      this.#encode(type, pattern, channel, message, isLarge);
      this.#sendNow(clients, isLarge ? message.slice() : undefined);
      return clients.size;
    }
    if (this.#collectedFor !== topic) {
      this.settle();
      this.#collectedFor = topic;
      queueMicrotask(this.#settleSoon);
    }
    this.#starts.push(this.#encoder.length);
    this.#encode(type, pattern, channel, message, false);
    if (this.#encoder.length >= COLLECTED_MAX_BYTES) this.settle();
    return clients.size;
  }

  #encode(
    type: string,
    pattern: Uint8Array | undefined,
    channel: Uint8Array,
    message: Uint8Array,
    isHeadOnly: boolean,
  ): void {
    const encoder = this.#encoder;
    encoder.push(pattern === undefined ? 3 : 4);
    encoder.bulkText(type);
    if (pattern !== undefined) encoder.bulk(pattern);
    encoder.bulk(channel);
    if (isHeadOnly) encoder.bulkHead(message.length);
    else encoder.bulk(message);
  }

  /** Sends what was encoded; `large` is the message when only its head was. */
  #sendNow(clients: Set<Client>, large: Uint8Array | undefined): void {
    const encoded = this.#encoder.written(0), { running } = this.clients;
    for (const client of clients) {
      if (client === running) client.defer(encoded, large);
      else client.push(encoded, large);
    }
    this.#encoder.truncate(0);
  }
}
