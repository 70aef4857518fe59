import { assertEquals } from "@std/assert";
import { createHash } from "node:crypto";
import { Random } from "../../tests/fuzz/random.ts";
import { TEST_SEED } from "../../tests/fuzz/test_seed.ts";
import { sha1 } from "./sha1.ts";

Deno.test(`sha1 is that of node:crypto for every length around its blocks, seed ${TEST_SEED}`, () => {
  const random = new Random(TEST_SEED);
  const out = new Uint8Array(20);
  for (const length of [...Array(200).keys(), 1023, 1024, 1025, 5000]) {
    const data = Uint8Array.from({ length }, () => random.next());
    sha1(data, out);
    const expected = createHash("sha1").update(data).digest("hex");
    assertEquals([length, out.toHex()], [length, expected]);
  }
});
