/** RDB files from outside: what a server saves, the next one has; damage is refused. */
import { assert, assertEquals, assertMatch } from "@std/assert";
import { type ServerProcess, startTsredis } from "../support/server_process.ts";
import { replyText } from "../support/reply_text.ts";
import { runToEnd, tsredisCommand } from "../support/server_process.ts";

const DEBUG = ["--enable-debug-command", "yes"];

async function fill(server: ServerProcess): Promise<string> {
  using client = await server.connect();
  await client.text("DEBUG", "POPULATE", "2000", "key", "100");
  await client.text("RPUSH", "list", "a", "b", "c");
  await client.text("HSET", "hash", "f", "v");
  await client.text("ZADD", "sorted", "1.5", "a");
  await client.text("XADD", "stream", "1-1", "f", "v");
  await client.text("SET", "volatile", "v", "EX", "1000");
  return await client.text("DEBUG", "DIGEST");
}

/** The digest of what a server has that begins with the files of `dir`. */
async function digestAfterStart(dir: string): Promise<string> {
  await using server = await startTsredis({
    args: [...DEBUG, "--dir", dir, "--save", ""],
  });
  using client = await server.connect();
  return await client.text("DEBUG", "DIGEST");
}

async function withDirectory(
  work: (dir: string) => Promise<void>,
): Promise<void> {
  const dir = await Deno.makeTempDir({ prefix: "tsredis-test-" });
  try {
    await work(dir);
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
}

for (const [how, command] of [["SAVE", "SAVE"], ["a shutdown", "SHUTDOWN"]]) {
  Deno.test(`what ${how} wrote, the next server has`, async () => {
    await withDirectory(async (dir) => {
      await using server = await startTsredis({
        args: [...DEBUG, "--dir", dir, "--save", "3600 1"],
      });
      const digest = await fill(server);
      using client = await server.connect();
      await client.send(`${command}\r\n`);
      if (command === "SHUTDOWN") await server.exitCode();
      else await client.text("PING");
      assertEquals(await digestAfterStart(dir), digest);
    });
  });
}

Deno.test("SAVE is no change: the append-only file does not have it", async () => {
  await withDirectory(async (dir) => {
    await using server = await startTsredis({
      args: ["--dir", dir, "--appendonly", "yes"],
    });
    using client = await server.connect();
    while (replyText(await client.call("SET", "k", "v")) !== "+OK");
    await client.text("SAVE");
    await client.text("SET", "k", "w");
    const name = "appendonly.aof.1.incr.aof";
    const text = await Deno.readTextFile(`${dir}/appendonlydir/${name}`);
    assertMatch(text, /\r\nw\r\n$/);
    assertEquals(text.includes("SAVE"), false);
  });
});

Deno.test("rdb-key-save-delay slows a save down for as long as it is set", async () => {
  await withDirectory(async (dir) => {
    await using server = await startTsredis({
      args: ["--dir", dir, "--save", "", "--rdb-key-save-delay", "100000000"],
    });
    using client = await server.connect();
    await client.text("SET", "k", "v");
    await client.text("BGSAVE");
    const isSaving = async () =>
      /rdb_bgsave_in_progress:1/.test(await client.text("INFO", "persistence"));
    assert(await isSaving());
    await client.text("CONFIG", "SET", "rdb-key-save-delay", "0");
    while (await isSaving()) {
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    await Deno.stat(`${dir}/dump.rdb`);
  });
});

Deno.test("a server that is killed while it saves leaves the old file whole", async () => {
  await withDirectory(async (dir) => {
    await using server = await startTsredis({
      args: [...DEBUG, "--dir", dir, "--save", ""],
    });
    const digest = await fill(server);
    using client = await server.connect();
    await client.text("SAVE");
    await client.text("SET", "later", "v");
    await client.text("CONFIG", "SET", "rdb-key-save-delay", "1000");
    assertEquals(await client.text("BGSAVE"), "Background saving started");
    await new Promise((resolve) => setTimeout(resolve, 300));
    assertMatch(await client.text("INFO"), /rdb_bgsave_in_progress:1/);
    server.signal("SIGKILL");
    await server.exitCode();
    assertEquals(await digestAfterStart(dir), digest);
  });
});

Deno.test("a damaged file ends the start with exit code 1 and tells the place", async () => {
  await withDirectory(async (dir) => {
    await using server = await startTsredis({
      args: [...DEBUG, "--dir", dir, "--save", ""],
    });
    await fill(server);
    using client = await server.connect();
    await client.text("SAVE");
    const path = `${dir}/dump.rdb`;
    const bytes = await Deno.readFile(path);
    bytes[bytes.length >> 1] ^= 1;
    await Deno.writeFile(path, bytes);
    const { code, stdout } = await runToEnd([
      ...tsredisCommand(),
      ...["--port", "0", "--dir", dir],
    ]);
    assertEquals(code, 1);
    assertMatch(stdout, /Error loading the RDB file .* at byte \d+/);
    assertMatch(stdout, /Fatal error loading the DB/);
    assertEquals(await Deno.readFile(path), bytes);
  });
});

Deno.test("writes are refused while saving fails, and go on when it works again", async () => {
  await withDirectory(async (dir) => {
    const data = `${dir}/data`;
    await Deno.mkdir(data);
    await using server = await startTsredis({
      args: ["--dir", data, "--save", "3600 1"],
    });
    using client = await server.connect();
    await client.text("SET", "k", "v");
    // What cannot be opened is no file.
    await Deno.remove(data, { recursive: true });
    await client.text("BGSAVE");
    const refusal = await client.call("SET", "k", "w");
    assert(refusal.type === "error");
    assertMatch(replyText(refusal), /MISCONF Redis is configured to save RDB/);
    assertEquals(await client.text("GET", "k"), "v");
    assertMatch(await client.text("INFO"), /rdb_last_bgsave_status:err/);
    await Deno.mkdir(data);
    assertEquals(await client.text("SAVE"), "OK");
    assertEquals(await client.text("SET", "k", "w"), "OK");
    assert((await Deno.stat(`${data}/dump.rdb`)).isFile);
  });
});
