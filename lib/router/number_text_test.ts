import { assert, assertEquals } from "@std/assert";
import { Random } from "../../tests/fuzz/random.ts";
import { TEST_SEED } from "../../tests/fuzz/test_seed.ts";
import {
  formatFloat,
  integerLength,
  parseFloatStrict,
  parsePlainFloat,
  writeFloat,
  writeInteger,
} from "./number_text.ts";

/** Doubles and what Redis 7.2 prints for them. */
const PRINTED: readonly (readonly [number, string])[] = [
  [0, "0"],
  [-0, "-0"],
  [1, "1"],
  [-17, "-17"],
  [3.5, "3.5"],
  [-0.1, "-0.1"],
  [0.3 - 0.1, "0.19999999999999998"],
  [1234.5678, "1234.5678"],
  [1e15, "1000000000000000"],
  [2 ** 53 + 2, "9007199254740994"],
  [1e18, "1000000000000000000"],
  [2 ** 62, "4611686018427387904"],
  [-(2 ** 62), "-4611686018427387904"],
  [2 ** 62 + 1024, "4611686018427389000"],
  [5e18, "5e+18"],
  [1e20, "1e+20"],
  [1.5e20, "1.5e+20"],
  [1.2345678901234567e19, "12345678901234567000"],
  [-1e21, "-1e+21"],
  [0.001, "0.001"],
  [0.000001, "0.000001"],
  [0.0000001, "1e-7"],
  [0.00000012, "1.2e-7"],
  [0.00012345678, "1.2345678e-4"],
  [0.00125, "0.00125"],
  [1e-10, "1e-10"],
  [1.7976931348623157e308, "1.7976931348623157e+308"],
  [2.2250738585072014e-308, "2.2250738585072014e-308"],
  [5e-324, "5e-324"],
  [Infinity, "inf"],
  [-Infinity, "-inf"],
  [NaN, "nan"],
];

/** Doubles whose digits Grisu2 does not find the fewest of, as in Redis. */
const LONGER_THAN_NEEDED: readonly (readonly [number, string])[] = [
  [2.541e21, "2540999999999999700000"],
  [5.82e-11, "5.8199999999999997e-11"],
  [1.086e22, "10860000000000001000000"],
  [6.76e22, "67599999999999996000000"],
  [0.0007895, "7.895000000000001e-4"],
  [4.896e-71, "4.8959999999999996e-71"],
];

Deno.test("formatFloat prints doubles as Redis 7.2 does", () => {
  for (const [value, text] of [...PRINTED, ...LONGER_THAN_NEEDED]) {
    assertEquals(formatFloat(value), text);
  }
});

Deno.test("formatFloat prints what reads back as the same double", () => {
  const view = new DataView(new ArrayBuffer(8));
  // Multiples of an odd constant are spread over all bit patterns.
  for (let i = 1n; i < 20_000n; i++) {
    view.setBigUint64(0, i * 0x9e3779b97f4a7c15n);
    const value = view.getFloat64(0);
    // Whole numbers are printed with all their digits.
    if (!Number.isFinite(value) || Number.isInteger(value)) continue;
    assertEquals(parseFloatStrict(formatFloat(value)), value);
  }
});

Deno.test("writeInteger writes every size of integer, and only that", () => {
  const powers = Array.from({ length: 16 }, (_, power) => 10 ** power);
  const sizes = powers.flatMap((power) => [power - 1, power, power + 7]);
  for (const size of [...sizes, 2 ** 31, 2 ** 32, Number.MAX_SAFE_INTEGER]) {
    for (const value of [size, -size]) {
      if (Object.is(value, -0)) continue;
      const bytes = new Uint8Array(24).fill(120);
      const end = writeInteger(bytes, 2, value);
      const text = String(value);
      assertEquals(
        new TextDecoder().decode(bytes),
        `xx${text}`.padEnd(24, "x"),
      );
      assertEquals(end, 2 + text.length);
      assertEquals(integerLength(value), text.length);
    }
  }
});

