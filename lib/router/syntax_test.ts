import { assertEquals, assertThrows } from "@std/assert";
import { type ArgumentDoc, parseSyntax, plainSyntax } from "./syntax.ts";

/** An argument without what is absent or false. */
function brief(argument: ArgumentDoc): Record<string, unknown> {
  const shown = Object.entries(argument).filter(([, value]) => value !== false);
  return {
    ...Object.fromEntries(shown),
    ...(argument.arguments && { arguments: argument.arguments.map(brief) }),
  };
}

function parse(syntax: string) {
  return parseSyntax(syntax).map(brief);
}

Deno.test("a word is an argument whose type its name tells", () => {
  assertEquals(parse("key seconds value"), [
    { name: "key", type: "key", displayText: "key", keySpecIndex: 0 },
    { name: "seconds", type: "integer", displayText: "seconds" },
    { name: "value", type: "string", displayText: "value" },
  ]);
});

Deno.test("braces give name, type, key specification and releases", () => {
  assertEquals(parse("ip:port{addr -2.8.12} start{:integer 6.0.0} key{#3}"), [
    {
      name: "addr",
      type: "string",
      displayText: "ip:port",
      deprecatedSince: "2.8.12",
    },
    {
      name: "start",
      type: "integer",
      displayText: "start",
      since: "6.0.0",
    },
    { name: "key", type: "key", displayText: "key", keySpecIndex: 3 },
  ]);
});

Deno.test("a token stands alone or introduces what follows", () => {
  assertEquals(
    parse('[GET]{6.2.0} [MATCH pattern] "="{equal}'),
    [
      {
        name: "get",
        type: "pure-token",
        displayText: "get",
        token: "GET",
        since: "6.2.0",
        isOptional: true,
      },
      {
        name: "pattern",
        type: "pattern",
        displayText: "pattern",
        token: "MATCH",
        isOptional: true,
      },
      { name: "equal", type: "pure-token", displayText: "equal", token: "=" },
    ],
  );
});

Deno.test("brackets with bars are an optional choice, with several items an optional block", () => {
  const nx = { name: "nx", type: "pure-token", displayText: "nx", token: "NX" };
  const xx = { name: "xx", type: "pure-token", displayText: "xx", token: "XX" };
  assertEquals(parse("[NX | XX]{condition 2.6.12}"), [{
    name: "condition",
    type: "oneof",
    since: "2.6.12",
    isOptional: true,
    arguments: [nx, xx],
  }]);
  assertEquals(parse("<NX | XX>{condition}"), [
    { name: "condition", type: "oneof", arguments: [nx, xx] },
  ]);
  assertEquals(parse("[NX XX]{both}"), [
    { name: "both", type: "block", isOptional: true, arguments: [nx, xx] },
  ]);
});

Deno.test("an item that is repeated in brackets may be given several times", () => {
  assertEquals(parse("[section [section ...]]"), [{
    name: "section",
    type: "string",
    displayText: "section",
    isOptional: true,
    isMultiple: true,
  }]);
  assertEquals(parse("(key value){data} [key value ...]"), [{
    name: "data",
    type: "block",
    isMultiple: true,
    arguments: [
      { name: "key", type: "key", displayText: "key", keySpecIndex: 0 },
      { name: "value", type: "string", displayText: "value" },
    ],
  }]);
  assertEquals(parse("[GET pattern{:pattern} [GET pattern ...]]"), [{
    name: "pattern",
    type: "pattern",
    displayText: "pattern",
    token: "GET",
    isOptional: true,
    isMultiple: true,
    isMultipleToken: true,
  }]);
});

Deno.test("broken notation is an error", () => {
  for (const broken of ["[key", "<A | B>", "key]", "<A | B C>{x}", "(a b)"]) {
    assertThrows(() => parseSyntax(broken), Error, broken);
  }
});

Deno.test("plainSyntax leaves what people read", () => {
  assertEquals(
    plainSyntax("(key value){data} [key value ...] [NX | XX]{condition 1.0.0}"),
    "key value [key value ...] [NX | XX]",
  );
});
