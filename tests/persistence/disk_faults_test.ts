/**
 * The disk refuses each step in turn: of what was acknowledged nothing is gone,
 * whenever the server is killed; writing stops and reading goes on; and when the
 * disk works again, so does the server.
 *
 * Each step fails in one way that a seed picks; with TSREDIS_TEST_ALL=yes in all.
 */
import { assert, assertEquals } from "@std/assert";
import { LoadError } from "../../lib/persistence/persistence.ts";
import { Random } from "../fuzz/random.ts";
import { TEST_SEED } from "../fuzz/test_seed.ts";
import { type FaultKind, FaultyDisk } from "../support/faulty_disk.ts";
import { FileServer, type FileServerOptions } from "../support/file_server.ts";

const KINDS: readonly [FaultKind, isLasting: boolean][] = [
  ["refused", false],
  ["refused", true],
  ["done", false],
  ["short", false],
  ["short", true],
];
const MISCONF = /^-MISCONF /;
const PERIOD_MS = 1000;
/** Behind the delays of what is tried again. */
const LONG_MS = 4000 * 1000;

/** What is done; a word that begins with `@` is no command. */
const COMMANDS = [
  ...["SET a 1", "RPUSH list a b c", "MULTI", "INCR n", "SADD set x", "EXEC"],
  ...["@tick", "BGREWRITEAOF", "HSET hash f v", "@idle", "INCR n"],
  ...["SELECT 2", "SET b 2", "BGSAVE", "ZADD z 1 a", "@idle", "SELECT 0"],
  ...["SET after save", "CONFIG SET appendonly no", "INCR unkept"],
  ...["CONFIG SET appendonly yes", "INCR n", "@idle", "SET last 1", "@tick"],
];

/** One run, with what must be found after a kill. */
class Run {
  /** Digests after each command that was done. */
  readonly states: string[] = [];
  /** Index of the first state that a start may find: the last acknowledged one. */
  least = 0;
  /** While the append-only file is turned on late, it promises nothing yet. */
  #isKept = true;

  constructor(
    readonly server: FileServer,
    private readonly policy: string,
    private readonly dir: string,
  ) {
    this.#note(true);
  }

  async command(text: string): Promise<void> {
    const { server } = this;
    if (text === "@idle") await server.idle();
    else if (text === "@tick") {
      server.runner.clock.advance(PERIOD_MS);
      server.tick();
      await server.idle();
    } else {
      const reply = server.runner.run(text);
      const barrier = server.runner.server.replyBarrier();
      let isAnswered = barrier === undefined;
      barrier?.then(() => isAnswered = true);
      await server.idle();
      if (text === "CONFIG SET appendonly no") this.#isKept = false;
      this.#note(isAnswered && !reply.startsWith("-"));
      return;
    }
    this.#note(false);
  }

  /** Loads a copy, as if the server were killed now. */
  async checkKilled(what: string): Promise<void> {
    const copy = await Deno.makeTempDir();
    try {
      copyFiles(this.dir, copy);
      const next = new FileServer(copy, {
        directives: directives(this.policy),
      });
      try {
        await next.load();
      } catch (error) {
        throw new Error(`${what}: ${error}\n${next.log}`);
      }
      const found = this.states.lastIndexOf(next.digest);
      assert(found >= this.least, `${what}: state ${found} of ${this.least}`);
      await next.close();
    } finally {
      await Deno.remove(copy, { recursive: true });
    }
  }

  #note(isAcknowledged: boolean): void {
    const { file } = this.server.runner.server.parts.appendOnly;
    if (file.state === "on") this.#isKept = true;
    const { digest } = this.server;
    const hasChanged = digest !== this.states.at(-1);
    this.states.push(digest);
    // While the disk fails, reading is answered, which acknowledges nothing.
    const isSafe = file.log?.failure === undefined ||
      (this.policy === "always" && hasChanged);
    if (isAcknowledged && this.#isKept && isSafe) {
      this.least = this.states.length - 1;
    }
  }
}

function directives(policy: string): FileServerOptions["directives"] {
  return {
    appendonly: "yes",
    appendfsync: policy,
    save: "",
    "enable-debug-command": "yes",
  };
}

