import { assertEquals } from "@std/assert";
import { CommandRunner } from "../../tests/support/command_runner.ts";
import { DUMPED_HASH, DUMPED_TEXT } from "../../tests/support/dump_payloads.ts";

/** How many compact values INFO says were checked. */
function checked(runner: CommandRunner): number {
  const info = runner.run("INFO stats");
  return Number(/dump_payload_sanitizations:(\d+)/.exec(info)![1]);
}

Deno.test("compact values of clients are counted as sanitize-dump-payload says", () => {
  const runner = new CommandRunner();
  for (const [setting, count] of [["no", 0], ["yes", 1], ["clients", 1]]) {
    runner.run(`CONFIG SET sanitize-dump-payload ${setting}`);
    runner.run("CONFIG RESETSTAT");
    runner.runWords("RESTORE", "hash", "0", DUMPED_HASH, "REPLACE");
    runner.runWords("RESTORE", "text", "0", DUMPED_TEXT, "REPLACE");
    assertEquals(checked(runner), count, `${setting}`);
  }
});
