/**
 * An ordered hash index: pairs of (31-bit hash, ref) in ascending hash order.
 *
 * Open addressing where the home slot follows from the hash's *high* bits and a
 * cluster is kept sorted, so that the whole table is sorted by hash:
 *
 * ```
 * slot      0    1    2    3    4    5    6    7    …  + a tail of spare slots
 * hash     [.. | 0a | 0b | 0b | 31 | .. | 6c | 70 | …
 *           home(0a)=1       home(31)=3 (pushed right by the 0b's)
 * ```
 *
 * The order is what the rest of the server is built on:
 * - a miss ends at the first larger hash;
 * - a SCAN cursor is a hash, which no resize can invalidate;
 * - a snapshot walks the same order and knows by one comparison whether it has
 *   passed a key;
 * - while the index is being resized, the entries under {@link HashIndex.boundary}
 *   are in the new table and all others in the old one, so a lookup probes one
 *   table, never two.
 *
 * Removal shifts the cluster left, so there are no tombstones and a table never
 * decays. Resizing moves a few entries with every insertion and removal, so that
 * no single command pays for it.
 *
 * What is left after removals may be crowded at one end of the range; how large a
 * table is depends on its fullest part, too ({@link HashDensity}).
 *
 * The index holds no keys: who calls it compares them (ByteMap), or looks for the
 * ref itself ({@link HashIndex.findRef}).
 */

import { HashDensity, partCapacity } from "./hash_density.ts";
import { HASH_END, HASH_NONE, sizeOf, SlotTable } from "./slot_table.ts";

/** Occupied share of the slots at which the index grows; under a tenth it shrinks. */
const LOAD_MAX = 0.72;
const LOAD_MIN = 0.1;
/** The share of slots that is meant to be occupied after shrinking. */
const LOAD_SHRUNK = LOAD_MAX / 2;
const STEP_MIN = 2;
/** 2^28 slots: 2 GiB. */
const STEP_MAX = 54;
/** Entries moved per insertion or removal while resizing. */
const MOVES_PER_WRITE = 24;
/** Tables from so many slots on mind how their hashes are spread; smaller ones are never slow. */
const DENSITY_SLOTS_MIN = 4096;
/** A crowded part makes a table grow, but not beyond so many slots per entry. */
const SLOTS_PER_ENTRY_MAX = 64;
/** A table that minds the spread looks for a chance to shrink once in so many removals. */
const SHRINK_INTERVAL = 256;
const RANDOM_TRIES_MAX = 4096;
/**
 * Outgrown tables of these sizes are given back to the system at once: left to the
 * collector, which sees no hurry, they would stay for half a minute. That takes
 * 0.1 ms per MiB; the collector frees larger ones in the background.
 */
const FREED_BYTES_MIN = 256 * 1024;
const FREED_BYTES_MAX = 32 * 1024 * 1024;
/** A step over an empty slot costs this share of one over an entry. */
const EMPTY_SLOT_COST = 0.1;

/** The index; see the top of the file. */
export class HashIndex {
  /** The table that entries under `boundary` are in. */
  table: SlotTable;
  /** While resizing: the table that the other entries are still in. */
  old: SlotTable | undefined;
  /** Hash that divides `table` from `old`, while there is an `old`. */
  boundary = 0;

  readonly #stepMin: number;
  /** How the hashes are spread; only with a table large enough. */
  #density: HashDensity | undefined;
  /** Entries from which on, and under which, the table is resized. */
  #growsAt = 0;
  #shrinksUnder = 0;
  /** Entries in one part of the range from which on the table grows. */
  #isCrowdedAt = Infinity;

  /** @param capacity entries to make room for at once; the index never shrinks below. */
  constructor(capacity = 0) {
    this.#stepMin = stepFor(capacity);
    this.table = this.#emptyTable(this.#stepMin);
  }

