import { assert, assertEquals, assertRejects } from "@std/assert";
import { dirname } from "@std/path";
import { CommandRunner } from "../../tests/support/command_runner.ts";
import { SnapshotAborted } from "../keyspace/snapshot.ts";
import { SYSTEM_DISK } from "./disk.ts";
import { saveInBackground, saveNow, type SaveOptions } from "./rdb_file.ts";

const OPTIONS: SaveOptions = {
  isCompressing: true,
  hasChecksum: true,
  usage: undefined,
  aux: [],
  isFlushingOften: false,
  keyDelayMicroseconds: () => 0,
};

async function inDirectory(
  work: (path: string, names: () => string[]) => Promise<void>,
): Promise<void> {
  const dir = await Deno.makeTempDir({ prefix: "tsredis-test-" });
  const names = () => [...Deno.readDirSync(dir)].map(({ name }) => name);
  try {
    await work(`${dir}/dump.rdb`, names);
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
}

Deno.test("a save that is aborted while its file is flushed leaves a newer file alone", async () => {
  await inDirectory(async (path, names) => {
    const runner = new CommandRunner();
    const { keyspace } = runner.server.parts;
    runner.run("SET k old");
    const saving = saveInBackground(keyspace, SYSTEM_DISK, path, OPTIONS);
    const aborted = assertRejects(() => saving.saved, SnapshotAborted);
    await saving.snapshot.finished;
    runner.run("FLUSHALL");
    saving.abort();
    saveNow(keyspace, SYSTEM_DISK, path, OPTIONS);
    const newer = await Deno.readFile(path);
    await aborted;
    assertEquals(await Deno.readFile(path), newer);
    assertEquals(names(), ["dump.rdb"]);
  });
});

Deno.test("a save is under way until its file is in its place", async () => {
  await inDirectory(async (path, names) => {
    const runner = new CommandRunner();
    const { config, persistence } = runner.server.parts;
    config.set([["dir", dirname(path)]], {
      mayChangeProtected: true,
      isLoading: false,
    });
    runner.run("SET k v");
    persistence.saveInBackground();
    const { saved, snapshot } = persistence.saving!;
    await snapshot.finished;
    assertEquals(names().includes("dump.rdb"), false);
    assert(persistence.isBusy);
    await saved;
    assertEquals(names(), ["dump.rdb"]);
  });
});
