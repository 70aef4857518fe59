/**
 * How many hashes fall into each of 256 equal parts of their range.
 *
 * A table in hash order relies on hashes being spread evenly. What is put in is
 * (the hash is seeded), but not what is left: a client that deletes what it scans,
 * or active expiry that walks the same order, empties the table from one end. To
 * squeeze the rest into a small table would put all entries into a few of its
 * slots, one long cluster that every operation has to pass.
 */

const PART_BITS = 8;
const PARTS = 1 << PART_BITS;
const PART_SHIFT = 31 - PART_BITS;
/** Standard deviations by which chance alone makes a part fuller than others. */
const CHANCE_DEVIATIONS = 6;

/** See the top of the file. */
export class HashDensity {
  readonly #counts = new Int32Array(PARTS);

  /** Counts a hash; returns how many its part has now. */
  add(hash: number): number {
    return ++this.#counts[hash >> PART_SHIFT];
  }

  remove(hash: number): void {
    this.#counts[hash >> PART_SHIFT]--;
  }

  /** How many the fullest part has. */
  get max(): number {
    let max = 0;
    for (const count of this.#counts) if (count > max) max = count;
    return max;
  }
}

/**
 * Hashes that a part of a table of `slots` slots takes without crowding, when the
 * whole table takes `load` of them.
 */
export function partCapacity(slots: number, load: number): number {
  const partSlots = slots / PARTS;
  return partSlots * load + CHANCE_DEVIATIONS * Math.sqrt(partSlots);
}
