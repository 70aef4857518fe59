/** A server on one directory that is killed and started again. */
import { RespClient } from "../support/resp_client.ts";
import { freePort, tsredisCommand } from "../support/server_process.ts";

const START_TIMEOUT_MS = 30_000;
const POLL_INTERVAL_MS = 5;

/** See the top of the file. */
export class CrashServer implements AsyncDisposable {
  readonly #dir = Deno.makeTempDirSync({ prefix: "tsredis-crash-" });
  #port = 0;
  #child: Deno.ChildProcess | undefined;

  constructor(private readonly args: readonly string[]) {}

  /** Resolves when the server has loaded its files. @throws {Error} with its log when it does not start. */
  async start(): Promise<void> {
    this.#port = freePort();
    const logfile = `${this.#dir}/log`;
    const words = [...tsredisCommand(), ...this.args];
    let hasEnded = false;
    this.#child = new Deno.Command("sh", {
      args: [
        "-c",
        `exec "$@" >>'${logfile}' 2>&1`,
        "sh",
        ...words,
        ...["--port", `${this.#port}`, "--dir", this.#dir],
      ],
    }).spawn();
    this.#child.status.then(() => hasEnded = true);
    const deadlineMs = Date.now() + START_TIMEOUT_MS;
    while (!hasEnded && Date.now() < deadlineMs) {
      if (await this.#isReady()) return;
      await new Promise((resolve) => setTimeout(resolve, POLL_INTERVAL_MS));
    }
    const log = await Deno.readTextFile(logfile);
    throw new Error(`the server did not start:\n${log.slice(-4000)}`);
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
    await Deno.remove(this.#dir, { recursive: true });
  }

  async #isReady(): Promise<boolean> {
    try {
      using client = await this.connect();
      return (await client.call("PING")).type === "simple";
    } catch {
      return false;
    }
  }
}
