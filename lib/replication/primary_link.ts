/**
 * The link to our primary: connects, introduces us, gets the data or goes on where
 * we were, and follows the stream; when it breaks, it begins again by itself.
 *
 * ```
 * connect → connecting → handshake ─┬─ continue ─→ connected
 *    ↑          │           │       └─ sync ────────↑   │
 *    └──────────┴───────────┴───────────┴───────────────┘  at once, then later and later
 * ```
 */

import { denoTransport } from "../net/transport_deno.ts";
import type { Transport } from "../net/transport.ts";
import type { Logger } from "../log/logger.ts";
import { bytesOfText } from "../resp/byte_text.ts";
import { receiveCopy, type TransferProgress } from "./copy_transfer.ts";
import {
  askForCopy,
  askForStream,
  introduce,
  type ReplicaSelf,
  type SyncOffer,
} from "./primary_handshake.ts";
import { LinkReader } from "./link_reader.ts";
import { PrimaryStream, type PrimaryStreamHost } from "./primary_stream.ts";

/** As ROLE names it. */
export type LinkState =
  | "connect"
  | "connecting"
  | "handshake"
  | "sync"
  | "connected";

/** Pauses before the next try: the first, doubled each time up to the longest. */
const RETRY_MS = 250;
const RETRY_MAX_MS = 2000;
const LINE_BREAK = bytesOfText("\n");

/** What the link needs of the server. */
export interface PrimaryLinkHost {
  readonly log: Logger;
  self(): ReplicaSelf;
  streamHost(): PrimaryStreamHost;
  /** What we have, and want to go on from; undefined for a full copy. */
  known(): { id: string; next: number } | undefined;
  /** Whether the primary is asked to become one, by FAILOVER. */
  readonly isFailover: boolean;
  /** The primary has agreed to serve us, or has not. */
  onAnswer(isAccepted: boolean): void;
  /** The primary lets us go on; its history may have another id now. */
  onContinue(id: string | undefined): void;
  /** A path for the copy. */
  temporaryPath(): string;
  /** What becomes of a copy that was loaded. */
  settleCopy(path: string): Promise<void>;
  /** Replaces the data by that of a file. */
  load(path: string): Promise<void>;
  /** The copy is loaded; without an id the primary's stream cannot be gone on with. */
  onLoaded(id: string | undefined, offset: number): void;
  /** The stream begins, or ends. */
  onStream(stream: PrimaryStream): void;
  onStreamEnd(stream: PrimaryStream): void;
  onStateChange(): void;
}

/** See the top of the file. */
export class PrimaryLink {
  #state: LinkState = "connect";
  /** When the link broke, or 0 when it was never up. */
  downSinceMs = 0;
  /** When something came last. */
  lastReadMs: number;
  progress: TransferProgress = { totalBytes: -1, readBytes: 0 };
  /** The primary knows SYNC only, and is told nothing. */
  isPrimarySilent = false;

  #transport: Transport | undefined;
  #stream: PrimaryStream | undefined;
  #isStopped = false;
  #isLoading = false;
  #wake: (() => void) | undefined;

  constructor(
    readonly address: string,
    readonly port: number,
    private readonly host: PrimaryLinkHost,
    private readonly nowMs: () => number,
  ) {
    this.lastReadMs = nowMs();
  }

  get state(): LinkState {
    return this.#state;
  }

  /** The stream, while it flows. */
  get stream(): PrimaryStream | undefined {
    return this.#stream;
  }

  start(): void {
    this.#keep();
  }

  /** Ends the link for good. */
  stop(): void {
    this.#isStopped = true;
    this.#wake?.();
    this.#transport?.close();
    this.#stream?.close();
  }

  /** Once a second: gives a silent primary up, and shows that we are there. */
  tick(timeoutMs: number, offset: number, fileOffset?: number): void {
    if (this.#isLoading) {
      this.#transport?.write(LINE_BREAK)?.catch(() => {});
      return;
    }
    const isWaiting = this.#state !== "connect";
    if (isWaiting && this.nowMs() - this.lastReadMs > timeoutMs) {
      this.host.log.warning(TIMEOUTS[this.#state]);
      this.#wake?.();
      this.#transport?.close();
      return;
    }
    if (!this.isPrimarySilent) this.#stream?.acknowledge(offset, fileOffset);
  }

  #become(state: LinkState): void {
    this.#state = state;
    this.host.onStateChange();
  }

  async #keep(): Promise<void> {
    let failures = 0;
    while (!this.#isStopped) {
      failures = await this.#run() ? 0 : failures + 1;
      if (this.#isStopped) return;
      this.#become("connect");
      if (failures > 0) {
        await this.#pause(
          Math.min(RETRY_MS * 2 ** (failures - 1), RETRY_MAX_MS),
        );
      }
    }
  }

