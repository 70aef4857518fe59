/**
 * An ordered hash index: pairs of (31-bit hash, ref) in ascending hash order.
 *
 * Open addressing where the home slot is the hash's *high* bits and a cluster is
 * kept sorted, so that the whole table is sorted by hash:
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
 * The index holds no keys: who calls it compares them (ByteMap), or looks for the
 * ref itself ({@link HashIndex.findRef}).
 */

/** Occupied share of the slots at which the index grows; under a tenth it shrinks. */
const LOAD_MAX = 0.72;
const LOAD_MIN = 0.1;
const BITS_MIN = 2;
const BITS_MAX = 28;
const HASH_BITS = 31;
/** Spare slots behind the last home slot, where its cluster may spill over. */
const TAIL_SLOTS_MAX = 1024;
/** Entries moved per insertion or removal while resizing. */
const MOVES_PER_WRITE = 24;
const RANDOM_TRIES_MAX = 4096;

/** One table of slots; the index has one, and a second while it is resized. */
export class SlotTable {
  /** [hash, ref] pairs; ref 0 is an empty slot. The last slot stays empty: every probe ends. */
  readonly slots: Int32Array;
  readonly bits: number;
  /** Shift that makes a hash its home slot. */
  readonly shift: number;
  readonly slotCount: number;
  /** First slot in use: the ones before were moved to the new table. */
  floor = 0;
  count = 0;

  constructor(bits: number) {
    this.bits = bits;
    this.shift = HASH_BITS - bits;
    this.slotCount = (1 << bits) + Math.min(1 << bits, TAIL_SLOTS_MAX);
    this.slots = new Int32Array(2 * this.slotCount);
  }

  /** First slot that may hold `hash`. */
  home(hash: number): number {
    const slot = hash >> this.shift;
    return slot < this.floor ? this.floor : slot;
  }

