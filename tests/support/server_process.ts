/**
 * Servers as child processes: tsredis as a user starts it, and the real redis-server.
 *
 * Each gets a port that was free a moment ago and a directory of its own. Both
 * vanish when the server is disposed of (`await using`), and at the latest when
 * the test process ends, whatever a test did.
 *
 * Environment: `TSREDIS_COMMAND` is what starts tsredis (words split at spaces,
 * default `deno run -A main.ts`; a compiled binary, for example), `REDIS_SERVER`
 * the path of the real redis-server (default: the one on PATH).
 */
import { type Address, RespClient } from "./resp_client.ts";

export interface ServerOptions {
  /** Arguments after the port and directory, `["--maxclients", "10"]`. */
  args?: string[];
  /** Lines of a config file, given as first argument. */
  configLines?: string[];
}

/** Longest time from start to the first PONG. */
const START_TIMEOUT_MS = 20_000;
/** Longest time from the wish that a server ends to its end. */
const STOP_TIMEOUT_MS = 10_000;
const POLL_INTERVAL_MS = 10;
/** Starts that are tried when another process takes the free port first. */
const PORT_ATTEMPTS_MAX = 5;
const PORT_TAKEN = /Address already in use|Failed listening on port/;

const repositoryRoot = new URL("../../", import.meta.url).pathname;

/** Processes and directories that exist now; emptied at the end of this process. */
const running = new Set<ServerProcess>();

globalThis.addEventListener("unload", () => {
  for (const server of running) server.killNow();
});

export class ServerProcess implements AsyncDisposable {
  readonly port: number;
  /** Working directory of the server's files; removed with it. */
  readonly dir: string;
  readonly #child: Deno.ChildProcess;
  /** Set when the process ends, by whatever. */
  #hasEnded = false;

  constructor(child: Deno.ChildProcess, port: number, dir: string) {
    this.#child = child;
    this.port = port;
    this.dir = dir;
    running.add(this);
    child.status.then(() => this.#hasEnded = true);
  }

  get hasEnded(): boolean {
    return this.#hasEnded;
  }

  get address(): Address {
    return { port: this.port };
  }

  get pid(): number {
    return this.#child.pid;
  }

  /** The exit code, once the process has ended. @throws {Error} when it does not end in time. */
  async exitCode(): Promise<number> {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(
        () => reject(new Error(`The server goes on:\n${this.log}`)),
        STOP_TIMEOUT_MS,
      );
    });
    try {
      return (await Promise.race([this.#child.status, late])).code;
    } finally {
      clearTimeout(timer);
    }
  }

  /** What the server wrote to stdout and stderr so far. */
  get log(): string {
    return Deno.readTextFileSync(`${this.dir}/stdout.log`);
  }

  connect(): Promise<RespClient> {
    return RespClient.connect(this.address);
  }

  signal(signal: Deno.Signal): void {
    this.#child.kill(signal);
  }

  /** Kills the process and removes its directory without waiting for either. */
  killNow(): void {
    running.delete(this);
    try {
      this.#child.kill("SIGKILL");
    } catch {
      // It ended by itself.
    }
    Deno.removeSync(this.dir, { recursive: true });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (!running.has(this)) return;
    this.killNow();
    await this.#child.status;
  }
}

/** Starts tsredis and waits until it answers PING. */
export function startTsredis(
  options: ServerOptions = {},
): Promise<ServerProcess> {
  return start(tsredisCommand(), options);
}

/** Starts the real redis-server, without persistence, and waits until it answers PING. */
export function startRedis(
  path: string,
  options: ServerOptions = {},
): Promise<ServerProcess> {
  const args = [
    "--save",
    "",
    "--enable-debug-command",
    "yes",
    ...options.args ?? [],
  ];
  return start([path], { ...options, args });
}

/** The words that start tsredis. */
export function tsredisCommand(): string[] {
  const given = Deno.env.get("TSREDIS_COMMAND");
  if (given !== undefined) return given.split(" ");
  return [Deno.execPath(), "run", "-A", `${repositoryRoot}main.ts`];
}

/** A port of 127.0.0.1 that nobody listens on at this moment. */
export function freePort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return listener.addr.port;
}

/** Runs a command that is expected to end by itself, and answers its exit code and output. */
export async function runToEnd(
  command: string[],
  options: { stdin?: string; cwd?: string } = {},
): Promise<{ code: number; stdout: string; stderr: string }> {
  const child = new Deno.Command(command[0], {
    args: command.slice(1),
    cwd: options.cwd,
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
    signal: AbortSignal.timeout(START_TIMEOUT_MS),
  }).spawn();
  const writer = child.stdin.getWriter();
  if (options.stdin !== undefined) {
    await writer.write(new TextEncoder().encode(options.stdin));
  }
  await writer.close();
  const { code, stdout, stderr } = await child.output();
  const decoder = new TextDecoder();
  return {
    code,
    stdout: decoder.decode(stdout),
    stderr: decoder.decode(stderr),
  };
}

async function start(
  command: string[],
  options: ServerOptions,
): Promise<ServerProcess> {
  for (let attempt = 1;; attempt++) {
    const server = spawn(command, options);
    try {
      await ready(server);
      return server;
    } catch (error) {
      const isPortTaken = PORT_TAKEN.test(server.log);
      await server[Symbol.asyncDispose]();
      if (!isPortTaken || attempt === PORT_ATTEMPTS_MAX) throw error;
    }
  }
}

/** The shell only redirects and is then replaced, so that the child is the server itself. */
function spawn(
  command: string[],
  { args = [], configLines }: ServerOptions,
): ServerProcess {
  const port = freePort();
  const dir = Deno.makeTempDirSync({ prefix: "tsredis-test-" });
  const configArgs: string[] = [];
  if (configLines !== undefined) {
    Deno.writeTextFileSync(`${dir}/server.conf`, configLines.join("\n") + "\n");
    configArgs.push(`${dir}/server.conf`);
  }
  const child = new Deno.Command("sh", {
    args: [
      "-c",
      `exec "$@" >'${dir}/stdout.log' 2>&1`,
      "sh",
      ...command,
      ...configArgs,
      ...["--port", `${port}`, "--dir", dir],
      ...args,
    ],
    stdin: "null",
    stdout: "null",
    stderr: "null",
  }).spawn();
  return new ServerProcess(child, port, dir);
}

async function ready(server: ServerProcess): Promise<void> {
  const deadlineMs = Date.now() + START_TIMEOUT_MS;
  while (Date.now() < deadlineMs && !server.hasEnded) {
    if (await answersPing(server)) return;
    await new Promise((resolve) => setTimeout(resolve, POLL_INTERVAL_MS));
  }
  throw new Error(`The server did not start:\n${server.log}`);
}

/** A server that wants a password or says that it is loading has started as well. */
async function answersPing(server: ServerProcess): Promise<boolean> {
  try {
    using client = await server.connect();
    const reply = await client.call("PING");
    return reply.type === "simple" || reply.type === "error";
  } catch {
    return false;
  }
}
