import { assert, assertEquals } from "@std/assert";
import { Random } from "../../tests/fuzz/random.ts";
import { TEST_SEED } from "../../tests/fuzz/test_seed.ts";
import {
  cardinalityOf,
  cardinalityOfRegisters,
  denseRegister,
  HEAD_BYTES,
  mergeInto,
  REGISTER_COUNT,
  SparseRuns,
} from "./hyperloglog.ts";
import { testHyperLogLogs } from "./hyperloglog_check.ts";
import { HyperLogLogEdit } from "./sparse_hyperloglog.ts";

/** All registers of a value, read one by one. */
function registersOf(edit: HyperLogLogEdit): Uint8Array {
  const registers = new Uint8Array(REGISTER_COUNT);
  if (edit.isDense) {
    return registers.map((_, i) => denseRegister(edit.bytes, HEAD_BYTES, i));
  }
  let index = 0;
  const runs = new SparseRuns(edit.bytes, HEAD_BYTES, edit.length);
  while (runs.next()) {
    registers.fill(runs.value, index, index + runs.count);
    index += runs.count;
  }
  assertEquals(index, REGISTER_COUNT);
  return registers;
}

Deno.test(`registers are raised as in an array, sparse and dense (seed ${TEST_SEED})`, () => {
  const r = new Random(TEST_SEED), edit = new HyperLogLogEdit();
  for (let round = 0; round < 60; round++) {
    const model = new Uint8Array(REGISTER_COUNT);
    const most = r.pick([16, 20, 100, 3000, 50_000]);
    // Neighbours are split and merged most.
    const range = r.pick([5, 100, REGISTER_COUNT]);
    const first = r.below(REGISTER_COUNT - range + 1);
    const valueMax = r.pick([2, 32, 33, 51]);
    edit.clear();
    for (let i = 0; i < 200; i++) {
      const index = first + r.below(range), value = r.between(1, valueMax);
      const raised = edit.raise(index, value, most);
      assertEquals(raised, value > model[index] ? "raised" : "unchanged");
      model[index] = Math.max(model[index], value);
      assert(edit.isDense || edit.length <= Math.max(most, 18));
    }
    assertEquals(registersOf(edit), model);
    const merged = new Uint8Array(REGISTER_COUNT);
    assert(mergeInto(merged, edit.bytes, 0, edit.length));
    assertEquals(merged, model);
    const cardinality = cardinalityOf(edit.bytes, 0, edit.length);
    assertEquals(cardinality, cardinalityOfRegisters(model));
    assert(edit.toDense());
    assertEquals(registersOf(edit), model);
    assertEquals(cardinalityOf(edit.bytes, 0, edit.length), cardinality);
  }
});

Deno.test("a value cut short, or with runs too many, is broken and stays as it is", () => {
  const edit = new HyperLogLogEdit();
  edit.clear();
  // One register more than there are.
  const bytes = edit.bytes.slice(0, edit.length + 1);
  for (const end of [bytes.length, bytes.length - 2, HEAD_BYTES]) {
    edit.load(bytes, 0, end);
    assertEquals(cardinalityOf(edit.bytes, 0, edit.length), undefined);
    assert(!mergeInto(new Uint8Array(REGISTER_COUNT), edit.bytes, 0, end));
    assert(!edit.toDense());
    assertEquals(edit.bytes.slice(0, edit.length), bytes.slice(0, end));
  }
  assertEquals(edit.raise(5, 1, 3000), "broken");
});

Deno.test(`the self-test finds nothing wrong (seed ${TEST_SEED})`, () => {
  const r = new Random(TEST_SEED);
  assertEquals(testHyperLogLogs(() => r.next() / 2 ** 32, 3000), undefined);
});
