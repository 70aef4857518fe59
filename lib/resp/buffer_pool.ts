/** Buffers of this size are kept for the next who needs one. */
const KEPT_BYTES = 32 * 1024;
const KEPT_MAX = 64;

/**
 * Output buffers that are not in use.
 *
 * A client needs a buffer only from its first reply of a batch until that batch
 * is sent, so a few buffers serve any number of clients.
 */
export class BufferPool {
  #kept: Uint8Array[] = [];

  /** A buffer of at least `length` bytes with any contents. */
  acquire(length: number): Uint8Array {
    if (length <= KEPT_BYTES) {
      return this.#kept.pop() ?? new Uint8Array(KEPT_BYTES);
    }
    return new Uint8Array(length);
  }

  /** Gives a buffer back; nobody may use it any more. */
  release(buffer: Uint8Array): void {
    if (buffer.length === KEPT_BYTES && this.#kept.length < KEPT_MAX) {
      this.#kept.push(buffer);
    }
  }
}
