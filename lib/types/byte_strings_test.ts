import { assertEquals } from "@std/assert";
import { Random } from "../../tests/fuzz/random.ts";
import { TEST_SEED } from "../../tests/fuzz/test_seed.ts";
import { ByteStrings } from "./byte_strings.ts";

Deno.test(`ByteStrings keeps and compares strings as an array does (seed ${TEST_SEED})`, () => {
  const r = new Random(TEST_SEED), strings = new ByteStrings();
  const model: string[] = [];
  for (let i = 0; i < 300; i++) {
    const text = r.repeat(
      r.below(r.oneIn(9) ? 500 : 4),
      () => r.pick(["a", "b"]),
    )
      .join("");
    strings.push(new TextEncoder().encode(text));
    model.push(text);
  }
  assertEquals(strings.length, model.length);
  for (let i = 0; i < 2000; i++) {
    const one = r.below(300), other = r.below(300);
    assertEquals(new TextDecoder().decode(strings.get(one)), model[one]);
    const expected = model[one] < model[other]
      ? -1
      : model[one] > model[other]
      ? 1
      : 0;
    assertEquals(Math.sign(strings.compare(one, other)), expected);
  }
});
