import { assert, assertEquals } from "@std/assert";
import { Random } from "../../tests/fuzz/random.ts";
import { TEST_SEED } from "../../tests/fuzz/test_seed.ts";
import {
  allocatedUnits,
  Arena,
  RECORD_UNITS_MAX,
  UNIT_BYTES,
} from "./arena.ts";

const CHUNK_BYTES = 16 * 1024 * 1024;
const PAGE_BYTES = 64 * 1024;

/** An arena beside the records that must be in it, every word of which is stamped. */
class Model {
  readonly arena = new Arena();
  /** Units and stamp by ref. */
  readonly records = new Map<number, { units: number; stamp: number }>();
  #lastStamp = 0;

  allocate(units: number): number {
    const ref = this.arena.allocate(units);
    assert(ref !== 0, "no record has ref 0");
    assert(!this.records.has(ref), `ref ${ref} was given twice`);
    const stamp = ++this.#lastStamp;
    this.records.set(ref, { units, stamp });
    this.#words(ref, units).fill(stamp);
    return ref;
  }

  /** Frees a record, having checked that nobody else wrote to it. */
  release(ref: number): void {
    this.check(ref);
    this.records.delete(ref);
    this.arena.release(ref);
  }

  /** Moves a record as its owner does for a compaction. */
  move(ref: number): void {
    const { units, stamp } = this.records.get(ref)!;
    const to = this.allocate(units);
    this.records.get(to)!.stamp = stamp;
    this.#words(to, units).fill(stamp);
    this.release(ref);
  }

  check(ref: number): void {
    const { units, stamp } = this.records.get(ref)!;
    const words = this.#words(ref, units);
    assert(words.every((word) => word === stamp), `record ${ref} overwritten`);
  }

  checkAll(): void {
    let units = 0;
    for (const [ref, record] of this.records) {
      this.check(ref);
      assertEquals(this.arena.sizeOf(ref), allocatedUnits(record.units));
      units += allocatedUnits(record.units);
    }
    assertEquals(this.arena.usedUnits, units);
    const chunks = this.arena.words.filter((words) => words.length > 0);
    assertEquals(this.arena.chunkBytes, chunks.length * CHUNK_BYTES);
  }

  /** Moves everything away that a compaction wants moved. */
  compact(unitsMax = Infinity): number {
    const pages = this.arena.beginCompaction(unitsMax);
    for (const ref of [...this.records.keys()]) {
      if (this.arena.isLeaving(ref)) this.move(ref);
    }
    this.arena.endCompaction();
    return pages;
  }

  #words(ref: number, units: number): Int32Array {
    const word = (ref & 0xfffff) << 2;
    return this.arena.words[ref >>> 20].subarray(word, word + units * 4);
  }
}

/** Sizes as they come: mostly small, some of every size. */
function randomUnits(random: Random): number {
  const most = random.pick([4, 40, 80, RECORD_UNITS_MAX]);
  return 1 + random.below(most);
}

Deno.test(`Arena keeps records apart, seed ${TEST_SEED}`, () => {
  const random = new Random(TEST_SEED);
  const model = new Model();
  for (let round = 0; round < 30; round++) {
    for (let i = random.below(800); i > 0; i--) {
      model.allocate(randomUnits(random));
    }
    const freed = random.below(10);
    for (const ref of [...model.records.keys()]) {
      if (random.below(10) < freed) model.release(ref);
    }
    model.checkAll();
  }
  for (const ref of [...model.records.keys()]) model.release(ref);
  model.checkAll();
  assertEquals(model.arena.usedPages, 0);
});

Deno.test("Arena rounds a record up by a quarter at most", () => {
  for (let units = 1; units <= RECORD_UNITS_MAX; units++) {
    const allocated = allocatedUnits(units);
    assert(allocated >= units, `${units} units in ${allocated}`);
    assert(
      units <= 64 ? allocated === units : allocated <= units * 5 / 4,
      `${units} units in ${allocated}`,
    );
  }
});

Deno.test("Arena uses an emptied page for another size", () => {
  const model = new Model();
  const small = Array.from({ length: 3000 }, () => model.allocate(3));
  const pages = model.arena.usedPages;
  for (const ref of small) model.release(ref);
  assertEquals(model.arena.usedPages, 0);
  while (model.arena.usedPages < pages) model.allocate(100);
  assertEquals(model.arena.chunkBytes, CHUNK_BYTES);
});

