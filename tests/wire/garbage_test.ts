/** Bytes that are no requests: every connection gets an answer or a close, and the server lives on. */
import { Random } from "../fuzz/random.ts";
import { TEST_SEED } from "../fuzz/test_seed.ts";
import { bytesOf, textOf } from "../support/binary_text.ts";
import { quote } from "../support/command_text.ts";
import { findRealRedis, testBesideRedis } from "../support/real_redis.ts";
import { replyText } from "../support/reply_text.ts";
import { type Address, RespClient } from "../support/resp_client.ts";
import { startRedis } from "../support/server_process.ts";
import { sharedTsredis } from "../support/shared_server.ts";

/** Right requests, which the fuzzer then damages. */
const REQUESTS = [
  "*1\r\n$4\r\nPING\r\n",
  "*2\r\n$4\r\nECHO\r\n$5\r\nhowdy\r\n",
  "*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$3\r\nval\r\n",
  "*2\r\n$3\r\nGET\r\n$1\r\nk\r\n",
  "*2\r\n$6\r\nSTRLEN\r\n$1\r\nk\r\n",
  "*2\r\n$4\r\nECHO\r\n$0\r\n\r\n",
  "PING\r\n",
  "ECHO 'a b'\r\n",
  'SET k "\\x00\\xff"\r\n',
  "*0\r\n",
  "*-1\r\n",
  "\r\n",
];

/** What is put in, in place of or between bytes. */
const DAMAGE = [
  "*",
  "$",
  "\r",
  "\n",
  "\r\n",
  "-",
  "+",
  "0",
  "1",
  "9",
  " ",
  '"',
  "'",
  "\\",
  "\x00",
  "\xff",
  "*2\r\n",
  "$-1\r\n",
  "99999999999",
];

const CONNECTIONS = 400;

const server = sharedTsredis();

function damaged(r: Random): string {
  let text = r.repeat(r.between(1, 6), () => r.pick(REQUESTS)).join("");
  for (let i = r.below(5); i > 0; i--) {
    const at = r.below(text.length + 1);
    text = text.slice(0, at) + r.pick(DAMAGE) + text.slice(at + r.below(3));
  }
  return text;
}

function noise(r: Random): string {
  return String.fromCharCode(
    ...r.repeat(r.between(1, 2000), () => r.below(256)),
  );
}

/** Sends bytes, then a half close: all replies until the server closes. */
async function answers(address: Address, bytes: string): Promise<string> {
  using client = await RespClient.connect(address);
  await client.send(bytesOf(bytes));
  await client.closeWrite().catch(() => {}); // The server may have closed first.
  return (await client.readUntilClosed()).map(replyText).join("\n");
}

testBesideRedis(
  await findRealRedis(),
  `damaged requests get the replies that redis-server gives, seed ${TEST_SEED}`,
  async (redis) => {
    await using real = await startRedis(redis.path);
    const r = new Random(TEST_SEED);
    for (let i = 0; i < CONNECTIONS; i++) {
      const bytes = damaged(r);
      const [own, theirs] = [
        await answers(server().address, bytes),
        await answers(real.address, bytes),
      ];
      if (own === theirs) continue;
      throw new Error(
        `connection ${i}: ${quote(bytes)}\ntsredis:\n${own}\nredis:\n${theirs}`,
      );
    }
  },
);

Deno.test(`noise gets an answer or a close, and the server lives on, seed ${TEST_SEED}`, async () => {
  const r = new Random(TEST_SEED);
  for (let i = 0; i < CONNECTIONS / 10; i++) {
    await Promise.all(r.repeat(10, () => answers(server().address, noise(r))));
  }
  using client = await server().connect();
  const reply = await client.call("PING");
  if (replyText(reply) !== "+PONG") {
    throw new Error(textOf(bytesOf(replyText(reply))));
  }
});
