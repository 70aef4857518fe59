import { assert, assertEquals, assertRejects } from "@std/assert";
import { join } from "@std/path";
import { Config } from "../config/config.ts";
import { digestOfKeyspace } from "../keyspace/digest.ts";
import { Logger } from "../log/logger.ts";
import { Random } from "../../tests/fuzz/random.ts";
import { TEST_SEED } from "../../tests/fuzz/test_seed.ts";
import { CommandRunner } from "../../tests/support/command_runner.ts";
import {
  changeLarge,
  fillLarge,
  LARGE_VALUES,
} from "../../tests/support/large_values.ts";
import { writeAofBase } from "./aof_base.ts";
import { AofDirectory, AofDirectoryError } from "./aof_directory.ts";
import { AofLoader, AofLoadError } from "./aof_loader.ts";
import { AofReplay } from "./aof_replay.ts";
import { AppendOnly } from "./append_only.ts";
import { SYSTEM_DISK } from "./disk.ts";

/** A server without a network whose commands go into append-only files of a directory. */
class LoggedServer implements AsyncDisposable {
  readonly runner = new CommandRunner();
  readonly config = new Config();
  readonly directory: AofDirectory;
  readonly file: AppendOnly;
  failNextBase = false;
  /** The next base is only done when this is. */
  holdNextBase: Promise<void> | undefined;

  constructor(parent: string) {
    const log = new Logger({
      sink: { write() {} },
      level: "notice",
      nowMs: () => 0,
      processId: 1,
    });
    const { keyspace } = this.runner.server.parts;
    const path = join(parent, "appendonlydir");
    this.directory = new AofDirectory(
      () => parent,
      () => path,
      "appendonly.aof",
      log,
      SYSTEM_DISK,
    );
    this.file = new AppendOnly(this.directory, {
      config: this.config,
      log,
      clock: keyspace.clock,
      isSaving: false,
      isInTransaction: false,
      baseFormat: "aof",
      writeBase: (path) => {
        if (!this.failNextBase) {
          const { holdNextBase } = this;
          this.holdNextBase = undefined;
          const base = writeAofBase(keyspace, SYSTEM_DISK, path, {
            hasTimestamp: false,
            keyDelayMicroseconds: () => 0,
          });
          return { ...base, done: base.done.then(() => holdNextBase) };
        }
        this.failNextBase = false;
        return {
          done: Promise.reject(new Error("no room")),
          cancel() {},
          progress: { keysWritten: 0, keysTotal: 0 },
        };
      },
      flushEffects: () => keyspace.effects.flush(),
      onFailure() {},
      offset: () => 0,
      onProgress() {},
    });
    keyspace.effects.listen((batch) => this.file.append(batch));
  }

  get digest(): string {
    return digestOfKeyspace(this.runner.server.parts.keyspace);
  }

  async load(repairsEnd = true): Promise<void> {
    this.directory.read();
    const { router, pool, log } = this.runner.server;
    const replay = new AofReplay(
      router,
      pool,
      log,
      () => Promise.reject(new Error("no RDB here")),
      () => {},
    );
    const loader = new AofLoader(this.directory, replay, log, repairsEnd);
    loader.totalBytes();
    await loader.load();
  }

