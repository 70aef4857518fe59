import { assertEquals } from "@std/assert";
import { Random } from "../../tests/fuzz/random.ts";
import { TEST_SEED } from "../../tests/fuzz/test_seed.ts";
import { sourceOf } from "../keyspace/record_store.ts";
import { Packed, packedLength } from "./packed.ts";

const LENGTHS = [0, 1, 2, 17, 254, 255, 256, 70_000];

function randomEntry(random: Random): Uint8Array {
  return new Uint8Array(random.pick(LENGTHS)).fill(random.below(3));
}

function entriesOf(packed: Packed): Uint8Array[] {
  const entries: Uint8Array[] = [];
  for (let at = 0; at < packed.length; at = packed.next(at)) {
    entries.push(packed.entry(at).slice());
  }
  return entries;
}

Deno.test(`Packed does what an array of byte strings does, seed ${TEST_SEED}`, () => {
  const random = new Random(TEST_SEED);
  const packed = new Packed();
  let model: Uint8Array[] = [];
  for (let step = 0; step < 2000; step++) {
    const index = random.below(model.length + 1);
    const at = packed.atIndex(index), entry = randomEntry(random);
    const action = random.below(4);
    if (action === 0 || index === model.length) {
      packed.insert(at, entry, 0, entry.length);
      model.splice(index, 0, entry);
    } else if (action === 1) {
      packed.replace(at, entry, 0, entry.length);
      model[index] = entry;
    } else if (action === 2) {
      const count = Math.min(2, model.length - index);
      packed.remove(at, count);
      model.splice(index, count);
    } else {
      const isEqual = (other: Uint8Array) =>
        other.length === entry.length && other[0] === entry[0];
      const expected = model.findIndex(isEqual);
      assertEquals(
        packed.find(sourceOf(entry), 0, entry.length, 1),
        expected < 0 ? -1 : packed.atIndex(expected),
      );
    }
    if (step % 50 !== 0) continue;
    assertEquals(entriesOf(packed), model);
    assertEquals(packed.count(), model.length);
    assertEquals(
      packed.length,
      model.reduce((sum, { length }) => sum + packedLength(length), 0),
    );
    if (model.length > 40) {
      packed.clear();
      model = [];
    }
  }
});

Deno.test("Packed finds only every so many entries", () => {
  const packed = new Packed();
  for (const text of ["a", "b", "b", "c"]) {
    packed.append(new TextEncoder().encode(text), 0, 1);
  }
  const b = sourceOf(new TextEncoder().encode("b"));
  assertEquals(packed.find(b, 0, 1, 1), 2);
  assertEquals(packed.find(b, 0, 1, 2), 4);
});

Deno.test("Packed takes over what another one wrote", () => {
  const first = new Packed(), second = new Packed();
  first.append(new TextEncoder().encode("hello"), 1, 3);
  second.load(first.toBytes(), 0, first.length);
  assertEquals(entriesOf(second), [new TextEncoder().encode("ell")]);
});
