import { assert, assertEquals } from "@std/assert";
import { Random } from "../../tests/fuzz/random.ts";
import { TEST_SEED } from "../../tests/fuzz/test_seed.ts";
import { HashIndex } from "./hash_index.ts";
import type { SlotTable } from "./slot_table.ts";

const HASH_END = 2 ** 31;

type Entry = readonly [hash: number, ref: number];

/** Where hashes come from: few equal ones, many, and all at one end of the table. */
const DISTRIBUTIONS: Record<string, (random: Random) => number> = {
  "random hashes": (random) => random.below(HASH_END),
  "many equal hashes": (random) => random.below(40) * 50_000_000,
  "hashes at the end": (random) => HASH_END - 1 - random.below(300),
  "hashes at the start": (random) => random.below(300),
};

/** An index beside a sorted list of what must be in it. */
class Model {
  readonly index = new HashIndex();
  readonly entries = new Map<number, number>();
  #lastRef = 0;

  constructor(
    readonly random: Random,
    readonly nextHash: (random: Random) => number,
  ) {}

  insert(): void {
    const hash = this.nextHash(this.random);
    const ref = ++this.#lastRef;
    this.index.insert(hash, ref);
    this.entries.set(ref, hash);
  }

  remove(ref: number): void {
    const hash = this.entries.get(ref)!;
    const slot = this.index.findRef(hash, ref);
    assert(slot >= 0, `ref ${ref} is lost`);
    this.index.removeAt(hash, slot);
    this.entries.delete(ref);
  }

  /** Removes an entry that is found quickly, not picked evenly. */
  removeOne(): void {
    const refs = this.entries.keys();
    for (let skip = this.random.below(8); skip > 0; skip--) refs.next();
    const { value } = refs.next();
    if (value !== undefined) this.remove(value);
  }

  sorted(): Entry[] {
    return [...this.entries].map(([ref, hash]): Entry => [hash, ref])
      .sort(compare);
  }

  check(): void {
    assertEquals(this.index.size, this.entries.size);
    assertEquals(walked(this.index, this.random).sort(compare), this.sorted());
    checkTable(this.index.table);
    if (this.index.old !== undefined) checkTable(this.index.old);
  }
}

function compare(a: Entry, b: Entry): number {
  return a[0] - b[0] || a[1] - b[1];
}

/** All entries, by walks of random lengths; checks their order and their ends. */
function walked(index: HashIndex, random: Random): Entry[] {
  const entries: Entry[] = [];
  let from = 0, last = -1;
  while (from !== -1) {
    const next = index.walk(from, 1 + random.below(50), (ref, hash) => {
      assert(hash >= from && hash >= last, "a walk goes up");
      last = hash;
      entries.push([hash, ref]);
    });
    assert(next === -1 || next > from && next > last, "a walk comes forward");
    from = next;
  }
  return entries;
}

/** What every probe relies on. */
function checkTable(table: SlotTable): void {
  const { slots, slotCount } = table;
  let last = -1, count = 0;
  for (let slot = 0; slot < slotCount; slot++) {
    if (slots[2 * slot + 1] === 0) continue;
    const hash = slots[2 * slot];
    assert(slot >= table.floor, "nothing is before the floor");
    assert(hash >= last, "hashes are in order");
    for (let before = table.home(hash); before < slot; before++) {
      assert(slots[2 * before + 1] !== 0, "no gap from home to slot");
    }
    last = hash;
    count++;
  }
  assertEquals(table.count, count);
  assertEquals(slots[2 * slotCount - 1], 0, "the last slot is empty");
}

let highest = 0;
/** In their order, as another index is walked: a walk over these would never catch up. */
const GOING_UP = {
  "hashes going up": (random: Random) => {
    highest = (highest + random.below(100_000)) % HASH_END;
    return highest;
  },
};

for (
  const [name, nextHash] of Object.entries({ ...DISTRIBUTIONS, ...GOING_UP })
) {
  Deno.test(`HashIndex holds what was put in, ${name}, seed ${TEST_SEED}`, () => {
    const random = new Random(TEST_SEED);
    const model = new Model(random, nextHash);
    for (let round = 0; round < 60; round++) {
      // Rounds of growth and of shrinking, so that it is resized both ways.
      const growth = random.pick([2, 3, 9]), shrinking = random.pick([2, 3, 9]);
      const steps = random.below(120);
      for (let step = 0; step < steps; step++) {
        if (random.below(growth + shrinking) < growth) model.insert();
        else model.removeOne();
      }
      model.check();
    }
    while (model.entries.size > 0) model.removeOne();
    model.check();
  });
}

Deno.test(`HashIndex grows and shrinks by many sizes, seed ${TEST_SEED}`, () => {
  const random = new Random(TEST_SEED);
  const model = new Model(random, DISTRIBUTIONS["random hashes"]);
  let resizings = 0, wasResizing = false;
  const step = (act: () => void) => {
    act();
    if (model.index.isResizing && !wasResizing) resizings++;
    wasResizing = model.index.isResizing;
  };
  for (let i = 0; i < 20_000; i++) step(() => model.insert());
  model.check();
  const grown = model.index.byteLength;
  while (model.entries.size > 100) step(() => model.removeOne());
  model.check();
  assert(resizings > 10, `resized ${resizings} times`);
  assert(model.index.byteLength < grown / 15, "memory is given back");
});