  /** First slot at or after `hash`'s home whose hash is not smaller, or which is empty. */
  lowerBound(hash: number): number {
    const slots = this.slots;
    let slot = this.home(hash);
    while (slots[2 * slot + 1] !== 0 && slots[2 * slot] < hash) slot++;
    return slot;
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

/** The index; see the top of the file. */
export class HashIndex {
  /** The table that entries under `boundary` are in. */
  table: SlotTable;
  /** While resizing: the table that the other entries are still in. */
  old: SlotTable | undefined;
  /** Hash that divides `table` from `old`, while there is an `old`. */
  boundary = 0;

  readonly #bitsMin: number;

  /** @param capacity entries to make room for at once; the index never shrinks below. */
  constructor(capacity = 0) {
    this.#bitsMin = bitsFor(capacity);
    this.table = new SlotTable(this.#bitsMin);
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
    else if (this.table.count >= (1 << this.table.bits) * LOAD_MAX) {
      this.#resize(this.table.bits + 1);
    }
    while (!this.tableOf(hash).insert(hash, ref)) {
      if (this.old !== undefined) this.advance(Infinity);
      else this.#resize(this.table.bits + 1);
    }
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

  /** Removes what is at a slot of `tableOf(hash)`. */
  removeAt(hash: number, slot: number): void {
    this.tableOf(hash).removeAt(slot);
    if (this.old !== undefined) this.advance(MOVES_PER_WRITE);
    else if (
      this.table.count < (1 << this.table.bits) * LOAD_MIN &&
      this.table.bits > this.#bitsMin
    ) this.#resize(Math.max(this.#bitsMin, bitsFor(this.table.count * 2)));
  }

  /** Whether a resize is under way. */
  get isResizing(): boolean {
    return this.old !== undefined;
  }

  /** Moves up to `entries` more entries into the new table. */
  advance(entries: number): void {
    const old = this.old;
    if (old === undefined) return;
    const from = old.slots;
    let slot = old.floor, lastMoved = -1;
    // Empty slots are cheap but not free: they count a quarter.
    let budget = entries * 4;
    while (old.count > 0) {
      const ref = from[2 * slot + 1];
      if (ref === 0) {
        budget--;
        slot++;
        continue;
      }
      const hash = from[2 * slot];
      // Equal hashes stay together, or the boundary would divide them.
      if (budget <= 0 && hash !== lastMoved) break;
      if (!this.table.insert(hash, ref)) {
        this.#giveUpTable(slot);
        return;
      }
      from[2 * slot + 1] = 0;
      old.count--;
      slot++;
      lastMoved = hash;
      budget -= 4;
    }
    old.floor = slot;
    if (old.count === 0) {
      this.old = undefined;
      this.boundary = 0;
    } else this.boundary = from[2 * slot];
  }

  /**
   * Calls `visit(ref, hash)` for entries in ascending hash order, from the first
   * with a hash of at least `from`, until at least `count` were visited and the
   * next entry has another hash. Returns that hash, or -1 at the end.
   *
   * `visit` must not change the index.
   */
  walk(
    from: number,
    count: number,
    visit: (ref: number, hash: number) => void,
  ): number {
    const walked = { count: 0, last: -1 };
    if (this.old === undefined) {
      return walkTable(
        this.table,
        this.table.slotCount,
        from,
        count,
        visit,
        walked,
      );
    }
    if (from < this.boundary) {
      const end = this.table.lowerBound(this.boundary);
      const next = walkTable(this.table, end, from, count, visit, walked);
      if (next !== -1) return next;
    }
    return walkTable(this.old, this.old.slotCount, from, count, visit, walked);
  }

  /** A ref picked at random, each with about the same chance; 0 when empty. */
  random(random: () => number): number {
    const size = this.size;
    if (size === 0) return 0;
    const old = this.old;
    for (let tries = 0; tries < RANDOM_TRIES_MAX; tries++) {
      const isOld = old !== undefined && random() * size >= this.table.count;
      const table = isOld ? old : this.table;
      const first = table.floor;
      const end = old === undefined || isOld
        ? table.slotCount
        : table.home(this.boundary) + 1;
      const slot = first + Math.floor(random() * (end - first));
      const ref = table.slots[2 * slot + 1];
      if (ref !== 0) return ref;
    }
    let found = 0;
    this.walk(Math.floor(random() * 0x7fffffff), 1, (ref) => found = ref);
    if (found === 0) this.walk(0, 1, (ref) => found = ref);
    return found;
  }

  #resize(bits: number): void {
    if (bits > BITS_MAX) throw new RangeError("the hash index is full");
    this.old = this.table;
    this.table = new SlotTable(bits);
    this.boundary = 0;
    this.advance(MOVES_PER_WRITE);
  }

  /** The new table's clusters reach its end: takes one twice as large instead. */
  #giveUpTable(slot: number): void {
    const crowded = this.table, old = this.old!;
    old.floor = slot;
    const larger = new SlotTable(crowded.bits + 1);
    for (let i = 0; i < crowded.slotCount; i++) {
      const ref = crowded.slots[2 * i + 1];
      if (ref !== 0) larger.insert(crowded.slots[2 * i], ref);
    }
    this.table = larger;
    this.boundary = old.slots[2 * slot];
  }
}

/** A step over an empty slot counts this much, so that a walk of a sparse table is bounded. */
const EMPTY_SLOT_COST = 0.1;

function walkTable(
  table: SlotTable,
  endSlot: number,
  from: number,
  count: number,
  visit: (ref: number, hash: number) => void,
  walked: { count: number; last: number },
): number {
  const slots = table.slots;
  for (let slot = table.lowerBound(from); slot < endSlot; slot++) {
    const ref = slots[2 * slot + 1];
    if (ref === 0) {
      walked.count += EMPTY_SLOT_COST;
      continue;
    }
    const hash = slots[2 * slot];
    if (walked.count >= count && hash !== walked.last) return hash;
    visit(ref, hash);
    walked.last = hash;
    walked.count++;
  }
  return -1;
}

function bitsFor(entries: number): number {
  let bits = BITS_MIN;
  while ((1 << bits) * LOAD_MAX <= entries) bits++;
  return bits;
}