Deno.test("Arena gives the memory of empty chunks back, but for one", () => {
  const model = new Model();
  const refs: number[] = [];
  while (model.arena.chunkBytes < 5 * CHUNK_BYTES) {
    refs.push(model.allocate(RECORD_UNITS_MAX));
  }
  const buffers = model.arena.words.map(({ buffer }) => buffer);
  for (const ref of refs) model.release(ref);
  // The first chunk stays, without a record.
  assertEquals(model.arena.chunkBytes, CHUNK_BYTES);
  while (model.arena.freeSpare());
  const sizes = buffers.map(({ byteLength }) => byteLength);
  assertEquals(sizes.sort((a, b) => a - b), [
    ...[0, 0, 0],
    ...[CHUNK_BYTES, CHUNK_BYTES],
  ]);
  for (let i = 0; i < refs.length; i++) model.allocate(RECORD_UNITS_MAX);
  assertEquals(model.arena.chunkBytes, 5 * CHUNK_BYTES);
  model.checkAll();
});

Deno.test("Arena takes spare memory before it asks for more", () => {
  const model = new Model();
  while (model.arena.chunkBytes < 2 * CHUNK_BYTES) {
    model.allocate(RECORD_UNITS_MAX);
  }
  const [last] = [...model.records.keys()].slice(-1);
  const { buffer } = model.arena.words[1];
  model.release(last);
  assertEquals(model.arena.chunkBytes, CHUNK_BYTES);
  model.allocate(RECORD_UNITS_MAX);
  assert(model.arena.words[1].buffer === buffer);
});

Deno.test("Arena hands over the memory that it has, and only that", () => {
  const model = new Model();
  while (model.arena.chunkBytes < 4 * CHUNK_BYTES) {
    model.allocate(RECORD_UNITS_MAX);
  }
  for (const ref of [...model.records.keys()]) model.release(ref);
  while (model.arena.freeSpare());
  const memory = model.arena.surrender();
  assertEquals(memory.map(({ byteLength }) => byteLength), [
    CHUNK_BYTES,
    CHUNK_BYTES,
  ]);
});

Deno.test(`Arena compaction frees what thin pages wasted, seed ${TEST_SEED}`, () => {
  const random = new Random(TEST_SEED);
  for (const keptShare of [0.02, 0.2, 0.5]) {
    const model = new Model();
    while (model.arena.chunkBytes < 4 * CHUNK_BYTES) {
      model.allocate(2 + random.below(60));
    }
    for (const ref of [...model.records.keys()]) {
      if (random.next() / 2 ** 32 >= keptShare) model.release(ref);
    }
    const before = model.arena.wastedBytes;
    while (model.compact() > 0) model.checkAll();
    const { wastedBytes, usedUnits } = model.arena;
    assert(wastedBytes < before);
    // At most a quarter of full pages, one thin page per size, one chunk.
    const allowed = usedUnits * UNIT_BYTES / 3 + 61 * PAGE_BYTES + CHUNK_BYTES;
    assert(wastedBytes < allowed, `${wastedBytes} wasted, ${allowed} allowed`);
  }
});

Deno.test(`Arena compaction moves a bounded amount, and may be broken off, seed ${TEST_SEED}`, () => {
  const random = new Random(TEST_SEED);
  const model = new Model();
  for (let i = 0; i < 60_000; i++) model.allocate(1 + random.below(16));
  for (const ref of [...model.records.keys()]) {
    if (!random.oneIn(4)) model.release(ref);
  }
  const unitsMax = 4096 * 4;
  for (let round = 0; round < 20; round++) {
    model.arena.beginCompaction(unitsMax);
    let units = 0;
    for (const ref of [...model.records.keys()]) {
      if (!model.arena.isLeaving(ref)) continue;
      units += model.arena.sizeOf(ref);
      // Others come and go meanwhile, and some that should go stay.
      if (random.oneIn(3)) model.allocate(1 + random.below(16));
      if (random.oneIn(3)) model.release(ref);
      else if (!random.oneIn(10)) model.move(ref);
    }
    // The last page may go over the bound.
    assert(units < unitsMax + 4096, `${units} units to move`);
    model.arena.endCompaction();
    for (const ref of model.records.keys()) assert(!model.arena.isLeaving(ref));
    model.checkAll();
  }
  for (const ref of [...model.records.keys()]) model.release(ref);
  assertEquals(model.arena.usedPages, 0);
});
