/** When the server saves, how, and what it tells of that. */
import { assert, assertEquals, assertMatch } from "@std/assert";
import { replyText } from "../support/reply_text.ts";
import { infoOf, run, until } from "../support/replication_servers.ts";
import { type ServerProcess, startTsredis } from "../support/server_process.ts";
import { untilFields } from "./info_states.ts";

function start(...args: string[]): Promise<ServerProcess> {
  return startTsredis({ args });
}

function pathOf({ dir }: ServerProcess): string {
  return `${dir}/dump.rdb`;
}

function hasFile(server: ServerProcess): boolean {
  try {
    return Deno.statSync(pathOf(server)).isFile;
  } catch {
    return false;
  }
}

async function lastSave(server: ServerProcess): Promise<number> {
  using client = await server.connect();
  const reply = await client.call("LASTSAVE");
  return Number(/\d+/.exec(replyText(reply))![0]);
}

function untilSaved(server: ServerProcess): Promise<void> {
  return until("saved", async () => {
    const info = await infoOf(server, "persistence");
    const isSaved = hasFile(server) &&
      info.get("rdb_bgsave_in_progress") === "0";
    return isSaved ? undefined : [...info].join("\n");
  });
}

/** Has the server take a second or more for each save of its keys. */
async function saveSlowly(server: ServerProcess): Promise<void> {
  using client = await server.connect();
  await until("ready", async () => {
    const reply = await client.call("DBSIZE");
    return reply.type === "error" ? replyText(reply) : undefined;
  });
  for (let i = 0; i < 200; i++) await client.text("SET", `key:${i}`, "v");
  await client.text("CONFIG", "SET", "rdb-key-save-delay", "10000");
}

Deno.test("a save point saves after enough changes, and not before", async () => {
  await using server = await start("--save", "1 3");
  await run(server, "SET", "a", "1");
  await run(server, "SET", "b", "1");
  await new Promise((resolve) => setTimeout(resolve, 2500));
  assert(!hasFile(server), "saved after two changes");
  const before = await lastSave(server);
  await run(server, "SET", "c", "1");
  await untilSaved(server);
  assertMatch(server.log, /3 changes in 1 seconds\. Saving\.\.\./);
  const info = await infoOf(server, "persistence");
  assertEquals(info.get("rdb_changes_since_last_save"), "0");
  assertEquals(info.get("rdb_saves"), "1");
  assertEquals(info.get("rdb_last_bgsave_status"), "ok");
  const after = await lastSave(server);
  assert(after > before);
  assertEquals(info.get("rdb_last_save_time"), `${after}`);
});

Deno.test("INFO tells how far a save in the background is, and a second one is refused", async () => {
  await using server = await start("--save", "");
  await saveSlowly(server);
  assertEquals(await run(server, "BGSAVE"), "Background saving started");
  await run(server, "SET", "later", "v");
  using client = await server.connect();
  const again = await client.call("BGSAVE");
  assertEquals(again.type, "error");
  const during = await untilFields(
    server,
    "writing keys",
    (fields) => Number(fields.get("current_save_keys_processed")) > 0,
  );
  assertEquals(during.get("rdb_bgsave_in_progress"), "1");
  assertEquals(during.get("current_save_keys_total"), "200");
  const done = Number(during.get("current_save_keys_processed"));
  assert(done > 0 && done <= 200, `${done} keys`);
  assertEquals(during.get("current_fork_perc"), (done / 2).toFixed(2));
  assert(Number(during.get("rdb_current_bgsave_time_sec")) >= 0);
  await untilSaved(server);
  const info = await infoOf(server, "persistence");
  assertEquals(info.get("rdb_changes_since_last_save"), "1");
  assertEquals(info.get("rdb_current_bgsave_time_sec"), "-1");
  assertEquals(info.get("current_save_keys_total"), "0");
  assert(Number(info.get("rdb_last_bgsave_time_sec")) >= 1);
});

Deno.test("BGSAVE SCHEDULE saves when the rewriting of the append-only file is over", async () => {
  await using server = await start("--save", "", "--appendonly", "yes");
  await saveSlowly(server);
  await run(server, "BGREWRITEAOF");
  using client = await server.connect();
  assertEquals((await client.call("BGSAVE")).type, "error");
  assertEquals(
    await client.text("BGSAVE", "SCHEDULE"),
    "Background saving scheduled",
  );
  assert(!hasFile(server));
  await run(server, "CONFIG", "SET", "rdb-key-save-delay", "0");
  await untilSaved(server);
});

Deno.test("rdbcompression and rdbchecksum say how a file is written", async () => {
  for (const [compression, checksum] of [["yes", "no"], ["no", "yes"]]) {
    await using server = await start(
      ...["--save", "", "--rdbchecksum", checksum],
      ...["--rdbcompression", compression],
    );
    await run(server, "SET", "k", "abc".repeat(500));
    await run(server, "SAVE");
    const bytes = await Deno.readFile(pathOf(server));
    const hasChecksum = bytes.subarray(-8).some((byte) => byte !== 0);
    assertEquals(hasChecksum, checksum === "yes");
    assertEquals(bytes.length < 500, compression === "yes");
  }
});

Deno.test("with stop-writes-on-bgsave-error off, writes go on when saving fails", async () => {
  await using server = await start(
    ...["--save", "3600 1", "--enable-protected-configs", "yes"],
  );
  await Deno.mkdir(`${server.dir}/sub`);
  await run(server, "CONFIG", "SET", "dir", `${server.dir}/sub`);
  await Deno.remove(`${server.dir}/sub`);
  await run(server, "BGSAVE");
  using client = await server.connect();
  await until("failed", async () => {
    const reply = await client.call("SET", "k", "v");
    return reply.type === "error" ? undefined : "no error";
  });
  await run(server, "CONFIG", "SET", "stop-writes-on-bgsave-error", "no");
  assertEquals(await client.text("SET", "k", "v"), "OK");
  await run(server, "CONFIG", "SET", "stop-writes-on-bgsave-error", "yes");
  assertEquals((await client.call("SET", "k", "v")).type, "error");
});
