import { assertEquals, assertThrows } from "@std/assert";
import { textOfBytes } from "../resp/byte_text.ts";
import { argsOf } from "../../tests/support/args_of.ts";
import { CommandError } from "./command_error.ts";

function refusal(read: () => unknown): string {
  try {
    return String(read());
  } catch (error) {
    if (error instanceof CommandError) return error.text;
    throw error;
  }
}

const NOT_INTEGER = "ERR value is not an integer or out of range";

Deno.test("Args reads 64-bit integers in canonical form and nothing else", () => {
  for (
    const text of [
      "0",
      "1",
      "-1",
      "123456789012345",
      "-999999999999999",
      "1234567890123456",
      "9223372036854775807",
      "-9223372036854775808",
    ]
  ) {
    assertEquals(argsOf(text).bigint(0), BigInt(text));
    assertEquals(argsOf(text).integer(0), Number(text));
  }
  for (
    const text of [
      "",
      "-",
      "+1",
      " 1",
      "1 ",
      "01",
      "-0",
      "0x10",
      "1e3",
      "1.0",
      "9223372036854775808",
      "-9223372036854775809",
      "123456789012345678901",
      "1234567890a",
      "12345678901234567a",
    ]
  ) {
    assertEquals(refusal(() => argsOf(text).integer(0)), NOT_INTEGER, text);
    assertEquals(refusal(() => argsOf(text).bigint(0)), NOT_INTEGER, text);
  }
});

Deno.test("Args checks bounds and answers the error it is given", () => {
  assertEquals(argsOf("5").integerBetween(0, 5, 5), 5);
  assertEquals(
    refusal(() =>
      argsOf("6").integerBetween(0, 0, 5, CommandError.notPositive)
    ),
    "ERR value is out of range, must be positive",
  );
  assertEquals(
    refusal(() => argsOf("x").integer(0, CommandError.syntax)),
    "ERR syntax error",
  );
});

Deno.test("Args reads floats as strtod does, without NaN", () => {
  for (
    const [text, value] of [
      ["1", 1],
      ["-1.5", -1.5],
      ["+.5", 0.5],
      ["1e3", 1000],
      ["inf", Infinity],
      ["-Infinity", -Infinity],
      ["0x1p4", 16],
      ["0x.8", 0.5],
    ] as const
  ) assertEquals(argsOf(text).float(0), value, text);
  for (
    const text of ["", "nan", " 1", "1 ", "1e", "abc", "0x", "1.5.2", "--1"]
  ) {
    assertEquals(
      refusal(() => argsOf(text).float(0)),
      "ERR value is not a valid float",
      text,
    );
  }
});

Deno.test("Args compares keywords in any case and whole", () => {
  const args = argsOf("KeepTTL", "keepttl1", "keepttk", "");
  assertEquals(args.is(0, "keepttl"), true);
  assertEquals(args.is(1, "keepttl"), false);
  assertEquals(args.is(2, "keepttl"), false);
  assertEquals(args.is(3, ""), true);
});

Deno.test("Args gives away a large argument's memory only when little else is in it", () => {
  const large = "v".repeat(20000);
  const alone = argsOf("SET", "k", large);
  const taken = alone.take(2);
  assertEquals(taken.buffer === alone.bytes.buffer, true);
  assertEquals(alone.isTaken, true);
  assertEquals(textOfBytes(taken), large);

  const among = argsOf("SET", "k", large, "x".repeat(60000));
  assertEquals(among.take(2).buffer === among.bytes.buffer, false);
  assertEquals(among.isTaken, false);
  const small = argsOf("SET", "k", "v");
  assertEquals(small.take(2).buffer === small.bytes.buffer, false);
});

Deno.test("Args shows an argument up to a null byte, where Redis's strings end", () => {
  const args = argsOf("abc", "a\0c", "\0", "\xff\r\n");
  assertEquals(args.shown(0), "abc");
  assertEquals(args.shown(0, 2), "ab");
  assertEquals(args.shown(1), "a");
  assertEquals(args.shown(2), "");
  assertEquals(args.shown(3), "\xff\r\n");
});

Deno.test("Args throws what is no Error, so that a client's mistake costs no stack trace", () => {
  assertThrows(
    () => {
      try {
        argsOf("x").integer(0);
      } catch (error) {
        assertEquals(error instanceof Error, false);
        throw new Error("was thrown");
      }
    },
    Error,
    "was thrown",
  );
});
