import { assertEquals } from "@std/assert";
import { quoteArgument, splitArguments } from "./split_arguments.ts";

const bytes = (text: string) =>
  Uint8Array.from(text, (char) => char.charCodeAt(0));

/** The arguments of a line, with one character per byte. */
function split(line: string): string[] | undefined {
  return splitArguments(bytes(line))?.map((argument) =>
    String.fromCharCode(...argument)
  );
}

Deno.test("splitArguments cuts at blanks", () => {
  assertEquals(split(""), []);
  assertEquals(split(" \t\r\n\v\f"), []);
  assertEquals(split("PING"), ["PING"]);
  assertEquals(split("  set  key\tvalue\r\n"), ["set", "key", "value"]);
  assertEquals(split("\va\vb\f \fc"), ["a\vb\f", "c"]);
});

Deno.test("splitArguments reads escapes in double quotes", () => {
  assertEquals(split('"a b" c'), ["a b", "c"]);
  assertEquals(split('""'), [""]);
  assertEquals(split('"\\x00\\xFF\\xa"'), ["\x00\xffxa"]);
  assertEquals(split('"\\n\\r\\t\\b\\a\\q\\\\\\""'), ['\n\r\t\b\x07q\\"']);
});

Deno.test("splitArguments takes single quotes literally", () => {
  assertEquals(split("'a\\n\"b' c"), ['a\\n"b', "c"]);
  assertEquals(split("'it\\'s'"), ["it's"]);
  assertEquals(split("''"), [""]);
});

Deno.test("splitArguments lets quotes begin in a word and end it", () => {
  assertEquals(split('a"b c" d'), ["ab c", "d"]);
  assertEquals(split('"a"\v"b"'), ["a", "b"]);
});

Deno.test("splitArguments refuses quotes that do not fit", () => {
  for (const line of ['"a', "'a", '"a"b', "'a'b", '"a\\', '"a\\"', '"a"\'']) {
    assertEquals(split(line), undefined, line);
  }
});

Deno.test("splitArguments ends the line at a zero byte", () => {
  assertEquals(split("a b\x00c d"), ["a", "b"]);
  assertEquals(split('"a\x00"'), undefined);
});

Deno.test("quoteArgument writes printable ASCII", () => {
  assertEquals(quoteArgument(bytes("")), '""');
  assertEquals(
    quoteArgument(bytes('a "\\\n\r\t\b\x07~\x7f\xff\x00')),
    '"a \\"\\\\\\n\\r\\t\\b\\a~\\x7f\\xff\\x00"',
  );
});

Deno.test("splitArguments reads back every byte that quoteArgument wrote", () => {
  const all = Uint8Array.from({ length: 256 }, (_, index) => index);
  assertEquals(splitArguments(bytes(quoteArgument(all))), [all]);
});
