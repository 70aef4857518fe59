/**
 * A {@linkcode Transport} over the runtime's TCP handles, those under `node:net`.
 */

import {
  type SocketName,
  type TcpHandle,
  type TcpHandles,
  type WriteRequest,
} from "./transport_node_handle.ts";
import { formatAddress, type Reader, type Transport } from "./transport.ts";

/** Where the reads of all connections arrive; the bytes move on before the next read. */
const scratch = new Uint8Array(16 * 1024);

/**
 * A reader with at least this much room gets the bytes from the system directly.
 * That takes a start and a stop of the handle for each read, about 2 µs, which
 * small reads would not earn back.
 */
const DIRECT_READ_MIN_BYTES = 16 * 1024;

const END: Promise<null> = Promise.resolve(null);

/** Wraps an accepted connection; it gets `TCP_NODELAY`. */
export function nodeTransport(
  handles: TcpHandles,
  handle: TcpHandle,
): Transport {
  return new NodeTransport(handles, handle);
}

class NodeTransport implements Transport, WriteRequest {
  readonly remoteAddress: string;
  readonly localAddress: string;
  /** Who waits for a read; undefined while nobody does. */
  #reader: Reader | undefined;
  #resolveRead: ((length: number | null) => void) | undefined;
  /** What arrived while nobody was reading; handed out first. At most one scratch buffer full. */
  #early: Uint8Array | undefined;
  /** The handle reads: into `scratch`, or with `#isDirect` into the reader's memory. */
  #isReading = false;
  #isDirect = false;
  /** No more bytes will come. */
  #isEnded = false;
  #isClosed = false;
  /** The write that the system could not take at once. Keeps the memory that it is sent from. */
  #queued: Uint8Array | undefined;
  #settleWrite: ((error: Error | undefined) => void) | undefined;

  constructor(
    private readonly handles: TcpHandles,
    private readonly handle: TcpHandle,
  ) {
    handle.setHandle(handle);
    handle.setNoDelay(true);
    handle.onread = () => this.#onRead();
    const name: Partial<SocketName> = {};
    this.remoteAddress = handle.getpeername(name) === 0 ? nameText(name) : "";
    this.localAddress = handle.getsockname(name) === 0 ? nameText(name) : "";
  }

  read(reader: Reader): Promise<number | null> {
    if (this.#early !== undefined) {
      return Promise.resolve(
        this.#takeEarly(reader.room(this.#early.length), this.#early),
      );
    }
    if (this.#isEnded) return END;
    this.#reader = reader;
    if (!this.#isReading || reader.roomBytes >= DIRECT_READ_MIN_BYTES) {
      this.#startReading(reader);
    }
    return new Promise(this.#waitForBytes);
  }

  write(bytes: Uint8Array): Promise<void> | undefined {
    if (this.#isClosed) return Promise.reject(peerGone());
    const status = this.handle.writeBuffer(this, bytes);
    if (status !== 0) return Promise.reject(peerGone());
    if (!this.handles.isWriteQueued()) return undefined;
    this.#queued = bytes;
    return new Promise((resolve, reject) => {
      this.#settleWrite = (error) =>
        error === undefined ? resolve() : reject(error);
    });
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#early = undefined;
    this.handle.close();
    this.#end();
    this.#settleWrite?.(peerGone());
  }

  setKeepAlive(seconds: number): void {
    if (!this.#isClosed) this.handle.setKeepAlive(seconds > 0, seconds);
  }

  readonly #waitForBytes = (resolve: (length: number | null) => void) => {
    this.#resolveRead = resolve;
  };

  /** Called by the handle when what was queued is sent. */
  oncomplete(status: number): void {
    const settle = this.#settleWrite;
    this.#queued = this.#settleWrite = undefined;
    settle?.(status === 0 ? undefined : peerGone());
  }

  #startReading(reader: Reader): void {
    this.#isDirect = reader.roomBytes >= DIRECT_READ_MIN_BYTES;
    this.handle.useUserBuffer(this.#isDirect ? reader.room(0) : scratch);
    if (this.#isReading) return;
    this.#isReading = true;
    this.handle.readStart();
  }

  #stopReading(): void {
    this.#isReading = false;
    this.handle.readStop();
  }

  #onRead(): void {
    const length = this.handles.readLength();
    if (length < 0) return this.#end();
    const reader = this.#reader;
    if (reader === undefined) {
      this.#early = scratch.slice(0, length);
      return this.#stopReading();
    }
    if (this.#isDirect) {
      this.#stopReading();
      return this.#finishRead(length);
    }
    // More is likely there, and the handle would read it before anybody waits for it.
    if (length === scratch.length) this.#stopReading();
    const target = reader.room(length);
    const fit = Math.min(length, target.length);
    copyBytes(scratch, fit, target);
    if (fit < length) {
      this.#early = scratch.slice(fit, length);
      if (this.#isReading) this.#stopReading();
    }
    this.#finishRead(fit);
  }

  #finishRead(length: number | null): void {
    const resolve = this.#resolveRead;
    this.#reader = this.#resolveRead = undefined;
    resolve?.(length);
  }

  #end(): void {
    this.#isEnded = true;
    this.#isReading = false;
    this.#finishRead(null);
  }

  #takeEarly(buffer: Uint8Array, early: Uint8Array): number {
    const length = Math.min(early.length, buffer.length);
    copyBytes(early, length, buffer);
    this.#early = length < early.length ? early.subarray(length) : undefined;
    return length;
  }
}

/** The first `length` bytes of `from` to the start of `to`; a call of `set` costs more than 64 steps. */
function copyBytes(from: Uint8Array, length: number, to: Uint8Array): void {
  if (length > 64) return to.set(from.subarray(0, length));
  for (let i = 0; i < length; i++) to[i] = from[i];
}

function nameText({ address = "", port = 0 }: Partial<SocketName>): string {
  return formatAddress(address, port);
}

function peerGone(): Error {
  return new Deno.errors.BrokenPipe("the connection is closed");
}
