import { assertEquals } from "@std/assert";
import { aclCategories } from "./acl_categories.ts";
import { type CommandDefinition, defineCommand } from "./command.ts";

function command(facts: Partial<CommandDefinition>): CommandDefinition {
  return defineCommand({
    name: "example",
    arity: 1,
    flags: [],
    group: "server",
    since: "1.0.0",
    complexity: "O(1)",
    summary: "",
    syntax: "",
    run() {},
    ...facts,
  });
}

Deno.test("categories follow from flags and group", () => {
  assertEquals(
    aclCategories(command({ flags: ["write", "fast"], group: "generic" })),
    ["keyspace", "write", "fast"],
  );
  assertEquals(
    aclCategories(command({ flags: ["readonly", "admin"] })),
    ["read", "admin", "slow", "dangerous"],
  );
});

Deno.test("a container has its group's category only through its subcommands", () => {
  assertEquals(
    aclCategories(command({ group: "connection", subcommands: [command({})] })),
    ["slow"],
  );
});

Deno.test("a definition adds categories and takes its group's away", () => {
  assertEquals(
    aclCategories(
      command({ group: "generic", categories: ["-keyspace", "connection"] }),
    ),
    ["slow", "connection"],
  );
});
