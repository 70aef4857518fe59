import { assertEquals } from "@std/assert";
import { Random } from "../../tests/fuzz/random.ts";
import { TEST_SEED } from "../../tests/fuzz/test_seed.ts";
import { bytesOfText, textOfBytes } from "../resp/byte_text.ts";
import {
  parseWide,
  wide,
  WIDE_TEXT_MAX,
  writeWideInteger,
} from "./wide_integer.ts";

function parsed(text: string): bigint | undefined {
  const bytes = bytesOfText(`x${text}7`);
  if (!parseWide(bytes, 1, text.length)) return undefined;
  return (BigInt(wide.high) << 32n) | BigInt(wide.low >>> 0);
}

function written(value: bigint): string {
  const bytes = new Uint8Array(WIDE_TEXT_MAX + 1);
  const high = Number(value >> 32n), low = Number(value & 0xffffffffn);
  const end = writeWideInteger(bytes, 1, high, low);
  return textOfBytes(bytes.subarray(1, end));
}

function check(value: bigint): void {
  assertEquals([value, written(value)], [value, `${value}`]);
  assertEquals([value, parsed(`${value}`)], [value, value]);
}

Deno.test("a 64-bit integer is read from and written as its decimal text", () => {
  for (let bits = 0n; bits < 63n; bits++) {
    for (const delta of [-1n, 0n, 1n]) {
      check((1n << bits) + delta);
      check(-(1n << bits) + delta);
    }
  }
  for (let size = 1n; size < 1n << 63n; size *= 10n) {
    for (const delta of [-1n, 0n, 1n]) check(size + delta);
  }
  check((1n << 63n) - 1n);
  check(-(1n << 63n));
});

Deno.test("what is no canonical 64-bit integer is refused", () => {
  for (
    const text of [
      "",
      "-",
      "-0",
      "00",
      "01",
      "+1",
      " 1",
      "1 ",
      "1e3",
      "123456789:12",
      "9223372036854775808",
      "-9223372036854775809",
      "9999999999999999999",
      "10000000000000000000",
      "-10000000000000000000",
    ]
  ) assertEquals([text, parsed(text)], [text, undefined]);
});

Deno.test(`64-bit integers of any size go there and back, seed ${TEST_SEED}`, () => {
  const r = new Random(TEST_SEED);
  for (let i = 0; i < 20_000; i++) {
    const high = BigInt(r.below(2 ** 32)), low = BigInt(r.below(2 ** 32));
    const bits = BigInt(r.between(1, 64));
    check(BigInt.asIntN(Number(bits), (high << 32n) | low));
  }
});
