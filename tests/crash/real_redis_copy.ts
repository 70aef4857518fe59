/** What the real redis-server makes of a copy of a server's files. */
import type { RespClient } from "../support/resp_client.ts";
import { startRedis } from "../support/server_process.ts";

const WAIT_MAX_MS = 5000;
const POLL_INTERVAL_MS = 50;

/** Copies the files of `dir`, and has redis-server, which loads them, disposed of with the copy. */
export class RealRedisCopy implements AsyncDisposable {
  readonly #copy = Deno.makeTempDirSync({ prefix: "tsredis-copy-" });

  constructor(dir: string) {
    copyFiles(dir, this.#copy);
  }

  /** @throws {Error} when it refuses the files, with its log, or has other data than `ours`. */
  async compare(
    redisPath: string,
    hasAppendOnly: boolean,
    ours: RespClient,
  ): Promise<void> {
    const appendOnly = hasAppendOnly ? ["--appendonly", "yes"] : [];
    await using redis = await startRedis(redisPath, {
      args: ["--dir", this.#copy, ...appendOnly],
    });
    using theirs = await redis.connect();
    const deadlineMs = Date.now() + WAIT_MAX_MS;
    for (;;) {
      const digests = [
        await ours.text("DEBUG", "DIGEST"),
        await theirs.text("DEBUG", "DIGEST"),
      ];
      if (digests[0] === digests[1]) return;
      if (Date.now() > deadlineMs) {
        throw new Error(`redis-server has ${digests[1]}, not ${digests[0]}`);
      }
      // Keys whose time is over count until they are found.
      await new Promise((resolve) => setTimeout(resolve, POLL_INTERVAL_MS));
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Deno.remove(this.#copy, { recursive: true });
  }
}

function copyFiles(from: string, to: string): void {
  for (const { name, isFile, isDirectory } of Deno.readDirSync(from)) {
    if (isFile) Deno.copyFileSync(`${from}/${name}`, `${to}/${name}`);
    if (!isDirectory) continue;
    Deno.mkdirSync(`${to}/${name}`);
    copyFiles(`${from}/${name}`, `${to}/${name}`);
  }
}
