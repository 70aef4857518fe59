import { assertEquals } from "@std/assert";
import { findBreaches, findCycles } from "./tidy.ts";

function breachesOf(path: string, text = ""): string[] {
  return findBreaches(new Map([[path, text]]));
}

Deno.test("tidy finds files that are too long", () => {
  assertEquals(breachesOf("lib/a.ts", "\n".repeat(500)), []);
  assertEquals(breachesOf("lib/a.ts", "\n".repeat(501)), [
    "lib/a.ts: 501 lines; at most 500",
  ]);
});

Deno.test("tidy finds names that say nothing", () => {
  const wrong = ["lib/a/utils.ts", "lib/mod.ts", "lib/a/index.ts"];
  for (const path of [...wrong, "tests/helper.ts", "lib/aB.ts", "lib/a-b.ts"]) {
    assertEquals(breachesOf(path).length, 1, path);
  }
  for (
    const path of ["lib/std/path/mod.ts", "lib/type_name.ts", "lib/a2_b.ts"]
  ) {
    assertEquals(breachesOf(path), [], path);
  }
});

Deno.test("tidy finds what was left unfinished or hidden", () => {
  assertEquals(breachesOf("lib/a.ts", "// TO" + "DO: later\n").length, 1);
  assertEquals(breachesOf("lib/a.ts", "/*\n FIX" + "ME\n*/\n").length, 1);
  assertEquals(breachesOf("lib/a.ts", 'const error = "TO" + "DO";\n'), []);
  assertEquals(
    breachesOf("lib/a_test.ts", "Deno.test.on" + "ly(f)\n").length,
    1,
  );
});

Deno.test("tidy finds rings of imports, but not of types", () => {
  const files = new Map([
    ["main.ts", 'import { a } from "./lib/a.ts";\n'],
    ["lib/a.ts", 'import {\n  b,\n  c,\n} from "./x/b.ts";\n'],
    ["lib/x/b.ts", 'import { type D } from "../d.ts";\nimport "../e.ts";\n'],
    ["lib/d.ts", 'export { a } from "./a.ts";\n'],
    ["lib/e.ts", 'const e = await import("./f.ts");\n'],
    ["lib/f.ts", 'import type { E } from "./e.ts";\n'],
  ]);
  assertEquals(findCycles(files), [
    ["lib/a.ts", "lib/x/b.ts", "lib/d.ts", "lib/a.ts"],
  ]);
  files.set("lib/d.ts", "");
  assertEquals(findCycles(files), []);
  files.set("lib/f.ts", 'export * from "./e.ts";\n');
  assertEquals(findCycles(files), [["lib/e.ts", "lib/f.ts", "lib/e.ts"]]);
});