  async rewritten(): Promise<void> {
    while (this.file.isRewriting) {
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.file.close();
  }
}

async function inDirectory(run: (dir: string) => Promise<void>) {
  const dir = await Deno.makeTempDir();
  try {
    await run(dir);
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
}

/** What another server finds in the files. */
async function loadedDigest(dir: string): Promise<string> {
  await using server = new LoggedServer(dir);
  await server.load();
  return server.digest;
}

function fill(runner: CommandRunner): void {
  runner.run("SET string value");
  runner.run("RPUSH list a b c");
  runner.run("HSET hash field value");
  runner.run("SADD set 1 2 x");
  runner.run("ZADD zset 1.5 a -inf b 1e300 c");
  runner.run("XADD stream 5-1 field value");
  runner.run("XGROUP CREATE stream group 0");
  runner.run("XREADGROUP GROUP group consumer STREAMS stream >");
  runner.run("HSET timed a 1 b 2");
  runner.run("HPEXPIRE timed 100000 FIELDS 1 b");
  runner.run("SELECT 3");
  runner.run("SET other value PX 100000");
  runner.run("MULTI");
  runner.run("INCR a");
  runner.run("INCR b");
  runner.run("EXEC");
}

Deno.test("AppendOnly writes what another server loads", () =>
  inDirectory(async (dir) => {
    await using server = new LoggedServer(dir);
    await server.file.open();
    fill(server.runner);
    assertEquals(await loadedDigest(dir), server.digest);
    assertEquals(server.directory.manifest.dataFiles.map(({ name }) => name), [
      "appendonly.aof.1.base.aof",
      "appendonly.aof.1.incr.aof",
    ]);
  }));

Deno.test("AppendOnly has the server linger before each write on demand", () =>
  inDirectory(async (dir) => {
    await using server = new LoggedServer(dir);
    await server.file.open();
    const secondsOfSet = () => {
      const startMs = performance.now();
      server.runner.run("SET a b");
      return (performance.now() - startMs) / 1000;
    };
    server.file.delayWrites(200);
    assert(secondsOfSet() >= 0.2);
    const startMs = performance.now();
    server.runner.run("GET a");
    assert(performance.now() - startMs < 200, "nothing is written");
    server.file.delayWrites(0);
    assert(secondsOfSet() < 0.2);
  }));

Deno.test("AppendOnly is rewritten while commands go on, and forgets the old files", () =>
  inDirectory(async (dir) => {
    await using server = new LoggedServer(dir);
    await server.file.open();
    fill(server.runner);
    assert(server.file.rewrite());
    server.runner.run("SET during rewrite");
    await server.rewritten();
    server.runner.run("SET after rewrite");
    assertEquals(await loadedDigest(dir), server.digest);
    const names = [...Deno.readDirSync(join(dir, "appendonlydir"))]
      .map(({ name }) => name).sort();
    assertEquals(names, [
      "appendonly.aof.2.base.aof",
      "appendonly.aof.2.incr.aof",
      "appendonly.aof.manifest",
    ]);
  }));

/** Fills a server with values of all types, in all their encodings and sizes. */
function fillAtRandom(runner: CommandRunner, r: Random): void {
  const integer = () => `${r.between(-70_000, 70_000) ** r.between(1, 3)}`;
  const text = () => "x".repeat(r.pick([0, 5, 65, 300])) + r.between(0, 9999);
  for (let key = 0; key < 400; key++) {
    const element = r.pick([integer, text]);
    const add = r.pick([
      (name: string) => ["SET", name, element()],
      (name: string) => ["RPUSH", name, element()],
      (name: string) => ["SADD", name, element()],
      (name: string) => ["HSET", name, element(), element()],
      (name: string) => ["ZADD", name, `${r.between(-9, 9) / 7}`, element()],
      (name: string) => ["ZADD", name, integer(), element()],
      (name: string) => ["XADD", name, "*", "f", element()],
    ]);
    for (let count = r.pick([1, 2, 64, 65, 140]); count > 0; count--) {
      const reply = runner.runWords(...add(`key:${key}`));
      assert(!reply.startsWith("-"), reply);
    }
    if (r.oneIn(4)) runner.run(`PEXPIREAT key:${key} 4000000000000`);
  }
}

Deno.test(`AppendOnly has a base of commands for values of any kind, seed ${TEST_SEED}`, () =>
  inDirectory(async (dir) => {
    await using server = new LoggedServer(dir);
    await server.file.open();
    fillAtRandom(server.runner, new Random(TEST_SEED));
    assert(server.file.rewrite());
    await server.rewritten();
    assertEquals(await loadedDigest(dir), server.digest);
  }));

for (const [type, { fill, changes }] of Object.entries(LARGE_VALUES)) {
  Deno.test(`AppendOnly is rewritten while a large ${type} changes, seed ${TEST_SEED}`, () =>
    inDirectory(async (dir) => {
      const r = new Random(TEST_SEED);
      await using server = new LoggedServer(dir);
      await server.file.open();
      fillLarge(server.runner, fill);
      assert(server.file.rewrite());
      while (server.file.isRewriting) {
        changeLarge(server.runner, changes, r, 60);
        await new Promise((resolve) => setTimeout(resolve, 0));
      }
      assertEquals(await loadedDigest(dir), server.digest);
    }));
}

Deno.test("AppendOnly loses nothing when a rewrite fails", () =>
  inDirectory(async (dir) => {
    await using server = new LoggedServer(dir);
    await server.file.open();
    fill(server.runner);
    server.failNextBase = true;
    server.file.rewrite();
    server.runner.run("SET during rewrite");
    await server.rewritten();
    assertEquals(server.file.lastRewriteSucceeded, false);
    server.runner.run("SET after rewrite");
    assertEquals(await loadedDigest(dir), server.digest);
    server.file.rewrite();
    await server.rewritten();
    assertEquals(await loadedDigest(dir), server.digest);
    assertEquals(server.file.consecutiveFailures, 0);
  }));

Deno.test("AppendOnly can be turned on late, off, and on again", () =>
  inDirectory(async (dir) => {
    await using server = new LoggedServer(dir);
    fill(server.runner);
    assert(server.file.enable());
    server.runner.run("SET while waiting");
    await server.rewritten();
    assertEquals(server.file.state, "on");
    server.runner.run("SET when on");
    assertEquals(await loadedDigest(dir), server.digest);
    server.file.disable();
    const digest = await loadedDigest(dir);
    server.runner.run("SET when off");
    assertEquals(await loadedDigest(dir), digest);
    server.file.enable();
    await server.rewritten();
    assertEquals(await loadedDigest(dir), server.digest);
  }));

Deno.test("AppendOnly installs no base of a rewrite that was cancelled when it was written", () =>
  inDirectory(async (dir) => {
    await using server = new LoggedServer(dir);
    await server.file.open();
    fill(server.runner);
    for (const isTurnedOnMeanwhile of [false, true]) {
      const held = Promise.withResolvers<void>();
      server.holdNextBase = held.promise;
      server.file.rewrite();
      server.runner.run(`SET during rewrite-${isTurnedOnMeanwhile}`);
      const { snapshot } = server.runner.server.parts.keyspace;
      await snapshot?.done;
      server.file.disable();
      const { digest } = server;
      if (isTurnedOnMeanwhile) {
        server.holdNextBase = new Promise(() => {});
        server.file.enable();
      }
      held.resolve();
      await new Promise((resolve) => setTimeout(resolve, 20));
      assertEquals(await loadedDigest(dir), digest);
      server.file.disable();
      server.file.enable();
      await server.rewritten();
      assertEquals(await loadedDigest(dir), server.digest);
    }
  }));

Deno.test("AppendOnly that was killed before a first base had its place keeps what was before", () =>
  inDirectory(async (dir) => {
    const manifest = join(dir, "appendonlydir", "appendonly.aof.manifest");
    let digest: string, before: Uint8Array;
    {
      await using server = new LoggedServer(dir);
      server.config.load("aof-disable-auto-gc", ["yes"], false);
      await server.file.open();
      fill(server.runner);
      server.file.disable();
      ({ digest } = server);
      before = Deno.readFileSync(manifest);
      server.file.enable();
      server.runner.run("SET while waiting");
      await server.rewritten();
    }
    Deno.writeFileSync(manifest, before);
    assertEquals(await loadedDigest(dir), digest);
    await using server = new LoggedServer(dir);
    await server.load();
    await server.file.open();
    server.runner.run("SET after start");
    server.file.rewrite();
    await server.rewritten();
    assertEquals(await loadedDigest(dir), server.digest);
  }));

Deno.test("AofLoader cuts off a command that is not whole, in the last file only", () =>
  inDirectory(async (dir) => {
    const path = join(dir, "appendonlydir");
    let digest = "";
    {
      await using server = new LoggedServer(dir);
      await server.file.open();
      fill(server.runner);
      digest = server.digest;
    }
    const last = join(path, "appendonly.aof.1.incr.aof");
    const whole = await Deno.readFile(last);
    const torn = "*2\r\n$4\r\nINCR\r\n$1";
    await Deno.writeTextFile(last, torn, { append: true });
    const strict = new LoggedServer(dir);
    await assertRejects(
      () => strict.load(false),
      AofLoadError,
      "Unexpected end",
    );
    assertEquals(await loadedDigest(dir), digest);
    assertEquals(await Deno.readFile(last), whole);
    await Deno.writeTextFile(join(path, "appendonly.aof.1.base.aof"), torn);
    const broken = new LoggedServer(dir);
    await assertRejects(() => broken.load(), AofLoadError, "not the last file");
  }));

Deno.test("AofLoader refuses missing files, garbage and unknown commands", () =>
  inDirectory(async (dir) => {
    const path = join(dir, "appendonlydir");
    await Deno.mkdir(path);
    const manifest = join(path, "appendonly.aof.manifest");
    await Deno.writeTextFile(manifest, "file a.1.incr.aof seq 1 type i\n");
    const load = () => new LoggedServer(dir).load();
    await assertRejects(load, AofLoadError, "a.1.incr.aof doesn't exist");
    await Deno.writeTextFile(join(path, "a.1.incr.aof"), "hello\r\n");
    await assertRejects(load, AofLoadError, "at offset 0");
    await Deno.writeTextFile(
      join(path, "a.1.incr.aof"),
      "*1\r\n$5\r\nHELLA\r\n",
    );
    await assertRejects(load, AofLoadError, "Unknown command 'HELLA'");
    await Deno.writeTextFile(manifest, "file\n");
    await assertRejects(load, AofDirectoryError, "Invalid AOF manifest");
  }));

Deno.test("AofDirectory takes over the single file of an old Redis", () =>
  inDirectory(async (dir) => {
    await Deno.writeTextFile(
      join(dir, "appendonly.aof"),
      "*3\r\n$3\r\nSET\r\n$1\r\na\r\n$1\r\n1\r\n",
    );
    await using server = new LoggedServer(dir);
    await server.load();
    assertEquals(server.runner.run("GET a"), "$1\r\n1\r\n");
    await server.file.open();
    server.runner.run("SET b 2");
    assertEquals(await loadedDigest(dir), server.digest);
  }));
