/**
 * Keeps `isEffective` honest: a directive has an effect when the program reads
 * it, and what it does not read must say so in the table and in docs/CONFIG.md.
 */
import { assertEquals } from "@std/assert";
import { DIRECTIVES } from "./directives.ts";

const ROOT = new URL("../../", import.meta.url);

/** Directives that are read, although what they are for is not there yet. */
const READ_WITHOUT_EFFECT: Readonly<Record<string, string>> = {
  "cluster-enabled": "the start-up log shows it; there are no clusters",
  "maxmemory": "OBJECT ENCODING and REFCOUNT look at it; there is no eviction",
  "maxmemory-policy": "it chooses what OBJECT FREQ shows; there is no eviction",
};

/** All of the program's source but for lib/config and tests. */
function programText(): string {
  return ["main.ts", ...sourceFiles("lib/")]
    .map((path) => Deno.readTextFileSync(new URL(path, ROOT))).join("\n");
}

function* sourceFiles(directory: string): Generator<string> {
  if (directory === "lib/config/") return;
  for (
    const { name, isDirectory } of Deno.readDirSync(new URL(directory, ROOT))
  ) {
    if (isDirectory) yield* sourceFiles(`${directory}${name}/`);
    else if (/(?<!_test)\.ts$/.test(name)) yield directory + name;
  }
}

/** The directives that the source reads or follows, by name. */
function readDirectives(source: string): Set<string> {
  const calls = source.matchAll(
    /\b(?:get|text|onChange|onChangeOfAny|follow\w*)\(\s*\[?((?:\s*"[a-z_-]+",?)+)/g,
  );
  const names = new Set<string>();
  // Every path of the configuration counts from it.
  if (source.includes(".resolvePath(")) names.add("dir");
  for (const [, list] of calls) {
    for (const [, name] of list.matchAll(/"([a-z_-]+)"/g)) names.add(name);
  }
  return names;
}

Deno.test("A directive is marked as without effect exactly when nothing reads it", () => {
  const read = readDirectives(programText());
  const wrong: string[] = [];
  for (const [name, { isEffective }] of Object.entries(DIRECTIVES)) {
    const hasEffect = read.has(name) && !(name in READ_WITHOUT_EFFECT);
    if (hasEffect === isEffective) continue;
    wrong.push(
      hasEffect
        ? `${name} is read: drop isEffective in lib/config/directives, then deno task docs`
        : `${name} is read nowhere: set isEffective: false in lib/config/directives, then deno task docs`,
    );
  }
  assertEquals(wrong, []);
});

Deno.test("Every excuse is about a directive that is read", () => {
  const read = readDirectives(programText());
  const idle = Object.keys(READ_WITHOUT_EFFECT).filter((name) =>
    !read.has(name)
  );
  assertEquals(idle, []);
});
