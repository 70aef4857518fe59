import { assertEquals } from "@std/assert";
import { CommandRunner } from "../../tests/support/command_runner.ts";

/** What is passed on of commands, behind those that prepare. */
function effectsOf(
  prepare: readonly string[],
  ...commands: string[]
): string[] {
  const runner = new CommandRunner();
  for (const line of prepare) runner.run(line);
  runner.takeEffects();
  for (const line of commands) runner.run(line);
  return runner.takeEffects();
}

Deno.test("ZADD and ZINCRBY are passed on as they came, and not when nothing changes", () => {
  assertEquals(
    effectsOf(
      [],
      "ZADD k 1 a 2 b",
      "ZADD k 1 a",
      "ZADD k NX 5 a",
      "ZADD k XX 5 missing",
      "ZADD k GT 0 a",
      "ZADD k INCR 2 a",
      "ZADD k NX INCR 2 a",
      "ZADD k INCR 0 a",
      "ZINCRBY k 1.5 b",
    ),
    ["ZADD k 1 a 2 b", "ZADD k INCR 2 a", "ZINCRBY k 1.5 b"],
  );
});

Deno.test("pops are passed on as ZPOPMIN and ZPOPMAX of the key that had members", () => {
  const members = ["ZADD k 1 a 2 b 3 c 4 d 5 e 6 f 7 g"];
  assertEquals(
    effectsOf(
      members,
      "ZPOPMIN k",
      "ZPOPMAX k 1",
      "ZPOPMIN missing",
      "ZPOPMIN k 0",
      "ZMPOP 2 missing k MAX COUNT 2",
      "BZPOPMIN missing k 0",
      "BZPOPMAX k 0",
      "BZMPOP 0 2 missing k MIN COUNT 9",
      "ZMPOP 1 k MIN",
    ),
    [
      "ZPOPMIN k",
      "ZPOPMAX k 1",
      "zpopmax k 2",
      "zpopmin k",
      "zpopmax k",
      "zpopmin k 1",
    ],
  );
});

Deno.test("removals are passed on as they came, and not when nothing is removed", () => {
  assertEquals(
    effectsOf(
      ["ZADD k 1 a 2 b 3 c 3 d"],
      "ZREM k missing",
      "ZREMRANGEBYSCORE k 10 20",
      "ZREMRANGEBYRANK k 9 10",
      "ZREM k a",
      "ZREMRANGEBYSCORE k 2 2",
      "ZREMRANGEBYRANK k 0 0",
      "ZREMRANGEBYLEX k - +",
    ),
    [
      "ZREM k a",
      "ZREMRANGEBYSCORE k 2 2",
      "ZREMRANGEBYRANK k 0 0",
      "ZREMRANGEBYLEX k - +",
    ],
  );
});

Deno.test("the last member takes the key with it, behind the event of the removal", () => {
  const runner = new CommandRunner();
  for (
    const removal of [
      "ZREM k a",
      "ZPOPMIN k",
      "ZPOPMAX k 5",
      "ZREMRANGEBYRANK k 0 -1",
      "ZREMRANGEBYSCORE k -inf +inf",
      "ZREMRANGEBYLEX k - +",
    ]
  ) {
    runner.run("ZADD k 1 a");
    runner.takeEvents();
    runner.run(removal);
    const name = removal.split(" ")[0].toLowerCase();
    assertEquals(runner.takeEvents(), [`${name} k`, "del k"]);
  }
});

const STORES = [
  "ZRANGESTORE d missing 0 -1",
  "ZUNIONSTORE d 1 missing",
  "ZINTERSTORE d 2 k missing",
  "ZDIFFSTORE d 2 k k",
  "GEOSEARCHSTORE d k FROMLONLAT 0 0 BYRADIUS 1 m",
  "GEORADIUS k 0 0 1 m STORE d",
];

Deno.test("a store without a result deletes the key, and does nothing without one", () => {
  for (const store of STORES) {
    const runner = new CommandRunner();
    runner.run("GEOADD k 15 37 a");
    runner.run("SET d x");
    runner.takeEvents();
    runner.takeEffects();
    runner.run(store);
    assertEquals(runner.takeEvents(), ["del d"], store);
    assertEquals(runner.takeEffects(), [store]);
    runner.run(store);
    assertEquals(runner.takeEvents(), [], store);
    assertEquals(runner.takeEffects(), [], store);
  }
});

Deno.test("GEOADD is passed on as ZADD, searches that store as they came", () => {
  const search = "GEOSEARCHSTORE d k FROMLONLAT 15 37 BYRADIUS 200 km";
  const radius = "GEORADIUS k 15 37 200 km STORE d";
  assertEquals(
    effectsOf(
      [],
      "GEOADD k NX 13.361389 38.115556 a 15.087269 37.502669 b",
      "GEOADD k 13.361389 38.115556 a",
      search,
      radius,
      "GEOSEARCH k FROMLONLAT 15 37 BYRADIUS 200 km",
    ),
    ["zadd k NX 3479099956230698 a 3479447370796909 b", search, radius],
  );
});
