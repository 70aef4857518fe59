import { assertEquals } from "@std/assert";
import plugin, { FUNCTION_LINES_MAX } from "./lint_rules.ts";

/** The rules that a text breaks, in order. */
function broken(path: string, text: string): string[] {
  return Deno.lint.runPlugin(plugin, path, text).map((found) => found.id);
}

Deno.test("lint finds functions that are too long, of every form", () => {
  const body = (lines: number) => "{\n" + "f();\n".repeat(lines - 2) + "}";
  for (
    const head of ["function g()", "const g = () =>", "const g = function ()"]
  ) {
    const longest = `${head} ${body(FUNCTION_LINES_MAX)}`;
    assertEquals(broken("lib/a.ts", longest), []);
    const tooLong = `${head} ${body(FUNCTION_LINES_MAX + 1)}`;
    assertEquals(broken("lib/a.ts", tooLong), ["tsredis/function-length"]);
  }
  const method = `class A { g() ${body(FUNCTION_LINES_MAX + 1)} }`;
  assertEquals(broken("lib/a.ts", method), ["tsredis/function-length"]);
});

Deno.test("lint finds clocks and dice in the core, not elsewhere", () => {
  for (const text of ["Date.now();", "Math.random();", "new Date();"]) {
    const rule = ["tsredis/injected-time-and-chance"];
    assertEquals(broken("/r/lib/commands/a.ts", text), rule, text);
    assertEquals(broken("/r/lib/server.ts", text), [], text);
    assertEquals(broken("/r/lib/commands/a_test.ts", text), [], text);
  }
  assertEquals(
    broken("/r/lib/commands/a.ts", "new Date(5); call.nowMs; g(Math.random);"),
    [],
  );
});

Deno.test("lint finds decoders that change bytes", () => {
  const rule = ["tsredis/bytes-not-latin1"];
  assertEquals(broken("lib/a.ts", 'new TextDecoder("latin1");'), rule);
  assertEquals(broken("lib/a.ts", 'new TextDecoder("utf-8");'), []);
});
