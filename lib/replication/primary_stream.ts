/**
 * The stream of commands from our primary: runs them, passes their bytes on as
 * they came, and tells the primary how far we are.
 *
 * The primary is a client to the router, one that nothing is refused to and whose
 * replies go nowhere. What counts as applied ends behind a command, and behind
 * EXEC for one in a transaction: from there on the stream is asked for again when
 * the link was cut.
 */

import {
  Client,
  type ClientLink,
  GATE_UNAUTHENTICATED,
} from "../net/client.ts";
import type { Reader, Transport } from "../net/transport.ts";
import type { BufferPool } from "../resp/buffer_pool.ts";
import { textOfBytes } from "../resp/byte_text.ts";
import { encodeRequest } from "./encode_request.ts";
import { ReplyWriter } from "../resp/reply_writer.ts";
import type { PartialFrame, RequestState } from "../resp/request_decoder.ts";
import { FRAMES_MAX } from "../resp/request_decoder.ts";
import { ARGS_SLACK_BYTES } from "../router/args.ts";
import type { Router } from "../router/router.ts";

const BUFFER_BYTES = 256 * 1024;
/** Room that a read finds at least. */
const ROOM_BYTES_MIN = 16 * 1024;
/** A frame that announces more gets its room as it arrives. */
const TRUSTED_FRAME_BYTES = 64 * 1024 * 1024;

/** What the stream needs of the server. */
export interface PrimaryStreamHost {
  readonly router: Router;
  readonly pool: BufferPool;
  /** A new id for CLIENT LIST. */
  readonly clientId: number;
  readonly nowMs: () => number;
  /** Bytes whose commands were run: part of our history from now on. */
  onApplied(bytes: Uint8Array, from: number, to: number): void;
  /** So many bytes have come. */
  onRead(length: number): void;
  /** A command of the primary was refused. */
  onRefusal(error: string, commandName: string): void;
  /** Error replies of the server so far. */
  errorCount(): number;
}

/** See the top of the file. */
export class PrimaryStream implements RequestState, ClientLink, Reader {
  readonly client: Client;
  buffer = new Uint8Array(BUFFER_BYTES + ARGS_SLACK_BYTES);
  view = new DataView(this.buffer.buffer);
  end = 0;
  neededBytes = 0;
  partial: PartialFrame | undefined;
  readonly isAuthenticated = true;
  readonly isUnixSocket = false;
  readonly inFlightBytes = 0;

  #start = 0;
  /** Behind the last command that counts as applied, and behind what the host was told of. */
  #applied = 0;
  #told = 0;
  /** Error replies of the server before the command that runs. */
  #errorCount = 0;
  #isBufferTaken = false;
  #isClosed = false;
  #writing: Promise<void> | undefined;
  /** Acknowledgement to send when the one under way has left. */
  #nextAck: Uint8Array | undefined;

  constructor(
    private readonly transport: Transport,
    private readonly host: PrimaryStreamHost,
    initial: Uint8Array,
  ) {
    this.client = new Client(
      host.clientId,
      new ReplyWriter(host.pool),
      this,
      host.nowMs(),
    );
    this.client.isPrimary = true;
    this.client.setGate(GATE_UNAUTHENTICATED, false);
    this.buffer.set(initial);
    this.end = initial.length;
  }

  /** The router moves it behind each command that it has run. */
  get start(): number {
    return this.#start;
  }

