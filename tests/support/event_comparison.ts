/** Compares what two servers tell of their keys: keyspace notifications. */
import { replyText } from "./reply_text.ts";
import { type Address, RespClient } from "./resp_client.ts";

/**
 * All but those of modules: with them, Redis prints all as A, and forgets `n` when
 * it reads that back.
 */
const CLASSES = "KEg$lshzxetnm";
/** SORT misses keys in the order of a set's members, which is the server's own. */
const MISS = "keymiss";
const MARKER_CHANNEL = "__key:end-of-batch";
const PATTERN = "__key*";
/** Notifications before the first different one that a difference shows. */
const SHOWN_BEFORE = 8;

/** A listener and a sender at each of the two servers. */
export class EventComparison implements Disposable {
  readonly #listeners: RespClient[] = [];
  readonly #senders: RespClient[] = [];

  static async open(addresses: readonly Address[]): Promise<EventComparison> {
    const comparison = new EventComparison();
    for (const address of addresses) {
      const sender = await RespClient.connect(address);
      await sender.text("CONFIG", "SET", "notify-keyspace-events", CLASSES);
      const listener = await RespClient.connect(address);
      await listener.call("PSUBSCRIBE", PATTERN);
      comparison.#senders.push(sender);
      comparison.#listeners.push(listener);
    }
    return comparison;
  }

  /** What differs among the notifications since the last call; `undefined` when nothing does. */
  async difference(): Promise<string | undefined> {
    const all = await Promise.all([0, 1].map((i) => this.#take(i)));
    const [own, real] = all.map((events) => [
      ...events.filter((event) => !event.includes(MISS)),
      ...events.filter((event) => event.includes(MISS)).sort(),
    ]);
    const length = Math.max(own.length, real.length);
    for (let i = 0; i < length; i++) {
      if (own[i] === real[i]) continue;
      return [
        ...own.slice(Math.max(0, i - SHOWN_BEFORE), i),
        `tsredis: ${own[i] ?? "no more notifications"}`,
        `redis:   ${real[i] ?? "no more notifications"}`,
      ].join("\n");
    }
    return undefined;
  }

  async #take(index: number): Promise<string[]> {
    const [, end] = await Promise.all([
      this.#senders[index].call("PUBLISH", MARKER_CHANNEL, ""),
      this.#readToMarker(this.#listeners[index]),
    ]);
    return end;
  }

  async #readToMarker(listener: RespClient): Promise<string[]> {
    const events: string[] = [];
    for (;;) {
      const message = await listener.read();
      if (message.type !== "array") continue;
      const text = message.items.slice(2).map(replyText).join(" ");
      if (text.startsWith(`"${MARKER_CHANNEL}"`)) return events;
      events.push(text);
    }
  }

  [Symbol.dispose](): void {
    for (const client of [...this.#listeners, ...this.#senders]) client.close();
  }
}
