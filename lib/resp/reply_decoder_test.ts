import { assertEquals, assertThrows } from "@std/assert";
import { type Reply, ReplyDecodeError, ReplyDecoder } from "./reply_decoder.ts";

/** Bytes of a string whose characters are bytes. */
function bytes(text: string): Uint8Array {
  return Uint8Array.from(text, (character) => character.charCodeAt(0));
}

function decodeAll(text: string): Reply[] {
  const decoder = new ReplyDecoder();
  decoder.push(bytes(text));
  return readAll(decoder);
}

function readAll(decoder: ReplyDecoder): Reply[] {
  const replies: Reply[] = [];
  for (
    let reply = decoder.read();
    reply !== undefined;
    reply = decoder.read()
  ) replies.push(reply);
  return replies;
}

function simple(text: string): Reply {
  return { type: "simple", value: bytes(text) };
}

function bulk(text: string): Reply {
  return { type: "bulk", value: bytes(text) };
}

function integer(value: number | bigint): Reply {
  return { type: "integer", value };
}

/** Every form of reply, with the tree that it means. */
const FORMS: [wire: string, tree: Reply][] = [
  ["+OK\r\n", simple("OK")],
  ["+\r\n", simple("")],
  ["+a\rb\nc\r\n", simple("a\rb\nc")],
  ["-ERR no\xff\r\n", {
    type: "error",
    value: bytes("ERR no\xff"),
    isBulk: false,
  }],
  ["!6\r\nERR\r\nx\r\n", {
    type: "error",
    value: bytes("ERR\r\nx"),
    isBulk: true,
  }],
  [":0\r\n", integer(0)],
  [":-17\r\n", integer(-17)],
  [":9007199254740991\r\n", integer(9007199254740991)],
  [":9007199254740992\r\n", integer(9007199254740992n)],
  [":9223372036854775807\r\n", integer(9223372036854775807n)],
  [":-9223372036854775808\r\n", integer(-9223372036854775808n)],
  ["$0\r\n\r\n", bulk("")],
  ["$7\r\n\r\n\x00\xff$-1\r\n", bulk("\r\n\x00\xff$-1")],
  ["$-1\r\n", { type: "null", form: "bulk" }],
  ["*-1\r\n", { type: "null", form: "array" }],
  ["_\r\n", { type: "null", form: "resp3" }],
  ["*0\r\n", { type: "array", items: [] }],
  ["*2\r\n$1\r\na\r\n*1\r\n:1\r\n", {
    type: "array",
    items: [bulk("a"), { type: "array", items: [integer(1)] }],
  }],
  ["~2\r\n+a\r\n+b\r\n", { type: "set", items: [simple("a"), simple("b")] }],
  [">2\r\n$1\r\na\r\n_\r\n", {
    type: "push",
    items: [bulk("a"), { type: "null", form: "resp3" }],
  }],
  ["%0\r\n", { type: "map", entries: [] }],
  ["%2\r\n+a\r\n:1\r\n+b\r\n*0\r\n", {
    type: "map",
    entries: [[simple("a"), integer(1)], [simple("b"), {
      type: "array",
      items: [],
    }]],
  }],
  [",3.50\r\n", { type: "double", value: 3.5, text: "3.50" }],
  [",-1.5e-07\r\n", { type: "double", value: -1.5e-7, text: "-1.5e-07" }],
  [",inf\r\n", { type: "double", value: Infinity, text: "inf" }],
  [",-inf\r\n", { type: "double", value: -Infinity, text: "-inf" }],
  [",nan\r\n", { type: "double", value: NaN, text: "nan" }],
  ["(-123456789012345678901234567890\r\n", {
    type: "bigNumber",
    value: -123456789012345678901234567890n,
  }],
  ["#t\r\n", { type: "boolean", value: true }],
  ["#f\r\n", { type: "boolean", value: false }],
  ["=9\r\ntxt:a\r\nbc\r\n", {
    type: "verbatim",
    format: "txt",
    value: bytes("a\r\nbc"),
  }],
  ["|1\r\n+ttl\r\n:9\r\n$1\r\nv\r\n", {
    type: "attribute",
    entries: [[simple("ttl"), integer(9)]],
    reply: bulk("v"),
  }],
  ["*2\r\n|0\r\n:1\r\n:2\r\n", {
    type: "array",
    items: [{ type: "attribute", entries: [], reply: integer(1) }, integer(2)],
  }],
];

for (const [wire, tree] of FORMS) {
  Deno.test(`ReplyDecoder decodes ${JSON.stringify(wire)}`, () => {
    assertEquals(decodeAll(wire), [tree]);
  });
}

Deno.test("ReplyDecoder gives the same trees wherever the bytes are cut", () => {
  const wire = bytes(FORMS.map(([form]) => form).join(""));
  const trees = FORMS.map(([, tree]) => tree);
  for (let cut = 0; cut <= wire.length; cut++) {
    const decoder = new ReplyDecoder();
    decoder.push(wire.subarray(0, cut));
    const replies = readAll(decoder);
    decoder.push(wire.subarray(cut));
    replies.push(...readAll(decoder));
    assertEquals(replies, trees, `cut at byte ${cut}`);
    assertEquals(decoder.bufferedBytes, 0);
  }
});

