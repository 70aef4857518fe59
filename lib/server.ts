/**
 * Builds the parts of a server and wires them: the only file that knows all.
 *
 * ```
 * listeners → Connection → Router → commands → Keyspace
 *                 ↑ clients, limits     ↑ config, stats, log
 * cron: expiry, idle clients, pauses, samples for INFO
 * ```
 *
 * A Server holds everything; nothing of it is global, so several can live in one
 * process. It handles no signals and never exits: main.ts does.
 */

import { Authentication } from "./acl/authentication.ts";
import { COMMAND_DEFINITIONS } from "./commands/all.ts";
import type { Config } from "./config/config.ts";
import { ConfigValueError } from "./config/directive.ts";
import { Cron } from "./cron.ts";
import { LatencyMonitor } from "./info/latency_monitor.ts";
import { MemoryAccounting } from "./info/memory_accounting.ts";
import { MonitorFeed } from "./info/monitor_feed.ts";
import { ServerStats } from "./info/server_stats.ts";
import { SlowCommands } from "./info/slow_commands.ts";
import { Slowlog } from "./info/slowlog.ts";
import { type Clock, Keyspace } from "./keyspace/keyspace.ts";
import { followEncodingLimits } from "./keyspace/encoding_limits.ts";
import { WatchedKeys } from "./keyspace/watched_keys.ts";
import type { Logger } from "./log/logger.ts";
import { ClientRegistry } from "./net/client_registry.ts";
import {
  Connection,
  type ConnectionHost,
  SMALL_BUFFER_BYTES,
} from "./net/connection.ts";
import { ListenError } from "./net/listener.ts";
import { ListenerSet } from "./net/listener_set.ts";
import { isLocalAddress } from "./net/local_address.ts";
import { ERROR_PROTECTED_MODE } from "./net/protected_mode.ts";
import { OutputLimits } from "./net/output_limits.ts";
import type { Transport } from "./net/transport.ts";
import { KeyspaceNotifications } from "./pubsub/keyspace_notifications.ts";
import { KeyTracking } from "./tracking/key_tracking.ts";
import type { LargeBuffers } from "./keyspace/large_buffers.ts";
import { PubSub } from "./pubsub/pubsub.ts";
import { AppendOnlyService } from "./persistence/append_only_service.ts";
import { Migrations } from "./migration/migrations.ts";
import { type Disk, SYSTEM_DISK } from "./persistence/disk.ts";
import { Persistence } from "./persistence/persistence.ts";
import { replicationData } from "./persistence/replication_data.ts";
import { Replication } from "./replication/replication.ts";
import { BufferPool } from "./resp/buffer_pool.ts";
import type { Lifecycle, ServerParts } from "./router/call.ts";
import { Shutdown } from "./shutdown.ts";
import { CommandTable } from "./router/command_table.ts";
import { renameCommands } from "./router/rename_commands.ts";
import { BlockedClients } from "./router/blocked_clients.ts";
import { Holds } from "./router/holds.ts";
import { Router } from "./router/router.ts";

/** What tests replace. */
export interface ServerOptions {
  /** Time for everything that commands see. */
  clock?: Clock;
  /** Source of random choices: numbers from 0 up to 1. */
  random?: () => number;
  /** What data files are written to. */
  disk?: Disk;
}

const SYSTEM_CLOCK: Clock = {
  nowMs: () => Date.now(),
  monotonicMs: () => performance.now(),
};
const RUN_ID_BYTES = 20;
const ERROR_MAX_CLIENTS = "ERR max number of clients reached";

/**
 * Starts a server.
 *
 * @throws {ListenError} when an address cannot be listened on.
 * @throws {ConfigurationError} when a line of the configuration cannot be acted on.
 */
export function startServer(
  config: Config,
  log: Logger,
  options: ServerOptions = {},
): Server {
  const server = new Server(config, log, options);
  server.start();
  return server;
}

/** How long a connection waits at most for data that are being loaded, before it is told so. */
const EARLY_WAIT_MS = 250;

/** See the top of the file. */
export class Server implements Lifecycle, ConnectionHost {
  readonly parts: ServerParts;
  readonly router: Router;
  readonly ending: Shutdown;
  readonly pool = new BufferPool();
  readonly requestPool = new BufferPool(SMALL_BUFFER_BYTES);
  readonly largeBuffers: LargeBuffers;
  readonly runId = randomHex(RUN_ID_BYTES);
  readonly startedAtMs: number;
  /** Resolves when the server has stopped. */
  readonly finished: Promise<void>;
  queryBufferMaxBytes: number;
  readonly outputLimits: OutputLimits;

  isCronPaused = false;

  readonly #connections = new Set<Connection>();
  readonly #listeners: ListenerSet;
  /** Connections that came while the data are loaded, as long as they are to wait for that. */
  #early: [transport: Transport, isUnixSocket: boolean][] | undefined;
  readonly #cron: Cron;
  #finish!: () => void;
  #keepAliveSeconds: number;

