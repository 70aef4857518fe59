import { assertEquals } from "@std/assert";
import { bytesOfText, textOfBytes } from "../resp/byte_text.ts";
import { AofLog, type SyncPolicy } from "./aof_log.ts";
import { type AppendFile, SYNCS_MAX } from "./disk.ts";

/** A file in memory whose disk can refuse. */
class FakeFile implements AppendFile {
  readonly initialLength = 0;
  text = "";
  /** What is on the disk. */
  syncedText = "";
  /** Bytes that fit; the write that passes it writes what fits, the next one throws. */
  roomBytes = Infinity;
  isSyncBroken = false;
  isTruncateBroken = false;
  writes = 0;
  syncs = 0;

  write(bytes: Uint8Array): number {
    this.writes++;
    const room = this.roomBytes - this.text.length;
    if (room <= 0) throw new Error("No space left on device");
    const taken = bytes.subarray(0, room);
    this.text += textOfBytes(taken);
    return taken.length;
  }

  truncate(length: number): void {
    if (this.isTruncateBroken) throw new Error("Input/output error");
    this.text = this.text.slice(0, length);
  }

  async sync(): Promise<void> {
    this.syncs++;
    const { text } = this;
    await new Promise((resolve) => setTimeout(resolve, 1));
    if (this.isSyncBroken) throw new Error("Input/output error");
    this.syncedText = text;
  }

  close(): void {}
}

function logOn(file: FakeFile, policy: SyncPolicy) {
  const events: string[] = [];
  const stream = { offset: 0 };
  const logEvents = {
    onFailure: (reason: string, isLeft: boolean) =>
      events.push(`${reason} ${isLeft}`),
    onRecovery: (wasSyncBroken: boolean) =>
      events.push(wasSyncBroken ? "recovered, in doubt" : "recovered"),
    beforeWrite() {},
    onSynced() {},
  };
  const log = new AofLog(file, policy, logEvents, () => stream.offset, 0);
  const append = (text: string, dbIndex = 0, nowMs = 0) => {
    const bytes = bytesOfText(text);
    log.append(
      {
        bytes,
        runs: [{
          dbIndex,
          start: 0,
          end: bytes.length,
          isForReplicasOnly: false,
        }],
      },
      nowMs,
    );
  };
  return { log, events, append, stream };
}

const SELECT_0 = "*2\r\n$6\r\nSELECT\r\n$1\r\n0\r\n";
const SELECT_12 = "*2\r\n$6\r\nSELECT\r\n$2\r\n12\r\n";

Deno.test("AofLog selects the database when it changes and tells the time on demand", () => {
  const file = new FakeFile(), { log, append } = logOn(file, "no");
  append("a");
  append("b");
  append("c", 12);
  log.hasTimestamps = true;
  append("d", 12, 5999);
  append("e", 12, 5000);
  append("f", 12, 6000);
  assertEquals(
    file.text,
    `${SELECT_0}ab${SELECT_12}c#TS:5\r\nde#TS:6\r\nf`,
  );
  assertEquals(log.length, file.text.length);
});

Deno.test("AofLog has replies wait with `always`, and syncs together what came meanwhile", async () => {
  const file = new FakeFile(), { log, append } = logOn(file, "always");
  assertEquals(log.barrier(), undefined);
  append("a");
  const first = log.barrier();
  append("b");
  await first;
  assertEquals(file.syncedText, `${SELECT_0}ab`);
  assertEquals([file.writes, file.syncs], [1, 1]);
  assertEquals(log.barrier(), undefined);

  append("c");
  const second = log.barrier();
  while (!log.isSyncing) {
    await new Promise((resolve) => setTimeout(resolve));
  }
  append("d");
  log.write();
  assertEquals(file.text, `${SELECT_0}abcd`);
  const third = log.barrier();
  append("e");
  await second;
  assertEquals(file.syncedText, `${SELECT_0}abc`);
  await third;
  assertEquals(file.syncedText, `${SELECT_0}abcde`);
  assertEquals([file.writes, file.syncs], [4, 3]);
});

Deno.test("AofLog has nobody wait while syncs are held, and leaves nobody waiting", async () => {
  const file = new FakeFile(), { log, append } = logOn(file, "always");
  append("a");
  const first = log.barrier();
  await until(() => log.isSyncing);
  append("b");
  const second = log.barrier();
  log.isSyncHeld = true;
  await first;
  await second;
  assertEquals(file.syncedText, `${SELECT_0}ab`);
  append("c");
  assertEquals(file.text, `${SELECT_0}abc`);
  assertEquals([log.barrier(), log.isSyncing], [undefined, false]);
  log.isSyncHeld = false;
  log.tick(1);
  await log.barrier();
  assertEquals(file.syncedText, `${SELECT_0}abc`);
});

Deno.test("AofLog knows up to where the stream is on the disk", async () => {
  const file = new FakeFile();
  const { log, append, stream } = logOn(file, "everysec");
  stream.offset = 5;
  assertEquals(log.syncedOffset, 5, "nothing waits");
  stream.offset = 10;
  append("a");
  assertEquals(log.syncedOffset, 0);
  log.tick(1000);
  stream.offset = 20;
  append("b");
  await until(() => !log.isSyncing);
  assertEquals(log.syncedOffset, 10, "what came during the sync is not");
  file.isSyncBroken = true;
  log.tick(2000);
  await until(() => !log.isSyncing);
  assertEquals(log.syncedOffset, 10);
  file.isSyncBroken = false;
  log.tick(3000);
  await until(() => !log.isSyncing);
  assertEquals(log.syncedOffset, 20);
  stream.offset = 30;
  append("c");
  log.noteSyncedElsewhere(25);
  log.noteSyncedElsewhere(22);
  assertEquals(log.syncedOffset, 25);
});

