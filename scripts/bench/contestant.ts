/**
 * The servers under measurement: starts them all the same way (one core, the
 * same limits, no persistence) and reads from the kernel what they cost. Linux
 * only where /proc is read; elsewhere CPU time and memory are unknown.
 */
import { join } from "@std/path";

/** A build to measure: its name in tables, and the words that start it. */
export interface Contestant {
  readonly name: string;
  /** With `{port}` somewhere, that is replaced; otherwise options are added. */
  readonly command: readonly string[];
}

/** A contestant that answers PING. */
export interface RunningServer {
  readonly name: string;
  readonly port: number;
  readonly pid: number;
  /** From the spawn to the first +PONG. */
  readonly startMs: number;
  /** User and system time used so far; 10 ms steps. 0 where unknown. */
  cpuMs(): number;
  /** Resident memory now. 0 where unknown. */
  residentBytes(): number;
  /** Ends the process and waits for it. */
  stop(): Promise<void>;
}

/** The server's core; the load comes from {@linkcode LOAD_CORE}. */
const SERVER_CORE = "0";
const LOAD_CORE = "1";

/** How long a server may take until it answers. */
const START_LIMIT_MS = 30_000;
/** How long a server may take to end by itself. */
const STOP_LIMIT_MS = 10_000;
/** The kernel counts CPU time in 1/100 s on every Linux that Deno runs on. */
const TICK_MS = 10;

const hasTaskset = Deno.build.os === "linux" &&
  (navigator.hardwareConcurrency ?? 1) > 1 &&
  await succeeds("taskset", ["--version"]);

async function succeeds(command: string, args: string[]): Promise<boolean> {
  try {
    const { success } = await new Deno.Command(command, {
      args,
      stdout: "null",
      stderr: "null",
    }).output();
    return success;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

/** Says in words how processes are placed, for the report. */
export function describePinning(): string {
  return hasTaskset
    ? `server on core ${SERVER_CORE}, redis-benchmark on core ${LOAD_CORE}`
    : "not pinned to cores";
}

/** Puts a load generator on its core. */
export function pinLoad(command: readonly string[]): string[] {
  return pin(LOAD_CORE, command);
}

function pin(core: string, command: readonly string[]): string[] {
  return hasTaskset ? ["taskset", "-c", core, ...command] : [...command];
}

/** What a start may have that is not usual. */
export interface StartOptions {
  /** Directives after the usual ones. */
  readonly options?: readonly string[];
  /** A server that says it is loading counts as started. */
  readonly acceptsLoading?: boolean;
  /** False lets the server run on all cores. */
  readonly isPinned?: boolean;
}

/** Starts a contestant on a free port and waits until it answers PING. */
export async function startServer(
  contestant: Contestant,
  { options = [], isPinned = true, acceptsLoading = false }: StartOptions = {},
): Promise<RunningServer> {
  const port = findFreePort();
  const logFile = await Deno.makeTempFile({ prefix: "tsredis-bench-" });
  const command = commandFor(contestant, port, options);
  const words = isPinned ? pin(SERVER_CORE, command) : command;
  const startedMs = performance.now();
  const child = new Deno.Command("sh", {
    args: [
      "-c",
      'ulimit -n "$(ulimit -Hn)"; log=$1; shift; exec "$@" >"$log" 2>&1',
      "sh",
      logFile,
      ...words,
    ],
    stdin: "null",
  }).spawn();
  let exitCode: number | undefined;
  const ended = child.status.then(({ code }) => exitCode = code);
  while (!await answersPing(port, acceptsLoading)) {
    if (
      exitCode !== undefined || performance.now() - startedMs > START_LIMIT_MS
    ) {
      if (exitCode === undefined) child.kill("SIGKILL");
      const log = await Deno.readTextFile(logFile);
      throw new Error(`${words.join(" ")} does not answer:\n${log}`);
    }
    await sleep(1);
  }
  return {
    name: contestant.name,
    port,
    pid: child.pid,
    startMs: performance.now() - startedMs,
    cpuMs: () => readCpuMs(child.pid),
    residentBytes: () => readResidentBytes(child.pid),
    async stop() {
      if (exitCode === undefined) child.kill("SIGTERM");
      const timer = setTimeout(() => child.kill("SIGKILL"), STOP_LIMIT_MS);
      await ended;
      clearTimeout(timer);
      await Deno.remove(logFile);
    },
  };
}

function commandFor(
  contestant: Contestant,
  port: number,
  options: readonly string[],
): string[] {
  const { command } = contestant;
  if (command.some((word) => word.includes("{port}"))) {
    return command.map((word) => word.replace("{port}", `${port}`));
  }
  return [
    ...command,
    ...["--port", `${port}`],
    ...["--save", ""],
    ...["--appendonly", "no"],
    ...options,
  ];
}

function findFreePort(): number {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr;
  listener.close();
  return port;
}

async function answersPing(
  port: number,
  acceptsLoading: boolean,
): Promise<boolean> {
  try {
    using conn = await Deno.connect({ hostname: "127.0.0.1", port });
    await conn.write(new TextEncoder().encode("*1\r\n$4\r\nPING\r\n"));
    const reply = new Uint8Array(64);
    const count = await conn.read(reply) ?? 0;
    const text = new TextDecoder().decode(reply.subarray(0, count));
    return text === "+PONG\r\n" ||
      (acceptsLoading && text.startsWith("-LOADING"));
  } catch (error) {
    if (
      error instanceof Deno.errors.ConnectionRefused ||
      error instanceof Deno.errors.ConnectionReset
    ) {
      return false;
    }
    throw error;
  }
}

function readCpuMs(pid: number): number {
  const text = readProcess(pid, "stat");
  // The second field, the name in parentheses, may itself hold blanks.
  const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
  const USER_FIELD = 11;
  return (Number(fields[USER_FIELD] ?? 0) +
    Number(fields[USER_FIELD + 1] ?? 0)) * TICK_MS;
}

function readResidentBytes(pid: number): number {
  const match = /^VmRSS:\s+(\d+) kB$/m.exec(readProcess(pid, "status"));
  return Number(match?.[1] ?? 0) * 1024;
}

function readProcess(pid: number, file: string): string {
  if (Deno.build.os !== "linux") return "";
  return Deno.readTextFileSync(join("/proc", `${pid}`, file));
}

/** Waits. */
export function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
