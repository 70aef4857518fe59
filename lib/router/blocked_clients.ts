/**
 * Clients that wait: for a key to hold something, or for something else to come
 * about, each until its time is over.
 *
 * A blocking command that finds nothing parks its client here with a copy of its
 * arguments. When one of its keys has changed, after the command (or the whole
 * transaction) that did it, the waiting clients of that key have their commands
 * run again, the one that waits longest first.
 */

import type { Database } from "../keyspace/database.ts";
import type { KeyObserver, Keyspace } from "../keyspace/keyspace.ts";
import { type Client, GATE_REPLY_OFF } from "../net/client.ts";
import { TYPE_NONE } from "../keyspace/record.ts";
import { bytesOfText, type ByteText, textOfBytes } from "../resp/byte_text.ts";
import type { ReplyWriter } from "../resp/reply_writer.ts";
import type { Args } from "./args.ts";
import type { Command } from "./command_table.ts";
import { CHANGED_FOR_NOBODY, type KeyEvent } from "../keyspace/key_event.ts";

/** What a client waits for. */
export interface Wait {
  /** Keys, in the order in which the command looks at them; empty when it waits for no key. */
  readonly keys: readonly Uint8Array[];
  /** Type number that a key must have for the command to be run again. */
  readonly type?: number;
  /** Run the command again, too, when a key is gone or has another type. */
  readonly wakesWithoutKey?: boolean;
  /** How long to wait, in ms; 0 for ever. */
  readonly timeoutMs: number;
  /** Only what the client waits for ends the wait: CLIENT UNBLOCK does not. */
  readonly isFirm?: boolean;
  /** Answers when the time is over. */
  replyTimeout(reply: ReplyWriter): void;
}

/** For no key and until it is woken ({@link BlockedClients.wake}). */
export const UNTIL_WOKEN: Wait = {
  keys: [],
  timeoutMs: 0,
  isFirm: true,
  replyTimeout() {},
};

/** A parked client and its command. */
export interface BlockedClient {
  readonly client: Client;
  readonly command: Command;
  readonly args: Args;
  readonly wait: Wait;
  readonly dbIndex: number;
  /** On the keyspace's clock; Infinity for never. */
  readonly deadlineMs: number;
}

const ERROR_UNBLOCKED = "UNBLOCKED client unblocked via CLIENT UNBLOCK";

/** Keys of one database and those who wait for them, the longest waiting first. */
type Queues = Map<ByteText, Set<Client>>;

/** See the top of the file. */
export class BlockedClients implements KeyObserver {
  readonly #byClient = new Map<Client, BlockedClient>();
  readonly #queues = new Map<number, Queues>();
  /** Keys that changed since they were last looked at, by database and key as text. */
  #ready = new Map<string, readonly [dbIndex: number, key: ByteText]>();
  /** Told when a client was answered without its command having been run again; `error` if that was one. */
  onUnblocked: (blocked: BlockedClient, error: string | undefined) => void =
    () => {};
  /** Those whose commands are to be run again whatever their keys. */
  #woken: BlockedClient[] = [];
  /** Called when there are such, outside of all commands; the router serves them. */
  onWoken: () => void = () => {};
  #timer: ReturnType<typeof setTimeout> | undefined;
  #timerDeadlineMs = Infinity;
  #isObserving = false;
  /** How many of them are woken by a key that is gone. */
  #keylessCount = 0;
  /** How many of them wait for keys of each type. */
  readonly #countByType = new Map<number | undefined, number>();

  constructor(private readonly keyspace: Keyspace) {}

  get size(): number {
    return this.#byClient.size;
  }

  /** Number of clients that do not wait for ever. */
  get timeoutCount(): number {
    let count = 0;
    for (const { deadlineMs } of this.#byClient.values()) {
      if (deadlineMs !== Infinity) count++;
    }
    return count;
  }

