/** Append-only directories go back and forth between tsredis and redis-server, and pass redis-check-aof. */
import { assertEquals, assertMatch } from "@std/assert";
import { findRealRedis, testBesideRedis } from "../support/real_redis.ts";
import type { RespClient } from "../support/resp_client.ts";
import {
  runToEnd,
  type ServerProcess,
  startRedis,
  startTsredis,
} from "../support/server_process.ts";

const KINDS = [
  ["an RDB base", []],
  ["a base of commands", ["--aof-use-rdb-preamble", "no"]],
  ["times", ["--aof-timestamp-enabled", "yes"]],
] as const;
const POLL_INTERVAL_MS = 20;
/** Elements of a value that is written in parts. */
const LARGE = Array.from({ length: 20_000 }, (_, i) => `${i}`);

/** Adds to the data, with a rewrite in between; answers the digest. */
async function change(server: ServerProcess, step: string): Promise<string> {
  using client = await server.connect();
  const write = async (suffix: string) => {
    const key = (kind: string) => `${kind}:${step}:${suffix}`;
    await client.text("SET", key("text"), "value", "PX", "100000000");
    await client.text("RPUSH", key("list"), "a", "1", "70000");
    await client.text("HSET", key("hash"), "f", "v", "g", "12");
    await client.text("SADD", key("set"), "a", "2");
    await client.text("SADD", key("numbers"), "1", "70000");
    await client.text("ZADD", key("sorted"), "1.5", "a", "-inf", "b");
    await client.text("XADD", key("stream"), "5-1", "f", "v");
    await client.text("MULTI");
    await client.text("SELECT", "3");
    await client.text("INCR", "n");
    await client.text("SELECT", "0");
    await client.text("EXEC");
  };
  await write("before");
  await client.text("RPUSH", `large:list:${step}`, ...LARGE);
  await client.text("HSET", `large:hash:${step}`, ...LARGE);
  await client.text("ZADD", `large:sorted:${step}`, ...LARGE);
  await client.text("PEXPIRE", `large:sorted:${step}`, "100000000");
  await rewrite(client);
  await write("after");
  return await client.text("DEBUG", "DIGEST");
}

async function rewrite(client: RespClient): Promise<void> {
  await client.text("BGREWRITEAOF");
  while (
    (await client.text("INFO", "persistence"))
      .includes("aof_rewrite_in_progress:1")
  ) await pause();
}

/** Waits until data are loaded: a server can be asked while it loads, too. */
async function loaded(client: RespClient): Promise<void> {
  while ((await client.call("PING")).type === "error") await pause();
}

async function shutDown(
  server: ServerProcess,
  client: RespClient,
): Promise<void> {
  await client.send("SHUTDOWN\r\n");
  await server.exitCode();
}

function pause(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, POLL_INTERVAL_MS));
}

/** `redis-check-aof` beside a redis-server. */
function checkerOf(path: string): string {
  return path.replace(/redis-server$/, "redis-check-aof");
}

const redis = await findRealRedis();

for (const [what, options] of KINDS) {
  testBesideRedis(
    redis,
    `append-only directories with ${what} go back and forth, and pass redis-check-aof`,
    async ({ path }) => {
      const dir = await Deno.makeTempDir({ prefix: "tsredis-test-" });
      const manifest = `${dir}/appendonlydir/appendonly.aof.manifest`;
      const args = [
        ...["--dir", dir, "--appendonly", "yes", "--save", ""],
        ...["--enable-debug-command", "yes", ...options],
      ];
      try {
        let digest = "0".repeat(40);
        for (const step of ["ours", "theirs", "ours again", "theirs again"]) {
          await using server = step.startsWith("ours")
            ? await startTsredis({ args })
            : await startRedis(path, { args });
          using client = await server.connect();
          await loaded(client);
          assertEquals(await client.text("DEBUG", "DIGEST"), digest, step);
          digest = await change(server, step.replace(" ", "-"));
          await shutDown(server, client);
          const { code, stdout, stderr } = await runToEnd([
            checkerOf(path),
            manifest,
          ]);
          assertEquals(code, 0, `${step}: ${stdout}${stderr}`);
          assertMatch(stdout, /All AOF files and manifest are valid/);
        }
      } finally {
        await Deno.remove(dir, { recursive: true });
      }
    },
  );
}

testBesideRedis(
  redis,
  "libraries of functions stay in an append-only file that is to have a base of commands",
  async ({ path }) => {
    const dir = await Deno.makeTempDir({ prefix: "tsredis-test-" });
    const args = ["--dir", dir, "--appendonly", "yes", "--save", ""];
    const library =
      "#!lua name=lib\nredis.register_function('f', function() return 7 end)";
    try {
      {
        await using server = await startRedis(path, { args });
        using client = await server.connect();
        assertEquals(await client.text("FUNCTION", "LOAD", library), "lib");
        await rewrite(client);
        await shutDown(server, client);
      }
      {
        const ofCommands = ["--aof-use-rdb-preamble", "no"];
        await using server = await startTsredis({
          args: [...args, ...ofCommands],
        });
        using client = await server.connect();
        await loaded(client);
        await rewrite(client);
        await shutDown(server, client);
      }
      await using server = await startRedis(path, { args });
      using client = await server.connect();
      await loaded(client);
      assertEquals(await client.text("FCALL", "f", "0"), ":7");
    } finally {
      await Deno.remove(dir, { recursive: true });
    }
  },
);
