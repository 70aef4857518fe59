import { assert, assertEquals, assertMatch } from "@std/assert";
import type { CommandDefinition } from "../router/command.ts";
import { FLAG_ORDER } from "../router/command_table.ts";
import { type ArgumentDoc, parseSyntax } from "../router/syntax.ts";
import { ACL_CATEGORIES } from "../router/acl_categories.ts";
import { COMMAND_DEFINITIONS } from "./all.ts";

/** Every definition and subdefinition with its full name. */
function everyDefinition(): [name: string, definition: CommandDefinition][] {
  return COMMAND_DEFINITIONS.flatMap((definition) => [
    [definition.name, definition] as [string, CommandDefinition],
    ...(definition.subcommands ?? []).map((
      sub,
    ): [string, CommandDefinition] => [`${definition.name}|${sub.name}`, sub]),
  ]);
}

function keyArguments(list: readonly ArgumentDoc[]): ArgumentDoc[] {
  return list.flatMap((argument) => [
    ...(argument.type === "key" ? [argument] : []),
    ...keyArguments(argument.arguments ?? []),
  ]);
}

for (const [name, definition] of everyDefinition()) {
  Deno.test(`the definition of ${name} is complete and consistent`, () => {
    const { arity, flags, since, summary, subcommands, keys = [] } = definition;
    assertMatch(definition.name, /^[a-z][a-z_-]*$/);
    assert(arity !== 0 && Number.isInteger(arity));
    assertMatch(since, /^\d+\.\d+\.\d+$/);
    assert(summary.length > 0);
    for (const flag of flags) assert(FLAG_ORDER.includes(flag), flag);
    for (const category of definition.categories ?? []) {
      const plain = category.replace(/^-/, "");
      assert(ACL_CATEGORIES.some((known) => known === plain), category);
    }
    const isHelpful = subcommands?.some(({ name }) => name === "help") ?? false;
    assertEquals(isHelpful, definition.help !== undefined);

    const parsed = parseSyntax(definition.syntax);
    for (const { keySpecIndex } of keyArguments(parsed)) {
      assert(keySpecIndex! < keys.length, `key argument ${keySpecIndex}`);
    }
  });
}
