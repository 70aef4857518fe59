import { assert, assertEquals } from "@std/assert";
import { Random } from "../../tests/fuzz/random.ts";
import { TEST_SEED } from "../../tests/fuzz/test_seed.ts";
import { CommandRunner } from "../../tests/support/command_runner.ts";

/** How the elements of a type come, go, and are answered. */
interface Scanned {
  readonly scan: string;
  readonly add: string;
  readonly remove: string;
  /** What an element is added as. */
  readonly words: (name: string) => string[];
  /** Bulk strings per element. */
  readonly width: number;
}

const TYPES: Readonly<Record<string, Scanned>> = {
  set: {
    ...{ scan: "SSCAN", add: "SADD", remove: "SREM", width: 1 },
    words: (name) => [name],
  },
  hash: {
    ...{ scan: "HSCAN", add: "HSET", remove: "HDEL", width: 2 },
    words: (name) => [name, "v"],
  },
  "sorted set": {
    ...{ scan: "ZSCAN", add: "ZADD", remove: "ZREM", width: 2 },
    words: (name) => [String(name.length), name],
  },
};

/** Half of them stays. */
const SIZES = [5, 100, 127, 600, 3000];
/** Of ten changes so many add: collections shrink, grow or stay as they are. */
const ADDED_SHARES = [0, 3, 5, 8, 10];

for (
  const [type, { scan, add, remove, words, width }] of Object.entries(TYPES)
) {
  Deno.test(`${scan} returns each element of a ${type} that stays, whatever comes and goes, seed ${TEST_SEED}`, () => {
    const random = new Random(TEST_SEED);
    let steps = 0;
    for (let round = 0; round < 25; round++) {
      const runner = new CommandRunner();
      const size = random.pick(SIZES), share = random.pick(ADDED_SHARES);
      const stays = Array.from({ length: size }, (_, i) => `stays:${i}`);
      runner.runWords(add, "k", ...stays.flatMap(words));
      const goes = Array.from({ length: size }, (_, i) => `goes:${i}`);
      runner.runWords(add, "k", ...goes.flatMap(words));
      const found = new Set<string>();
      let cursor = "0";
      do {
        const count = String(random.pick([1, 10, 50]));
        const [, , next, , ...rest] = runner
          .runWords(scan, "k", cursor, "COUNT", count).split("\r\n");
        const texts = rest.filter((_, at) => at % 2 === 1);
        for (let i = 0; i < texts.length; i += width) found.add(texts[i]);
        cursor = next;
        for (let i = random.below(60); i > 0; i--) {
          const name = `goes:${random.below(2 * size)}`;
          if (random.below(10) < share) {
            runner.runWords(add, "k", ...words(name));
          } else runner.runWords(remove, "k", name);
        }
        steps++;
      } while (cursor !== "0");
      const foundStaying = [...found].filter((name) => name[0] === "s");
      assertEquals(foundStaying.sort(), stays.sort());
    }
    assert(steps > 100, `${steps} steps`);
  });
}
