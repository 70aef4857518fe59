import { assertEquals, assertThrows } from "@std/assert";
import type { Statement } from "../config/config.ts";
import { ConfigurationError } from "../config/configuration_error.ts";
import { type CommandDefinition, defineCommand } from "./command.ts";
import { CommandTable } from "./command_table.ts";
import { renameCommands } from "./rename_commands.ts";

function definition(name: string): CommandDefinition {
  return defineCommand({
    name,
    arity: 1,
    flags: [],
    group: "server",
    since: "1.0.0",
    complexity: "O(1)",
    summary: "",
    syntax: "",
    run() {},
  });
}

function renamed(...pairs: [from: string, to: string][]): CommandTable {
  const table = new CommandTable(["get", "set"].map(definition));
  renameCommands(
    table,
    pairs.map((args, index): Statement => ({
      keyword: "rename-command",
      args,
      line: { isOption: false, number: index + 1, text: args.join(" ") },
    })),
  );
  return table;
}

function find(table: CommandTable, name: string): string | undefined {
  const bytes = new TextEncoder().encode(name);
  return table.find(bytes, 0, bytes.length)?.definition.name;
}

Deno.test("A renamed command is found by its new name alone, in any case", () => {
  const table = renamed(["GET", "Fetch-it"]);
  assertEquals(find(table, "FETCH-IT"), "get");
  assertEquals(find(table, "get"), undefined);
  assertEquals(find(table, "set"), "set");
  assertEquals([...table.byName.keys()].sort(), ["fetch-it", "set"]);
});

Deno.test("A command that is renamed to nothing is gone", () => {
  const table = renamed(["get", ""]);
  assertEquals(find(table, "get"), undefined);
  assertEquals(find(table, ""), undefined);
});

Deno.test("Renamings are acted on in their order", () => {
  const table = renamed(["get", "old"], ["set", "get"], ["old", "set"]);
  assertEquals(find(table, "get"), "set");
  assertEquals(find(table, "set"), "get");
});

Deno.test("renameCommands refuses unknown commands and names that are taken", () => {
  const message = (...pairs: [string, string][]) =>
    assertThrows(() => renamed(...pairs), ConfigurationError).reason;
  assertEquals(message(["nope", "x"]), "No such command in rename-command");
  assertEquals(message(["get", "SET"]), "Target command name already exists");
});
