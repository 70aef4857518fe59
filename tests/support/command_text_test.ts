import { assertEquals, assertThrows } from "@std/assert";
import { Random } from "../fuzz/random.ts";
import { bytesOf, textOf } from "./binary_text.ts";
import { encodeCommand, joinCommand, splitCommand } from "./command_text.ts";

Deno.test("splitCommand reads words and quotes as redis-cli does", () => {
  assertEquals(splitCommand("  SET  k v "), ["SET", "k", "v"]);
  assertEquals(splitCommand(`a "" 'b c' "\\x00\\xfF\\n\\"\\\\" 'it\\'s \\n'`), [
    "a",
    "",
    "b c",
    '\0\xff\n"\\',
    "it's \\n",
  ]);
  for (const open of ['a "b', "a 'b", 'a"b"', '"a"b']) {
    assertThrows(() => splitCommand(open), SyntaxError);
  }
});

Deno.test("joinCommand writes what splitCommand reads, for any bytes", () => {
  const r = new Random(1);
  for (let i = 0; i < 500; i++) {
    const args = r.repeat(
      r.between(1, 4),
      () => String.fromCharCode(...r.repeat(r.below(20), () => r.below(256))),
    );
    assertEquals(splitCommand(joinCommand(args)), args);
  }
});

Deno.test("encodeCommand writes an array of bulk strings", () => {
  assertEquals(
    textOf(encodeCommand(["SET", bytesOf("\0\xff"), 12n])),
    "*3\r\n$3\r\nSET\r\n$2\r\n\0\xff\r\n$2\r\n12\r\n",
  );
});

Deno.test("bytesOf refuses characters that are no bytes", () => {
  assertThrows(() => bytesOf("€"), RangeError);
});
