import type { ByteSource } from "../keyspace/record_store.ts";

/** Buffers of this size are kept for the next who needs one. */
const KEPT_BYTES = 32 * 1024;
/** A turn of the event loop has at most 128 connections waiting for a write of Deno's. */
const KEPT_MAX = 160;

/**
 * Output buffers that are not in use.
 *
 * A client needs a buffer only from its first reply of a batch until that batch
 * is sent, so a few buffers serve any number of clients.
 */
export class BufferPool {
  #kept: ByteSource[] = [];

  /** A buffer of at least `length` bytes with any contents. */
  acquire(length: number): ByteSource {
    if (length > KEPT_BYTES) return newBuffer(length);
    return this.#kept.pop() ?? newBuffer(KEPT_BYTES);
  }

  /** Gives a buffer back; nobody may use it any more. */
  release(buffer: ByteSource): void {
    const isKept = buffer.bytes.length === KEPT_BYTES;
    if (isKept && this.#kept.length < KEPT_MAX) this.#kept.push(buffer);
  }
}

function newBuffer(length: number): ByteSource {
  const bytes = new Uint8Array(length);
  return { bytes, view: new DataView(bytes.buffer) };
}
