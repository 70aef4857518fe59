import { assert, assertEquals } from "@std/assert";
import { CommandRunner } from "../../tests/support/command_runner.ts";
import { Random } from "../../tests/fuzz/random.ts";
import { TEST_SEED } from "../../tests/fuzz/test_seed.ts";

/** One SCAN: the next cursor and the keys of the RESP2 reply. */
function scan(runner: CommandRunner, command: string): [string, string[]] {
  const [, , cursor, , ...rest] = runner.run(command).split("\r\n");
  return [cursor, rest.filter((_, at) => at % 2 === 1)];
}

Deno.test(`SCAN returns each key that stays exactly once while others come, go and expire, seed ${TEST_SEED}`, () => {
  const random = new Random(TEST_SEED);
  for (let round = 0; round < 6; round++) {
    const runner = new CommandRunner();
    const stays: string[] = [];
    for (let i = 0; i < random.pick([10, 300, 2000]); i++) {
      runner.run(`SET stays:${i} v`);
      stays.push(`stays:${i}`);
    }
    const found: string[] = [];
    let cursor = "0", made = 0;
    do {
      const count = random.pick([1, 10, 100]);
      const [next, keys] = scan(runner, `SCAN ${cursor} COUNT ${count}`);
      found.push(...keys.filter((key) => key.startsWith("stays")));
      cursor = next;
      for (let i = random.below(100); i > 0; i--) {
        const key = `goes:${random.below(3000)}`;
        if (random.oneIn(2)) runner.run(`DEL ${key}`);
        else runner.run(`SET ${key} v PX ${1 + random.below(1000)}`);
        made++;
      }
      runner.clock.advance(random.below(500));
    } while (cursor !== "0");
    assert(made > 0);
    assertEquals(found.sort(), stays.sort());
  }
});

Deno.test("SCAN removes the expired keys that it meets and returns none of them", () => {
  const runner = new CommandRunner();
  for (let i = 0; i < 100; i++) runner.run(`SET gone:${i} v PX 10`);
  runner.run("SET live v");
  runner.clock.advance(11);
  assertEquals(scan(runner, "SCAN 0 COUNT 1000"), ["0", ["live"]]);
  assertEquals(runner.run("DBSIZE"), ":1\r\n");
});

Deno.test("SCAN leaves expired keys that do not match alone, and KEYS all of them", () => {
  const runner = new CommandRunner();
  runner.run("SET a v PX 10");
  runner.run("SET b v PX 10");
  runner.clock.advance(11);
  assertEquals(runner.run("KEYS *"), "*0\r\n");
  assertEquals(runner.run("DBSIZE"), ":2\r\n");
  assertEquals(scan(runner, "SCAN 0 MATCH a COUNT 1000"), ["0", []]);
  assertEquals(runner.run("DBSIZE"), ":1\r\n");
});

Deno.test("SCAN reads cursors as strtoul does", () => {
  const runner = new CommandRunner();
  runner.run("SET k v");
  for (const cursor of ["0", "+0", "-0", "000", ""]) {
    assertEquals(scan(runner, `SCAN ${cursor}`), ["0", ["k"]]);
  }
  for (const cursor of ["18446744073709551615", "-1", "2147483648"]) {
    assertEquals(scan(runner, `SCAN ${cursor}`), ["0", []]);
  }
  for (
    const cursor of ["x", "1x", "--1", "+", "0x0", "18446744073709551616"]
  ) {
    assertEquals(runner.run(`SCAN ${cursor}`), "-ERR invalid cursor\r\n");
  }
});

Deno.test("deleting what SCAN returns ends with an empty database, in bounded steps", () => {
  const runner = new CommandRunner();
  for (let i = 0; i < 30_000; i++) runner.run(`SET key:${i} v`);
  let cursor = "0", calls = 0;
  do {
    const [next, keys] = scan(runner, `SCAN ${cursor} COUNT 100`);
    if (keys.length > 0) runner.run(`DEL ${keys.join(" ")}`);
    cursor = next;
    calls++;
  } while (cursor !== "0");
  assertEquals(runner.run("DBSIZE"), ":0\r\n");
  assert(calls < 600, `${calls} calls`);
});
