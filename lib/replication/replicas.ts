/** Our replicas: who they are, how far they are, and who of them is still there. */

import type { Logger } from "../log/logger.ts";
import { type Client, GATE_REPLY_OFF } from "../net/client.ts";
import { clientLine } from "../net/client_line.ts";
import { textOfBytes } from "../resp/byte_text.ts";
import type { Backlog } from "./backlog.ts";
import { hostOf, Replica, ReplicaOptions } from "./replica.ts";

const MINUS = 45;

/** What replicas need of the server. */
export interface ReplicasHost {
  readonly log: Logger;
  readonly nowMs: () => number;
  readonly backlog: () => Backlog | undefined;
  onSent(length: number): void;
  /** A replica has told how far it is, is online now, or is gone. */
  onProgress(): void;
}

/** See the top of the file. */
export class Replicas {
  readonly #byClient = new Map<Client, Replica>();
  /** What clients have told with REPLCONF; they need not become replicas. */
  readonly #options = new WeakMap<Client, ReplicaOptions>();
  /** When the last one went. */
  emptySinceMs: number;

  constructor(private readonly host: ReplicasHost) {
    this.emptySinceMs = host.nowMs();
  }

  get size(): number {
    return this.#byClient.size;
  }

  /** In the order in which they came. */
  all(): IterableIterator<Replica> {
    return this.#byClient.values();
  }

  get(client: Client): Replica | undefined {
    return this.#byClient.get(client);
  }

  /** What a client has told, to be told more. */
  optionsOf(client: Client): ReplicaOptions {
    let options = this.#options.get(client);
    if (options === undefined) {
      this.#options.set(client, options = new ReplicaOptions());
    }
    return options;
  }

  /** How a client would be called as a replica. */
  nameOf(client: Client): string {
    const { address, listeningPort } = this.optionsOf(client);
    const host = address !== "" ? address : hostOf(client.link.remoteAddress);
    return `${host}:${listeningPort}`;
  }

  /** Makes a client a replica. */
  add(client: Client): Replica {
    const replica = new Replica(
      client,
      this.optionsOf(client),
      this.host.backlog,
      this.host.nowMs,
      (length) => this.host.onSent(length),
    );
    client.isReplica = true;
    client.feed = replica;
    // An answer would stand in the middle of the stream.
    client.setGate(GATE_REPLY_OFF, true);
    this.#byClient.set(client, replica);
    return replica;
  }

  /** A client is gone. */
  remove(client: Client): void {
    const replica = this.#byClient.get(client);
    if (replica === undefined) return;
    this.#byClient.delete(client);
    replica.close();
    if (this.size === 0) this.emptySinceMs = this.host.nowMs();
    this.host.log.notice(`Connection with replica ${replica.name} lost.`);
    this.host.onProgress();
  }

  /** Sends what is new in the stream. */
  notify(): void {
    for (const replica of this.#byClient.values()) {
      if (replica.isStreaming) replica.client.link.flushSoon();
    }
  }

  /** Lowest position in the stream that one of them is going to send. */
  neededFrom(): number {
    let position = Infinity;
    for (const { neededFrom } of this.#byClient.values()) {
      position = Math.min(position, neededFrom);
    }
    return position;
  }

  /** A replica tells how far it is, and, when it keeps a file, how far that is. */
  acknowledge(client: Client, offset: number, fileOffset?: number): void {
    const replica = this.#byClient.get(client);
    if (replica === undefined) return;
    replica.ackOffset = Math.max(replica.ackOffset, offset);
    if (fileOffset !== undefined) {
      replica.ackFileOffset = Math.max(replica.ackFileOffset, fileOffset);
    }
    replica.ackAtMs = this.host.nowMs();
    if (replica.awaitsAck && replica.state === "online") {
      replica.awaitsAck = false;
      client.link.flushSoon();
    }
    this.host.onProgress();
  }

  /** How many have applied the stream up to an offset. */
  countAcknowledged(offset: number): number {
    let count = 0;
    for (const { state, ackOffset } of this.#byClient.values()) {
      if (state === "online" && ackOffset >= offset) count++;
    }
    return count;
  }

  /** How many have the stream up to an offset on their disks. */
  countAcknowledgedFiles(offset: number): number {
    let count = 0;
    for (const { state, ackFileOffset } of this.#byClient.values()) {
      if (state === "online" && ackFileOffset >= offset) count++;
    }
    return count;
  }

  /** How many told of themselves within the last seconds. */
  countGood(lagMaxSeconds: number): number {
    const nowMs = this.host.nowMs();
    let count = 0;
    for (const replica of this.#byClient.values()) {
      if (
        replica.state === "online" && replica.lagSeconds(nowMs) <= lagMaxSeconds
      ) count++;
    }
    return count;
  }

  /** A replica whose command is answered, in the reply from `mark` on, is none: closes it. */
  noteReply(client: Client, mark: number): void {
    const reply = client.reply.written(mark);
    if (reply.length === 0 || !this.#byClient.has(client)) return;
    const command = client.lastCommand?.fullName ?? "<unknown>";
    if (reply[0] === MINUS) {
      const error = textOfBytes(reply.subarray(1)).trimEnd();
      this.host.log.warning(
        `== CRITICAL == This master is sending an error to its replica: '${error}' after processing the command '${command}'`,
      );
    }
    this.host.log.warning(
      `Replica generated a reply to command '${command}', disconnecting it: ${
        clientLine(client, this.host.nowMs())
      }`,
    );
    client.isClosing = true;
  }

  /** Closes those that are silent for too long. */
  closeSilent(timeoutMs: number): void {
    const nowMs = this.host.nowMs();
    for (const replica of [...this.all()]) {
      const { state, isSilent, ackAtMs, sentAtMs, name } = replica;
      if (state === "online" && !isSilent && nowMs - ackAtMs > timeoutMs) {
        this.host.log.warning(
          `Disconnecting timedout replica (streaming sync): ${name}`,
        );
        replica.client.link.close();
      } else if (
        (state === "sending" || replica.isTakingPieces) &&
        nowMs - sentAtMs > timeoutMs
      ) {
        this.host.log.warning(
          `Disconnecting timedout replica (full sync): ${name}`,
        );
        replica.client.link.close();
      }
    }
  }

  /** Closes them all: their history is not ours any more, or not by this name. */
  closeAll(): void {
    for (const { client } of [...this.all()]) client.link.close();
  }
}
