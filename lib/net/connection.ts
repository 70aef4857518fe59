/**
 * One client's connection: reads requests, has them run, writes the replies.
 *
 * An async iterator of batches drives it. Each step is one read; then every
 * complete frame in the buffer is decoded, the keys they name are loaded into
 * the CPU's caches together, the commands run, and what they answered leaves in
 * one write that is awaited before the next read, unless the system took it at
 * once. So a slow reader slows only itself, and its output stays bounded.
 *
 * The buffer starts small, grows while reads fill it and gives way to a fresh one
 * when a command has taken it over for a large value. A client that is silent has
 * none: it gets one from a pool when bytes have come.
 */

import type { ServerStats } from "../info/server_stats.ts";
import { ARGS_SLACK_BYTES } from "../router/args.ts";
import type { Router } from "../router/router.ts";
import type { ByteSource } from "../keyspace/record_store.ts";
import type { LargeBuffers } from "../keyspace/large_buffers.ts";
import type { BufferPool } from "../resp/buffer_pool.ts";
import { ReplyWriter } from "../resp/reply_writer.ts";
import {
  FRAMES_MAX,
  type PartialFrame,
  type RequestState,
} from "../resp/request_decoder.ts";
import { Client, type ClientLink } from "./client.ts";
import type { OutputLimits } from "./output_limits.ts";
import type { Reader, Transport } from "./transport.ts";

const INITIAL_BUFFER_BYTES = 256;
/** Size of the buffer that a client is given when it has none. */
export const SMALL_BUFFER_BYTES = INITIAL_BUFFER_BYTES + ARGS_SLACK_BYTES;
/** Stands for the buffer of a client that has none, since nothing of it is waiting. */
const NO_BUFFER: ByteSource = {
  bytes: new Uint8Array(0),
  view: new DataView(new ArrayBuffer(0)),
};
const READ_BUFFER_MAX_BYTES = 256 * 1024;
/** A frame that announces up to this size gets its room at once, a larger one as it arrives. */
const TRUSTED_FRAME_BYTES = 64 * 1024 * 1024;
/** A first read of more than this is the beginning of a large value, or of very many commands. */
const LARGE_READ_MIN_BYTES = 8 * 1024;
/** Batches in a row that leave most of the buffer empty before it shrinks. */
const QUIET_BATCHES = 64;
/** Commands of a batch wait once their replies reach this size, until those are sent. */
const BATCH_OUTPUT_MAX_BYTES = 1024 * 1024;

type Output = ReturnType<ReplyWriter["takeOutput"]>;

/** What connections share. */
export interface ConnectionHost {
  readonly router: Router;
  readonly pool: BufferPool;
  /** Request buffers of {@link SMALL_BUFFER_BYTES}. */
  readonly requestPool: BufferPool;
  /** Longer request buffers, which large values take over. */
  readonly largeBuffers: LargeBuffers;
  readonly stats: ServerStats;
  /** Called once, when the connection is closed and its client gone. */
  onClosed(connection: Connection): void;
  /** An error that is our own; the connection is closed. */
  onInternalError(error: unknown): void;
  /** Longest request buffer (`client-query-buffer-limit`), in bytes. */
  readonly queryBufferMaxBytes: number;
  onQueryBufferLimit(connection: Connection): void;
  /** What replies have to wait for before they are sent; undefined for nothing. */
  replyBarrier(): Promise<void> | undefined;
  readonly outputLimits: OutputLimits;
}

