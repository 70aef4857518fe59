/** While a large file is loaded, clients are answered at once, and INFO tells how far it is. */
import { assert, assertEquals, assertMatch } from "@std/assert";
import { replyText } from "../support/reply_text.ts";
import type { RespClient } from "../support/resp_client.ts";
import { startTsredis } from "../support/server_process.ts";

const KEYS = 2_500_000;
/** A turn of loading takes up to 40 ms; the rest is for a machine that is busy with other tests. */
const ANSWER_MAX_MS = 500;

/** An RDB file of strings without a checksum. */
function fileOfStrings(): Uint8Array {
  const bytes = new Uint8Array(32 * KEYS);
  let at = 0;
  const put = (text: string) => {
    for (let i = 0; i < text.length; i++) bytes[at++] = text.charCodeAt(i);
  };
  put("REDIS0010");
  put("\xfa\x08used-mem\x06123456");
  for (let i = 0; i < KEYS; i++) put(`\x00\x0bkey:${1e6 + i}\x05value`);
  put("\xff\0\0\0\0\0\0\0\0");
  return bytes.subarray(0, at);
}

function fieldsOf(info: string): Map<string, string> {
  return new Map(
    info.split("\r\n").filter((line) => line.includes(":"))
      .map((line) => line.split(":") as [string, string]),
  );
}

/** Asks for INFO and a key until loading is over; how long each answer took, and what INFO said. */
async function watch(client: RespClient) {
  assertEquals(
    replyText(await client.call("CONFIG", "SET", "appendonly", "yes")),
    "-LOADING Redis is loading the dataset in memory",
  );
  await client.text("CONFIG", "SET", "loglevel", "verbose");
  const tookMs: number[] = [], states: Map<string, string>[] = [];
  for (;;) {
    const sentMs = performance.now();
    const reply = replyText(await client.call("GET", "key:1000000"));
    tookMs.push(performance.now() - sentMs);
    if (!reply.startsWith("-LOADING")) return { tookMs, states };
    assertEquals(reply, "-LOADING Redis is loading the dataset in memory");
    const info = fieldsOf(await client.text("INFO", "persistence"));
    if (info.get("loading") === "1") states.push(info);
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}

Deno.test("a server that loads answers at once, and INFO is true throughout", async () => {
  const dir = await Deno.makeTempDir({ prefix: "tsredis-test-" });
  const whole = fileOfStrings();
  await Deno.writeFile(`${dir}/dump.rdb`, whole);
  try {
    await using server = await startTsredis({
      args: ["--dir", dir, "--save", ""],
    });
    using client = await server.connect();
    const { tookMs, states } = await watch(client);
    assert(states.length > 10, `seen ${states.length} times while it loaded`);
    tookMs.sort((a, b) => a - b);
    const p99 = tookMs[Math.floor(tookMs.length * 0.99)];
    assert(p99 < ANSWER_MAX_MS, `p99 ${p99} ms`);
    let before = 0;
    for (const state of states) {
      const number = (name: string) => Number(state.get(name));
      assertEquals(number("async_loading"), 0);
      assertEquals(number("loading_total_bytes"), whole.length);
      assertEquals(number("loading_rdb_used_mem"), 123456);
      const loaded = number("loading_loaded_bytes");
      assert(loaded >= before && loaded <= whole.length);
      const percent = (100 * loaded / whole.length).toFixed(2);
      assertEquals(state.get("loading_loaded_perc"), percent);
      assert(Math.abs(Date.now() / 1000 - number("loading_start_time")) < 120);
      assert(number("loading_eta_seconds") >= 0);
      before = loaded;
    }
    const info = fieldsOf(await client.text("INFO", "persistence"));
    assertEquals(info.get("loading"), "0");
    assertEquals(info.get("loading_total_bytes"), undefined);
    assertEquals(info.get("rdb_last_load_keys_loaded"), `${KEYS}`);
    assertEquals(info.get("rdb_last_load_keys_expired"), "0");
    assertEquals(info.get("rdb_changes_since_last_save"), "0");
    assertMatch(
      server.log,
      new RegExp(`Done loading RDB, keys loaded: ${KEYS}`),
    );
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
});

Deno.test("who connects while little is loaded waits for it", async () => {
  await using before = await startTsredis({ args: ["--appendonly", "yes"] });
  using client = await before.connect();
  const increments = Array.from({ length: 20_000 }, () => ["INCR", "n"]);
  await client.pipeline(increments);
  await client.send("SHUTDOWN NOSAVE\r\n");
  await before.exitCode();
  await using server = await startTsredis({
    args: ["--appendonly", "yes", "--dir", before.dir],
  });
  // The start waits for a PONG only, which a server that loads gives, too.
  using early = await server.connect();
  assertEquals(await early.text("GET", "n"), "20000");
});
