/** INFO persistence while files of redis-server are loaded and after that, beside redis-server. */
import { assertEquals } from "@std/assert";
import { run, type ServerKind } from "../support/replication_servers.ts";
import {
  findRealRedis,
  type RealRedis,
  testBesideRedis,
} from "../support/real_redis.ts";
import {
  type ServerProcess,
  startRedis,
  startTsredis,
} from "../support/server_process.ts";
import { assertAlike } from "./info_rules.ts";
import { type Fields, fieldsOf, untilFields } from "./info_states.ts";

const KEYS = 150;
/** A pause for each key that comes from an RDB file, and a look at clients for each KiB. */
const SLOWLY = [
  ...["--key-load-delay", "20000"],
  ...["--loading-process-events-interval-bytes", "1024"],
];
/** Times to live that end before the files are loaded, but not before they are written. */
const SHORT_MS = 1500;
/** How many keys there are by now. */
const SO_FAR = ["rdb_last_load_keys_loaded", "rdb_last_load_keys_expired"];

/** Files, and how a server makes and loads them. */
interface Kind {
  readonly name: string;
  readonly args: readonly string[];
  /** The last command that makes them. */
  readonly finish: string;
  /** Whether keys come from an RDB file. */
  readonly isSlow: boolean;
  /** Whether what came after that is in them. */
  readonly keepsAll: boolean;
}

const KINDS: readonly Kind[] = [
  {
    name: "an RDB file",
    args: [],
    finish: "SAVE",
    isSlow: true,
    keepsAll: false,
  },
  {
    name: "an append-only file with an RDB base",
    args: ["--appendonly", "yes"],
    finish: "BGREWRITEAOF",
    isSlow: true,
    keepsAll: true,
  },
  {
    name: "an append-only file of commands",
    args: ["--appendonly", "yes", "--aof-use-rdb-preamble", "no"],
    finish: "BGREWRITEAOF",
    isSlow: false,
    keepsAll: true,
  },
];

/** Has redis-server make files in `dir`: a key in them has expired since, another one lives on. */
async function makeFiles(redis: RealRedis, kind: Kind, dir: string) {
  const args = [...kind.args, "--dir", dir];
  await using server = await startRedis(redis.path, { args });
  await run(server, "DEBUG", "SET-ACTIVE-EXPIRE", "0");
  for (let i = 0; i < KEYS; i++) {
    await run(server, "SET", `key:${i}`, crypto.randomUUID());
  }
  await run(server, "SET", "short", "v", "PX", `${SHORT_MS}`);
  await run(server, "SET", "kept", "v", "PX", `${SHORT_MS}`);
  await run(server, kind.finish);
  await untilFields(
    server,
    "written",
    (fields) => fields.get("aof_rewrite_in_progress") === "0",
  );
  assertEquals(await run(server, "PERSIST", "kept"), ":1");
  await new Promise((resolve) => setTimeout(resolve, SHORT_MS));
}

async function copyFiles(from: string, to: string): Promise<void> {
  await Deno.mkdir(to, { recursive: true });
  for await (const { name, isDirectory } of Deno.readDir(from)) {
    if (isDirectory) await copyFiles(`${from}/${name}`, `${to}/${name}`);
    else await Deno.copyFile(`${from}/${name}`, `${to}/${name}`);
  }
}

/** The fields of a server while it loads, if that takes long, after it, and after a read and a write. */
async function watchLoading(
  server: ServerProcess,
  { isSlow, keepsAll }: Kind,
): Promise<Fields[]> {
  const looks: Fields[] = [];
  const loadsKeys = (fields: Fields) =>
    Number(fields.get("rdb_last_load_keys_loaded")) > 0;
  if (isSlow) looks.push(await untilFields(server, "loading keys", loadsKeys));
  const isLoaded = (fields: Fields) => fields.get("loading") === "0";
  looks.push(await untilFields(server, "loaded", isLoaded));
  assertEquals(await run(server, "GET", "short"), "nil");
  assertEquals(await run(server, "EXISTS", "kept"), `:${keepsAll ? 1 : 0}`);
  await run(server, "SET", "key:1", "new");
  return [...looks, await fieldsOf(server)];
}

/** Starts a server on copies of files, and watches it. */
async function load(
  redis: RealRedis,
  kind: Kind,
  server: ServerKind,
  files: string,
): Promise<Fields[]> {
  const dir = `${files}-${server}`;
  await copyFiles(files, dir);
  const args = ["--dir", dir, ...kind.args];
  if (kind.isSlow) args.push(...SLOWLY);
  try {
    await using loading = server === "tsredis"
      ? await startTsredis({ args: ["--save", "", ...args] })
      : await startRedis(redis.path, { args });
    return await watchLoading(loading, kind);
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
}

const real = await findRealRedis();

for (const kind of KINDS) {
  testBesideRedis(
    real,
    `INFO persistence is as in redis-server, loading ${kind.name}`,
    async (redis) => {
      const files = await Deno.makeTempDir({ prefix: "tsredis-test-" });
      try {
        await makeFiles(redis, kind, files);
        const [ours, theirs] = await Promise.all([
          load(redis, kind, "tsredis", files),
          load(redis, kind, "redis-server", files),
        ]);
        for (const [i, fields] of ours.entries()) {
          const isDuring = fields.get("loading") === "1";
          assertAlike(fields, theirs[i], `look ${i}`, isDuring ? SO_FAR : []);
        }
      } finally {
        await Deno.remove(files, { recursive: true });
      }
    },
  );
}
