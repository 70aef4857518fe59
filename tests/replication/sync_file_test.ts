/** What becomes of the files that full copies go through: `rdb-del-sync-files`. */
import { assertEquals } from "@std/assert";
import { run, until, untilLinked } from "../support/replication_servers.ts";
import { startTsredis } from "../support/server_process.ts";

/** RDB files in a server's directory. */
function rdbFiles(dir: string): string[] {
  return [...Deno.readDirSync(dir)].map(({ name }) => name)
    .filter((name) => name.endsWith(".rdb"));
}

for (
  const [what, args, expected] of [
    ["by default", [], ["dump.rdb"]],
    ["with rdb-del-sync-files", ["--rdb-del-sync-files", "yes"], []],
    ["with it and save points", [
      ...["--rdb-del-sync-files", "yes", "--save", "3600 1000"],
    ], ["dump.rdb"]],
  ] as const
) {
  Deno.test(`the files of a full copy ${what}: ${expected.length}`, async () => {
    const all = ["--save", "", "--repl-diskless-sync", "no", ...args];
    await using primary = await startTsredis({ args: all });
    await using replica = await startTsredis({ args: all });
    await run(primary, "SET", "k", "v");
    await run(replica, "REPLICAOF", "127.0.0.1", `${primary.port}`);
    await untilLinked(replica);
    assertEquals(await run(replica, "GET", "k"), "v");
    for (const { dir } of [primary, replica]) {
      await until("done with its files", () => {
        const files = rdbFiles(dir);
        const isDone = files.join() === expected.join();
        return Promise.resolve(isDone ? undefined : files.join());
      });
    }
  });
}