Deno.test(
  `HashIndex.walk visits what is there from start to end exactly once, whatever comes and goes, seed ${TEST_SEED}`,
  () => {
    const random = new Random(TEST_SEED);
    for (let round = 0; round < 40; round++) {
      const nextHash = random.pick(Object.values(DISTRIBUTIONS));
      const model = new Model(random, nextHash);
      const count = random.pick([5, 50, 500]);
      for (let i = 0; i < count; i++) model.insert();
      const stays = new Set(
        [...model.entries.keys()].filter(() => !random.oneIn(3)),
      );
      const seen: number[] = [];
      // Inserts or deletes prevail, so that resizes begin, go on and end meanwhile.
      const insertShare = random.below(11);
      let from = 0;
      while (from !== -1) {
        from = model.index.walk(from, 1 + random.below(20), (ref) => {
          if (stays.has(ref)) seen.push(ref);
        });
        for (let i = random.below(80); i > 0; i--) {
          if (random.below(10) < insertShare) model.insert();
          else {
            const goes = model.entries.keys().find((ref) => !stays.has(ref));
            if (goes !== undefined) model.remove(goes);
          }
        }
      }
      assertEquals(seen.sort((a, b) => a - b), [...stays]);
    }
  },
);

Deno.test("HashIndex.walk of a sparse table is bounded", () => {
  const index = new HashIndex(1_000_000);
  index.insert(HASH_END - 1, 1);
  const found: number[] = [];
  let from = 0, calls = 0;
  while (from !== -1) {
    from = index.walk(from, 1000, (ref) => found.push(ref));
    calls++;
  }
  assertEquals(found, [1]);
  assert(calls > 100, `${calls} walks over a million empty slots`);
});

Deno.test("HashIndex resizes in bounded steps where most of a table is empty", () => {
  const index = new HashIndex();
  const count = 40_000;
  const hashOf = (i: number) => Math.floor(i * (HASH_END / count));
  for (let i = 0; i < count; i++) index.insert(hashOf(i), i + 1);
  // From the lowest hash up, as a client does that deletes what it scans.
  for (let i = 0; i < count; i++) {
    const floor = index.old?.floor ?? 0;
    index.removeAt(hashOf(i), index.findRef(hashOf(i), i + 1));
    const moved = index.old === undefined ? 0 : index.old.floor - floor;
    assert(moved < 500, `${moved} slots passed by one removal`);
  }
  assertEquals(index.size, 0);
});

/** How long it takes to put hashes in and to look each of them up, in ms. */
function fillMs(hashes: Iterable<number>): number {
  const index = new HashIndex(), startMs = performance.now();
  let ref = 0;
  for (const hash of hashes) {
    index.insert(hash, ++ref);
    assert(index.findRef(hash, ref) >= 0);
  }
  return performance.now() - startMs;
}

Deno.test("HashIndex takes hashes in their order, as another one is walked, almost as fast as in any", () => {
  const hashes = new Float64Array(1_000_000);
  const random = new Random(TEST_SEED);
  for (let i = 0; i < hashes.length; i++) hashes[i] = random.below(HASH_END);
  const anyOrderMs = fillMs(hashes), orderedMs = fillMs(hashes.sort());
  assert(
    orderedMs < 10 * anyOrderMs,
    `${orderedMs} ms in order, ${anyOrderMs} ms in any`,
  );
});

/** How far an entry is from its home, at most. */
function longestProbe({ table }: HashIndex): number {
  let longest = 0;
  for (let slot = 0; slot < table.slotCount; slot++) {
    if (table.slots[2 * slot + 1] === 0) continue;
    longest = Math.max(longest, slot - table.home(table.slots[2 * slot]));
  }
  return longest;
}

Deno.test(`HashIndex stays quick when it is emptied from one end, seed ${TEST_SEED}`, () => {
  const random = new Random(TEST_SEED);
  const model = new Model(random, DISTRIBUTIONS["random hashes"]);
  for (let i = 0; i < 60_000; i++) model.insert();
  const grown = model.index.byteLength;
  const ascending = model.sorted();
  for (const [i, [, ref]] of ascending.entries()) {
    model.remove(ref);
    if (i % 1000 === 0) assert(longestProbe(model.index) < 700, `after ${i}`);
  }
  assert(model.index.byteLength < grown / 100);
});

Deno.test(`HashIndex stays quick when hashes crowd in a part of their range, seed ${TEST_SEED}`, () => {
  const random = new Random(TEST_SEED);
  const index = new HashIndex();
  const count = 20_000;
  for (let ref = 1; ref <= count; ref++) {
    index.insert(random.below(HASH_END / 16), ref);
  }
  assert(longestProbe(index) < 500, `${longestProbe(index)} slots`);
  // Not at any price: 64 slots of 8 bytes for an entry, twice while growing.
  assert(index.byteLength < count * 64 * 8 * 2);
});

Deno.test(`HashIndex.random picks evenly, resizing or not, seed ${TEST_SEED}`, () => {
  const random = new Random(TEST_SEED);
  for (const count of [3, 700, 740, 900]) {
    const model = new Model(random, DISTRIBUTIONS["random hashes"]);
    for (let i = 0; i < count; i++) model.insert();
    const picks = new Uint32Array(count + 1);
    const perEntry = 200;
    for (let i = 0; i < count * perEntry; i++) {
      picks[model.index.random(() => random.next() / 2 ** 32)]++;
    }
    assertEquals(picks[0], 0);
    const counts = picks.subarray(1);
    assert(Math.min(...counts) > perEntry / 2, `least ${Math.min(...counts)}`);
    assert(Math.max(...counts) < perEntry * 2, `most ${Math.max(...counts)}`);
  }
});

Deno.test("HashIndex.random finds the only entry of a large table", () => {
  const index = new HashIndex(200_000);
  assertEquals(index.random(() => 0.5), 0);
  index.insert(5, 9);
  assertEquals(index.random(() => 0.5), 9);
  assertEquals(index.random(() => 0.999), 9);
});
