import { assert, assertEquals } from "@std/assert";
import { Random } from "../../tests/fuzz/random.ts";
import { TEST_SEED } from "../../tests/fuzz/test_seed.ts";
import { argsOf } from "../../tests/support/args_of.ts";
import { ManualClock } from "../../tests/support/manual_clock.ts";
import { bytesOfText, textOfBytes } from "../resp/byte_text.ts";
import { Compaction } from "./compaction.ts";
import { keyEvent, NOTIFY_STRING } from "./key_event.ts";
import { Keyspace } from "./keyspace.ts";

const SET = keyEvent(NOTIFY_STRING, "set");
const NEVER = -1;
const MEBIBYTE = 1024 * 1024;

class Fixture {
  readonly clock = new ManualClock();
  readonly keyspace = new Keyspace(2, this.clock);
  readonly compaction = new Compaction(this.keyspace);
  readonly db = this.keyspace.databases[0];
  readonly values = new Map<string, string>();

  set(key: string, length: number, expiresAt = NEVER): void {
    const value = key.padEnd(length, "v");
    const args = argsOf("set", key, value);
    const ref = this.db.write(args, 1);
    this.db.setString(args, 1, ref, 2, false, SET, expiresAt);
    this.values.set(key, value);
  }

  delete(key: string): void {
    const args = argsOf("del", key);
    this.db.delete(args, 1, this.db.peek(args, 1));
    this.values.delete(key);
  }

  /** Keys of all sizes, most of which are deleted: thin pages everywhere. */
  fragment(random: Random): void {
    for (let i = 0; i < 120_000; i++) {
      const expiresAt = i % 3 === 0 ? this.clock.nowMs() + 1e9 : NEVER;
      this.set(`key:${i}`, 10 + random.below(1500), expiresAt);
    }
    for (const key of [...this.values.keys()]) {
      if (!random.oneIn(10)) this.delete(key);
    }
  }

  check(): void {
    assertEquals(this.db.size, this.values.size);
    for (const [key, value] of this.values) {
      const ref = this.db.peekKey(bytesOfText(key));
      assert(ref !== 0, `${key} is lost`);
      assertEquals(textOfBytes(this.db.map.string(ref)), value);
    }
    let volatile = 0;
    this.db.volatile.walk(0, Infinity, (ref, hash) => {
      assertEquals(this.db.map.hashOfRef(ref), hash);
      assert(this.db.map.expiresAtMs(ref) !== NEVER);
      volatile++;
    });
    assertEquals(volatile, this.db.volatile.size);
  }
}

Deno.test(`Compaction gives memory back and keeps every key, seed ${TEST_SEED}`, () => {
  const f = new Fixture();
  f.fragment(new Random(TEST_SEED));
  const { arena } = f.db.map;
  const before = arena.chunkBytes;
  while (f.compaction.run(1)) f.clock.advance(1);
  assert(arena.chunkBytes < before / 2, `${arena.chunkBytes} of ${before}`);
  assert(arena.wastedBytes <= 32 * MEBIBYTE + 16 * MEBIBYTE);
  f.check();
});

Deno.test(`Compaction goes on while keys come and go, seed ${TEST_SEED}`, () => {
  const f = new Fixture(), random = new Random(TEST_SEED);
  f.fragment(random);
  // Every look at the clock takes long: a slice is one step.
  f.clock.stepMs = 0.3;
  const { arena } = f.db.map;
  const before = arena.chunkBytes;
  let slices = 0;
  for (; f.compaction.run(0.5); slices++) {
    const key = `key:${random.below(120_000)}`;
    if (f.values.has(key)) f.delete(key);
    else f.set(key, 10 + random.below(1500));
  }
  assert(slices > 20, `${slices} slices`);
  assert(arena.chunkBytes < before / 2, `${arena.chunkBytes} of ${before}`);
  f.check();
});

Deno.test("Compaction survives that its database is emptied or moved meanwhile", () => {
  const f = new Fixture();
  f.fragment(new Random(7));
  f.clock.stepMs = 0.3;
  for (let i = 0; i < 5; i++) f.compaction.run(0.5);
  f.keyspace.swap(0, 1);
  for (let i = 0; i < 5; i++) f.compaction.run(0.5);
  f.check();
  f.keyspace.flush(1);
  f.values.clear();
  f.set("a", 5);
  while (f.compaction.run(1));
  f.check();
});

Deno.test("Compaction leaves memory alone that is well used", () => {
  const f = new Fixture();
  for (let i = 0; i < 60_000; i++) f.set(`key:${i}`, 1000);
  const refs: number[] = [], after: number[] = [];
  f.db.map.index.walk(0, Infinity, (ref) => refs.push(ref));
  while (f.compaction.run(1));
  f.db.map.index.walk(0, Infinity, (ref) => after.push(ref));
  assertEquals(after, refs);
});

Deno.test("Compaction gives the memory of emptied databases back, but for a chunk that is used again", () => {
  const f = new Fixture();
  for (let i = 0; i < 40_000; i++) f.set(`key:${i}`, 1000);
  const buffers = f.db.map.arena.words.map(({ buffer }) => buffer);
  assert(buffers.length > 2);
  f.keyspace.flush(0);
  assert(buffers.every(({ byteLength }) => byteLength > 0));
  while (f.compaction.run(1));
  const kept = buffers.filter(({ byteLength }) => byteLength > 0);
  assertEquals(kept.length, 1);
  f.set("key", 1000);
  assertEquals(f.db.map.arena.words[0].buffer, kept[0]);
});

Deno.test("Compaction finishes resizes that nobody goes on with", () => {
  const f = new Fixture();
  let i = 0;
  while (!f.db.map.index.isResizing || f.db.size < 10_000) {
    f.set(`key:${i++}`, 5);
  }
  while (f.compaction.run(1));
  assertEquals(f.db.map.index.isResizing, false);
  f.check();
});