  constructor(
    readonly config: Config,
    readonly log: Logger,
    options: ServerOptions,
  ) {
    const { clock = SYSTEM_CLOCK, random, disk = SYSTEM_DISK } = options;
    const clients = new ClientRegistry(), stats = new ServerStats();
    const keyspace = new Keyspace(config.get("databases"), clock, random);
    this.largeBuffers = keyspace.largeBuffers;
    const pubsub = new PubSub(clients);
    new KeyspaceNotifications(config, keyspace, pubsub);
    const slowlog = new Slowlog(), latency = new LatencyMonitor();
    const blocked = new BlockedClients(keyspace), holds = new Holds(clients);
    const memory = new MemoryAccounting(keyspace, clients);
    const persistence = new Persistence({
      config,
      keyspace,
      log,
      disk,
      usedMemory: () => memory.measure().usedBytes,
      place: () => this.parts.replication.place,
    });
    const replication = new Replication(
      { config, keyspace, clients, blocked, log, stats },
      replicationData(persistence, () => this.parts.appendOnly),
    );
    const kept = { config, log, keyspace, disk, persistence, replication };
    this.parts = {
      config,
      log,
      keyspace,
      clients,
      blocked,
      holds,
      migrations: new Migrations(keyspace, blocked, holds),
      watchedKeys: new WatchedKeys(keyspace),
      pubsub,
      tracking: new KeyTracking(config, keyspace, clients, pubsub),
      authentication: new Authentication(config, clients, stats),
      commands: new CommandTable(COMMAND_DEFINITIONS),
      stats,
      slowlog,
      latency,
      slowCommands: new SlowCommands(slowlog, latency),
      monitors: new MonitorFeed(),
      memory,
      replication,
      persistence,
      appendOnly: new AppendOnlyService(kept),
      lifecycle: this,
    };
    renameCommands(this.parts.commands, config.statements);
    this.router = new Router(this.parts);
    this.ending = new Shutdown(this.parts, () => this.#stop());
    this.startedAtMs = clock.nowMs();
    this.finished = new Promise((resolve) => this.#finish = resolve);
    this.queryBufferMaxBytes = config.get("client-query-buffer-limit");
    this.outputLimits = new OutputLimits(config, stats, log);
    this.#keepAliveSeconds = config.get("tcp-keepalive");
    this.#listeners = new ListenerSet(
      config,
      log,
      (transport, isUnixSocket) => this.#accept(transport, isUnixSocket),
    );
    this.#cron = new Cron(this.parts, this.outputLimits);
    this.#followConfig();
    this.#followAccessPolicy();
  }

  /** Opens the listeners and starts the cron. @throws {ListenError} */
  start(): void {
    this.#listeners.open();
    this.parts.persistence.start(this.router.guards);
    this.parts.appendOnly.start(this.router, this.pool);
    this.#cron.start();
    this.parts.memory.noteStartup();
  }

  /**
   * Loads the data that were saved; then the server is ready. Who connects meanwhile
   * waits a moment, since most data are loaded by then. @throws {LoadError} having logged why
   */
  async load(): Promise<void> {
    this.#early = [];
    const timer = setTimeout(() => this.#serveEarly(), EARLY_WAIT_MS);
    await this.#load();
    clearTimeout(timer);
    this.#serveEarly();
  }

  async #load(): Promise<void> {
    const { persistence, appendOnly, replication } = this.parts;
    replication.takeRole();
    const isLoaded = this.config.get("appendonly") && await appendOnly.load();
    if (!isLoaded) {
      replication.beginLoading();
      replication.endLoading(await persistence.loadAtStart());
    }
    await appendOnly.open();
    replication.start({
      router: this.router,
      pool: this.pool,
      port: () => this.port,
    });
  }

  get port(): number {
    return this.#listeners.port;
  }

  get stats(): ServerStats {
    return this.parts.stats;
  }

  get configFile(): string {
    return this.config.filePath ?? "";
  }

  replyBarrier(): Promise<void> | undefined {
    return this.parts.appendOnly.file.barrier();
  }

  onClosed(connection: Connection): void {
    this.#connections.delete(connection);
    this.parts.clients.remove(connection.client);
    this.parts.authentication.forget(connection.client);
    this.parts.monitors.remove(connection.client);
    this.parts.blocked.release(connection.client);
    this.parts.pubsub.forget(connection.client);
    this.parts.tracking.disable(connection.client);
    this.parts.watchedKeys.unwatch(connection.client);
    this.parts.replication.forget(connection.client);
  }

  onInternalError(error: unknown): void {
    this.log.warning(
      `Internal error: ${error instanceof Error ? error.stack : String(error)}`,
    );
  }

  onQueryBufferLimit(connection: Connection): void {
    this.parts.stats.queryBufferLimitDisconnections++;
    this.log.warning(
      `Closing client that reached max query buffer length: ${connection.remoteAddress}`,
    );
  }

  #accept(transport: Transport, isUnixSocket: boolean): void {
    if (this.#early === undefined) this.#serve(transport, isUnixSocket);
    else this.#early.push([transport, isUnixSocket]);
  }

  #serveEarly(): void {
    const early = this.#early ?? [];
    this.#early = undefined;
    for (const [transport, isUnixSocket] of early) {
      this.#serve(transport, isUnixSocket);
    }
  }

