/**
 * The executable that `deno task compile` makes where denort cannot be had, as
 * a user starts it: built once, then started, asked, stopped, started at the
 * same time, and offered directories that others could write to.
 */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { join } from "@std/path";
import { RespClient } from "./support/resp_client.ts";
import { freePort, runToEnd } from "./support/server_process.ts";

const ROOT = join(import.meta.dirname!, "..");
const START_LIMIT_MS = 20_000;

let directory: string;
let executable: string;

Deno.test.beforeAll(async () => {
  directory = await Deno.makeTempDir({ prefix: "tsredis-compile-test-" });
  executable = join(directory, "tsredis");
  const { success, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [
      ...["run", "-A", join(ROOT, "scripts", "compile.ts")],
      ...["--self-extracting", "--output", executable],
    ],
    stdout: "null",
    stderr: "piped",
  }).output();
  assert(success, new TextDecoder().decode(stderr));
});

Deno.test.afterAll(() => Deno.remove(directory, { recursive: true }));

interface Started extends AsyncDisposable {
  readonly child: Deno.ChildProcess;
  readonly port: number;
}

/** Starts the executable with a cache of its own and waits for PONG. */
async function start(cache: string, port = freePort()): Promise<Started> {
  const child = new Deno.Command(executable, {
    args: ["--port", `${port}`, "--save", "", "--dir", directory],
    env: { XDG_CACHE_HOME: cache, TMPDIR: directory },
    stdin: "null",
    stdout: "null",
    stderr: "null",
  }).spawn();
  let hasEnded = false;
  child.status.then(() => hasEnded = true);
  async function stop(): Promise<void> {
    if (!hasEnded) child.kill("SIGKILL");
    await child.status;
  }
  const deadlineMs = Date.now() + START_LIMIT_MS;
  while (!await answersPing(port)) {
    if (hasEnded || Date.now() > deadlineMs) {
      await stop();
      throw new Error("the executable does not answer");
    }
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return { child, port, [Symbol.asyncDispose]: stop };
}

async function answersPing(port: number): Promise<boolean> {
  try {
    using client = await RespClient.connect({ port });
    return await client.text("PING") === "PONG";
  } catch (error) {
    if (error instanceof Deno.errors.ConnectionRefused) return false;
    throw error;
  }
}

function newCache(): Promise<string> {
  return Deno.makeTempDir({ dir: directory, prefix: "cache-" });
}

/** The only build directory below a cache, and what is in it. */
function unpackedFiles(cache: string): { place: string; names: string[] } {
  const builds = [...Deno.readDirSync(join(cache, "tsredis"))];
  assertEquals(builds.length, 1);
  const place = join(cache, "tsredis", builds[0].name);
  const names = [...Deno.readDirSync(place)].filter((entry) => entry.isFile)
    .map((entry) => entry.name).sort();
  return { place, names };
}

Deno.test("the executable serves, and SIGTERM ends it with 0", async () => {
  const cache = await newCache();
  await using server = await start(cache);
  {
    using client = await RespClient.connect({ port: server.port });
    assertEquals(await client.text("SET", "key", "value"), "OK");
    assertEquals(await client.text("GET", "key"), "value");
  }
  // The child is the server itself: a shell would end by the signal.
  server.child.kill("SIGTERM");
  const { code, signal } = await server.child.status;
  assertEquals({ code, signal }, { code: 0, signal: null });
});

Deno.test("the executable unpacks once, and its arguments arrive unchanged", async () => {
  const cache = await newCache();
  const env = { XDG_CACHE_HOME: cache };
  const version = await new Deno.Command(executable, {
    args: ["--version"],
    env,
  }).output();
  assertEquals(version.code, 0);
  const { place, names } = unpackedFiles(cache);
  assertEquals(names, ["tsredis", "tsredis.js"]);
  const before = Deno.statSync(join(place, "tsredis"));
  const wrong = await new Deno.Command(executable, {
    args: ["--no such option", "$HOME `x` 'y'"],
    env,
  }).output();
  assertEquals(wrong.code, 1);
  assertStringIncludes(
    new TextDecoder().decode(wrong.stderr),
    "no such option",
  );
  const after = Deno.statSync(join(place, "tsredis"));
  assertEquals([after.ino, after.mtime], [before.ino, before.mtime]);
});

Deno.test("the executable answers --version as deno run does", async () => {
  const cache = await newCache();
  const compiled = await runToEnd(
    ["env", `XDG_CACHE_HOME=${cache}`, executable, "--version"],
  );
  const main = join(ROOT, "main.ts");
  const plain = await runToEnd([
    Deno.execPath(),
    "run",
    "-A",
    main,
    "--version",
  ]);
  assertEquals(compiled, plain);
});

Deno.test("first starts at once all serve", async () => {
  const cache = await newCache();
  const servers = await Promise.all([start(cache), start(cache), start(cache)]);
  for (const server of servers) await server[Symbol.asyncDispose]();
  assertEquals(unpackedFiles(cache).names, ["tsredis", "tsredis.js"]);
});

Deno.test("the executable does not run from where others could write", async () => {
  const open = await newCache();
  await Deno.mkdir(join(open, "tsredis"));
  await Deno.chmod(join(open, "tsredis"), 0o777);
  const linked = await newCache();
  await Deno.mkdir(join(linked, "elsewhere"), { mode: 0o700 });
  await Deno.symlink(join(linked, "elsewhere"), join(linked, "tsredis"));
  for (const cache of [open, linked]) {
    const fallback = await newCache();
    const { code } = await runToEnd([
      ...["env", "-u", "HOME", `XDG_CACHE_HOME=${cache}`, `TMPDIR=${fallback}`],
      ...[executable, "--version"],
    ]);
    assertEquals(code, 0);
    assertEquals([...Deno.readDirSync(join(cache, "tsredis"))], []);
    assertEquals(
      [...Deno.readDirSync(fallback)].map((entry) => entry.name),
      [`tsredis-${Deno.uid()}`],
    );
  }
});

Deno.test("a damaged executable says so, and leaves nothing behind", async () => {
  const cache = await newCache();
  const damaged = join(directory, "damaged");
  const bytes = await Deno.readFile(executable);
  await Deno.writeFile(damaged, bytes.subarray(0, bytes.length - 1000), {
    mode: 0o755,
  });
  const { code, stderr } = await runToEnd(
    ["env", `XDG_CACHE_HOME=${cache}`, damaged, "--version"],
  );
  assertEquals(code, 1);
  assertStringIncludes(stderr, "this file is damaged");
  assertEquals(unpackedFiles(cache).names, ["tsredis.js"]);
});
