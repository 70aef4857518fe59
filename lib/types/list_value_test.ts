import { assertEquals } from "@std/assert";
import { argsOf } from "../../tests/support/args_of.ts";
import { CommandRunner } from "../../tests/support/command_runner.ts";
import { encodingOf } from "../keyspace/collection.ts";
import { putValue } from "../keyspace/collection_edit.ts";
import { EncodingLimits } from "../keyspace/encoding_limits.ts";
import { TYPE_LIST } from "../keyspace/record.ts";
import { bytesOfText, textOfBytes } from "../resp/byte_text.ts";
import { listFrom, listLength, listValues } from "./list_value.ts";

const KEY = argsOf("LIST", "k");

/** Stores elements as the list at `k`, and says how they are kept. */
function store(
  runner: CommandRunner,
  elements: readonly string[],
  limits = new EncodingLimits(),
): { texts: string[]; encoding: string; isObject: boolean } {
  const db = runner.database;
  const value = listFrom(elements.map(bytesOfText), limits);
  putValue(db, KEY, 1, db.write(KEY, 1), TYPE_LIST, value);
  const ref = db.peek(KEY, 1);
  const texts = [...listValues(db.map, ref)].map(textOfBytes);
  assertEquals(listLength(db.map, ref), texts.length);
  const encoding = encodingOf(db.map, ref);
  return { texts, encoding, isObject: db.map.isObject(ref) };
}

Deno.test("listFrom keeps small lists in records and large ones as objects", () => {
  const runner = new CommandRunner();
  for (
    const [elements, encoding, isObject] of [
      [["a"], "listpack", false],
      [["", "\r\n", "$1\r\nx\r\n", "\x00\xff"], "listpack", false],
      [Array.from({ length: 100 }, (_, i) => `${i}`), "listpack", false],
      [Array.from({ length: 2000 }, (_, i) => `${i}`), "listpack", false],
      [["x".repeat(2000)], "listpack", false],
      [["x".repeat(8151)], "listpack", false],
      [["x".repeat(8152)], "listpack", true],
      [["x".repeat(8170)], "listpack", true],
      [["x".repeat(8190)], "quicklist", true],
      [["a", "x".repeat(100_000), "b"], "quicklist", true],
      [Array.from({ length: 5000 }, (_, i) => `${i}`), "quicklist", true],
    ] as const
  ) {
    assertEquals(store(runner, elements), {
      texts: [...elements],
      encoding,
      isObject,
    });
  }
});

Deno.test("listFrom follows list-max-listpack-size", () => {
  const runner = new CommandRunner(), limits = new EncodingLimits();
  for (
    const [size, count, encoding] of [
      [3, 3, "listpack"],
      [3, 4, "quicklist"],
      [0, 1, "listpack"],
      [0, 2, "quicklist"],
      [-1, 1360, "listpack"],
      [-1, 1370, "quicklist"],
      [-9, 16000, "listpack"],
    ] as const
  ) {
    limits.listMaxListpackSize = size;
    const elements = Array.from({ length: count }, () => "x");
    assertEquals(
      [size, count, store(runner, elements, limits).encoding],
      [size, count, encoding],
    );
  }
});

Deno.test("what was stored can be changed by commands", () => {
  const runner = new CommandRunner();
  for (const length of [3, 300, 30_000]) {
    const elements = Array.from({ length }, (_, i) => `element ${i}`);
    store(runner, elements);
    runner.run("LPUSH k head");
    runner.run("RPUSH k tail");
    runner.run(`LREM k 1 element`);
    assertEquals(runner.run("LINDEX k 0"), "$4\r\nhead\r\n");
    assertEquals(runner.run("RPOP k"), "$4\r\ntail\r\n");
    assertEquals(
      runner.run(`LINDEX k ${length}`),
      runner.run("LINDEX k -1"),
    );
    assertEquals(runner.run("LLEN k"), `:${length + 1}\r\n`);
  }
});
