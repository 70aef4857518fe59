import { assert, assertEquals, assertRejects } from "@std/assert";
import { textOfBytes } from "../resp/byte_text.ts";
import { Random } from "../../tests/fuzz/random.ts";
import { CommandRunner } from "../../tests/support/command_runner.ts";
import type { ByteMap } from "./byte_map.ts";
import type { Database } from "./database.ts";
import { digestOfValue } from "./digest.ts";
import type { Keyspace } from "./keyspace.ts";
import { Snapshot, SnapshotAborted, type SnapshotTarget } from "./snapshot.ts";

function recordText(dbIndex: number, map: ByteMap, ref: number): string {
  const value = digestOfValue({ map } as Database, ref);
  const key = textOfBytes(map.key(ref));
  return `${dbIndex} ${key} ${map.expiresAtMsExact(ref)} ${value}`;
}

/** Notes what it is given, sorted on demand. */
class Collector implements SnapshotTarget {
  readonly texts: string[] = [];

  record(dbIndex: number, map: ByteMap, ref: number): void {
    this.texts.push(recordText(dbIndex, map, ref));
  }

  drain(): undefined {}

  get sorted(): string[] {
    return this.texts.toSorted();
  }
}

function stateOf(keyspace: Keyspace): string[] {
  const texts: string[] = [];
  for (const { map, index } of keyspace.databases) {
    for (let from = 0; from !== -1;) {
      from = map.index.walk(
        from,
        1000,
        (ref) => texts.push(recordText(index, map, ref)),
      );
    }
  }
  return texts.sort();
}

/** A random change of some kind, on a few hundred keys. */
function change(runner: CommandRunner, r: Random): void {
  const key = () => `k${r.below(400)}`;
  const value = () => "v".repeat(r.oneIn(20) ? 20_000 : r.below(50));
  const make: (() => string[])[] = [
    () => ["SET", key(), value()],
    () => ["SET", key(), value(), "PX", `${r.between(1, 200)}`],
    () => ["MSET", key(), value(), key(), value()],
    () => ["SETRANGE", key(), `${r.below(60)}`, value()],
    () => ["APPEND", key(), value()],
    () => ["INCR", `n${r.below(50)}`],
    () => ["GETEX", key(), "PX", `${r.between(1, 200)}`],
    () => ["GETDEL", key()],
    () => ["GET", key()],
    () => ["DEL", key(), key()],
    () => ["RENAME", key(), key()],
    () => ["COPY", key(), key(), "REPLACE"],
    () => ["MOVE", key(), `${r.below(3)}`],
    () => ["PERSIST", key()],
    () => ["PEXPIRE", key(), `${r.between(1, 200)}`],
    () => ["RPUSH", `l${r.below(20)}`, value(), value()],
    () => ["LPOP", `l${r.below(20)}`],
    () => ["SETBIT", key(), `${r.below(2000)}`, "1"],
    () => ["SELECT", `${r.below(3)}`],
  ];
  const rare = r.below(700);
  if (rare === 0) runner.runWords("FLUSHDB");
  else if (rare === 1) runner.runWords("SWAPDB", "0", "1");
  else runner.runWords(...r.pick(make)());
  if (r.oneIn(10)) runner.clock.advance(r.below(20));
}

Deno.test("Snapshot hands out the state of its start, whatever happens meanwhile", () => {
  for (let seed = 1; seed <= 15; seed++) {
    const runner = new CommandRunner(), r = new Random(seed);
    const { keyspace } = runner.server.parts;
    for (let i = 0; i < 1500; i++) change(runner, r);
    // Several in a row, so that the marks of one meet the next.
    for (let round = 0; round < 3; round++) {
      const expected = stateOf(keyspace);
      const collector = new Collector();
      const snapshot = Snapshot.prepare(keyspace, collector);
      while (snapshot.step(0)) {
        for (let i = r.below(30); i > 0; i--) change(runner, r);
      }
      assertEquals(collector.sorted, expected, `seed ${seed}`);
      assertEquals(snapshot.written, expected.length);
      assertEquals(
        snapshot.keyCounts.reduce((sum, count) => sum + count),
        expected.length,
      );
      for (let i = 0; i < 100; i++) change(runner, r);
    }
  }
});

Deno.test("Snapshot is whole after any number of aborted ones", async () => {
  const runner = new CommandRunner(), r = new Random(7);
  const { keyspace } = runner.server.parts;
  for (let i = 0; i < 600; i++) {
    change(runner, r);
    const aborted = Snapshot.prepare(keyspace, new Collector());
    for (let j = 0; j < 5; j++) change(runner, r);
    aborted.abort();
    await assertRejects(() => aborted.done, SnapshotAborted);
  }
  const expected = stateOf(keyspace), collector = new Collector();
  Snapshot.prepare(keyspace, collector).runToEnd();
  assertEquals(collector.sorted, expected);
});

Deno.test("Snapshot goes on by itself, waits for its target, and fails with it", async () => {
  const runner = new CommandRunner();
  const { keyspace } = runner.server.parts;
  for (let i = 0; i < 5000; i++) runner.run(`SET key:${i} value`);
  const collector = new Collector();
  const snapshot = Snapshot.start(keyspace, collector);
  assert(keyspace.snapshot === snapshot);
  await snapshot.done;
  assertEquals(collector.texts.length, 5000);
  assertEquals(keyspace.snapshot, undefined);
  const failing = Snapshot.start(keyspace, {
    record: () => {
      throw new RangeError("no room");
    },
    drain: () => undefined,
  });
  await assertRejects(() => failing.done, RangeError, "no room");
  assertEquals(keyspace.snapshot, undefined);
});