Deno.test("parseFloatStrict reads what strtod reads, and nothing around it", () => {
  const READ: readonly (readonly [string, number])[] = [
    ["0", 0],
    ["-1.5", -1.5],
    ["+.5", 0.5],
    ["5.", 5],
    ["1e3", 1000],
    ["1E-3", 0.001],
    ["0x10", 16],
    ["0x1.8p1", 3],
    ["-0x.8", -0.5],
    ["inf", Infinity],
    ["-Infinity", -Infinity],
  ];
  for (const [text, value] of READ) assertEquals(parseFloatStrict(text), value);
  const refused = [
    "",
    " 1",
    "1 ",
    ".",
    "1e",
    "e1",
    "0x",
    "nan",
    "1_0",
    "1e999",
  ];
  for (const text of refused) {
    assert(parseFloatStrict(text) === undefined, `took "${text}"`);
  }
});

Deno.test("writeFloat writes what formatFloat prints", () => {
  const bytes = new Uint8Array(64);
  for (const [value, text] of [...PRINTED, ...LONGER_THAN_NEEDED]) {
    const end = writeFloat(bytes, 3, value);
    assertEquals(new TextDecoder().decode(bytes.subarray(3, end)), text);
  }
});

Deno.test(`formatFloat prints random doubles so that they read back, with at most 17 digits (seed ${TEST_SEED})`, () => {
  const random = new Random(TEST_SEED), view = new DataView(new ArrayBuffer(8));
  for (let i = 0; i < 20_000; i++) {
    view.setUint32(0, random.next());
    view.setUint32(4, random.next());
    const value = i % 2 === 0
      ? view.getFloat64(0)
      : random.next() / 2 ** (i % 60);
    // Whole numbers are printed with all their digits.
    if (!Number.isFinite(value) || Number.isInteger(value)) continue;
    const text = formatFloat(value);
    assertEquals(Number(text), value, text);
    assert(text.replace(/e.*|[-.]/g, "").replace(/^0+/, "").length <= 17, text);
  }
});

Deno.test("parsePlainFloat reads short decimals as parseFloatStrict does, and nothing else", () => {
  const encoder = new TextEncoder();
  const parsePlain = (text: string) =>
    parsePlainFloat(encoder.encode(`x${text}y`), 1, text.length);
  for (
    const text of ["0", "-0", "7", "-12", "3.14159", ".5", "-.25", "007.50"]
      .concat("123456789012345", "0.0000000000001", "-99999999999.75")
  ) assertEquals(parsePlain(text), parseFloatStrict(text), text);
  for (
    const text of ["", "-", ".", "-.", "1.", "+1", "1e3", "inf", "1.2.3", " 1"]
      .concat("0x10", "1-", "123456789012345678901234", "9007199254740993")
  ) assertEquals(parsePlain(text), NaN, text);
});

Deno.test(`parsePlainFloat reads decimals of up to 23 characters exactly or not at all (seed ${TEST_SEED})`, () => {
  const encoder = new TextEncoder(), random = new Random(TEST_SEED);
  const fraction = () => (random.next() + random.next() / 2 ** 32) / 2 ** 32;
  let unread = 0;
  for (let i = 0; i < 20_000; i++) {
    const value = (fraction() - 0.5) * 10 ** (i % 19 - 3);
    const texts = [
      value.toPrecision(17),
      `${value}`,
      value.toFixed(i % 16),
      `${fraction()}${i}`.slice(0, 2 + i % 22),
    ];
    for (const text of texts) {
      const read = parsePlainFloat(encoder.encode(text), 0, text.length);
      const isPlain = text.length <= 23 && /^-?\d+(\.\d+)?$/.test(text);
      if (isPlain && !Number.isNaN(read)) {
        assertEquals(read, Number(text), text);
      } else if (isPlain) unread++;
    }
  }
  assert(unread < 100, `${unread} were not read`);
});

Deno.test(`parsePlainFloat leaves what is half way between two doubles to others (seed ${TEST_SEED})`, () => {
  const encoder = new TextEncoder(), random = new Random(TEST_SEED);
  for (let i = 0; i < 2000; i++) {
    const odd = 2 ** 53 + 2 * random.next() * 2 ** 18 + 2 * random.next() + 2;
    for (const more of [-1n, 0n, 1n]) {
      for (const tail of ["", ".000000", ".000001", ".999999"]) {
        const text = `${BigInt(odd) + more}${tail}`;
        const read = parsePlainFloat(encoder.encode(text), 0, text.length);
        if (!Number.isNaN(read)) assertEquals(read, Number(text), text);
      }
    }
  }
});
