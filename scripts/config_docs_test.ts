import { assert, assertEquals } from "@std/assert";
import { LISTED_DIRECTIVES } from "../lib/config/directives.ts";
import { CONFIG_DOCS_URL, configDocs } from "./config_docs.ts";

Deno.test("docs/CONFIG.md is what scripts/config_docs.ts writes", async () => {
  assertEquals(Deno.readTextFileSync(CONFIG_DOCS_URL), await configDocs());
});

Deno.test("docs/CONFIG.md names every directive and alias", async () => {
  const page = await configDocs();
  for (const { listedName } of LISTED_DIRECTIVES) {
    assert(page.includes(`\`${listedName}\``), listedName);
  }
});
