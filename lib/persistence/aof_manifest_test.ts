import { assertEquals, assertThrows } from "@std/assert";
import { AofManifest, AofManifestError } from "./aof_manifest.ts";

const TEXT = "file appendonly.aof.2.base.rdb seq 2 type b\n" +
  "file appendonly.aof.1.incr.aof seq 1 type h\n" +
  "file appendonly.aof.4.incr.aof seq 4 type i\n" +
  "file appendonly.aof.5.incr.aof seq 5 type i\n";

Deno.test("AofManifest reads what it writes", () => {
  assertEquals(AofManifest.parse(TEXT).format(), TEXT);
  const spaced = 'file "my file.1.incr.aof" seq 1 type i\n';
  const manifest = AofManifest.parse(spaced);
  assertEquals(manifest.increments[0].name, "my file.1.incr.aof");
  assertEquals(manifest.format(), spaced);
});

Deno.test("AofManifest refuses lines that were altered", () => {
  const damaged = [
    TEXT.replace("seq 2", "seq 3"),
    TEXT.replace("seq 4", "seq 0"),
    TEXT.replace("seq 5 type i", "seq 5 type h"),
    TEXT.replace("seq 2 type b", "seq 2 type i"),
    TEXT.replace("seq 4 type i", "seq 4 type b"),
  ];
  for (const text of damaged) {
    assertThrows(() => AofManifest.parse(text), AofManifestError);
  }
});

Deno.test("AofManifest knows a rewrite after which nothing is appended", () => {
  const text =
    "file a.2.base.rdb seq 2 type b\nfile a.1.base.rdb seq 1 type h\n" +
    "file a.1.incr.aof seq 1 type h\n";
  assertEquals(AofManifest.parse(text).format(), text);
});

Deno.test("AofManifest gives no number again while the file that had it is history", () => {
  const manifest = AofManifest.parse(
    "file a.2.base.rdb seq 2 type b\nfile a.1.base.rdb seq 1 type h\n" +
      "file a.1.incr.aof seq 1 type h\n",
  ).withNextIncrement("a");
  assertEquals(manifest.increments[0].name, "a.2.incr.aof");
});

Deno.test("AofManifest skips comments and keys that it does not know", () => {
  const manifest = AofManifest.parse(
    "# a comment\nfile a.1.incr.aof seq 1 type i start 7\n",
  );
  assertEquals(manifest.dataFiles.map(({ name }) => name), ["a.1.incr.aof"]);
});

Deno.test("AofManifest numbers increments and bases, and makes history of what a rewrite replaces", () => {
  let manifest = new AofManifest().withNextIncrement("a").withNextIncrement(
    "a",
  );
  assertEquals(
    manifest.increments.map(({ name }) => name),
    ["a.1.incr.aof", "a.2.incr.aof"],
  );
  manifest = manifest.rewritten("a", "rdb", 1);
  assertEquals(
    manifest.format(),
    "file a.1.base.rdb seq 1 type b\nfile a.1.incr.aof seq 1 type h\n" +
      "file a.2.incr.aof seq 2 type i\n",
  );
  manifest = manifest.withoutHistory().withNextIncrement("a")
    .rewritten("a", "aof", 1);
  assertEquals(
    manifest.dataFiles.map(({ name }) => name),
    ["a.2.base.aof", "a.3.incr.aof"],
  );
  assertEquals(
    manifest.history.map(({ name }) => name),
    ["a.1.base.rdb", "a.2.incr.aof"],
  );
});

Deno.test("AofManifest refuses what is broken, with the line", () => {
  const cases: [text: string, message: string, line: number][] = [
    ["", "Found an empty AOF manifest", 0],
    ["\n", "Invalid AOF manifest file format", 1],
    ["file a seq 1\n", "Invalid AOF manifest file format", 1],
    ["file a seq 0 type i\n", "Invalid AOF manifest file format", 1],
    ["file a/b seq 1 type i\n", "File can't be a path, just a filename", 1],
    ["file a seq 1 type x\n", "Unknown AOF file type", 1],
    [
      "file a seq 2 type i\nfile b seq 2 type i\n",
      "Found a non-monotonic sequence number",
      2,
    ],
    [
      "file a seq 1 type b\nfile b seq 2 type b\n",
      "Found duplicate base file information",
      2,
    ],
    [
      `file ${"a".repeat(1100)} seq 1 type b\n`,
      "The AOF manifest file contains too long line",
      1,
    ],
  ];
  for (const [text, message, line] of cases) {
    const error = assertThrows(() => AofManifest.parse(text), AofManifestError);
    assertEquals([error.message, error.line], [message, line]);
  }
});
