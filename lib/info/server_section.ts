/** INFO server: which program this is, where it runs, and since when. */

import { createHash } from "node:crypto";
import os from "node:os";
import { REDIS_COMPATIBILITY_VERSION, TSREDIS_VERSION } from "../version.ts";
import type { InfoField, InfoSection, InfoSource } from "./info_section.ts";

const SECONDS_PER_DAY = 86400;
const LRU_CLOCK_MASK = 0xffffff;

/** How the runtime waits for sockets, by operating system. */
const POLLERS: Readonly<Record<string, string>> = {
  linux: "epoll",
  android: "epoll",
  darwin: "kqueue",
  freebsd: "kqueue",
  windows: "iocp",
};

/** Tells builds apart. */
const BUILD_ID = createHash("sha256")
  .update(`${TSREDIS_VERSION} ${Deno.version.deno} ${Deno.build.target}`)
  .digest("hex").slice(0, 16);

export const serverSection: InfoSection = {
  name: "server",
  title: "Server",
  isDefault: true,
  *fields(source) {
    const { config, lifecycle, keyspace: { clock } } = source;
    const nowMs = clock.nowMs();
    const uptimeSeconds = Math.floor((nowMs - lifecycle.startedAtMs) / 1000);
    yield* program();
    yield ["run_id", lifecycle.runId];
    yield ["tcp_port", lifecycle.port];
    yield ["server_time_usec", nowMs * 1000];
    yield ["uptime_in_seconds", uptimeSeconds];
    yield ["uptime_in_days", Math.floor(uptimeSeconds / SECONDS_PER_DAY)];
    yield ["hz", config.get("hz")];
    yield ["configured_hz", config.get("hz")];
    yield ["lru_clock", Math.floor(nowMs / 1000) & LRU_CLOCK_MASK];
    yield ["executable", Deno.execPath()];
    yield ["config_file", lifecycle.configFile];
    yield ["io_threads_active", 0];
    const { remainingMs } = lifecycle.ending;
    if (remainingMs !== undefined) {
      yield ["shutdown_in_milliseconds", remainingMs];
    }
    yield* listeners(source);
  },
};

function* program(): Generator<InfoField> {
  yield ["redis_version", REDIS_COMPATIBILITY_VERSION];
  yield ["tsredis_version", TSREDIS_VERSION];
  yield ["redis_git_sha1", "00000000"];
  yield ["redis_git_dirty", 0];
  yield ["redis_build_id", BUILD_ID];
  yield ["redis_mode", "standalone"];
  yield ["os", `${os.type()} ${os.release()} ${os.machine()}`];
  yield ["arch_bits", 64];
  yield ["monotonic_clock", "performance.now"];
  yield ["multiplexing_api", POLLERS[Deno.build.os] ?? Deno.build.os];
  yield ["atomicvar_api", "none"];
  yield ["gcc_version", "0.0.0"];
  yield ["deno_version", Deno.version.deno];
  yield ["process_id", Deno.pid];
  yield ["process_supervised", "no"];
}

function* listeners({ config, lifecycle }: InfoSource): Generator<InfoField> {
  let number = 0;
  if (lifecycle.port !== 0) {
    const bind = config.text("bind").split(" ").map((host) => `,bind=${host}`);
    yield [
      `listener${number++}`,
      `name=tcp${bind.join("")},port=${lifecycle.port}`,
    ];
  }
  const path = config.get("unixsocket");
  if (path !== "") yield [`listener${number}`, `name=unix,bind=${path}`];
}
