import { assert, assertEquals } from "@std/assert";
import { LargeBuffers } from "./large_buffers.ts";
import { LargeString } from "./record.ts";

const LENGTH = 100_000;

Deno.test("a buffer serves again when its reader and its value are gone", () => {
  const buffers = new LargeBuffers();
  const first = buffers.acquire(LENGTH);
  assert(first.bytes.length >= LENGTH && first.bytes.length < LENGTH * 1.13);
  const value = new LargeString(first.bytes.subarray(30, LENGTH));
  buffers.release(first, true);
  assert(buffers.acquire(LENGTH) !== first);
  buffers.recycle(value);
  assertEquals(buffers.keptBytes, first.bytes.length);
  assert(buffers.acquire(LENGTH + 1) === first);
  assertEquals(buffers.keptBytes, 0);
});

Deno.test("a buffer without a value serves again at once", () => {
  const buffers = new LargeBuffers();
  const first = buffers.acquire(LENGTH);
  buffers.release(first, false);
  assert(buffers.acquire(LENGTH) === first);
});

Deno.test("a buffer that is still read from, or was lent, or is not from here, is not used again", () => {
  const buffers = new LargeBuffers();
  const read = buffers.acquire(LENGTH), lent = buffers.acquire(LENGTH);
  buffers.recycle(new LargeString(read.bytes));
  buffers.release(read, true);
  const value = new LargeString(lent.bytes);
  value.isLent = true;
  buffers.release(lent, true);
  buffers.recycle(value);
  buffers.recycle(new LargeString(new Uint8Array(LENGTH)));
  assertEquals(buffers.keptBytes, 0);
});

Deno.test("small buffers are not kept, and no more than 64 MiB of large ones", () => {
  const buffers = new LargeBuffers();
  buffers.release(buffers.acquire(5000), false);
  assertEquals(buffers.keptBytes, 0);
  const many = Array.from({ length: 70 }, () => buffers.acquire(1_000_000));
  for (const buffer of many) buffers.release(buffer, false);
  assertEquals(buffers.keptBytes, 64 * 1024 * 1024);
});

Deno.test("buffers go that nobody has needed in a while", () => {
  const buffers = new LargeBuffers();
  const first = buffers.acquire(LENGTH), second = buffers.acquire(LENGTH);
  buffers.release(first, false);
  buffers.release(second, false);
  buffers.trim();
  buffers.release(buffers.acquire(LENGTH), false);
  buffers.trim();
  assertEquals(buffers.keptBytes, first.bytes.length);
  buffers.trim();
  assertEquals(buffers.keptBytes, 0);
});
