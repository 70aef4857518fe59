import { assert, assertEquals } from "@std/assert";
import { Access } from "./access.ts";

const SECOND = 1_700_000_000;
/** Bits beside the access bits, which belong to somebody else. */
const OTHERS = 0x5a000000;

function lruAt(second: number): Access {
  const access = new Access(() => 0.5);
  access.advance(second);
  return access;
}

function lfu(random: () => number): Access {
  const access = new Access(random);
  access.isLfu = true;
  access.advance(SECOND);
  return access;
}

Deno.test("Access knows for how many seconds a key was idle", () => {
  const access = lruAt(SECOND);
  const word = access.stamped(OTHERS);
  assertEquals(word & ~0xffffff, OTHERS);
  assertEquals(access.initial, word & 0xffffff);
  assertEquals(access.idleSeconds(word), 0);
  access.advance(SECOND + 90);
  assertEquals(access.idleSeconds(word), 90);
  assertEquals(access.idleSeconds(access.stamped(word)), 0);
});

Deno.test("Access counts idle seconds past the end of its 24-bit clock", () => {
  const end = 100 * 2 ** 24;
  const access = lruAt(end - 10);
  const word = access.stamped(0);
  access.advance(end + 20);
  // One less than it is: Redis takes the round to be one second shorter.
  assertEquals(access.idleSeconds(word), 29);
});

Deno.test("Access takes idle seconds that began before its clock came round", () => {
  const access = lruAt(100 * 2 ** 24 + 20);
  for (const seconds of [0, 20, 21, 1000, 2 ** 24 - 2]) {
    assertEquals(access.idleSeconds(access.ofIdleSeconds(seconds)), seconds);
  }
  assertEquals(access.ofIdleSeconds(99_999_999) >>> 24, 0);
});

Deno.test("Access begins a new key's counter at 5", () => {
  const access = lfu(() => 0.999);
  assertEquals(access.frequency(access.initial), 5);
});

Deno.test("Access raises the counter the more rarely the higher it is", () => {
  let chance = 0;
  const access = lfu(() => chance);
  let word = access.initial;
  // Up to 5 every access counts; from there one in (counter - 5) * 10 + 1.
  word = access.stamped(word);
  assertEquals(access.frequency(word), 6);
  chance = 1 / 11 + 0.001;
  assertEquals(access.frequency(access.stamped(word)), 6);
  chance = 1 / 11 - 0.001;
  assertEquals(access.frequency(access.stamped(word)), 7);
  access.lfuLogFactor = 0;
  chance = 0.999;
  for (let i = 0; i < 300; i++) word = access.stamped(word);
  assertEquals(access.frequency(word), 255);
});

Deno.test("Access lets the counter fall by one per decay time", () => {
  const access = lfu(() => 0);
  access.lfuLogFactor = 0;
  let word = access.initial | OTHERS;
  for (let i = 0; i < 15; i++) word = access.stamped(word);
  assertEquals(access.frequency(word), 20);
  assertEquals(word & ~0xffffff, OTHERS);
  access.lfuDecayMinutes = 2;
  access.advance(SECOND + 10 * 60);
  assertEquals(access.frequency(word), 15);
  access.advance(SECOND + 24 * 3600);
  assertEquals(access.frequency(word), 0);
  assertEquals(access.frequency(access.stamped(word)), 1);
  access.lfuDecayMinutes = 0;
  assertEquals(access.frequency(word), 20);
});

Deno.test("Access lets the counter fall past the end of its 16-bit clock", () => {
  const access = lfu(() => 0);
  const end = 1000 * 2 ** 16 * 60;
  access.advance(end - 60);
  const word = access.initial;
  access.advance(end + 2 * 60);
  const frequency = access.frequency(word);
  assert(frequency === 3, `fell from 5 to ${frequency}`);
});