  /** Number of keys that somebody waits for; with `onlyWithoutKey`, of those whose absence wakes. */
  keyCount(onlyWithoutKey = false): number {
    let count = 0;
    for (const queues of this.#queues.values()) {
      for (const clients of queues.values()) {
        const counts = !onlyWithoutKey ||
          [...clients].some((client) =>
            this.#byClient.get(client)?.wait.wakesWithoutKey
          );
        if (counts) count++;
      }
    }
    return count;
  }

  get hasReady(): boolean {
    return this.#ready.size > 0 || this.#woken.length > 0;
  }

  get(client: Client): BlockedClient | undefined {
    return this.#byClient.get(client);
  }

  all(): IterableIterator<BlockedClient> {
    return this.#byClient.values();
  }

  /** Parks a client; `deadlineMs` is that of its first attempt when its command was run again. */
  block(
    client: Client,
    command: Command,
    args: Args,
    wait: Wait,
    deadlineMs: number = wait.timeoutMs === 0
      ? Infinity
      : this.keyspace.nowMs + wait.timeoutMs,
  ): void {
    const { dbIndex } = client;
    client.isParked = client.isBlocked = true;
    this.#byClient.set(client, {
      client,
      command,
      args,
      wait,
      dbIndex,
      deadlineMs,
    });
    this.#count(wait, 1);
    for (const key of wait.keys) this.#enqueue(dbIndex, key, client);
    this.#observeIfNeeded();
    this.#armTimer(deadlineMs);
  }

  /** Ends a client's wait; it was answered or goes away. */
  release(client: Client): void {
    const blocked = this.#byClient.get(client);
    if (blocked === undefined) return;
    this.#byClient.delete(client);
    client.isBlocked = false;
    this.#count(blocked.wait, -1);
    const queues = this.#queues.get(blocked.dbIndex);
    for (const key of blocked.wait.keys) {
      const text = textOfBytes(key), queue = queues?.get(text);
      queue?.delete(client);
      if (queue?.size === 0) queues!.delete(text);
    }
    this.#observeIfNeeded();
  }

  #count({ type, wakesWithoutKey }: Wait, change: number): void {
    this.#countByType.set(type, (this.#countByType.get(type) ?? 0) + change);
    if (wakesWithoutKey === true) this.#keylessCount += change;
  }

  /** Ends a client's wait and lets it go on with what it sent behind the command. */
  resume(client: Client): void {
    this.release(client);
    client.isParked = false;
    client.link.resume();
  }

  /** Ends a client's wait as its timeout would, or with an error. False when it does not wait. */
  unblock(client: Client, error?: string | "timeout"): boolean {
    const blocked = this.#byClient.get(client);
    if (blocked === undefined) return false;
    const mark = client.reply.length;
    if (error === "timeout") blocked.wait.replyTimeout(client.reply);
    else client.reply.error(error ?? ERROR_UNBLOCKED);
    if ((client.gates & GATE_REPLY_OFF) !== 0) client.reply.truncate(mark);
    this.resume(client);
    this.onUnblocked(
      blocked,
      error === "timeout" ? undefined : error ?? ERROR_UNBLOCKED,
    );
    return true;
  }

  /** Ends the waits for which the server is no longer the right one. */
  unblockAll(error: string): void {
    for (const client of [...this.#byClient.keys()]) {
      this.unblock(client, error);
    }
  }

  /** Has a command run again at once; outside of all commands. Its client may be gone. */
  wake(blocked: BlockedClient): void {
    this.#woken.push(blocked);
    this.onWoken();
  }

  /**
   * Runs the commands of those whose keys have changed again, with `rerun`, which
   * answers or blocks them again.
   */
  serve(rerun: (blocked: BlockedClient) => void): void {
    // What made the keys ready may have taken long.
    this.keyspace.tick();
    for (const blocked of this.#woken.splice(0)) rerun(blocked);
    while (this.#ready.size > 0) {
      const ready = this.#ready;
      this.#ready = new Map();
      for (const [dbIndex, text] of ready.values()) {
        const queue = this.#queues.get(dbIndex)?.get(text);
        if (queue === undefined) continue;
        this.#serveQueue(dbIndex, bytesOfText(text), queue, rerun);
      }
    }
  }

  keyChanged(db: Database, key: Uint8Array, event: KeyEvent): void {
    if (event.audience === CHANGED_FOR_NOBODY) return;
    const queues = this.#queues.get(db.index);
    if (queues === undefined || queues.size === 0) return;
    const text = textOfBytes(key);
    if (queues.has(text)) this.#noteReady(db.index, key, text);
  }

  databaseReplaced(index: number): void {
    for (const text of this.#queues.get(index)?.keys() ?? []) {
      this.#noteReady(index, bytesOfText(text), text);
    }
  }

  /** Keys are served in the order in which they got a type that anybody waits for. */
  #noteReady(dbIndex: number, key: Uint8Array, text: ByteText): void {
    const isAwaited = this.#keylessCount > 0 ||
      (this.#countByType.get(this.#typeOf(dbIndex, key)) ?? 0) > 0;
    if (isAwaited) this.#ready.set(`${dbIndex} ${text}`, [dbIndex, text]);
  }

  #serveQueue(
    dbIndex: number,
    key: Uint8Array,
    queue: Set<Client>,
    rerun: (blocked: BlockedClient) => void,
  ): void {
    // Who waits again stands at the end of the queue, and is not asked twice.
    let left = queue.size;
    for (const client of queue) {
      if (left-- === 0) return;
      const blocked = this.#byClient.get(client);
      if (blocked === undefined) continue;
      const { type, wakesWithoutKey } = blocked.wait;
      const found = this.#typeOf(dbIndex, key);
      if (found === type || wakesWithoutKey === true) rerun(blocked);
      else if (found === TYPE_NONE && this.#keylessCount === 0) return;
    }
  }

  /** Type of a key; none when its time is over, which is left for whoever asks for the key. */
  #typeOf(dbIndex: number, key: Uint8Array): number {
    const db = this.keyspace.databases[dbIndex];
    if (db.isKeyExpired(key)) return TYPE_NONE;
    const ref = db.peekKey(key);
    return ref === 0 ? TYPE_NONE : db.map.typeOf(ref);
  }

  #enqueue(dbIndex: number, key: Uint8Array, client: Client): void {
    let queues = this.#queues.get(dbIndex);
    if (queues === undefined) this.#queues.set(dbIndex, queues = new Map());
    const text = textOfBytes(key), queue = queues.get(text);
    if (queue === undefined) queues.set(text, new Set([client]));
    else queue.add(client);
  }

  #observeIfNeeded(): void {
    const isNeeded = this.#byClient.size > 0;
    if (isNeeded === this.#isObserving) return;
    this.#isObserving = isNeeded;
    if (isNeeded) this.keyspace.observe(this);
    else this.keyspace.unobserve(this);
  }

  #armTimer(deadlineMs: number): void {
    if (deadlineMs >= this.#timerDeadlineMs) return;
    clearTimeout(this.#timer);
    this.#timerDeadlineMs = deadlineMs;
    const inMs = Math.max(0, deadlineMs - this.keyspace.clock.nowMs());
    // A timer cannot be set further ahead than 2^31 - 1 ms; then it is set again.
    this.#timer = setTimeout(
      () => this.expire(),
      Math.min(inMs, 0x7fffffff),
    );
  }

  /** Answers those whose time is over; by the timer. */
  expire(): void {
    this.#timerDeadlineMs = Infinity;
    const nowMs = this.keyspace.clock.nowMs();
    let nextMs = Infinity;
    for (const { client, deadlineMs } of [...this.#byClient.values()]) {
      if (deadlineMs <= nowMs) this.unblock(client, "timeout");
      else nextMs = Math.min(nextMs, deadlineMs);
    }
    if (nextMs !== Infinity) this.#armTimer(nextMs);
  }

  /** Stops the timer, for the end of the server. */
  stop(): void {
    clearTimeout(this.#timer);
  }
}
