import { assert, assertEquals } from "@std/assert";
import type { WriterName } from "./numbered_writes.ts";
import { prefixOf, WriteModel } from "./write_model.ts";

const WRITER: WriterName = { name: "w", dbIndex: 3, seed: 11 };
const COUNT = 200;

function leftoversOf(count: number) {
  const model = new WriteModel(WRITER);
  while (model.done < count) model.next();
  return { left: model.left, digests: model.digests() };
}

Deno.test("prefixOf finds how many commands there were", () => {
  for (let count = 0; count < COUNT; count += 13) {
    const leftovers = leftoversOf(count);
    const found = prefixOf(WRITER, leftovers, 0, COUNT)!;
    // A command that changes nothing cannot be told from none.
    assert(found >= count && found < count + 8, `${found} for ${count}`);
    assertEquals(leftoversOf(found), leftovers);
    assertEquals(prefixOf(WRITER, leftovers, found + 1, COUNT), undefined);
  }
});

Deno.test("prefixOf refuses what no prefix leaves", () => {
  const whole = leftoversOf(COUNT), earlier = leftoversOf(COUNT - 60);
  let differing = 0;
  for (const [index, digest] of earlier.digests.entries()) {
    if (digest === whole.digests[index]) continue;
    differing++;
    const digests = whole.digests.with(index, digest);
    assertEquals(
      prefixOf(WRITER, { ...whole, digests }, 0, COUNT),
      undefined,
      `key ${index}`,
    );
  }
  assert(differing > 8, `${differing} keys differ`);
});
