/**
 * Buffers for large values, used again and again.
 *
 * A large value arrives in a buffer of its connection and then keeps that buffer,
 * so it is never copied. When it is overwritten or deleted, its buffer serves the
 * next large value: new memory would have to be filled with zeros, touched page
 * by page, and found and freed by the garbage collector, which together cost more
 * than receiving the value.
 *
 * A buffer can have a reader (a connection that fills it and runs commands from
 * it) and an owner (a value) at the same time. It is used again when neither has
 * it any more. Only buffers made here are.
 */

import type { LargeString } from "./record.ts";
import type { ByteSource } from "./record_store.ts";

/** Smaller buffers cost little. */
const LENGTH_MIN_BYTES = 16 * 1024;
/** Lengths are rounded up to one of so many steps between two powers of two. */
const STEPS = 8;
/** Unused buffers are kept up to this size together. */
const KEPT_MAX_BYTES = 64 * 1024 * 1024;

/** See the top of the file. */
export class LargeBuffers {
  /** Unused buffers by their length. */
  readonly #kept = new Map<number, ByteSource[]>();
  #keptBytes = 0;
  /** Every buffer that was made here, by its memory. */
  readonly #made = new WeakMap<ArrayBufferLike, ByteSource>();
  /** Buffers that have a reader. */
  readonly #read = new WeakSet<ByteSource>();
  /** The least that was kept since the last `trim`: so much was not needed. */
  #idleBytes = 0;

  get keptBytes(): number {
    return this.#keptBytes;
  }

  /** A buffer of at least `length` bytes with any contents, for a reader. */
  acquire(length: number): ByteSource {
    if (length < LENGTH_MIN_BYTES) return newBuffer(length);
    const rounded = roundedLength(length);
    const source = this.#kept.get(rounded)?.pop();
    if (source !== undefined) {
      this.#keptBytes -= rounded;
      this.#idleBytes = Math.min(this.#idleBytes, this.#keptBytes);
      this.#read.add(source);
      return source;
    }
    const made = newBuffer(rounded);
    this.#made.set(made.bytes.buffer, made);
    this.#read.add(made);
    return made;
  }

  /** A reader needs its buffer no longer. `isOwned`: a value has it. */
  release(source: ByteSource, isOwned: boolean): void {
    if (this.#read.delete(source) && !isOwned) this.#keep(source);
  }

  /** A value is gone. */
  recycle({ bytes, isLent }: LargeString): void {
    if (isLent) return;
    const source = this.#made.get(bytes.buffer);
    if (source !== undefined && !this.#read.has(source)) this.#keep(source);
  }

  /** Lets as many buffers go as nobody has needed since the last call; called now and then. */
  trim(): void {
    let idleBytes = this.#idleBytes;
    for (const [length, kept] of this.#kept) {
      while (idleBytes >= length && kept.pop() !== undefined) {
        idleBytes -= length;
        this.#keptBytes -= length;
      }
      if (kept.length === 0) this.#kept.delete(length);
    }
    this.#idleBytes = this.#keptBytes;
  }

  #keep(source: ByteSource): void {
    const { length } = source.bytes;
    if (this.#keptBytes + length > KEPT_MAX_BYTES) return;
    this.#keptBytes += length;
    const kept = this.#kept.get(length);
    if (kept === undefined) this.#kept.set(length, [source]);
    else kept.push(source);
  }
}

function roundedLength(length: number): number {
  const step = 2 ** Math.floor(Math.log2(length)) / STEPS;
  return Math.ceil(length / step) * step;
}

function newBuffer(length: number): ByteSource {
  const bytes = new Uint8Array(length);
  return { bytes, view: new DataView(bytes.buffer) };
}
