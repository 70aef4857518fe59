import { assert, assertEquals } from "@std/assert";
import { bytesOfText } from "../resp/byte_text.ts";
import {
  addLongDoubles,
  formatLongDouble,
  type LongDouble,
  parseLongDouble,
} from "./long_double.ts";

function parse(text: string): LongDouble | undefined {
  return parseLongDouble(bytesOfText(text));
}

/** The sum as Redis prints it, or why there is none. */
function add(first: string, second: string): string {
  const left = parse(first), right = parse(second);
  if (left === undefined || right === undefined) return "no number";
  const sum = addLongDoubles(left, right);
  return sum === undefined ? "not finite" : formatLongDouble(sum);
}

/** Two numbers and their sum, all as redis-server 7.2 on x86-64 has them. */
const SUMS: readonly (readonly [string, string, string])[] = [
  ["0", "0", "0"],
  ["10.50", "0.1", "10.6"],
  ["0.1", "0.2", "0.3"],
  ["5.0e3", "2.0e2", "5200"],
  ["1", "-1.1", "-0.1"],
  ["3", "1.1", "4.1"],
  ["17179869184", "17179869184", "34359738368"],
  ["1000.1", "0", "1000.09999999999999998"],
  ["123456789.123", "0.001", "123456789.12399999999615829"],
  ["18446744073709551615", "0", "18446744073709551615"],
  ["18446744073709551616", "1", "18446744073709551616"],
  ["18446744073709551616", "3", "18446744073709551620"],
  ["9223372036854775807", "1", "9223372036854775808"],
  ["1e20", "-1e-20", "100000000000000000000"],
  ["-1e-18", "0", "0"],
  ["-6e-18", "0", "-0.00000000000000001"],
  ["4e-18", "0", "0"],
  ["0x1.8p1", "-0X10", "-13"],
  ["+.5", "5.", "5.5"],
  ["-0", "-0.0", "0"],
  ["inf", "1", "not finite"],
  ["inf", "-INFINITY", "not finite"],
  ["1.1e4932", "1.1e4932", "not finite"],
];

Deno.test("sums have 64 bits and 17 decimals, as on x86", () => {
  for (const [first, second, sum] of SUMS) {
    assertEquals([first, second, add(first, second)], [first, second, sum]);
  }
});

Deno.test("texts that strtold does not read whole are no numbers", () => {
  const texts = ["", " 1", "1 ", "nan", "-nan", ".", "+", "1e", "e1", "0x"];
  texts.push("0x.", "0x1p", "--1", "1_0", "infinit", "1\0", "1,5");
  for (const text of texts) {
    assert(parse(text) === undefined, `took "${text}"`);
  }
});

Deno.test("the largest and smallest numbers are where the hardware has them", () => {
  assert(parse("1.1897314953572317650e4932") !== undefined);
  assert(parse("1.1897314953572317651e4932") === undefined);
  assert(parse("0x1.fffffffffffffffep16383") !== undefined);
  assert(parse("0x1.ffffffffffffffffp16383") === undefined);
  assert(parse("0x1p16384") === undefined);
  assert(parse("1e999999999999") === undefined);
  assertEquals(parse("0x1p-16445"), {
    mantissa: 1n,
    exponent: -16445,
  });
  // Half of the smallest number rounds to zero, which strtold calls out of range.
  assert(parse("0x1p-16446") === undefined);
  assert(parse("0x1.8p-16446")?.mantissa === 1n);
  assert(parse("1e-999999999999") === undefined);
  assertEquals(parse("0e-999999999999")?.mantissa, 0n);
});

Deno.test("ties are rounded to even", () => {
  const mantissaOf = (text: string) => parse(text)?.mantissa;
  assertEquals(mantissaOf("0x10000000000000001"), 1n << 63n);
  assertEquals(mantissaOf("0x10000000000000003"), (1n << 63n) + 2n);
  assertEquals(mantissaOf("0x10000000000000001.0001"), (1n << 63n) + 1n);
});

Deno.test("a text of more than 5,119 bytes is no number", () => {
  const zeros = "0".repeat(5118);
  assertEquals(add(`${zeros}7`, "0"), "7");
  assertEquals(add(`0${zeros}7`, "0"), "no number");
});