async function until(check: () => boolean): Promise<void> {
  while (!check()) await new Promise((resolve) => setTimeout(resolve, 1));
}

Deno.test("AofLog syncs once a second with `everysec`, and makes nobody wait", async () => {
  const file = new FakeFile(), { log, append } = logOn(file, "everysec");
  append("a");
  assertEquals(log.barrier(), undefined);
  log.tick(999);
  assertEquals(file.syncs, 0);
  log.tick(1000);
  await log.whenSynced();
  assertEquals([file.syncs, log.isSynced], [1, true]);
  log.tick(3000);
  assertEquals(file.syncs, 1);
});

Deno.test("AofLog takes a broken write back, keeps it, and writes it when there is room", async () => {
  const file = new FakeFile();
  const { log, events, append } = logOn(file, "everysec");
  append("a");
  file.roomBytes = file.text.length + 2;
  append("bcdef");
  append("g");
  assertEquals(file.text, `${SELECT_0}a`);
  assertEquals(log.failure, "No space left on device");
  log.tick(1000);
  await new Promise((resolve) => setTimeout(resolve, 5));
  assertEquals(log.failure, "No space left on device");
  file.roomBytes = Infinity;
  log.tick(2000);
  await log.whenSynced();
  assertEquals(file.syncedText, `${SELECT_0}abcdefg`);
  assertEquals(log.failure, undefined);
  assertEquals(events, ["No space left on device false", "recovered"]);
});

Deno.test("AofLog goes on behind a broken write that cannot be taken back", async () => {
  const file = new FakeFile();
  const { log, events, append } = logOn(file, "everysec");
  append("a");
  file.roomBytes = file.text.length + 2;
  file.isTruncateBroken = true;
  append("bcdef");
  assertEquals(file.text, `${SELECT_0}abc`);
  file.roomBytes = Infinity;
  append("g");
  log.tick(1000);
  await log.whenSynced();
  assertEquals(file.syncedText, `${SELECT_0}abcdefg`);
  assertEquals(events, ["No space left on device true", "recovered"]);
});

Deno.test("AofLog acknowledges nothing that could not be synced", async () => {
  const file = new FakeFile();
  const { log, events, append } = logOn(file, "always");
  file.isSyncBroken = true;
  append("a");
  let isAcknowledged = false;
  log.barrier()!.then(() => isAcknowledged = true);
  await new Promise((resolve) => setTimeout(resolve, 10));
  assertEquals([isAcknowledged, log.failure], [false, "Input/output error"]);
  assertEquals(log.barrier(), undefined, "reading goes on");
  file.isSyncBroken = false;
  log.tick(1);
  await log.whenSynced();
  await Promise.resolve();
  assertEquals([isAcknowledged, log.failure], [true, undefined]);
  assertEquals(events, ["Input/output error false", "recovered, in doubt"]);
  await log.close();
});

/** Syncs that end when the test says so. */
class SlowFile extends FakeFile {
  readonly ends: PromiseWithResolvers<void>[] = [];

  override sync(): Promise<void> {
    this.syncs++;
    const end = Promise.withResolvers<void>();
    this.ends.push(end);
    return end.promise;
  }
}

/** A log on which a sync is under way for each of `texts`, and who waits for them, as far as they may go on. */
async function logWithSyncs(texts: string) {
  const file = new SlowFile(), made = logOn(file, "always");
  const { log, append } = made, acknowledged: string[] = [];
  const add = (text: string) => {
    append(text);
    log.barrier()!.then(() => acknowledged.push(text));
  };
  for (const text of texts) {
    add(text);
    await until(() => file.syncs > texts.indexOf(text));
  }
  return { file, ...made, acknowledged, add };
}

Deno.test("AofLog has a few syncs overlap, and the next one take what came meanwhile", async () => {
  const { file, add, acknowledged, log } = await logWithSyncs(
    "abcdefgh".slice(0, SYNCS_MAX),
  );
  add("x");
  add("y");
  await turns();
  assertEquals([file.syncs, file.writes], [SYNCS_MAX, SYNCS_MAX]);
  file.ends[0].resolve();
  await turns();
  assertEquals(acknowledged, ["a"]);
  assertEquals([file.syncs, file.writes], [SYNCS_MAX + 1, SYNCS_MAX + 1]);
  file.ends[SYNCS_MAX].resolve();
  await turns();
  assertEquals(acknowledged.at(-1), "y", "a later sync covers the earlier");
  assertEquals(acknowledged.length, SYNCS_MAX + 2);
  file.ends[1].resolve();
  await turns();
  assertEquals(log.isSynced, true);
});

Deno.test("AofLog takes no sync for a proof beside which another one failed", async () => {
  const { file, acknowledged, log, events } = await logWithSyncs("ab");
  file.ends[0].reject(new Error("Input/output error"));
  file.ends[1].resolve();
  await turns();
  assertEquals([acknowledged, log.isSynced], [[], false]);
  log.tick(1);
  file.ends[2].resolve();
  await turns();
  assertEquals([acknowledged, log.isSynced], [["a", "b"], true]);
  assertEquals(events, ["Input/output error false", "recovered, in doubt"]);
});

async function turns(): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, 2));
}
