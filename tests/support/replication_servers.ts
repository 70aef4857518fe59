/** Servers that follow each other, tsredis and redis-server in any mixture. */
import type { Argument } from "./command_text.ts";
import type { RealRedis } from "./real_redis.ts";
import { replyText } from "./reply_text.ts";
import {
  type ServerProcess,
  startRedis,
  startTsredis,
} from "./server_process.ts";

/** Longest wait for servers to agree. */
const AGREE_TIMEOUT_MS = 20_000;
const POLL_INTERVAL_MS = 25;

/** Which server: ours, or the one that it is compared with. */
export type ServerKind = "tsredis" | "redis-server";

/** Pairs of a primary and a replica in which one is ours at least. */
export const PAIRS: readonly (readonly [ServerKind, ServerKind])[] = [
  ["tsredis", "tsredis"],
  ["tsredis", "redis-server"],
  ["redis-server", "tsredis"],
];

/** Starts a server that makes full copies at once and answers DEBUG; it has loaded what it has to. */
export async function startServer(
  kind: ServerKind,
  redis: RealRedis,
  ...args: string[]
): Promise<ServerProcess> {
  const all = ["--repl-diskless-sync-delay", "0", ...args];
  const server = kind === "tsredis"
    ? await startTsredis({
      args: ["--save", "", "--enable-debug-command", "yes", ...all],
    })
    : await startRedis(redis.path, { args: all });
  await until("ready", async () => {
    using client = await server.connect();
    const reply = replyText(await client.call("DBSIZE"));
    return reply.startsWith("-LOADING") ? reply : undefined;
  });
  return server;
}

/** Runs one command; answers its reply as text. */
export async function run(
  server: ServerProcess,
  ...command: Argument[]
): Promise<string> {
  using client = await server.connect();
  return await client.text(...command);
}

/** The fields of a section of INFO. */
export async function infoOf(
  server: ServerProcess,
  section: string,
): Promise<Map<string, string>> {
  const lines = (await run(server, "INFO", section)).split("\r\n");
  return new Map(
    lines.filter((line) => line.includes(":")).map((line) => {
      const at = line.indexOf(":");
      return [line.slice(0, at), line.slice(at + 1)];
    }),
  );
}

/** Waits until something holds. @throws {Error} with what it was last. */
export async function until(
  what: string,
  check: () => Promise<string | undefined>,
): Promise<void> {
  const deadlineMs = Date.now() + AGREE_TIMEOUT_MS;
  while (true) {
    const obstacle = await check();
    if (obstacle === undefined) return;
    if (Date.now() > deadlineMs) throw new Error(`not ${what}: ${obstacle}`);
    await new Promise((resolve) => setTimeout(resolve, POLL_INTERVAL_MS));
  }
}

/** Waits until a replica's link is up. */
export function untilLinked(replica: ServerProcess): Promise<void> {
  return until("linked", async () => {
    const info = await infoOf(replica, "replication");
    return info.get("master_link_status") === "up"
      ? undefined
      : [...info].join("\n");
  });
}

/** Makes one server follow another, or what passes its bytes on, and waits until it does. */
export async function follow(
  replica: ServerProcess,
  primaryPort: number,
): Promise<void> {
  await run(replica, "REPLICAOF", "127.0.0.1", `${primaryPort}`);
  await untilLinked(replica);
}

/** Waits until all servers are at one offset and their data has one digest. */
export function untilSame(...servers: ServerProcess[]): Promise<void> {
  return until("the same", async () => {
    const states = await Promise.all(servers.map(async (server) => {
      const info = await infoOf(server, "replication");
      return `${info.get("master_repl_offset")} ${await run(
        server,
        "DEBUG",
        "DIGEST",
      )}`;
    }));
    return new Set(states).size === 1 ? undefined : states.join("\n");
  });
}
