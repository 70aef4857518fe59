/**
 * What a handler sees of the world: who calls, on which database, when, and the
 * parts of the server it may use.
 *
 * One Call serves all commands of a router, one after the other: a handler must
 * not keep it.
 */

import type { Authentication } from "../acl/authentication.ts";
import type { Client } from "../net/client.ts";
import type { ClientRegistry } from "../net/client_registry.ts";
import type { Config } from "../config/config.ts";
import type { Database } from "../keyspace/database.ts";
import type { Keyspace } from "../keyspace/keyspace.ts";
import type { WatchedKeys } from "../keyspace/watched_keys.ts";
import type { Logger } from "../log/logger.ts";
import type { Persistence } from "../persistence/persistence.ts";
import type { PubSub } from "../pubsub/pubsub.ts";
import type { Migrations } from "../migration/migrations.ts";
import type { LatencyMonitor } from "../info/latency_monitor.ts";
import type { MemoryAccounting } from "../info/memory_accounting.ts";
import type { MonitorFeed } from "../info/monitor_feed.ts";
import type { SlowCommands } from "../info/slow_commands.ts";
import type { Slowlog } from "../info/slowlog.ts";
import type { ServerStats } from "../info/server_stats.ts";
import type { Replication } from "../replication/replication.ts";
import type { KeyTracking } from "../tracking/key_tracking.ts";
import type { AppendOnlyService } from "../persistence/append_only_service.ts";
import type { Shutdown } from "../shutdown.ts";
import type { Command, CommandTable } from "./command_table.ts";
import { Args } from "./args.ts";
import type { BlockedClients, Wait } from "./blocked_clients.ts";
import type { Effects } from "./effects.ts";
import type { Holds } from "./holds.ts";
import type { QueuedCommand } from "./transaction.ts";

/** The parts that handlers use. Wired in lib/server.ts; no part knows this list. */
export interface ServerParts {
  readonly config: Config;
  readonly keyspace: Keyspace;
  readonly clients: ClientRegistry;
  readonly blocked: BlockedClients;
  readonly holds: Holds;
  readonly migrations: Migrations;
  readonly watchedKeys: WatchedKeys;
  readonly pubsub: PubSub;
  readonly tracking: KeyTracking;
  readonly authentication: Authentication;
  readonly commands: CommandTable;
  readonly stats: ServerStats;
  readonly slowlog: Slowlog;
  readonly latency: LatencyMonitor;
  readonly slowCommands: SlowCommands;
  readonly monitors: MonitorFeed;
  readonly memory: MemoryAccounting;
  readonly replication: Replication;
  readonly persistence: Persistence;
  readonly log: Logger;
  readonly appendOnly: AppendOnlyService;
  readonly lifecycle: Lifecycle;
}

/** The router, for commands that run others. */
export interface Executor {
  /** How many commands the running one is inside of; 0 when a client sent it. */
  readonly depth: number;
  /** Runs a command inside of the running one, as its client. */
  runQueued(client: Client, queued: QueuedCommand): void;
}

/** The server as a whole: how it runs and how it ends. */
export interface Lifecycle {
  /** Forty hex digits, anew at every start. */
  readonly runId: string;
  readonly startedAtMs: number;
  /** TCP port in use; 0 without one. */
  readonly port: number;
  /** Path of the configuration file, or "". */
  readonly configFile: string;
  /** Set by DEBUG PAUSE-CRON: nothing is done periodically. */
  isCronPaused: boolean;
  /** How the server ends. */
  readonly ending: Shutdown;
}

/** See the top of the file. */
export class Call {
  /** Who calls. */
  client!: Client;
  /** The client's selected database. */
  db!: Database;
  /** The command that runs; the subcommand when there is one. */
  command!: Command;

  /** While a command is run again: until when it was to wait. */
  retryDeadlineMs: number | undefined;

  constructor(readonly parts: ServerParts, readonly executor: Executor) {}

  get effects(): Effects {
    return this.parts.keyspace.effects;
  }

  /** Whether the command may wait: not inside of another one, nor for a primary. */
  get mayBlock(): boolean {
    return this.executor.depth === 0 && !this.client.isPrimary;
  }

  /** Has the client wait, and the command run again when that may help. Nothing was answered. */
  block(args: Args, wait: Wait): void {
    const parts: Uint8Array[] = [];
    for (let i = 0; i < args.count; i++) parts.push(args.slice(i));
    this.parts.blocked.block(
      this.client,
      this.command,
      Args.of(...parts),
      wait,
      this.retryDeadlineMs,
    );
  }

  get keyspace(): Keyspace {
    return this.parts.keyspace;
  }

  /** The moment of this batch, in ms since 1970: what handlers use for "now". */
  get nowMs(): number {
    return this.parts.keyspace.nowMs;
  }
}
