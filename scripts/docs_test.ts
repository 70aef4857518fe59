import { assert, assertEquals } from "@std/assert";
import { COMMAND_DEFINITIONS } from "../lib/commands/all.ts";
import { COMMAND_DOCS_URL, commandDocs } from "./docs.ts";

Deno.test("docs/COMMANDS.md is what scripts/docs.ts writes", () => {
  assertEquals(Deno.readTextFileSync(COMMAND_DOCS_URL), commandDocs());
});

Deno.test("docs/COMMANDS.md names every command", () => {
  const page = commandDocs();
  for (const { name } of COMMAND_DEFINITIONS) {
    const shown = new RegExp(`\\[${name.toUpperCase()}[ \\]]`);
    assert(shown.test(page), `${name} is missing`);
  }
});
