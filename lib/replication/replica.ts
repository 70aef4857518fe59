/**
 * One replica of ours: what it said of itself, how far it is, and what it is sent.
 *
 * ```
 * waiting → copying → sending → online
 *            the copy, then the stream from where the copy began
 * ```
 *
 * The stream is sent from the backlog's blocks. A copy is handed over piece by
 * piece; the stream that comes about meanwhile waits in the backlog.
 */

import type { Client } from "../net/client.ts";
import type { OutputFeed } from "../net/output_feed.ts";
import { bytesOfText } from "../resp/byte_text.ts";
import type { Backlog } from "./backlog.ts";

/**
 * Where a replica stands: it waits for a copy to begin, a copy is being made (and
 * sent at once, if there is no file), a file is being sent, it has its copy.
 */
export type ReplicaState = "waiting" | "copying" | "sending" | "online";

const STATE_NAMES: Readonly<Record<ReplicaState, string>> = {
  waiting: "wait_bgsave",
  copying: "wait_bgsave",
  sending: "send_bulk",
  online: "online",
};

/** What a client tells with REPLCONF before it asks for the data. */
export class ReplicaOptions {
  /** Port that it listens on. */
  listeningPort = 0;
  /** Address that it wants to be known by; "" for where it connects from. */
  address = "";
  /** It can tell the end of a copy of unknown length by a mark. */
  acceptsEndMark = false;
  /** It follows a primary whose replication id has changed. */
  acceptsNewId = false;
  /** It wants a copy and no stream. */
  wantsCopyOnly = false;
  /** Parts of the data that it wants no copy of. */
  excludesData = false;
  excludesFunctions = false;

  /** Whether the copy that suits one suits the other. */
  wantsSame(other: ReplicaOptions): boolean {
    return this.excludesData === other.excludesData &&
      this.excludesFunctions === other.excludesFunctions;
  }

  get isFiltered(): boolean {
    return this.excludesData || this.excludesFunctions;
  }
}

/** See the top of the file. */
export class Replica implements OutputFeed {
  state: ReplicaState = "waiting";
  /** Position in the stream of the next byte to send. */
  position = 0;
  /** The stream waits for the replica to tell that it has loaded its copy. */
  awaitsAck = false;
  /** It came with SYNC: it tells nothing. */
  isSilent = false;
  /** Bytes that it says it has applied, and that it has on its disk. */
  ackOffset = 0;
  ackFileOffset = 0;
  /** When it told that last, and when bytes left to it last. */
  ackAtMs: number;
  sentAtMs: number;
  readonly waitsSinceMs: number;
  bytesSent = 0;
  /** Pieces of a copy, the first of which is being sent, and who waits for their end. */
  readonly #pieces: Uint8Array[] = [];
  #onDrained: (() => void) | undefined;
  #pieceSent = 0;
  #hasBegunCopy = false;

  constructor(
    readonly client: Client,
    readonly options: ReplicaOptions,
    private readonly backlog: () => Backlog | undefined,
    private readonly nowMs: () => number,
    /** Bytes of the stream have left, or of a copy. */
    private readonly onSent: (length: number) => void,
  ) {
    this.ackAtMs = this.sentAtMs = this.waitsSinceMs = nowMs();
  }

  /** As others know it. */
  get host(): string {
    const { address } = this.options;
    return address !== "" ? address : hostOf(this.client.link.remoteAddress);
  }

  /** `host:port`, for the log. */
  get name(): string {
    return `${this.host}:${this.options.listeningPort}`;
  }

  /** Where it stands, as INFO and the log have it. */
  get stateName(): string {
    return STATE_NAMES[this.state];
  }

  get isStreaming(): boolean {
    return this.state === "online" && !this.awaitsAck;
  }

  /** Lowest position that it is going to send. */
  get neededFrom(): number {
    return this.state === "waiting" || this.options.wantsCopyOnly
      ? Infinity
      : this.position;
  }

  /** Seconds since it told how far it is. */
  lagSeconds(nowMs: number): number {
    return Math.max(0, Math.floor((nowMs - this.ackAtMs) / 1000));
  }

  /** Sends bytes of a copy; resolves when they have left, or never will. */
  sendPiece(bytes: Uint8Array): Promise<void> {
    if (bytes.length === 0 || this.client.isClosing) return Promise.resolve();
    this.#hasBegunCopy = true;
    this.#pieces.push(bytes);
    this.client.link.flushSoon();
    return new Promise((resolve) => this.#onDrained = resolve);
  }

  /** Sends a line before the copy or the stream. */
  sendHead(text: string): void {
    this.#pieces.push(bytesOfText(text));
    this.client.link.flushSoon();
  }

  /** It has the copy. `awaitsAck`: what follows may not be taken for a part of it. */
  putOnline(awaitsAck: boolean): void {
    this.state = "online";
    this.awaitsAck = awaitsAck;
    this.ackAtMs = this.nowMs();
  }

  /** It waits for a copy, and cannot tell whether we are still there. */
  get isWaitingInSilence(): boolean {
    return this.state === "waiting" ||
      (this.state === "copying" && !this.#hasBegunCopy);
  }

  /** Sends a line break that means nothing, to show that we are there. */
  sendLineBreak(): void {
    if (this.#pieces.length > 0) return;
    this.#pieces.push(LINE_BREAK);
    this.client.link.flushSoon();
  }

  /** Whether bytes of a copy are on their way. */
  get isTakingPieces(): boolean {
    return this.#onDrained !== undefined;
  }

  /** Its connection is closed: nobody need wait for it. */
  close(): void {
    this.#pieces.length = 0;
    this.#drained();
  }

  get pendingBytes(): number {
    if (this.state === "waiting" || this.options.wantsCopyOnly) return 0;
    return (this.backlog()?.end ?? this.position) - this.position;
  }

  next(): Uint8Array | undefined {
    if (this.#pieces.length > 0) {
      return this.#pieces[0].subarray(this.#pieceSent);
    }
    if (!this.isStreaming) return undefined;
    const backlog = this.backlog();
    return backlog === undefined || this.position >= backlog.end
      ? undefined
      : backlog.read(this.position);
  }

  sent(length: number): void {
    this.sentAtMs = this.nowMs();
    this.bytesSent += length;
    if (this.#pieces.length === 0) this.position += length;
    else {
      this.#pieceSent += length;
      if (this.#pieceSent >= this.#pieces[0].length) {
        this.#pieces.shift();
        this.#pieceSent = 0;
      }
      if (this.#pieces.length === 0) this.#drained();
    }
    this.onSent(length);
  }

  #drained(): void {
    const notify = this.#onDrained;
    this.#onDrained = undefined;
    notify?.();
  }
}

const LINE_BREAK = Uint8Array.of(10);

/** The host of an address such as `127.0.0.1:6379` or `[::1]:6379`. */
export function hostOf(address: string): string {
  return address.slice(0, address.lastIndexOf(":")).replace(/^\[(.*)\]$/, "$1");
}