  #serve(transport: Transport, isUnixSocket: boolean): void {
    const { clients, stats, keyspace } = this.parts;
    const refusal = this.#refusalOf(transport, isUnixSocket);
    if (refusal !== undefined) {
      stats.connectionsRejected++;
      refuse(transport, refusal);
      return;
    }
    stats.connectionsReceived++;
    transport.setKeepAlive(this.#keepAliveSeconds);
    const connection = new Connection(
      transport,
      this,
      clients.nextId(),
      keyspace.clock.nowMs(),
      isUnixSocket,
    );
    this.parts.authentication.begin(connection.client);
    this.#connections.add(connection);
    clients.add(connection.client);
    connection.serve();
  }

  /** Why a new connection is not served; `undefined` when it is. */
  #refusalOf(transport: Transport, isUnixSocket: boolean): string | undefined {
    const { config } = this;
    if (this.parts.clients.size >= config.get("maxclients")) {
      return ERROR_MAX_CLIENTS;
    }
    const isOpenToLocalOnly = config.get("protected-mode") &&
      config.get("requirepass").length === 0;
    return isOpenToLocalOnly &&
        !isLocalAddress(transport.remoteAddress, isUnixSocket)
      ? ERROR_PROTECTED_MODE
      : undefined;
  }

  async #stop(): Promise<void> {
    this.#cron.stop();
    this.parts.replication.stop();
    this.parts.migrations.stop();
    this.parts.blocked.stop();
    this.#listeners.close();
    if (this.parts.appendOnly.file.state !== "off") {
      this.log.notice("Calling fsync() on the AOF file.");
    }
    await this.parts.appendOnly.file.close();
    this.#serveEarly();
    for (const connection of [...this.#connections]) connection.close();
    this.log.warning("tsredis is now ready to exit, bye bye...");
    this.#finish();
  }

  /** How the use of keys is noted depends on what eviction will ask. */
  #followAccessPolicy(): void {
    const { config } = this, { keyspace } = this.parts;
    const apply = () => {
      const { access } = keyspace;
      access.isLfu = config.get("maxmemory-policy").endsWith("-lfu");
      access.lfuLogFactor = config.get("lfu-log-factor");
      access.lfuDecayMinutes = config.get("lfu-decay-time");
      keyspace.advanceAccess();
    };
    apply();
    config.onChangeOfAny(
      ["maxmemory-policy", "lfu-log-factor", "lfu-decay-time"],
      apply,
    );
  }

  /** Keeps what hot code needs of the configuration at hand. */
  #followConfig(): void {
    const { config, router } = this;
    const { slowlog, latency, slowCommands, keyspace } = this.parts;
    followEncodingLimits(keyspace.limits, config);
    const follow = <Name extends Parameters<Config["get"]>[0]>(
      name: Name,
      apply: () => void,
    ) => {
      apply();
      config.onChange(name, apply);
    };
    follow("proto-max-bulk-len", () => {
      router.decoder.bulkMaxBytes = config.get("proto-max-bulk-len");
    });
    follow("client-query-buffer-limit", () => {
      this.queryBufferMaxBytes = config.get("client-query-buffer-limit");
    });
    follow(
      "tcp-keepalive",
      () => this.#keepAliveSeconds = config.get("tcp-keepalive"),
    );
    follow("slowlog-log-slower-than", () => {
      slowlog.thresholdMicroseconds = config.get("slowlog-log-slower-than");
      slowCommands.update();
    });
    follow("slowlog-max-len", () => {
      slowlog.entriesMax = config.get("slowlog-max-len");
      slowCommands.update();
    });
    follow("latency-monitor-threshold", () => {
      latency.thresholdMs = config.get("latency-monitor-threshold");
      slowCommands.update();
    });
    follow("lazyfree-lazy-expire", () => {
      keyspace.expiryCommand = config.get("lazyfree-lazy-expire")
        ? "UNLINK"
        : "DEL";
    });
    follow("latency-tracking", () => {
      router.timer.isTrackingLatency = config.get("latency-tracking");
    });
    config.onChange("port", () => {
      this.#relisten("Unable to listen on this port. Check server logs.");
    });
    config.onChange("bind", () => {
      this.#relisten("Failed to bind to specified addresses.");
    });
  }

  /** Moves the listeners; refuses addresses that cannot be listened on. */
  #relisten(refusal: string): void {
    try {
      this.#listeners.reopen();
    } catch (error) {
      if (!(error instanceof ListenError)) throw error;
      this.log.warning(error.description);
      throw new ConfigValueError(refusal);
    }
  }
}

/** Tells a client why it is not served, and closes. */
async function refuse(transport: Transport, text: string): Promise<void> {
  try {
    await transport.write(new TextEncoder().encode(`-${text}\r\n`));
  } catch {
    // It is gone already.
  }
  transport.close();
}

function randomHex(bytes: number): string {
  return crypto.getRandomValues(new Uint8Array(bytes)).toHex();
}
