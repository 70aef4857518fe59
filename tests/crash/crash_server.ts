/** A server on one directory that is killed and started again. */
import { RespClient } from "../support/resp_client.ts";
import { freePort, tsredisCommand } from "../support/server_process.ts";

const START_TIMEOUT_MS = 180_000;
const POLL_INTERVAL_MS = 2;

/** See the top of the file. */
export class CrashServer implements AsyncDisposable {
  /** Leaves the directory, with the log, to who wants to see it. */
  isKept = false;
  readonly dir = Deno.makeTempDirSync({ prefix: "tsredis-crash-" });
  #port = 0;
  #child: Deno.ChildProcess | undefined;
  #hasEnded = true;

  constructor(
    private readonly args: readonly string[],
    private readonly command = tsredisCommand(),
  ) {}

  /** Resolves when the server has loaded its files. @throws {Error} with its log when it does not start. */
  async start(extraArgs: readonly string[] = []): Promise<void> {
    this.spawn(extraArgs);
    const deadlineMs = Date.now() + START_TIMEOUT_MS;
    while (!this.#hasEnded && Date.now() < deadlineMs) {
      if (await this.#ping() === "simple") return await this.#checkIdentity();
      await new Promise((resolve) => setTimeout(resolve, POLL_INTERVAL_MS));
    }
    throw new Error(`the server did not start:\n${this.log.slice(-4000)}`);
  }

  /** Begins a start. */
  spawn(extraArgs: readonly string[] = []): void {
    this.#port = freePort();
    const words = [...this.command, ...this.args, ...extraArgs];
    const child = new Deno.Command("sh", {
      args: [
        "-c",
        `exec "$@" >>'${this.#logPath}' 2>&1`,
        "sh",
        ...words,
        ...["--port", `${this.#port}`, "--dir", this.dir],
      ],
      stdin: "null",
    }).spawn();
    this.#child = child;
    this.#hasEnded = false;
    child.status.then(() => {
      if (this.#child === child) this.#hasEnded = true;
    });
  }

  /** Resolves when the server answers at all, and be it that it loads. */
  async listening(): Promise<void> {
    const deadlineMs = Date.now() + START_TIMEOUT_MS;
    while (!this.#hasEnded && Date.now() < deadlineMs) {
      if (await this.#ping() !== undefined) return;
      await new Promise((resolve) => setTimeout(resolve, POLL_INTERVAL_MS));
    }
  }

  get log(): string {
    return Deno.readTextFileSync(this.#logPath);
  }

  connect(): Promise<RespClient> {
    return RespClient.connect({ port: this.#port });
  }

  /** Ends the process in the middle of whatever it does. */
  async kill(): Promise<void> {
    this.#child!.kill("SIGKILL");
    await this.#child!.status;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    try {
      this.#child?.kill("SIGKILL");
    } catch {
      // It has ended already.
    }
    await this.#child?.status;
    if (!this.isKept) await Deno.remove(this.dir, { recursive: true });
  }

  /** Ports are free only until somebody takes them. @throws {Error} when another server answers. */
  async #checkIdentity(): Promise<void> {
    using client = await this.connect();
    const info = await client.text("INFO", "server");
    if (info.includes(`\r\nprocess_id:${this.#child!.pid}\r\n`)) return;
    throw new Error(`another server answers:\n${this.log.slice(-4000)}`);
  }

  get #logPath(): string {
    return `${this.dir}/log`;
  }

  /** The type of the reply; undefined without one. */
  async #ping(): Promise<string | undefined> {
    try {
      using client = await this.connect();
      return (await client.call("PING")).type;
    } catch {
      return undefined;
    }
  }
}