function copyFiles(from: string, to: string): void {
  for (const { name, isDirectory } of Deno.readDirSync(from)) {
    if (!isDirectory) Deno.copyFileSync(`${from}/${name}`, `${to}/${name}`);
    else {
      Deno.mkdirSync(`${to}/${name}`);
      copyFiles(`${from}/${name}`, `${to}/${name}`);
    }
  }
}

/** Runs all commands on a disk; answers how many steps it made. */
async function runOn(disk: FaultyDisk, policy: string): Promise<number> {
  const dir = await Deno.makeTempDir();
  try {
    const first = new FileServer(dir, { directives: directives(policy) });
    await first.load();
    first.runner.run("SET old value");
    await first.close();
    await runIn(dir, disk, policy);
    return disk.steps;
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
}

async function runIn(dir: string, disk: FaultyDisk, policy: string) {
  const options = { directives: directives(policy), disk };
  let server = new FileServer(dir, options);
  try {
    await server.load();
  } catch (error) {
    assert(error instanceof LoadError, `${error}`);
    disk.heal();
    server = new FileServer(dir, options);
    await server.load();
  }
  const reader = server.runner.newClient();
  assertEquals(server.runner.runAs(reader, "GET old"), "$5\r\nvalue\r\n");
  const run = new Run(server, policy, dir);
  let checks = 0;
  for (const text of COMMANDS) {
    await run.command(text);
    const what = `${text} after ${disk.failedStep}`;
    if (disk.hasFailed && checks++ < 4) await run.checkKilled(what);
    assertEquals(server.runner.runAs(reader, "EXISTS old"), ":1\r\n", what);
  }
  disk.heal();
  // It stays off when it could not be turned on.
  server.runner.run("CONFIG SET appendonly yes");
  for (let i = 0; i < 3; i++) {
    server.runner.clock.advance(LONG_MS);
    server.tick();
    await server.idle();
  }
  const reply = server.runner.run("SET healed yes");
  assertEquals(reply, "+OK\r\n", `after ${disk.failedStep}\n${server.log}`);
  await server.runner.server.replyBarrier();
  run.states.push(server.digest);
  run.least = run.states.length - 1;
  await run.checkKilled(`healed after ${disk.failedStep}`);
  await server.close();
}

const isForAll = Deno.env.get("TSREDIS_TEST_ALL") === "yes";

for (const policy of ["always", "everysec"]) {
  Deno.test(`nothing acknowledged is gone whichever step of the disk fails, ${policy}, seed ${TEST_SEED}`, async () => {
    const random = new Random(TEST_SEED);
    const steps = await runOn(new FaultyDisk(), policy);
    assert(steps > 50, `${steps} steps`);
    for (let at = 1; at <= steps; at++) {
      const kinds = isForAll ? KINDS : [random.pick(KINDS)];
      for (const [kind, isLasting] of kinds) {
        const disk = new FaultyDisk(at, kind, isLasting);
        try {
          await runOn(disk, policy);
        } catch (error) {
          throw new Error(
            `step ${at} ${kind}${isLasting ? " and all later" : ""}: ${error}`,
          );
        }
      }
    }
  });
}

Deno.test("writes are refused while the append-only file cannot be written, and reading goes on", async () => {
  const dir = await Deno.makeTempDir();
  const disk = new FaultyDisk();
  const server = new FileServer(dir, {
    directives: directives("everysec"),
    disk,
  });
  try {
    await server.load();
    server.runner.run("SET k v");
    disk.failFromNowOn();
    server.runner.run("SET k w");
    const refusal = server.runner.run("SET k x");
    assertEquals(
      refusal,
      "-MISCONF Errors writing to the AOF file: No space left on device\r\n",
    );
    assertEquals(
      server.runner.run("GET k"),
      "$1\r\nw\r\n",
    );
    assert(MISCONF.test(server.runner.run("PING")));
    disk.heal();
    server.runner.clock.advance(PERIOD_MS);
    server.tick();
    await server.idle();
    assertEquals(server.runner.run("SET k y"), "+OK\r\n");
    assertEquals(server.runner.run("PING"), "+PONG\r\n");
  } finally {
    await server.close();
    await Deno.remove(dir, { recursive: true });
  }
});