  /** One connection from its beginning to its end; true when it had come to the stream. */
  async #run(): Promise<boolean> {
    const { log } = this.host;
    try {
      log.notice(`Connecting to MASTER ${this.address}:${this.port}`);
      this.lastReadMs = this.nowMs();
      this.#become("connecting");
      const transport = this.#transport = await this.#connect();
      log.notice("MASTER <-> REPLICA sync started");
      const reader = new LinkReader(transport, (length) => {
        this.lastReadMs = this.nowMs();
        this.host.streamHost().onRead(length);
      });
      await this.#synchronize(transport, reader);
      await this.#follow(transport, reader);
      return true;
    } catch (error) {
      if (!this.#isStopped) {
        log.warning(
          `MASTER <-> REPLICA sync: ${
            error instanceof Error ? error.message : error
          }`,
        );
      }
      return false;
    } finally {
      this.#transport?.close();
      this.#transport = undefined;
    }
  }

  async #connect(): Promise<Transport> {
    const connecting = Deno.connect({
      hostname: this.address,
      port: this.port,
    });
    const givenUp = new Promise<never>((_, reject) => {
      this.#wake = () =>
        reject(new Error("Timeout connecting to the MASTER..."));
    });
    try {
      return denoTransport(await Promise.race([connecting, givenUp]));
    } catch (error) {
      connecting.then((conn) => conn.close(), () => {});
      throw error;
    } finally {
      this.#wake = undefined;
    }
  }

  /** Brings our data to where the stream begins. */
  async #synchronize(transport: Transport, reader: LinkReader): Promise<void> {
    const { host } = this, { log } = host;
    this.#become("handshake");
    await introduce(
      transport,
      reader,
      host.self(),
      (line) => log.notice(line),
    );
    const known = host.known();
    log.notice(
      known === undefined
        ? "Partial resynchronization not possible (no cached master)"
        : `Trying a partial resynchronization (request ${known.id}:${known.next}).`,
    );
    let offer: SyncOffer;
    try {
      offer = await askForStream(transport, reader, known, host.isFailover);
    } catch (error) {
      host.onAnswer(false);
      throw error;
    }
    host.onAnswer(offer.kind !== "unsupported");
    if (offer.kind === "continue") {
      log.notice("Successful partial resynchronization with master.");
      host.onContinue(offer.id);
      log.notice(
        "MASTER <-> REPLICA sync: Master accepted a Partial Resynchronization.",
      );
      return;
    }
    this.isPrimarySilent = offer.kind === "unsupported";
    if (offer.kind === "full") {
      log.notice(`Full resync from master: ${offer.id}:${offer.offset}`);
    } else {
      log.notice("Retrying with SYNC...");
      await askForCopy(transport);
    }
    await this.#copy(reader, offer);
  }

  async #copy(
    reader: LinkReader,
    offer: Exclude<SyncOffer, { kind: "continue" }>,
  ): Promise<void> {
    const { host } = this, { log } = host;
    this.progress = { totalBytes: -1, readBytes: 0 };
    this.#become("sync");
    const path = host.temporaryPath();
    try {
      await receiveCopy(
        reader,
        path,
        this.progress,
        (line) => log.notice(`MASTER <-> REPLICA sync: ${line}`),
      );
      if (this.#isStopped) throw new Error("stopped");
      this.#isLoading = true;
      log.notice("MASTER <-> REPLICA sync: Flushing old data");
      log.notice("MASTER <-> REPLICA sync: Loading DB in memory");
      await host.load(path);
      await host.settleCopy(path);
      log.notice("MASTER <-> REPLICA sync: Finished with success");
    } finally {
      this.#isLoading = false;
      this.lastReadMs = this.nowMs();
      await Deno.remove(path).catch(() => {});
    }
    if (this.#isStopped) throw new Error("stopped");
    if (offer.kind === "full") host.onLoaded(offer.id, offer.offset);
    else host.onLoaded(undefined, 0);
  }

  async #follow(transport: Transport, reader: LinkReader): Promise<void> {
    const { host } = this;
    const stream = new PrimaryStream(
      transport,
      host.streamHost(),
      reader.rest,
    );
    this.#stream = stream;
    host.onStream(stream);
    this.#become("connected");
    try {
      await stream.serve();
    } finally {
      this.#stream = undefined;
      this.downSinceMs = this.nowMs();
      host.onStreamEnd(stream);
    }
    if (!this.#isStopped) {
      host.log.notice("Connection with master lost.");
      host.log.notice("Caching the disconnected master state.");
    }
  }

  /** Waits before the next try; `stop` ends it. */
  async #pause(ms: number): Promise<void> {
    let timer: ReturnType<typeof setTimeout> | undefined;
    await new Promise<void>((resolve) => {
      this.#wake = resolve;
      timer = setTimeout(resolve, ms);
    });
    clearTimeout(timer);
    this.#wake = undefined;
  }
}

const TIMEOUTS: Readonly<Record<LinkState, string>> = {
  connect: "",
  connecting: "Timeout connecting to the MASTER...",
  handshake: "Timeout connecting to the MASTER...",
  sync:
    "Timeout receiving bulk data from MASTER... If the problem persists try to set the 'repl-timeout' parameter in redis.conf to a larger value.",
  connected: "MASTER timeout: no data nor PING received...",
};
