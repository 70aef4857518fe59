/**
 * Loads what the next lookups will need, all together, so that their cache misses
 * overlap instead of following each other.
 *
 * Commands that name many keys or elements do this for those, and the router for
 * the commands of a batch: for their keys, and for elements of one large collection
 * that all of them are about.
 */

import type { RequestDecoder } from "../resp/request_decoder.ts";
import type { Args } from "../router/args.ts";
import type { ByteMap } from "./byte_map.ts";
import { tableAt } from "./collection.ts";

/** What keys, or the elements of a collection by their names, are found in. */
export interface Warmable {
  readonly size: number;
  /** Hash of a key; needs 3 readable bytes behind it. */
  hashOf(view: DataView, offset: number, length: number): number;
  /**
   * Loads for lookups of the first `count` hashes; `refs` has room for as many
   * numbers. Returns what depends on every load.
   */
  warm(hashes: Int32Array, count: number, refs: Int32Array): number;
}

/** Keys loaded together. */
const WARM_MAX = 64;
/** Fewer keys are not worth it. */
const WARM_MIN = 4;
/** Keys from which on the table no longer fits the CPU's caches. */
const TABLE_KEYS_MIN = 20000;
const UNKNOWN = -1;

/** See the top of the file; one serves all databases of a keyspace. */
export class WarmPass {
  /** Hashes of argument 1 of the frames that were loaded for, or -1. */
  readonly frameHashes = new Int32Array(WARM_MAX);
  /** Keeps the loads alive. */
  sum = 0;
  readonly #hashes = new Int32Array(WARM_MAX);
  readonly #refs = new Int32Array(WARM_MAX);

  /**
   * Loads for the keys at argument `first` and every `step` arguments behind it.
   * Returns the argument of the first key that the next call should begin with.
   */
  load(
    table: Warmable | undefined,
    args: Args,
    first: number,
    step: number,
  ): number {
    const end = first + WARM_MAX * step;
    const keys = Math.min(WARM_MAX, Math.ceil((args.count - first) / step));
    if (keys < WARM_MIN || !isLarge(table)) return end;
    for (let i = 0, index = first; i < keys; i++, index += step) {
      this.#hashes[i] = table.hashOf(
        args.view,
        args.offset(index),
        args.length(index),
      );
    }
    this.sum ^= table.warm(this.#hashes, keys, this.#refs);
    return end;
  }

  /**
   * Loads for decoded frames from `from` on, if they are about one large collection
   * for their arguments `element`, too, which is 0 for none. Returns the frame after
   * the last one loaded for.
   */
  loadFrames(
    map: ByteMap,
    decoder: RequestDecoder,
    args: Args,
    from: number,
    element: number,
  ): number {
    const to = Math.min(decoder.frameCount, from + WARM_MAX);
    const count = to - from;
    if (count < WARM_MIN || !isLarge(map)) {
      this.frameHashes.fill(UNKNOWN, 0, count);
    } else this.#loadKeys(map, decoder, args, from, to);
    if (count >= WARM_MIN && element > 0) {
      this.#loadElements(map, decoder, args, from, to, element);
    }
    return to;
  }

  #loadKeys(
    map: ByteMap,
    { bases, counts, offsets, lengths }: RequestDecoder,
    { view }: Args,
    from: number,
    to: number,
  ): void {
    const hashes = this.frameHashes;
    for (let frame = from; frame < to; frame++) {
      const key = bases[frame] + 1;
      // What has no key warms the slots of an empty one, which does no harm.
      const length = counts[frame] < 2 ? 0 : lengths[key];
      hashes[frame - from] = map.hashOf(view, offsets[key], length);
    }
    this.sum ^= map.warm(hashes, to - from, this.#refs);
  }

  /** Loads for argument `element` of the frames, if the first one is about a large collection, as long as they are about the same. */
  #loadElements(
    map: ByteMap,
    { bases, counts }: RequestDecoder,
    args: Args,
    from: number,
    to: number,
    element: number,
  ): void {
    if (counts[from] <= element) return;
    const base = args.base = bases[from], hashed = this.frameHashes[0];
    const offset = args.offset(1), length = args.length(1);
    const ref = hashed === UNKNOWN
      ? map.find(args, offset, length)
      : map.findHashed(args, offset, length, hashed);
    const table = tableAt(map, ref);
    if (!isLarge(table)) return;
    let count = 0;
    for (let frame = from; frame < to && counts[frame] > element; frame++) {
      const index = bases[frame] - base + 1;
      if (!args.areEqual(index, 1)) break;
      this.#hashes[count++] = table.hashOf(
        args.view,
        args.offset(index - 1 + element),
        args.length(index - 1 + element),
      );
    }
    if (count >= WARM_MIN) {
      this.sum ^= table.warm(this.#hashes, count, this.#refs);
    }
  }
}

function isLarge(table: Warmable | undefined): table is Warmable {
  return table !== undefined && table.size >= TABLE_KEYS_MIN;
}
