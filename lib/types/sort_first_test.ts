import { assertEquals } from "@std/assert";
import { Random } from "../../tests/fuzz/random.ts";
import { TEST_SEED } from "../../tests/fuzz/test_seed.ts";
import { sortFirst } from "./sort_first.ts";

Deno.test(`sortFirst finds the lowest elements, in order (seed ${TEST_SEED})`, () => {
  const random = new Random(TEST_SEED);
  for (let round = 0; round < 500; round++) {
    const count = 1 + random.below(200), values = 1 + random.below(100);
    const keys = Array.from({ length: count }, () => random.below(values));
    const elements = Uint32Array.from(keys, (_, i) => i);
    const wanted = 1 + random.below(count);
    sortFirst(elements, count, wanted, (one, other) => keys[one] - keys[other]);
    assertEquals(
      Array.from(elements.subarray(0, wanted), (i) => keys[i]),
      keys.toSorted((one, other) => one - other).slice(0, wanted),
    );
    assertEquals(
      elements.toSorted(),
      Uint32Array.from(keys, (_, i) => i),
    );
  }
});

Deno.test("sortFirst leaves equal elements where Redis does", () => {
  // Seven elements are divided by the one in the middle, which comes first.
  const elements = Uint32Array.from({ length: 7 }, (_, i) => i);
  sortFirst(elements, 7, 1, () => 0);
  assertEquals([...elements], [3, 1, 2, 0, 4, 5, 6]);
});
