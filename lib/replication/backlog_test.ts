import { assert, assertEquals } from "@std/assert";
import { Backlog } from "./backlog.ts";

/** The byte that stands at a position of the streams of these tests. */
function byteAt(position: number): number {
  return (position * 7 + (position >> 8)) & 0xff;
}

function streamPart(from: number, to: number): Uint8Array {
  return Uint8Array.from({ length: to - from }, (_, i) => byteAt(from + i));
}

function readAll(backlog: Backlog, from: number): Uint8Array {
  const parts: number[] = [];
  for (let at = from; at < backlog.end;) {
    const part = backlog.read(at);
    assert(part.length > 0);
    parts.push(...part);
    at += part.length;
  }
  return Uint8Array.from(parts);
}

Deno.test("Backlog is empty at first, at the position it was given", () => {
  const backlog = new Backlog(16384, 1000, () => Infinity);
  assertEquals(backlog.firstOffset, 1001);
  assertEquals(backlog.lengthBytes, 0);
  assert(backlog.has(1000));
  assert(!backlog.has(999));
  assert(!backlog.has(1001));
  assertEquals(backlog.read(1000).length, 0);
});

Deno.test("Backlog keeps at least its capacity and little more", () => {
  const backlog = new Backlog(16384, 5, () => Infinity);
  let position = 5;
  for (let i = 0; i < 500; i++) {
    const length = 1 + (i * 37) % 900;
    const part = streamPart(position, position + length);
    backlog.append(part, 0, length);
    position += length;
    assertEquals(backlog.end, position);
    const kept = backlog.lengthBytes;
    assert(kept >= Math.min(16384, position - 5), `kept only ${kept}`);
    assert(kept <= 16384 + 2048, `kept ${kept}`);
  }
  const first = backlog.firstOffset - 1;
  assertEquals(readAll(backlog, first), streamPart(first, position));
  assertEquals(readAll(backlog, first + 3333).length, position - first - 3333);
  assert(!backlog.has(first - 1));
});

Deno.test("Backlog keeps what a replica has yet to send", () => {
  let needed = 0;
  const backlog = new Backlog(16384, 0, () => needed);
  backlog.append(streamPart(0, 100_000), 0, 100_000);
  assertEquals(backlog.firstOffset, 1);
  assertEquals(readAll(backlog, 0), streamPart(0, 100_000));
  needed = 70_000;
  backlog.append(streamPart(100_000, 100_001), 0, 1);
  assert(backlog.has(70_000));
  assert(backlog.firstOffset > 1);
  assertEquals(readAll(backlog, 70_000), streamPart(70_000, 100_001));
});

Deno.test("Backlog takes a change that is larger than itself", () => {
  const backlog = new Backlog(16384, 0, () => Infinity);
  backlog.append(streamPart(0, 300_000), 0, 300_000);
  assertEquals(backlog.end, 300_000);
  const first = backlog.firstOffset - 1;
  assertEquals(readAll(backlog, first), streamPart(first, 300_000));
});

Deno.test("Backlog gives up what no longer fits when its capacity shrinks", () => {
  const backlog = new Backlog(1 << 20, 0, () => Infinity);
  backlog.append(streamPart(0, 900_000), 0, 900_000);
  assertEquals(backlog.firstOffset, 1);
  backlog.capacityBytes = 100_000;
  backlog.trim();
  assert(backlog.lengthBytes >= 100_000 && backlog.lengthBytes < 200_000);
});

Deno.test("Backlog goes on to be read when its beginning stands further on", () => {
  const backlog = new Backlog(1000, 0, () => Infinity);
  backlog.append(new Uint8Array([1, 2, 3]), 0, 3);
  backlog.rebase(500);
  assertEquals(backlog.firstOffset, 501);
  assertEquals(backlog.has(499), false);
  backlog.append(new Uint8Array([4]), 0, 1);
  assertEquals([...backlog.read(501)], [2, 3, 4]);
  assertEquals(backlog.end, 504);
});
