/**
 * Append-only directories that are damaged anywhere: each is loaded as it is
 * documented, or refused with a message that names the file.
 *
 * A sample of all places, which a seed picks; with TSREDIS_TEST_ALL=yes all of them.
 */
import { assert } from "@std/assert";
import { LoadError } from "../../lib/persistence/persistence.ts";
import { Random } from "../fuzz/random.ts";
import { TEST_SEED } from "../fuzz/test_seed.ts";
import { FileServer, type FileServerOptions } from "../support/file_server.ts";

const isForAll = Deno.env.get("TSREDIS_TEST_ALL") === "yes";
/** Damages of one file, unless all are wanted. */
const SAMPLES = 60;
const MEMORY_MAX_BYTES = 64 * 1024 * 1024;
const LOAD_MAX_MS = 5000;

const COMMANDS = [
  ...["SET text value", "SET int 12345", "SET volatile v PX 100000000"],
  ...["RPUSH list a 1 70000", "SADD set a b", "SADD ints 1 2 3"],
  ...["HSET hash f v g 12", "ZADD sorted 1 a 2.5 b -inf c"],
  ...["XADD stream 1-1 f v", "XGROUP CREATE stream g 0", "SELECT 3"],
  ...["MULTI", "SET left 1", "SET right 1", "EXEC", "SETBIT bits 77 1"],
  ...[
    "PFADD log a b",
    "DEL int",
    "INCR n",
    "INCR n",
    "SELECT 0",
    "APPEND text x",
  ],
];

/** Directories to damage: what they are, how they come about. */
const DIRECTORIES: readonly [string, FileServerOptions["directives"]][] = [
  ["an RDB base", {}],
  ["a base of commands", { "aof-use-rdb-preamble": "no" }],
  ["times", { "aof-timestamp-enabled": "yes" }],
];

function directives(
  more: FileServerOptions["directives"],
): FileServerOptions["directives"] {
  return { appendonly: "yes", appendfsync: "no", save: "", ...more };
}

/** A whole directory, and what it leaves when its last file is cut. */
class Original {
  readonly states = new Set<string>();
  digest = "";
  readonly files = new Map<string, Uint8Array>();

  static async make(
    dir: string,
    more: FileServerOptions["directives"],
  ): Promise<Original> {
    const made = new Original();
    const server = new FileServer(dir, { directives: directives(more) });
    await server.load();
    const run = () => {
      for (const command of COMMANDS) {
        server.runner.run(command);
        made.states.add(server.digest);
      }
    };
    run();
    server.runner.run("BGREWRITEAOF");
    await server.idle();
    run();
    made.digest = server.digest;
    await server.close();
    for (const { name } of Deno.readDirSync(`${dir}/appendonlydir`)) {
      made.files.set(name, Deno.readFileSync(`${dir}/appendonlydir/${name}`));
    }
    return made;
  }
}

/** Loads directories again and again. */
class Loader {
  readonly #server: FileServer;

  constructor(
    private readonly dir: string,
    more: FileServerOptions["directives"],
  ) {
    this.#server = new FileServer(dir, { directives: directives(more) });
  }

  /** The digest of what a file with other contents leads to; undefined when it is refused. */
  async load(name: string, contents: Uint8Array): Promise<string | undefined> {
    const path = `${this.dir}/appendonlydir/${name}`;
    await Deno.writeFile(path, contents);
    this.#server.log = "";
    const startMs = performance.now();
    const { external } = Deno.memoryUsage();
    const { appendOnly, keyspace } = this.#server.runner.server.parts;
    try {
      await appendOnly.reload();
      return this.#server.digest;
    } catch (error) {
      assert(error instanceof LoadError, `${name}: ${error}`);
      const reason = `${error.message}\n${this.#server.log}`;
      assert(/\.aof|\.rdb|manifest/i.test(reason), reason);
      return undefined;
    } finally {
      assert(performance.now() - startMs < LOAD_MAX_MS, "loading is slow");
      // Nobody drives the cron here.
      while (keyspace.freeDiscarded());
      const grownBytes = Deno.memoryUsage().external - external;
      assert(grownBytes < MEMORY_MAX_BYTES, `${grownBytes} bytes for loading`);
    }
  }
}

/** Damages each file with `damage` in many places; `check` is told what became of it. */
async function damageAll(
  more: FileServerOptions["directives"],
  damage: (bytes: Uint8Array, at: number, random: Random) => Uint8Array,
  check: (
    original: Original,
    name: string,
    at: number,
    digest: string | undefined,
  ) => void,
): Promise<void> {
  const dir = await Deno.makeTempDir(), random = new Random(TEST_SEED);
  try {
    const original = await Original.make(dir, more);
    const loader = new Loader(dir, more);
    for (const [name, bytes] of original.files) {
      const places = isForAll || bytes.length < SAMPLES
        ? bytes.keys()
        : random.repeat(SAMPLES, () => random.below(bytes.length));
      for (const at of places) {
        const digest = await loader.load(name, damage(bytes, at, random));
        check(original, name, at, digest);
      }
      const digest = await loader.load(name, bytes);
      assert(digest === original.digest, `${name} as it was`);
    }
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
}

for (const [what, more] of DIRECTORIES) {
  Deno.test(`an append-only directory with ${what} that is cut is loaded up to there or refused, seed ${TEST_SEED}`, () =>
    damageAll(
      more,
      (bytes, at) => bytes.slice(0, at),
      ({ states, digest }, name, at, found) => {
        const about = `${name} cut at ${at}`;
        if (name.endsWith(".rdb")) assert(found === undefined, about);
        else if (name.endsWith(".incr.aof")) {
          assert(found !== undefined && states.has(found), about);
        } else if (name.endsWith(".manifest")) {
          assert(found === undefined || found === digest, about);
        }
      },
    ));

  Deno.test(`an append-only directory with ${what} and a flipped bit is refused or loaded, seed ${TEST_SEED}`, () =>
    damageAll(
      more,
      (bytes, at, random) => bytes.with(at, bytes[at] ^ 1 << random.below(8)),
      ({ digest }, name, at, found) => {
        // Commands have no checksum: another value is as good.
        const about = `${name} flipped at ${at}`;
        if (name.endsWith(".rdb")) assert(found === undefined, about);
        else if (name.endsWith(".manifest")) {
          assert(found === undefined || found === digest, about);
        }
      },
    ));
}

Deno.test(`an old single file that is cut is loaded, and the same by the next start, seed ${TEST_SEED}`, async () => {
  const dir = await Deno.makeTempDir(), random = new Random(TEST_SEED);
  try {
    const original = await Original.make(dir, { "aof-use-rdb-preamble": "no" });
    const whole = [...original.files].find(([name]) =>
      name.endsWith("incr.aof")
    )![1];
    const places = isForAll
      ? whole.keys()
      : random.repeat(SAMPLES, () => random.below(whole.length));
    const states = new Map<number, string>();
    for (const at of places) {
      const upgraded = `${dir}/${at}`;
      await Deno.mkdir(upgraded);
      await Deno.writeFile(`${upgraded}/appendonly.aof`, whole.subarray(0, at));
      const server = new FileServer(upgraded, { directives: directives({}) });
      await server.load();
      states.set(at, server.digest);
      await server.close();
      // What was cut off stays away: the next start finds the same.
      const next = new FileServer(upgraded, { directives: directives({}) });
      await next.load();
      assert(next.digest === states.get(at), `cut at ${at}, started again`);
      await next.close();
      await Deno.remove(upgraded, { recursive: true });
    }
    assert(new Set(states.values()).size > 2);
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
});
