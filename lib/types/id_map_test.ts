import { assertEquals } from "@std/assert";
import { IdMap } from "./id_map.ts";
import { StreamId } from "./stream_id.ts";
import { Random } from "../../tests/fuzz/random.ts";

function contentsOf(map: IdMap): [string, number][] {
  const contents: [string, number][] = [];
  for (const [id, value] of map.entries()) {
    contents.push([id.toString(), value]);
  }
  return contents;
}

/** What a map must hold, by ID as one number. */
type Model = Map<number, number>;

function idOf(key: number): StreamId {
  return StreamId.of(Math.floor(key / 4), key % 4);
}

function expectedOf(model: Model): [string, number][] {
  return [...model].sort(([one], [other]) => one - other)
    .map(([key, value]) => [idOf(key).toString(), value]);
}

for (const seed of [1, 2, 3]) {
  Deno.test(`IdMap does what a sorted map does (seed ${seed})`, () => {
    const random = new Random(seed);
    const map = new IdMap(), model: Model = new Map();
    for (let step = 0; step < 20_000; step++) {
      // Growing and shrinking by turns, in order and at random.
      const grows = step % 4000 < 2600;
      const key = step % 8000 < 4000 ? step : random.below(8000);
      const id = idOf(key);
      if (random.below(10) < (grows ? 8 : 2)) {
        assertEquals(map.add(id, step), !model.has(key));
        if (!model.has(key)) model.set(key, step);
      } else {
        const target = grows ? key : random.below(20_000);
        assertEquals(map.delete(idOf(target)), model.get(target) ?? -1);
        model.delete(target);
      }
      assertEquals(map.get(id), model.get(key) ?? -1);
      assertEquals(map.size, model.size);
    }
    assertEquals(contentsOf(map), expectedOf(model));
    const kept = map.copy();
    for (const key of model.keys()) map.delete(idOf(key));
    assertEquals([map.size, contentsOf(map)], [0, []]);
    assertEquals(contentsOf(kept), expectedOf(model));
  });
}

Deno.test("IdMap finds the next ID and the last one", () => {
  const map = new IdMap(), id = StreamId.of(5, 0);
  assertEquals(map.seek(id), -1);
  assertEquals(map.seekLast(id), -1);
  for (let ms = 10; ms <= 10_000; ms += 10) map.add(StreamId.of(ms, 0), ms);
  assertEquals([map.seek(id), id.toString()], [10, "10-0"]);
  id.increment();
  assertEquals([map.seek(id), id.toString()], [20, "20-0"]);
  assertEquals([map.seekLast(id), id.toString()], [10_000, "10000-0"]);
  id.increment();
  assertEquals(map.seek(id), -1);
});
