import { assert, assertEquals } from "@std/assert";
import { sourceOf } from "../keyspace/record_store.ts";
import { bytesOfText } from "../resp/byte_text.ts";
import { Random } from "../../tests/fuzz/random.ts";
import { lzfCompress, lzfDecompress } from "./lzf.ts";

const SEED = 20261122;
/** Bytes behind the end that may be written. */
const OVERRUN_BYTES = 3;

function roundTrip(input: Uint8Array): number {
  const packed = new Uint8Array(input.length + 64);
  const length = lzfCompress(
    input,
    0,
    input.length,
    packed,
    3,
    input.length,
  );
  if (length === 0) return 0;
  const output = sourceOf(new Uint8Array(input.length + 2));
  assert(
    lzfDecompress(sourceOf(packed), 3, 3 + length, output, 1, 1 + input.length),
  );
  assertEquals(output.bytes.subarray(1, 1 + input.length), input);
  return length;
}

Deno.test("lzfCompress makes repetitions short and refuses what does not shrink", () => {
  assert(roundTrip(new Uint8Array(10000).fill(65)) < 150);
  assert(roundTrip(bytesOfText("hello world ".repeat(50))) < 50);
  const unlike = Uint8Array.from({ length: 200 }, (_, i) => i);
  assertEquals(roundTrip(unlike), 0);
});

Deno.test(`lzf gives back random texts of few letters (seed ${SEED})`, () => {
  const random = new Random(SEED);
  for (let round = 0; round < 2000; round++) {
    const letters = 1 + random.below(6);
    const input = Uint8Array.from(
      { length: random.below(700) },
      () => 97 + random.below(letters),
    );
    roundTrip(input);
  }
});

Deno.test(`lzfDecompress refuses damage without touching what is around (seed ${SEED})`, () => {
  const random = new Random(SEED);
  const input = bytesOfText("abcabcabcabdabdabd".repeat(20));
  const packed = new Uint8Array(input.length);
  const length = lzfCompress(
    input,
    0,
    input.length,
    packed,
    0,
    input.length,
  );
  for (let round = 0; round < 2000; round++) {
    const damaged = packed.slice(0, length);
    damaged[random.below(length)] ^= 1 << random.below(8);
    const output = sourceOf(new Uint8Array(input.length + 20).fill(7));
    const end = 10 + input.length, source = sourceOf(damaged);
    lzfDecompress(source, 0, length, output, 10, end);
    assert(output.bytes.subarray(0, 10).every((byte) => byte === 7));
    const behind = output.bytes.subarray(end + OVERRUN_BYTES, end + 10);
    assert(behind.every((byte) => byte === 7));
  }
});
