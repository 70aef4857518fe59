/**
 * One table of slots of a HashIndex, which has one, and a second while it is resized:
 * pairs of hash and ref, sorted by hash.
 *
 * Its size is 2^n or 3 · 2^n home slots, numbered by steps: 2, 3, 4, 6, 8, 12, 16 …
 * from step 0 on. With steps of about 1.4, tables are fuller than if they doubled.
 */

const HASH_BITS = 31;
/** Hashes are from 0 up to here. */
export const HASH_END = 2 ** HASH_BITS;
/** Bits of a hash that decide on its home slot: their triple must fit 31 bits. */
const HOME_BITS = 29;
const HOME_DROPPED_BITS = HASH_BITS - HOME_BITS;
/**
 * Spare slots behind the last home slot, where its cluster may spill over. Random
 * hashes need more once in 10^15 tables; then the tail is made longer.
 */
const TAIL_SLOTS = 64;
/**
 * An entry that is so far from its home slot is searched for with growing steps: who
 * puts hashes in in their order, as another index is walked, makes clusters as long
 * as the table allows.
 */
const FAR_SLOTS = 16;
/** In place of a hash: there are no more. */
export const HASH_NONE = -1;

/** See the top of the file. */
export class SlotTable {
  /** [hash, ref] pairs; ref 0 is an empty slot. The last slot stays empty: every probe ends. */
  readonly slots: Int32Array;
  readonly step: number;
  /** Slots that are some hash's home; the rest is the tail. */
  readonly homeCount: number;
  readonly slotCount: number;
  /** First slot in use: the ones before were moved to the new table. */
  floor = 0;
  count = 0;

  /** What makes a hash its home slot: a factor of 2 or 3, and a shift. */
  readonly #factor: number;
  readonly #shift: number;

  constructor(step: number, tailSlots = Math.min(sizeOf(step), TAIL_SLOTS)) {
    this.step = step;
    this.homeCount = sizeOf(step);
    this.#factor = 2 + (step & 1);
    this.#shift = HOME_BITS - (step >> 1);
    this.slotCount = this.homeCount + tailSlots;
    this.slots = new Int32Array(2 * this.slotCount);
  }

  /** The same table with twice the tail. */
  withLongerTail(): SlotTable {
    const tailSlots = this.slotCount - this.homeCount;
    const table = new SlotTable(this.step, tailSlots * 2);
    table.slots.set(this.slots);
    table.floor = this.floor;
    table.count = this.count;
    return table;
  }

  /** First slot that may hold `hash`. */
  home(hash: number): number {
    const slot = Math.imul(hash >> HOME_DROPPED_BITS, this.#factor) >>
      this.#shift;
    return slot < this.floor ? this.floor : slot;
  }

  /** First slot at or after `hash`'s home whose hash is not smaller, or which is empty. */
  lowerBound(hash: number): number {
    const slots = this.slots;
    let slot = this.home(hash);
    const far = slot + FAR_SLOTS;
    while (slots[2 * slot + 1] !== 0 && slots[2 * slot] < hash) {
      if (++slot === far) return this.farBound(slot, hash);
    }
    return slot;
  }

  /**
   * `lowerBound` for who has come from the home slot to `slot` without reaching it.
   * Behind the home slot, entries with smaller hashes leave no gap, so that steps may double.
   */
  farBound(slot: number, hash: number): number {
    let low = slot - 1, step = 1;
    for (; this.#isBefore(low + step, hash); step *= 2) low += step;
    let high = low + step;
    while (high - low > 1) {
      const middle = (low + high) >>> 1;
      if (this.#isBefore(middle, hash)) low = middle;
      else high = middle;
    }
    return high;
  }

  #isBefore(slot: number, hash: number): boolean {
    return slot < this.slotCount && this.slots[2 * slot + 1] !== 0 &&
      this.slots[2 * slot] < hash;
  }

  /** Lowest hash that may be behind an empty slot, or -1 when none is. */
  boundAfterEmpty(slot: number): number {
    if (slot + 1 >= this.homeCount) return HASH_NONE;
    const bound = Math.ceil(((slot + 1) << this.#shift) / this.#factor);
    return bound << HOME_DROPPED_BITS;
  }

  /** Puts an entry in its place; false when its cluster reaches the table's end. */
  insert(hash: number, ref: number): boolean {
    const slots = this.slots;
    const slot = this.lowerBound(hash);
    let end = slot;
    while (slots[2 * end + 1] !== 0) end++;
    if (end === this.slotCount - 1) return false;
    for (let i = 2 * end; i > 2 * slot; i -= 2) {
      slots[i] = slots[i - 2];
      slots[i + 1] = slots[i - 1];
    }
    slots[2 * slot] = hash;
    slots[2 * slot + 1] = ref;
    this.count++;
    return true;
  }

  /** Empties a slot and closes the gap. */
  removeAt(slot: number): void {
    const slots = this.slots;
    let next = slot + 1;
    while (slots[2 * next + 1] !== 0 && this.home(slots[2 * next]) < next) {
      slots[2 * next - 2] = slots[2 * next];
      slots[2 * next - 1] = slots[2 * next + 1];
      next++;
    }
    slots[2 * next - 1] = 0;
    this.count--;
  }
}

/** Home slots of a table of this step. */
export function sizeOf(step: number): number {
  return (2 + (step & 1)) << (step >> 1);
}