  #emptyTable(step: number): SlotTable {
    const table = this.table = new SlotTable(step);
    if (table.homeCount >= DENSITY_SLOTS_MIN) this.#density = new HashDensity();
    this.#setBounds();
    return table;
  }

  /** Makes room for so many entries to come, if there are none yet. */
  reserve(count: number): void {
    const step = stepFor(count);
    if (this.size === 0 && !this.isResizing && step > this.table.step) {
      this.#emptyTable(step);
    }
  }

  get size(): number {
    return this.table.count + (this.old === undefined ? 0 : this.old.count);
  }

  /** Bytes that the slots take. */
  get byteLength(): number {
    return this.table.slots.byteLength + (this.old?.slots.byteLength ?? 0);
  }

  /** The table that holds `hash`, if anything does. */
  tableOf(hash: number): SlotTable {
    const old = this.old;
    return old === undefined || hash < this.boundary ? this.table : old;
  }

  /**
   * Adds an entry, which must not be there yet.
   *
   * @throws {RangeError} when the index is at its largest and full.
   */
  insert(hash: number, ref: number): void {
    if (this.old !== undefined) this.advance(MOVES_PER_WRITE);
    else if (this.table.count >= this.#growsAt) {
      this.#resize(this.table.step + 1);
    }
    if (this.#density !== undefined) {
      const crowd = this.#density.add(hash);
      if (crowd >= this.#isCrowdedAt && this.old === undefined) {
        this.#growForCrowd();
      }
    }
    const table = this.tableOf(hash);
    if (table.insert(hash, ref)) return;
    const longer = table.withLongerTail();
    if (table === this.old) this.old = longer;
    else this.table = longer;
    longer.insert(hash, ref);
  }

  /** The slot of the entry (hash, ref) in `tableOf(hash)`, or -1. */
  findRef(hash: number, ref: number): number {
    const table = this.tableOf(hash), slots = table.slots;
    let slot = table.lowerBound(hash);
    for (; slots[2 * slot] === hash; slot++) {
      const found = slots[2 * slot + 1];
      if (found === ref) return slot;
      if (found === 0) break;
    }
    return -1;
  }

  /**
   * Loads the slots of these hashes, all together, so that their cache misses
   * overlap. Returns a value that depends on every load, which the caller must keep,
   * or the loads would be optimised away.
   */
  touch(hashes: Int32Array, count: number): number {
    let sum = 0;
    for (let i = 0; i < count; i++) {
      const table = this.tableOf(hashes[i]);
      sum ^= table.slots[2 * table.home(hashes[i])];
    }
    return sum;
  }

  /** `touch`, and writes to `refs` what is likely to be found for the hashes, or 0. */
  warm(hashes: Int32Array, count: number, refs: Int32Array): number {
    const sum = this.touch(hashes, count);
    for (let i = 0; i < count; i++) {
      const table = this.tableOf(hashes[i]), slots = table.slots;
      refs[i] = slots[2 * table.lowerBound(hashes[i]) + 1];
    }
    return sum;
  }

  /** Removes what is at a slot of `tableOf(hash)`. */
  removeAt(hash: number, slot: number): void {
    this.#density?.remove(hash);
    this.tableOf(hash).removeAt(slot);
    if (this.old !== undefined) this.advance(MOVES_PER_WRITE);
    else if (this.table.count < this.#shrinksUnder) this.#shrink();
  }

  /** Whether a resize is under way. */
  get isResizing(): boolean {
    return this.old !== undefined;
  }

  /** Moves up to `entries` more entries into the new table; fewer where slots are empty. */
  advance(entries: number): void {
    const old = this.old;
    if (old === undefined) return;
    const from = old.slots;
    let slot = old.floor, budget = entries, lastMoved = HASH_NONE;
    for (; old.count > 0; slot++) {
      const ref = from[2 * slot + 1];
      if (ref === 0) {
        budget -= EMPTY_SLOT_COST;
        if (budget > 0) continue;
        old.floor = slot + 1;
        this.boundary = old.boundAfterEmpty(slot);
        return;
      }
      const hash = from[2 * slot];
      // Equal hashes stay together, or the boundary would divide them.
      if (budget <= 0 && hash !== lastMoved) {
        old.floor = slot;
        this.boundary = hash;
        return;
      }
      if (!this.table.insert(hash, ref)) {
        this.table = this.table.withLongerTail();
        this.table.insert(hash, ref);
      }
      from[2 * slot + 1] = 0;
      old.count--;
      lastMoved = hash;
      budget--;
    }
    if (isFreedAtOnce(from)) (from.buffer as ArrayBuffer).transfer(0);
    this.old = undefined;
    this.boundary = 0;
  }

  /** Hands over memory, to be freed at once; the index must not be used any more. */
  surrender(): ArrayBuffer[] {
    return [this.table, this.old].flatMap((table) =>
      table !== undefined && isFreedAtOnce(table.slots)
        ? [table.slots.buffer as ArrayBuffer]
        : []
    );
  }

  /**
   * Calls `visit(ref, hash)` for entries in ascending hash order, from the first
   * with a hash of at least `from`, until `count` were visited; fewer where most
   * slots are empty, so that a walk takes a bounded time. Entries of one hash are
   * visited together. Returns the hash to go on from, or -1 at the end.
   *
   * `visit` must not change the index.
   */
  walk(
    from: number,
    count: number,
    visit: (ref: number, hash: number) => void,
  ): number {
    const { table, old } = this;
    const budget = { entries: count, empty: count / EMPTY_SLOT_COST };
    if (old === undefined) {
      return walkTable(table, table.slotCount, from, budget, visit);
    }
    if (from < this.boundary) {
      const end = table.lowerBound(this.boundary);
      const next = walkTable(table, end, from, budget, visit);
      if (next !== HASH_NONE) return Math.min(next, this.boundary);
      if (budget.entries <= 0 || budget.empty <= 0) return this.boundary;
    }
    return walkTable(old, old.slotCount, from, budget, visit);
  }

  /** A ref picked at random, each with about the same chance; 0 when empty. */
  random(random: () => number): number {
    const { size, table, old } = this;
    if (size === 0) return 0;
    // All slots that may be in use are equally likely, in whichever table.
    const tableSlots = old === undefined
      ? table.slotCount
      : table.lowerBound(this.boundary);
    const oldSlots = old === undefined ? 0 : old.slotCount - old.floor;
    for (let tries = 0; tries < RANDOM_TRIES_MAX; tries++) {
      const pick = Math.floor(random() * (tableSlots + oldSlots));
      const ref = pick < tableSlots
        ? table.slots[2 * pick + 1]
        : old!.slots[2 * (pick - tableSlots + old!.floor) + 1];
      if (ref !== 0) return ref;
    }
    // So sparse that luck does not help: the next one after a random hash.
    let found = 0;
    let from = Math.floor(random() * HASH_END);
    while (found === 0) {
      if (from === HASH_NONE) from = 0;
      from = this.walk(from, 1, (ref) => found = ref);
    }
    return found;
  }

  #resize(step: number): void {
    if (step > STEP_MAX) throw new RangeError("the hash index is full");
    this.old = this.table;
    this.table = new SlotTable(step);
    this.boundary = 0;
    if (this.table.homeCount < DENSITY_SLOTS_MIN) this.#density = undefined;
    else this.#density ??= densityOf(this.old);
    this.#setBounds();
    this.advance(MOVES_PER_WRITE);
  }

  #setBounds(): void {
    const { step, homeCount } = this.table;
    this.#growsAt = homeCount * LOAD_MAX;
    this.#shrinksUnder = step > this.#stepMin ? homeCount * LOAD_MIN : 0;
    this.#isCrowdedAt = this.#density === undefined
      ? Infinity
      : partCapacity(homeCount, LOAD_MAX);
  }

  /** Grows because some part of the range is crowded, while others may be empty. */
  #growForCrowd(): void {
    const { step, homeCount, count } = this.table;
    if (step < STEP_MAX && count * SLOTS_PER_ENTRY_MAX > homeCount) {
      this.#resize(step + 1);
    } else this.#isCrowdedAt = Infinity;
  }

  /** Shrinks if all parts of the range will have room. */
  #shrink(): void {
    const { count } = this.table;
    let step = Math.max(this.#stepMin, stepFor(count * 2));
    if (this.#density !== undefined) {
      if (count % SHRINK_INTERVAL !== 0) return;
      const { max } = this.#density;
      while (partCapacity(sizeOf(step), LOAD_SHRUNK) < max) step++;
    }
    if (step < this.table.step) this.#resize(step);
  }
}

