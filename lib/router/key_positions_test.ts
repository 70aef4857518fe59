import { assertEquals } from "@std/assert";
import { bytesOfText } from "../resp/byte_text.ts";
import { Args } from "./args.ts";
import {
  type CommandDefinition,
  defineCommand,
  keyAt,
  type KeySpec,
  manyKeys,
  oneKey,
} from "./command.ts";
import { findKeys, hasKeys, legacyKeyRange } from "./key_positions.ts";

function command(
  keys: readonly KeySpec[],
  facts: Partial<CommandDefinition> = {},
): CommandDefinition {
  return defineCommand({
    name: "example",
    arity: -1,
    flags: [],
    group: "string",
    keys,
    since: "1.0.0",
    complexity: "O(1)",
    summary: "",
    syntax: "",
    run() {},
    ...facts,
  });
}

function argsOf(text: string): Args {
  const words = text.split(" ");
  const args = new Args();
  args.bytes = bytesOfText(text);
  args.count = words.length;
  args.offsets = new Int32Array(words.length);
  args.lengths = Int32Array.from(words, (word) => word.length);
  for (let i = 1; i < words.length; i++) {
    args.offsets[i] = args.offsets[i - 1] + words[i - 1].length + 1;
  }
  return args;
}

function keysOf(definition: CommandDefinition, text: string, nameIndex = 0) {
  const args = argsOf(text);
  return findKeys(definition, args, nameIndex)?.map(({ index }) =>
    args.text(index)
  );
}

const KEY_NUMBER: KeySpec = {
  flags: ["RO"],
  begin: { index: 1 },
  find: { keyNumIndex: 0, firstKey: 1, step: 1 },
};
const STREAMS: KeySpec = {
  flags: ["RO"],
  begin: { keyword: "STREAMS", startFrom: 1 },
  find: { last: -1, step: 1, limit: 2 },
};

Deno.test("findKeys takes a range, its end counted from either side", () => {
  assertEquals(keysOf(command(oneKey("RO")), "get a"), ["a"]);
  assertEquals(keysOf(command(manyKeys(2, "OW")), "mset a 1 b 2"), ["a", "b"]);
  assertEquals(
    keysOf(command([keyAt(2, "RO"), keyAt(1, "RW")]), "copy a b c"),
    ["b", "a"],
  );
});

Deno.test("findKeys takes as many keys as an argument says", () => {
  const definition = command([KEY_NUMBER]);
  assertEquals(keysOf(definition, "sintercard 2 a b limit"), ["a", "b"]);
  assertEquals(keysOf(definition, "sintercard 3 a b"), undefined);
  assertEquals(keysOf(definition, "sintercard -1 a b"), undefined);
  assertEquals(keysOf(definition, "sintercard x a b"), undefined);
});

Deno.test("findKeys takes a share of what follows a keyword in any case", () => {
  const definition = command([STREAMS]);
  assertEquals(
    keysOf(definition, "xread count 5 streams a b 0 0"),
    ["a", "b"],
  );
  assertEquals(keysOf(definition, "xread count 5"), []);
});

Deno.test("findKeys counts from the name of a command among other arguments", () => {
  assertEquals(
    keysOf(command(manyKeys(1, "RO")), "command getkeys mget a b", 2),
    ["a", "b"],
  );
});

Deno.test("findKeys asks the definition where flags depend on the call", () => {
  const definition = command(oneKey("RW", "variable_flags"), {
    keyFlagsOf: (args) => args.is(2, "get") ? ["RO"] : ["OW"],
  });
  assertEquals(findKeys(definition, argsOf("set a get"), 0), [
    { index: 1, flags: ["RO"] },
  ]);
});

Deno.test("hasKeys does not count what only looks like a key", () => {
  assertEquals(hasKeys(command(oneKey("RO"))), true);
  assertEquals(hasKeys(command([keyAt(1, "not_key")])), false);
  assertEquals(hasKeys(command([])), false);
});

Deno.test("legacyKeyRange joins neighbours and admits what it cannot say", () => {
  const range = (...keys: KeySpec[]) => legacyKeyRange(keys);
  assertEquals(range(), { first: 0, last: 0, step: 0, isMovable: false });
  assertEquals(
    range(...manyKeys(2, "OW")),
    { first: 1, last: -1, step: 2, isMovable: false },
  );
  assertEquals(
    range(keyAt(1, "RO"), keyAt(2, "OW")),
    { first: 1, last: 2, step: 1, isMovable: false },
  );
  assertEquals(
    range(keyAt(1, "RO"), keyAt(2, "RO"), {
      ...keyAt(2, "RO"),
      find: { last: -1, step: 1, limit: 0 },
      begin: { index: 3 },
    }),
    { first: 1, last: -1, step: 1, isMovable: false },
  );
  assertEquals(
    range(KEY_NUMBER),
    { first: 0, last: 0, step: 0, isMovable: true },
  );
  assertEquals(
    range(keyAt(1, "RO"), STREAMS),
    { first: 1, last: 1, step: 1, isMovable: true },
  );
});
