/** Clients that send and do not read: they cost bounded memory and nobody else's time. */
import { assertEquals } from "@std/assert";
import { replyText } from "../support/reply_text.ts";
import { REPLY_TIMEOUT_MS, RespClient } from "../support/resp_client.ts";
import { type ServerProcess, startTsredis } from "../support/server_process.ts";

/** Longest time that a PING of a reading client may take meanwhile. */
const PING_TIME_MAX_MS = 1_000;
const VALUE_LENGTH_BYTES = 1 << 20;
/** Replies to so many GETs are far more than socket buffers hold. */
const UNREAD_REPLIES = 400;
/** Far less than those replies, far more than the noise of a garbage collector. */
const RESIDENT_GROWTH_MAX_BYTES = 150 << 20;

const isLinux = Deno.build.os === "linux";

Deno.test({
  name:
    "a client that never reads costs bounded memory and nobody else's time" +
    (isLinux
      ? ""
      : " (ignored: memory is read from /proc, which only Linux has)"),
  ignore: !isLinux,
  fn: neverReads,
});

async function neverReads(): Promise<void> {
  await using server = await startTsredis({
    args: ["--client-output-buffer-limit", "normal 16mb 0 0"],
  });
  using reader = await server.connect();
  await reader.text("SET", "k", "x".repeat(VALUE_LENGTH_BYTES));
  const before = residentBytes(server);
  using silent = await server.connect();
  await silent.send("GET k\r\n".repeat(UNREAD_REPLIES));
  const deadlineMs = Date.now() + 300;
  const slowestMs = await pingUntil(
    reader,
    () => Promise.resolve(Date.now() > deadlineMs),
  );
  assertEquals(
    slowestMs < PING_TIME_MAX_MS,
    true,
    `slowest PING ${slowestMs} ms`,
  );
  const growth = residentBytes(server) - before;
  assertEquals(
    growth < RESIDENT_GROWTH_MAX_BYTES,
    true,
    `${growth} bytes more`,
  );
}

Deno.test("a reply over the client's output limit closes the connection", async () => {
  await using server = await startTsredis({
    args: ["--client-output-buffer-limit", "normal 4mb 0 0"],
  });
  using client = await server.connect();
  await client.text("SET", "small", "x".repeat(VALUE_LENGTH_BYTES));
  await client.text("SET", "large", "x".repeat(16 * VALUE_LENGTH_BYTES));
  assertEquals((await client.call("GET", "small")).type, "bulk");
  await client.send("GET large\r\n");
  assertEquals(await client.readUntilClosed(), []);
});

Deno.test("a client that reads late gets every reply when nothing limits it", async () => {
  await using server = await startTsredis();
  using reader = await server.connect();
  await reader.text("SET", "k", "x".repeat(VALUE_LENGTH_BYTES));
  using late = await RespClient.connect(server.address);
  await late.send("GET k\r\n".repeat(100) + "ECHO done\r\n");
  const deadlineMs = Date.now() + 300;
  const slowestMs = await pingUntil(
    reader,
    () => Promise.resolve(Date.now() > deadlineMs),
  );
  assertEquals(
    slowestMs < PING_TIME_MAX_MS,
    true,
    `slowest PING ${slowestMs} ms`,
  );
  const replies = await late.readMany(101);
  assertEquals(replyText(replies[100]), '"done"');
  const lengths = replies.slice(0, 100).map((reply) =>
    reply.type === "bulk" && reply.value.length
  );
  assertEquals(new Set(lengths), new Set([VALUE_LENGTH_BYTES]));
});

Deno.test("a request over client-query-buffer-limit closes the connection", async () => {
  await using server = await startTsredis({
    args: ["--client-query-buffer-limit", "2mb"],
  });
  assertEquals(await bytesTaken(server, 1 << 20), '"x"');
  assertEquals(await bytesTaken(server, 16 << 20), "closed");
});

/** Sends a SET of so many bytes, then ECHO x: its reply or `closed`. */
async function bytesTaken(
  server: ServerProcess,
  lengthBytes: number,
): Promise<string> {
  using client = await server.connect();
  try {
    await client.call("SET", "k", new Uint8Array(lengthBytes));
    return replyText(await client.call("ECHO", "x"));
  } catch {
    return "closed";
  }
}

/** Memory of the server process, from Linux's process table. */
function residentBytes({ pid }: ServerProcess): number {
  const status = Deno.readTextFileSync(`/proc/${pid}/status`);
  return Number(/VmRSS:\s+(\d+) kB/.exec(status)![1]) * 1024;
}

/** Sends PING after PING until the condition holds; answers the longest time one took. */
async function pingUntil(
  client: RespClient,
  isDone: () => Promise<boolean>,
): Promise<number> {
  const deadlineMs = performance.now() + REPLY_TIMEOUT_MS;
  let slowestMs = 0;
  for (;;) {
    const sentAtMs = performance.now();
    assertEquals(replyText(await client.call("PING")), "+PONG");
    slowestMs = Math.max(slowestMs, performance.now() - sentAtMs);
    if (await isDone()) return slowestMs;
    if (performance.now() > deadlineMs) {
      throw new Error("The condition never held");
    }
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