  set start(start: number) {
    this.#start = start;
    if (this.host.errorCount() !== this.#errorCount) this.#noteRefusal();
    if (this.client.transaction === undefined) this.#applied = start;
  }

  /** Bytes that were applied and that the host was not told of yet. */
  get appliedBytes(): number {
    return this.#applied - this.#told;
  }

  /** Bytes that have come and are not part of the host's history. */
  get unappliedBytes(): number {
    return this.end - this.#told;
  }

  get remoteAddress(): string {
    return this.transport.remoteAddress;
  }

  get localAddress(): string {
    return this.transport.localAddress;
  }

  get queryBufferBytes(): number {
    return this.buffer.length;
  }

  get queryPendingBytes(): number {
    return this.end - this.start;
  }

  get isWriting(): boolean {
    return this.#writing !== undefined;
  }

  /** Runs the stream until the link is closed, by whom ever; never rejects. */
  async serve(): Promise<void> {
    while (!this.client.isClosing) {
      this.#run();
      this.#prepareRead();
      const length = await this.transport.read(this);
      if (length === null) break;
      this.end += length;
      this.client.bytesIn += length;
      this.client.lastActiveAtMs = this.host.nowMs();
      this.host.onRead(length);
    }
    this.close();
  }

  /** Tells the primary how far we are, and our append-only file. */
  acknowledge(offset: number, fileOffset?: number): void {
    const words = ["REPLCONF", "ACK", String(offset)];
    if (fileOffset !== undefined) words.push("FACK", String(fileOffset));
    this.#nextAck = encodeRequest(...words);
    if (this.#writing === undefined) this.#writing = this.#write();
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.client.isClosing = true;
    this.transport.close();
    this.client.reply.discard();
  }

  /** Replies go nowhere. */
  flushSoon(): void {
    queueMicrotask(() => this.client.reply.discard());
  }

  /** It is never parked. */
  resume(): void {}

  get roomBytes(): number {
    return this.buffer.length - ARGS_SLACK_BYTES - this.end;
  }

  room(): Uint8Array {
    return this.buffer.subarray(
      this.end,
      this.buffer.length - ARGS_SLACK_BYTES,
    );
  }

  async #write(): Promise<void> {
    try {
      while (this.#nextAck !== undefined) {
        const ack = this.#nextAck;
        this.#nextAck = undefined;
        await this.transport.write(ack);
      }
    } catch {
      this.close();
    }
    this.#writing = undefined;
  }

  /** Runs every complete command in the buffer, in one turn. */
  #run(): void {
    const { router } = this.host, { decoder } = router;
    const { keyspace } = router.call;
    router.beginBatch();
    keyspace.isFollowing = true;
    try {
      do {
        decoder.decode(this);
        router.setSource(this.buffer, this.view);
        this.#errorCount = this.host.errorCount();
        router.runFrames(this.client, this, Infinity);
        this.client.reply.discard();
      } while (decoder.frameCount === FRAMES_MAX && !this.client.isClosing);
      if (decoder.error !== "") {
        router.protocolError(this.client, decoder.error);
      }
    } finally {
      keyspace.isFollowing = false;
    }
    if (router.args.isTaken) this.#isBufferTaken = true;
    router.endBatch();
    if (this.#applied > this.#told) {
      this.host.onApplied(this.buffer, this.#told, this.#applied);
      this.#told = this.#applied;
    }
  }

  /** The last command was answered with an error: our data may no longer be the primary's. */
  #noteRefusal(): void {
    const { reply, lastCommand } = this.client;
    this.#errorCount = this.host.errorCount();
    const text = textOfBytes(reply.written(0));
    const error = text.slice(text.lastIndexOf("\n-") + 2).trimEnd();
    this.host.onRefusal(error, lastCommand?.fullName ?? "<unknown>");
  }

  /** Makes room behind what is not applied yet. */
  #prepareRead(): void {
    const kept = this.end - this.#told, pending = this.end - this.start;
    const needed = Math.min(this.neededBytes, TRUSTED_FRAME_BYTES);
    const wanted = kept - pending + Math.max(needed, pending + ROOM_BYTES_MIN);
    const capacity = this.buffer.length - ARGS_SLACK_BYTES;
    const isTooLarge = kept === 0 && capacity > BUFFER_BYTES;
    if (this.#isBufferTaken || wanted > capacity || isTooLarge) {
      // Of one large command no byte moves often.
      const size = Math.max(
        BUFFER_BYTES,
        wanted > capacity ? Math.max(wanted, kept * 2) : wanted,
      );
      const bytes = new Uint8Array(size + ARGS_SLACK_BYTES);
      bytes.set(this.buffer.subarray(this.#told, this.end));
      this.buffer = bytes;
      this.view = new DataView(bytes.buffer);
      this.#isBufferTaken = false;
    } else if (this.#told > 0) {
      this.buffer.copyWithin(0, this.#told, this.end);
    }
    this.#start -= this.#told;
    this.#applied -= this.#told;
    this.end = kept;
    this.#told = 0;
  }
}
