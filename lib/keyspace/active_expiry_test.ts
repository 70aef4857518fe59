import { assert, assertEquals } from "@std/assert";
import { argsOf } from "../../tests/support/args_of.ts";
import { ManualClock } from "../../tests/support/manual_clock.ts";
import { ActiveExpiry } from "./active_expiry.ts";
import { keyEvent, NOTIFY_STRING } from "./key_event.ts";
import { Keyspace } from "./keyspace.ts";

const SET = keyEvent(NOTIFY_STRING, "set");
const NEVER = -1;

class Fixture {
  readonly clock = new ManualClock();
  readonly keyspace = new Keyspace(3, this.clock);
  readonly expiry = new ActiveExpiry(this.keyspace);

  /** Adds keys that expire so many milliseconds from now; negative: did so. */
  fill(count: number, ttlMs: number, at = 0): void {
    const db = this.keyspace.databases[at];
    for (let i = 0; i < count; i++) {
      const args = argsOf("set", `key:${ttlMs}:${i}`, "v");
      const expiresAt = ttlMs === 0 ? NEVER : this.clock.nowMs() + ttlMs;
      // Kept in past their time, as keys are that nobody asks for.
      db.setString(
        args,
        1,
        db.map.find(args, args.offset(1), args.length(1)),
        2,
        false,
        SET,
        expiresAt,
      );
    }
  }

  /** Runs cycles until one ends in time; returns how many. */
  runToEnd(): number {
    let cycles = 1;
    while (this.expiry.run()) cycles++;
    return cycles;
  }

  get sizes(): number[] {
    return this.keyspace.databases.map(({ size }) => size);
  }
}

Deno.test("ActiveExpiry removes expired keys of all databases, and no others", () => {
  const f = new Fixture();
  for (const at of [0, 1, 2]) {
    f.fill(1000, -1, at);
    f.fill(10, 0, at);
  }
  f.fill(20, 60_000, 1);
  f.runToEnd();
  for (let i = 0; i < 20; i++) f.expiry.run();
  assertEquals(f.sizes, [10, 30, 10]);
  assertEquals(f.keyspace.stats.expiredKeys, 3000);
  assertEquals(f.keyspace.databases[0].volatile.size, 0);
  assertEquals(f.keyspace.databases[1].volatile.size, 20);
});

Deno.test("ActiveExpiry ends a cycle when its time is used up, and goes on with the next database", () => {
  const f = new Fixture();
  for (const at of [0, 1, 2]) f.fill(5000, -1, at);
  f.clock.stepMs = 0.2;
  assert(f.expiry.run());
  const [first, second, third] = f.sizes;
  // A look at the clock after each sample of 64, and 1 ms.
  assert(first < 5000 && first > 5000 - 64 * 8, `${first} left`);
  assertEquals([second, third], [5000, 5000]);
  assert(f.expiry.run());
  assert(f.sizes[1] < 5000);
  assertEquals(f.sizes[0], first);
  const cycles = f.runToEnd() + 2;
  assertEquals(f.sizes, [0, 0, 0]);
  assertEquals(f.keyspace.stats.expiredTimeCapReachedCount, cycles - 1);
});

Deno.test("ActiveExpiry leaves few stale keys to later cycles, fewer with more effort", () => {
  const left = [1, 10].map((effort) => {
    const f = new Fixture();
    f.fill(19_000, 60_000);
    f.fill(1000, -1);
    f.expiry.effort = effort;
    for (let i = 0; i < 20; i++) f.expiry.run();
    return f.sizes[0] - 19_000;
  });
  assert(left[0] > 800, `${left[0]} left with little effort`);
  assert(left[1] < left[0] / 2, `${left[1]} left with much effort`);
});

Deno.test("ActiveExpiry comes to every key in the end", () => {
  const f = new Fixture();
  f.fill(5000, 60_000);
  f.fill(50, -1);
  for (let cycle = 0; cycle < 2 * 5050 / 64; cycle++) f.expiry.run();
  assertEquals(f.sizes[0], 5000);
});

Deno.test("ActiveExpiry pauses less with more effort", () => {
  const { expiry } = new Fixture();
  expiry.effort = 1;
  assertEquals(expiry.pauseMs, 3);
  expiry.effort = 10;
  assert(expiry.pauseMs < 1.5);
});

Deno.test("ActiveExpiry does nothing while keys may not expire", () => {
  const f = new Fixture();
  f.fill(10, -1);
  f.keyspace.isPaused = true;
  assertEquals(f.expiry.run(), false);
  assertEquals(f.sizes[0], 10);
});

Deno.test("ActiveExpiry estimates remaining times and the share of stale keys", () => {
  const f = new Fixture();
  f.fill(100, 5000);
  f.expiry.run();
  assertEquals(f.keyspace.databases[0].averageTtlMs, 5000);
  assertEquals(f.keyspace.stats.expiredStalePercent, 0);
  f.clock.advance(5001);
  f.keyspace.tick();
  f.expiry.run();
  assertEquals(f.sizes[0], 0);
  assertEquals(f.keyspace.databases[0].averageTtlMs, 0);
  assertEquals(f.keyspace.stats.expiredStalePercent, 5);
  f.expiry.run();
  assert(f.keyspace.stats.expiredStalePercent < 5);
});
