import type { ByteSource } from "../keyspace/record_store.ts";

const OUTPUT_BYTES = 32 * 1024;
/** A turn of the event loop has at most 128 connections waiting for a write of Deno's. */
const KEPT_MAX = 160;

/**
 * Buffers that are not in use.
 *
 * A client needs a buffer only while it has bytes to run or replies to send, so a
 * few buffers serve any number of clients.
 */
export class BufferPool {
  readonly #kept: ByteSource[] = [];

  /** Keeps buffers of `keptBytes` for the next who needs one; by default, of the size for replies. */
  constructor(private readonly keptBytes = OUTPUT_BYTES) {}

  /** A buffer of at least `length` bytes with any contents. */
  acquire(length: number): ByteSource {
    if (length > this.keptBytes) return newBuffer(length);
    return this.#kept.pop() ?? newBuffer(this.keptBytes);
  }

  /** Gives a buffer back; nobody may use it any more. */
  release(buffer: ByteSource): void {
    const isKept = buffer.bytes.length === this.keptBytes;
    if (isKept && this.#kept.length < KEPT_MAX) this.#kept.push(buffer);
  }
}

function newBuffer(length: number): ByteSource {
  const bytes = new Uint8Array(length);
  return { bytes, view: new DataView(bytes.buffer) };
}
