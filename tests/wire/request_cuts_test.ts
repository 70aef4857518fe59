/** Requests arrive in pieces: wherever they are cut, the replies are the same. */
import { assertEquals } from "@std/assert";
import { bytesOf } from "../support/binary_text.ts";
import { encodeCommand } from "../support/command_text.ts";
import { replyText } from "../support/reply_text.ts";
import type { RespClient } from "../support/resp_client.ts";
import { sharedTsredis } from "../support/shared_server.ts";

/** A pipeline of arrays and inline requests, with line ends and nulls inside the arguments. */
const PIPELINE = [
  encodeCommand(["FLUSHALL"]),
  encodeCommand(["SET", "k", "\r\n$3\r\n\x00\xff"]),
  bytesOf("ECHO 'in line'\r\n"),
  encodeCommand(["GET", "k"]),
  bytesOf("\r\n"),
  encodeCommand(["MSET", "a", "", "b", "*1\r\n"]),
  bytesOf('SET "q\\x00" v\n'),
  encodeCommand(["MGET", "a", "b", "q\0", "missing"]),
  encodeCommand(["NOPE", "x"]),
  encodeCommand(["APPEND", "k", "z".repeat(70)]),
].flatMap((bytes) => [...bytes]);

const REPLIES = [
  "+OK",
  "+OK",
  '"in line"',
  '"\\x0d\\x0a$3\\x0d\\x0a\\x00\\xff"',
  "+OK",
  "+OK",
  '["", "*1\\x0d\\x0a", "v", nil]',
  "-ERR unknown command 'NOPE', with args beginning with: 'x' ",
  ":78",
];

const server = sharedTsredis();

Deno.test("the replies to a pipeline are the same wherever it is cut in two", async () => {
  using client = await server().connect();
  for (let cut = 0; cut <= PIPELINE.length; cut++) {
    await client.send(Uint8Array.from(PIPELINE.slice(0, cut)));
    await pieceArrives();
    await client.send(Uint8Array.from(PIPELINE.slice(cut)));
    assertEquals(await repliesOf(client), REPLIES, `cut at byte ${cut}`);
  }
});

Deno.test("the replies to a pipeline are the same when it arrives byte by byte", async () => {
  using client = await server().connect();
  for (const byte of PIPELINE) {
    await client.send(Uint8Array.of(byte));
    await pieceArrives();
  }
  assertEquals(await repliesOf(client), REPLIES);
});

Deno.test("a value of 32 MB arrives in pieces and comes back whole", async () => {
  using client = await server().connect();
  const value = new Uint8Array(32 << 20).map((_, i) => i * 31 + (i >> 8));
  await client.text("SET", "large", value);
  const reply = await client.call("GET", "large");
  assertEquals(
    reply.type === "bulk" && indexOfDifference(reply.value, value),
    -1,
  );
  await client.text("FLUSHALL");
});

for (
  const [what, stopping, reply] of [
    ["a command that waits", ["BLPOP", "missing", "0.05"], "nil-array"],
    ["a reply over the limit of a batch", ["GET", "large"], undefined],
  ] as const
) {
  Deno.test(`a long request that is cut arrives whole behind ${what}`, async () => {
    using client = await server().connect();
    await client.text("SET", "large", "x".repeat(2 << 20));
    // The buffer grows, so that one read brings more than 64 arguments.
    await client.pipeline(Array(200).fill(["ECHO", "x".repeat(100)]));
    const pairs = Array.from({ length: 200 }, (_, i) => [`key:${i}`, i]);
    const long = encodeCommand(["MSET", ...pairs.flat()]);
    const before = [encodeCommand(stopping), encodeCommand(["ECHO", "before"])];
    const first = [...before[0], ...before[1], ...long.subarray(0, 2_000)];
    await client.send(Uint8Array.from(first));
    await pieceArrives();
    await client.send(long.subarray(2_000));
    const replies = (await client.readMany(3)).map(replyText);
    if (reply !== undefined) assertEquals(replies[0], reply);
    assertEquals(replies.slice(1), ['"before"', "+OK"]);
    assertEquals(await client.text("GET", "key:199"), "199");
    await client.text("FLUSHALL");
  });
}

/** Long enough for the server to read one piece before the next one is sent. */
function pieceArrives(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 1));
}

async function repliesOf(client: RespClient): Promise<string[]> {
  return (await client.readMany(REPLIES.length)).map(replyText);
}

function indexOfDifference(left: Uint8Array, right: Uint8Array): number {
  if (left.length !== right.length) return Math.min(left.length, right.length);
  return left.findIndex((byte, i) => byte !== right[i]);
}
