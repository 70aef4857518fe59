/**
 * Gives replicas full copies of the data.
 *
 * A copy shows the data as it is at one moment, while writes go on; what is
 * written from then on waits in the backlog. Replicas that come while others wait
 * for the same kind of copy share it. A replica that can tell the end of a copy by
 * a mark gets it while it is made, without a file; one that cannot, or when
 * `repl-diskless-sync` is off, gets it from a file with its length before it.
 */

import type { Logger } from "../log/logger.ts";
import { bytesOfText } from "../resp/byte_text.ts";
import type { Replica, ReplicaOptions } from "./replica.ts";

const MARK_HEX_BYTES = 20;
/** A file is sent in pieces of this size. */
const PIECE_BYTES = 256 * 1024;

/** Writes a copy of the data as it is when called; rejects when it cannot, `write` rejects or `signal` says so. */
export type CopyWriter = (
  options: ReplicaOptions,
  write: (bytes: Uint8Array) => Promise<void>,
  signal: AbortSignal,
) => Promise<void>;

/** What full copies need of the server. */
export interface FullSyncHost {
  readonly log: Logger;
  /** Whether a copy can be made now. */
  readonly mayCopy: boolean;
  readonly writeCopy: CopyWriter;
  /** `repl-diskless-sync`, its delay and the number of replicas that end it. */
  readonly isDiskless: boolean;
  readonly delaySeconds: number;
  readonly replicasMax: number;
  waiting(): Replica[];
  /** Tells replicas which moment the copy shows, which is now. */
  begin(replicas: readonly Replica[]): void;
  /** A replica has its whole copy. */
  finish(replica: Replica, awaitsAck: boolean): void;
  temporaryPath(): string;
  /** What becomes of a copy that was sent. */
  settleCopy(path: string): Promise<void>;
}

/** See the top of the file. */
export class FullSync {
  #isRunning = false;
  /** Ends the copy that is being made. */
  #writing: AbortController | undefined;
  /** Who gets the copy under way. */
  #replicas: readonly Replica[] = [];
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(private readonly host: FullSyncHost) {}

  /** A copy is being made. */
  get isWriting(): boolean {
    return this.#writing !== undefined;
  }

  /** A replica is gone: a copy that nobody waits for is given up. */
  forget(): void {
    if (this.#replicas.every(({ client }) => client.isClosing)) {
      this.#writing?.abort();
    }
  }

  /** Sees to it that those who wait get a copy. */
  schedule(): void {
    const { host } = this;
    const waiting = host.waiting();
    if (waiting.length === 0) return;
    if (this.#isRunning || !host.mayCopy) {
      host.log.notice(
        "Another copy is being made. Waiting for the next BGSAVE for SYNC",
      );
      return;
    }
    const mayWait = host.isDiskless &&
      waiting.every(({ options }) => options.acceptsEndMark);
    const isEnough = host.replicasMax > 0 && waiting.length >= host.replicasMax;
    if (!mayWait || host.delaySeconds === 0 || isEnough) return this.#start();
    if (this.#timer !== undefined) return;
    host.log.notice("Delay next BGSAVE for diskless SYNC");
    this.#timer = setTimeout(() => this.#start(), host.delaySeconds * 1000);
  }

  /** For the end of the server. */
  stop(): void {
    clearTimeout(this.#timer);
  }

  /** Once a second: begins what had to wait for something else. */
  tick(): void {
    if (this.#timer === undefined && !this.#isRunning && this.host.mayCopy) {
      this.schedule();
    }
  }

  #start(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const { host } = this;
    const waiting = host.waiting();
    if (waiting.length === 0 || this.#isRunning || !host.mayCopy) return;
    const { options } = waiting[0];
    const replicas = waiting.filter((other) =>
      other.options.wantsSame(options)
    );
    const isDiskless = (host.isDiskless || options.isFiltered) &&
      replicas.every(({ options }) => options.acceptsEndMark);
    host.log.notice(
      `Starting BGSAVE for SYNC with target: ${
        isDiskless ? "replicas sockets" : "disk"
      }`,
    );
    this.#run(replicas, isDiskless);
  }

  async #run(replicas: Replica[], isDiskless: boolean): Promise<void> {
    this.#isRunning = true;
    this.#replicas = replicas;
    try {
      if (isDiskless) await this.#stream(replicas);
      else await this.#sendFile(replicas);
    } catch (error) {
      this.host.log.warning(
        `BGSAVE for replication failed: ${
          error instanceof Error ? error.message : error
        }`,
      );
      for (const { client, state } of replicas) {
        if (state !== "online") client.link.close();
      }
    }
    this.#isRunning = false;
    this.schedule();
  }

  async #write(
    options: ReplicaOptions,
    write: (bytes: Uint8Array) => Promise<void>,
  ): Promise<void> {
    const writing = this.#writing = new AbortController();
    try {
      await this.host.writeCopy(options, write, writing.signal);
    } finally {
      this.#writing = undefined;
    }
  }

  /** Sends the copy while it is made. */
  async #stream(replicas: readonly Replica[]): Promise<void> {
    const { host } = this;
    const { options } = replicas[0];
    const mark = bytesOfText(
      crypto.getRandomValues(new Uint8Array(MARK_HEX_BYTES)).toHex(),
    );
    host.begin(replicas);
    const sendAll = async (bytes: Uint8Array): Promise<void> => {
      const left = replicas.filter(({ client }) => !client.isClosing);
      if (left.length === 0) throw new Error("all replicas are gone");
      await Promise.all(left.map((replica) => replica.sendPiece(bytes)));
    };
    let head: Uint8Array | undefined = bytesOfText(`$EOF:${textOf(mark)}\r\n`);
    await this.#write(options, async (bytes) => {
      if (head !== undefined) {
        const first = head;
        head = undefined;
        await sendAll(first);
      }
      await sendAll(bytes);
    });
    await sendAll(mark);
    for (const replica of replicas) {
      if (!replica.client.isClosing) host.finish(replica, true);
    }
  }

  /** Writes a file, and sends that. */
  async #sendFile(replicas: readonly Replica[]): Promise<void> {
    const { host } = this;
    const path = host.temporaryPath();
    try {
      using file = await Deno.open(path, {
        read: true,
        write: true,
        createNew: true,
        mode: 0o644,
      });
      host.begin(replicas);
      await this.#write(replicas[0].options, async (bytes) => {
        for (let at = 0; at < bytes.length;) {
          at += await file.write(bytes.subarray(at));
        }
      });
      await Promise.all(replicas.map((replica) => this.#send(replica, path)));
      if (!replicas[0].options.isFiltered) await host.settleCopy(path);
    } finally {
      await Deno.remove(path).catch(() => {});
    }
  }

  async #send(replica: Replica, path: string): Promise<void> {
    if (replica.client.isClosing) return;
    replica.state = "sending";
    using file = await Deno.open(path);
    const { size } = await file.stat();
    await replica.sendPiece(bytesOfText(`$${size}\r\n`));
    const piece = new Uint8Array(PIECE_BYTES);
    while (!replica.client.isClosing) {
      const length = await file.read(piece);
      if (length === null) {
        return this.host.finish(replica, false);
      }
      await replica.sendPiece(piece.subarray(0, length));
    }
  }
}

function textOf(mark: Uint8Array): string {
  return String.fromCharCode(...mark);
}