/** See the top of the file. */
export class Connection
  implements RequestState, ClientLink, Reader, AsyncIterable<number> {
  readonly client: Client;
  /** The request buffer; `start` to `end` waits to be run. */
  buffer = NO_BUFFER.bytes;
  view = NO_BUFFER.view;
  start = 0;
  end = 0;
  neededBytes = 0;
  partial: PartialFrame | undefined;
  inFlightBytes = 0;

  #source = NO_BUFFER;
  #isClosed = false;
  /** A command kept the buffer's memory: nothing may be written there any more. */
  #isBufferTaken = false;
  #readFilledBuffer = false;
  #quietBatches = 0;
  /** Length of the buffer that a value took over last: the next large value is likely as long. */
  #takenBytes = 0;
  #flushing: Promise<void> | undefined;
  /** `flushSoon` was called, and nothing sent since. */
  #isFlushQueued = false;

  constructor(
    private readonly transport: Transport,
    private readonly host: ConnectionHost,
    id: number,
    nowMs: number,
    readonly isUnixSocket: boolean,
  ) {
    this.client = new Client(id, new ReplyWriter(host.pool), this, nowMs);
  }

  get remoteAddress(): string {
    return this.transport.remoteAddress;
  }

  get localAddress(): string {
    return this.transport.localAddress;
  }

  get isAuthenticated(): boolean {
    return this.client.isAuthenticated;
  }

  get isWriting(): boolean {
    return this.#flushing !== undefined;
  }

  get queryBufferBytes(): number {
    return this.buffer.length;
  }

  get queryPendingBytes(): number {
    return this.end - this.start;
  }

  /** Serves the client until either side closes. Never rejects. */
  async serve(): Promise<void> {
    try {
      for await (const length of this) {
        this.client.bytesIn += length;
        this.host.stats.netInputBytes += length;
        this.host.stats.totalReads++;
        let isMore = true;
        while (isMore) {
          isMore = this.#run();
          const flushing = this.#flush();
          // A replica tells how far it is while it is sent more.
          if (flushing !== undefined && this.client.feed === undefined) {
            await flushing;
          }
        }
        if (this.client.isClosing) break;
      }
    } catch (error) {
      this.host.onInternalError(error);
    }
    this.close();
  }

  /** The reads of this connection, as the number of bytes that each brought. */
  [Symbol.asyncIterator](): AsyncIterator<number, undefined> {
    const result: IteratorYieldResult<number> = { done: false, value: 0 };
    return {
      next: async (): Promise<IteratorResult<number, undefined>> => {
        if (this.#isClosed) return { done: true, value: undefined };
        this.#prepareRead();
        const length = await this.transport.read(this);
        if (length === null) return { done: true, value: undefined };
        this.#noteFill(length, this.roomBytes);
        this.end += length;
        result.value = length;
        return result;
      },
    };
  }

  flushSoon(): void {
    if (this.#isClosed) return;
    const { client } = this;
    if (this.host.outputLimits.isExceeded(client, this.#nowMs)) {
      // Later, since it may be its own command that runs, or one that walks all clients.
      client.isClosing = true;
      queueMicrotask(() => this.close());
    } else if (this.#flushing === undefined && !this.#isFlushQueued) {
      this.#isFlushQueued = true;
      queueMicrotask(() => this.#flushQueued());
    }
  }

  resume(): void {
    queueMicrotask(() => this.#runParked());
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.client.isClosing = true;
    this.transport.close();
    this.client.reply.discard();
    // Bytes may still arrive in it, so it serves nobody else.
    this.host.largeBuffers.release(this.#source, true);
    this.host.onClosed(this);
  }

  /** Runs complete frames; true when more of them can run once their replies are sent. */
  #run(): boolean {
    const { router } = this.host, { client } = this;
    const decoder = router.decoder;
    router.beginBatch();
    client.lastActiveAtMs = router.call.nowMs;
    let isFull = false, isRoundFull = true;
    while (isRoundFull && !isFull && !client.isParked && !client.isClosing) {
      decoder.decode(this);
      router.setSource(this.buffer, this.view);
      const ran = router.runFrames(client, this, BATCH_OUTPUT_MAX_BYTES);
      isRoundFull = decoder.frameCount === FRAMES_MAX;
      isFull = ran < decoder.frameCount;
      if (!isFull && decoder.error !== "") {
        router.protocolError(client, decoder.error);
      }
    }
    router.endBatch();
    if (router.args.isTaken) this.#isBufferTaken = true;
    if (this.host.outputLimits.isExceeded(client, client.lastActiveAtMs)) {
      this.close();
    }
    return isFull && !client.isParked && !client.isClosing;
  }

  /** Goes on where a parked command stopped, beside the pending read. */
  async #runParked(): Promise<void> {
    try {
      let isMore = !this.#isClosed;
      while (isMore) {
        isMore = this.#run();
        await this.#flush();
      }
    } catch (error) {
      this.host.onInternalError(error);
      this.close();
    }
    if (this.client.isClosing) this.close();
  }

  /** Sends what is to be sent; undefined when nothing of it is left to wait for. */
  #flush(): Promise<void> | undefined {
    if (this.#flushing !== undefined) return this.#flushing;
    if (this.#isClosed) return undefined;
    const { reply, feed } = this.client;
    if (reply.pendingBytes > 0) {
      const output = reply.takeOutput();
      const barrier = this.host.replyBarrier();
      const writing = barrier ?? this.#write(output);
      if (writing !== undefined) {
        return this.#flushing = this.#finishFlush(
          output,
          writing,
          barrier !== undefined,
        );
      }
      this.#noteWritten(output.buffer);
    }
    if (feed === undefined || feed.next() === undefined) return undefined;
    return this.#flushing = this.#finishFlush();
  }

  #flushQueued(): void {
    this.#isFlushQueued = false;
    this.#flush();
  }

  get #nowMs(): number {
    return this.host.router.call.nowMs;
  }

  /** Sends what there is until nothing is left; first, what was begun with: its write, or what it waits for. */
  async #finishFlush(
    first?: Output,
    begun?: Promise<void>,
    isBarrier = false,
  ): Promise<void> {
    const { reply } = this.client;
    try {
      if (first !== undefined) {
        await begun;
        if (isBarrier) await this.#write(first);
        this.#noteWritten(first.buffer);
      }
      while (!this.#isClosed) {
        if (reply.pendingBytes > 0) {
          const output = reply.takeOutput();
          await this.host.replyBarrier();
          await this.#write(output);
          this.#noteWritten(output.buffer);
          continue;
        }
        const fed = this.client.feed?.next();
        if (fed === undefined) break;
        await this.transport.write(fed);
        this.#noteFed(fed.length);
      }
    } catch {
      // The peer is gone: there is nobody left to tell.
      this.close();
    }
    this.#flushing = undefined;
  }

  #write({ buffer, length, lent }: Output): Promise<void> | undefined {
    if (lent.length > 0) return this.#writeParts(buffer.bytes, length, lent);
    this.inFlightBytes = length;
    return this.transport.write(buffer.bytes.subarray(0, length));
  }

  #noteFed(length: number): void {
    this.client.bytesOut += length;
    this.host.stats.totalWrites++;
    this.client.feed?.sent(length);
  }

  #noteWritten(buffer: ByteSource): void {
    this.client.bytesOut += this.inFlightBytes;
    this.host.stats.netOutputBytes += this.inFlightBytes;
    this.host.stats.totalWrites++;
    if (this.inFlightBytes > this.client.outputPeakBytes) {
      this.client.outputPeakBytes = this.inFlightBytes;
    }
    this.inFlightBytes = 0;
    this.host.pool.release(buffer);
  }

  async #writeParts(
    buffer: Uint8Array,
    length: number,
    lent: readonly { at: number; bytes: Uint8Array }[],
  ): Promise<void> {
    this.inFlightBytes = lent.reduce(
      (sum, part) => sum + part.bytes.length,
      length,
    );
    let from = 0;
    for (const { at, bytes } of lent) {
      if (at > from) await this.transport.write(buffer.subarray(from, at));
      await this.transport.write(bytes);
      from = at;
    }
    if (length > from) {
      await this.transport.write(buffer.subarray(from, length));
    }
  }

  get roomBytes(): number {
    return this.#source === NO_BUFFER
      ? INITIAL_BUFFER_BYTES
      : this.buffer.length - ARGS_SLACK_BYTES - this.end;
  }

  room(arrivedBytes: number): Uint8Array {
    if (this.#source === NO_BUFFER) {
      this.#useBuffer(
        arrivedBytes > INITIAL_BUFFER_BYTES
          ? this.host.largeBuffers.acquire(this.#roomyLength(arrivedBytes))
          : this.host.requestPool.acquire(SMALL_BUFFER_BYTES),
      );
    }
    return this.buffer.subarray(
      this.end,
      this.buffer.length - ARGS_SLACK_BYTES,
    );
  }

  /** Length of a first buffer for so many bytes: room for more, or for a value like the last one. */
  #roomyLength(arrivedBytes: number): number {
    const isLarge = arrivedBytes > LARGE_READ_MIN_BYTES;
    const length = (isLarge ? 1 : 2) * arrivedBytes + ARGS_SLACK_BYTES;
    return isLarge ? Math.max(length, this.#takenBytes) : length;
  }

  /** Sees to the buffer that the next read gets: what is left moves to the front, of another one if need be. */
  #prepareRead(): void {
    const left = this.end - this.start;
    if (left > this.host.queryBufferMaxBytes) {
      this.host.onQueryBufferLimit(this);
      this.close();
    }
    const capacity = this.buffer.length - ARGS_SLACK_BYTES;
    const wanted = this.#wantedCapacity(left, capacity);
    if (left === 0 && wanted <= INITIAL_BUFFER_BYTES) this.#dropBuffer();
    else if (wanted !== capacity || this.#isBufferTaken) {
      this.#replaceBuffer(wanted);
    } else if (this.start > 0) {
      this.buffer.copyWithin(0, this.start, this.end);
      this.start = 0;
      this.end = left;
    }
  }

  /** The capacity for the next read, `left` bytes being there already. */
  #wantedCapacity(left: number, capacity: number): number {
    let wanted = this.#isBufferTaken || capacity < 0
      ? INITIAL_BUFFER_BYTES
      : capacity;
    if (this.#readFilledBuffer && capacity < READ_BUFFER_MAX_BYTES) {
      wanted = Math.min(capacity * 4, READ_BUFFER_MAX_BYTES);
    } else if (left === 0 && this.#quietBatches >= QUIET_BATCHES) {
      wanted = Math.max(capacity >> 2, INITIAL_BUFFER_BYTES);
    }
    if (left === 0) return wanted;
    const needed = this.neededBytes <= TRUSTED_FRAME_BYTES
      ? this.neededBytes
      : Math.min(this.neededBytes, Math.max(TRUSTED_FRAME_BYTES, left * 2));
    // A buffer that is full of one incomplete frame doubles, so that no byte moves often.
    const least = Math.max(needed, left + INITIAL_BUFFER_BYTES);
    return least > wanted
      ? Math.max(needed, left * 2, INITIAL_BUFFER_BYTES)
      : wanted;
  }

  #replaceBuffer(capacity: number): void {
    const source = this.host.largeBuffers.acquire(
      Math.max(capacity, INITIAL_BUFFER_BYTES) + ARGS_SLACK_BYTES,
    );
    source.bytes.set(this.buffer.subarray(this.start, this.end));
    const left = this.end - this.start;
    this.#useBuffer(source);
    this.end = left;
    this.#readFilledBuffer = false;
    this.#quietBatches = 0;
  }

  /** Has no buffer from now on; a small one goes to the next client that has bytes to read. */
  #dropBuffer(): void {
    if (this.#source !== NO_BUFFER) this.#useBuffer(NO_BUFFER);
  }

  /** Goes over to another buffer; the one until now serves others, or the value that took it. */
  #useBuffer(source: ByteSource): void {
    const { requestPool, largeBuffers } = this.host;
    this.#takenBytes = this.#isBufferTaken ? this.#source.bytes.length : 0;
    if (this.#source.bytes.length > SMALL_BUFFER_BYTES) {
      largeBuffers.release(this.#source, this.#isBufferTaken);
    } else if (!this.#isBufferTaken) requestPool.release(this.#source);
    this.#source = source;
    this.buffer = source.bytes;
    this.view = source.view;
    this.start = this.end = 0;
    this.#isBufferTaken = false;
  }

  #noteFill(length: number, room: number): void {
    this.#readFilledBuffer = length === room;
    this.#quietBatches = length * 8 < this.buffer.length
      ? this.#quietBatches + 1
      : 0;
  }
}
