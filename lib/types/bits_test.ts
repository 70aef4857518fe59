import { assertEquals } from "@std/assert";
import { Random } from "../../tests/fuzz/random.ts";
import { TEST_SEED } from "../../tests/fuzz/test_seed.ts";
import {
  type BitOperation,
  bitsOf,
  combineBits,
  countBits,
  findBit,
  readWideBits,
  writeWideBits,
} from "./bits.ts";

/** Below, at and above where whole words are used. */
const LENGTHS = [0, 1, 3, 4, 63, 64, 65, 130, 1000];

/** Bytes at an odd place of a buffer that has other bytes around them. */
function windowOf(r: Random, length: number, fill?: number): Uint8Array {
  const start = r.below(9);
  const buffer = new Uint8Array(start + length + 9).fill(0xa5);
  const bytes = buffer.subarray(start, start + length);
  for (let i = 0; i < length; i++) bytes[i] = fill ?? r.below(256);
  return bytes;
}

function bitsAsText(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(2).padStart(8, "0"))
    .join("");
}

Deno.test(`bits are counted and found as in their text (seed ${TEST_SEED})`, () => {
  const r = new Random(TEST_SEED);
  for (let round = 0; round < 3000; round++) {
    const length = r.pick(LENGTHS), fill = r.pick([undefined, 0, 0xff]);
    const bytes = windowOf(r, length, fill);
    if (length > 0 && r.oneIn(2)) bytes[r.below(length)] ^= 1 << r.below(8);
    const offset = r.below(length + 1);
    const text = bitsAsText(bytes.subarray(offset));
    assertEquals(
      countBits(bytes, offset, length - offset),
      text.replaceAll("0", "").length,
    );
    if (text === "") continue;
    const from = r.below(text.length), to = r.between(from, text.length - 1);
    for (const bit of [0, 1]) {
      const index = text.slice(from, to + 1).indexOf(String(bit));
      assertEquals(
        findBit(bytes, offset, from, to, bit),
        index < 0 ? -1 : from + index,
      );
    }
  }
});

Deno.test("the bits of every byte are counted", () => {
  for (let byte = 0; byte < 256; byte++) {
    assertEquals(bitsOf(byte), byte.toString(2).replaceAll("0", "").length);
  }
});

const COMBINE: Record<BitOperation, (a: number, b: number) => number> = {
  and: (a, b) => a & b,
  or: (a, b) => a | b,
  xor: (a, b) => a ^ b,
  not: (a) => ~a & 0xff,
};

Deno.test(`strings are combined as byte by byte (seed ${TEST_SEED})`, () => {
  const r = new Random(TEST_SEED);
  for (let round = 0; round < 1000; round++) {
    const operation = r.pick(["and", "or", "xor", "not"] as const);
    const count = operation === "not" ? 1 : r.between(1, 5);
    const sources = r.repeat(count, () => windowOf(r, r.pick(LENGTHS)));
    const length = Math.max(...sources.map((source) => source.length));
    const expected = Array.from({ length }, (_, i) => {
      const column = sources.map((source) => source[i] ?? 0);
      return operation === "not"
        ? COMBINE.not(column[0], 0)
        : column.reduce(COMBINE[operation]);
    });
    assertEquals(Array.from(combineBits(operation, sources)), expected);
  }
});

Deno.test(`integers of any width are read and written at any bit (seed ${TEST_SEED})`, () => {
  const r = new Random(TEST_SEED);
  for (let round = 0; round < 3000; round++) {
    const bytes = windowOf(r, 20), offset = r.below(4);
    const width = r.between(1, 64), at = r.below(120 - offset * 8);
    const text = bitsAsText(bytes.subarray(offset));
    const expected = BigInt(
      `0b0${text.padEnd(200, "0").slice(at, at + width)}`,
    );
    assertEquals(
      readWideBits(bytes, offset, bytes.length, at, width),
      expected,
    );
    if (at + width > text.length) continue;
    const value = BigInt.asIntN(
      64,
      (BigInt(r.next()) << 32n) | BigInt(r.next()),
    );
    writeWideBits(bytes, offset, at, width, value);
    const written = BigInt.asUintN(width, value).toString(2)
      .padStart(width, "0");
    assertEquals(
      bitsAsText(bytes.subarray(offset)),
      text.slice(0, at) + written + text.slice(at + width),
    );
  }
});
