import type { ByteSource } from "../keyspace/record_store.ts";

const OUTPUT_BYTES = 32 * 1024;
/** A turn of the event loop has at most 128 connections waiting for a write of Deno's. */
const KEPT_MAX = 160;

/** Buffers of twice, four and eight times the size are kept as well: one turn seldom needs more than one. */
const LARGER_SIZES = 3;
const LARGER_KEPT_MAX = 4;

/**
 * Buffers that are not in use.
 *
 * A client needs a buffer only while it has bytes to run or replies to send, so a
 * few buffers serve any number of clients.
 */
export class BufferPool {
  /** By doublings of the size. */
  readonly #kept: ByteSource[][] = Array.from(
    { length: 1 + LARGER_SIZES },
    () => [],
  );

  /** Keeps buffers from `keptBytes` on for the next who needs one; by default, from the size for replies on. */
  constructor(private readonly keptBytes = OUTPUT_BYTES) {}

  /** A buffer of at least `length` bytes with any contents. */
  acquire(length: number): ByteSource {
    let doublings = 0, size = this.keptBytes;
    for (; size < length; size *= 2) {
      if (doublings++ === LARGER_SIZES) return newBuffer(length);
    }
    return this.#kept[doublings].pop() ?? newBuffer(size);
  }

  /** Gives a buffer back; nobody may use it any more. */
  release(buffer: ByteSource): void {
    let size = this.keptBytes;
    for (const kept of this.#kept) {
      if (buffer.bytes.length === size) {
        const keptMax = kept === this.#kept[0] ? KEPT_MAX : LARGER_KEPT_MAX;
        if (kept.length < keptMax) kept.push(buffer);
        return;
      }
      size *= 2;
    }
  }
}

function newBuffer(length: number): ByteSource {
  const bytes = new Uint8Array(length);
  return { bytes, view: new DataView(bytes.buffer) };
}