function densityOf({ slots, slotCount }: SlotTable): HashDensity {
  const density = new HashDensity();
  for (let slot = 0; slot < slotCount; slot++) {
    if (slots[2 * slot + 1] !== 0) density.add(slots[2 * slot]);
  }
  return density;
}

/** How far a walk may still go. */
interface WalkBudget {
  entries: number;
  /** Empty slots. */
  empty: number;
}

function walkTable(
  table: SlotTable,
  endSlot: number,
  from: number,
  budget: WalkBudget,
  visit: (ref: number, hash: number) => void,
): number {
  const slots = table.slots;
  let last = HASH_NONE;
  for (let slot = table.lowerBound(from); slot < endSlot; slot++) {
    const ref = slots[2 * slot + 1];
    if (ref === 0) {
      if (--budget.empty <= 0) return table.boundAfterEmpty(slot);
      continue;
    }
    const hash = slots[2 * slot];
    if (budget.entries <= 0 && hash !== last) return hash;
    visit(ref, hash);
    last = hash;
    budget.entries--;
  }
  return HASH_NONE;
}

function isFreedAtOnce({ byteLength }: Int32Array): boolean {
  return byteLength >= FREED_BYTES_MIN && byteLength <= FREED_BYTES_MAX;
}

function stepFor(entries: number): number {
  let step = STEP_MIN;
  while (sizeOf(step) * LOAD_MAX <= entries) step++;
  return step;
}
