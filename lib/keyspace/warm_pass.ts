/**
 * Loads what the lookups of several keys of one command will need, all together,
 * so that their cache misses overlap instead of following each other.
 *
 * For commands with many keys; the router does the same for the first keys of the
 * commands of a batch.
 */

import type { Args } from "../router/args.ts";
import type { ByteMap } from "./byte_map.ts";

/** Keys loaded together. */
const WARM_MAX = 64;
/** Fewer keys are not worth it. */
const WARM_MIN = 4;
/** Keys from which on the table no longer fits the CPU's caches. */
const TABLE_KEYS_MIN = 20000;

/** See the top of the file; one serves all databases of a keyspace. */
export class WarmPass {
  /** Keeps the loads alive. */
  sum = 0;
  readonly #hashes = new Int32Array(WARM_MAX);
  readonly #refs = new Int32Array(WARM_MAX);

  /**
   * Loads for the keys at argument `first` and every `step` arguments behind it.
   * Returns the argument of the first key that the next call should begin with.
   */
  load(map: ByteMap, args: Args, first: number, step: number): number {
    const end = first + WARM_MAX * step;
    const keys = Math.min(WARM_MAX, Math.ceil((args.count - first) / step));
    if (keys < WARM_MIN || map.size < TABLE_KEYS_MIN) return end;
    for (let i = 0, index = first; i < keys; i++, index += step) {
      this.#hashes[i] = map.hashOf(
        args.view,
        args.offset(index),
        args.length(index),
      );
    }
    this.sum ^= map.warm(this.#hashes, keys, this.#refs);
    return end;
  }
}