Deno.test("ReplyDecoder gives the same trees when bytes arrive one by one", () => {
  const decoder = new ReplyDecoder();
  const replies: Reply[] = [];
  for (const byte of bytes(FORMS.map(([form]) => form).join(""))) {
    decoder.push(Uint8Array.of(byte));
    replies.push(...readAll(decoder));
  }
  assertEquals(replies, FORMS.map(([, tree]) => tree));
});

Deno.test("ReplyDecoder answers undefined for every true prefix of a reply", () => {
  for (const [wire] of FORMS) {
    for (let length = 0; length < wire.length; length++) {
      assertEquals(
        decodeAll(wire.slice(0, length)),
        [],
        JSON.stringify(wire.slice(0, length)),
      );
    }
  }
});

Deno.test("ReplyDecoder copies payloads, so a reused chunk does not change them", () => {
  const chunk = bytes("$3\r\nabc\r\n");
  const decoder = new ReplyDecoder();
  decoder.push(chunk);
  const reply = decoder.read();
  chunk.fill(0);
  decoder.push(bytes("$3\r\nxyz\r\n"));
  assertEquals(decoder.read(), bulk("xyz"));
  assertEquals(reply, bulk("abc"));
});

Deno.test("ReplyDecoder decodes payloads and nesting larger than its buffer", () => {
  const payload = "x".repeat(300_000);
  assertEquals(decodeAll(`$300000\r\n${payload}\r\n:7\r\n`), [
    bulk(payload),
    integer(7),
  ]);
  let [reply] = decodeAll("*1\r\n".repeat(9_999) + ":7\r\n");
  let depth = 0;
  while (reply.type === "array") {
    reply = reply.items[0];
    depth++;
  }
  assertEquals(depth, 9_999);
});

Deno.test("ReplyDecoder does work in proportion to the bytes of a reply in many chunks", () => {
  const decoder = new ReplyDecoder();
  const chunk = new Uint8Array(1024).fill(0x61);
  const chunkCount = 32 * 1024;
  decoder.push(bytes(`$${chunk.length * chunkCount}\r\n`));
  const startedAtMs = performance.now();
  for (let i = 0; i < chunkCount; i++) {
    decoder.push(chunk);
    assertEquals(decoder.read(), undefined);
  }
  decoder.push(bytes("\r\n"));
  const reply = decoder.read();
  assertEquals(
    reply?.type === "bulk" && reply.value.length,
    chunk.length * chunkCount,
  );
  // Joining every chunk anew would move 512 GB: minutes.
  assertEquals(performance.now() - startedAtMs < 5_000, true);
});

const BROKEN: [wire: string, message: string][] = [
  ["hello\r\n", 'unknown type byte "h"'],
  ["\r\n", 'unknown type byte "\\r"'],
  [":+1\r\n", "not an integer"],
  [":01\r\n", "not an integer"],
  [":-0\r\n", "not an integer"],
  [":\r\n", "not an integer"],
  [":1x\r\n", "not an integer"],
  [":9223372036854775808\r\n", "integer out of 64 bits"],
  [":10000000000000000000000\r\n", "not an integer"],
  ["$-2\r\n", "invalid payload length"],
  ["$2147483648\r\n", "invalid payload length"],
  ["$1\r\nab\r\n", "payload does not end in CR LF"],
  ["=-1\r\n", "invalid payload length"],
  ["=3\r\ntxt\r\n", "verbatim string without a format"],
  ["*-2\r\n", "invalid element count"],
  ["%-1\r\n", "invalid element count"],
  ["*2147483648\r\n", "invalid element count"],
  ["*?\r\n", "not an integer"],
  ["#x\r\n", "boolean is not t or f"],
  ["_x\r\n", "null with content"],
  ["(1.5\r\n", "not a big number"],
  [",1,5\r\n", "not a double"],
  ["*1\r\n".repeat(10_001), "nested too deeply"],
  ["+" + "x".repeat((1 << 20) + 2), "line too long"],
];

for (const [wire, message] of BROKEN) {
  Deno.test(`ReplyDecoder refuses ${JSON.stringify(wire.slice(0, 24))}: ${message}`, () => {
    assertThrows(
      () => decodeAll(wire),
      ReplyDecodeError,
      `Invalid reply: ${message}`,
    );
  });
}

Deno.test("ReplyDecoder gives the good replies before a broken one", () => {
  const decoder = new ReplyDecoder();
  decoder.push(bytes("+OK\r\n:1\r\n:x\r\n"));
  assertEquals(decoder.read(), simple("OK"));
  assertEquals(decoder.read(), integer(1));
  assertThrows(() => decoder.read(), ReplyDecodeError);
});
