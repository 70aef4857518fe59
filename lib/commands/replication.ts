/** Commands on primaries and replicas for operators and clients: REPLICAOF, ROLE, FAILOVER. */

import type { ReplyWriter } from "../resp/reply_writer.ts";
import type { Args } from "../router/args.ts";
import type { Call } from "../router/call.ts";
import { CommandError } from "../router/command_error.ts";
import { defineCommand } from "../router/command.ts";
import type { FailoverRequest } from "../replication/failover.ts";
import type { LinkState } from "../replication/primary_link.ts";

const PORT_MAX = 65535;
const INVALID_PORT = new CommandError("ERR Invalid master port");
const IS_REPLICA_CLIENT = new CommandError(
  "ERR Command is not valid when client is a replica.",
);
const FAILING_OVER = new CommandError(
  "ERR REPLICAOF not allowed while failing over.",
);
/**
 * REPLICAOF <host port | NO ONE>
 *
 * {@link https://redis.io/docs/latest/commands/replicaof/}
 */
export const replicaofCommand = defineCommand({
  name: "replicaof",
  arity: 3,
  flags: ["admin", "noscript", "stale", "no_async_loading"],
  group: "server",
  since: "5.0.0",
  complexity: "O(1)",
  summary:
    "Configures a server as replica of another, or promotes it to a master.",
  syntax:
    "<(host port{:integer}){host-port} | (NO{no} ONE{one}){no-one}>{args}",
  run: changeRole,
});

/** SLAVEOF: the old name of REPLICAOF. {@link https://redis.io/docs/latest/commands/slaveof/} */
export const slaveofCommand = defineCommand({
  ...replicaofCommand,
  name: "slaveof",
  since: "1.0.0",
  summary:
    "Sets a Redis server as a replica of another, or promotes it to being a master.",
  deprecatedSince: "5.0.0",
  replacedBy: "`REPLICAOF`",
});

function changeRole(call: Call, args: Args, reply: ReplyWriter): void {
  const { replication, log } = call.parts;
  const by = `(user request from '${call.client.link.remoteAddress}')`;
  if (!replication.failover.isIdle) throw FAILING_OVER;
  if (args.is(1, "no") && args.is(2, "one")) {
    if (replication.isReplica) {
      replication.promote();
      log.notice(`MASTER MODE enabled ${by}`);
    }
    return reply.ok();
  }
  if (call.client.isReplica) throw IS_REPLICA_CLIENT;
  const host = args.text(1), port = args.integer(2, INVALID_PORT);
  if (port < 0 || port > PORT_MAX) throw INVALID_PORT;
  const { link } = replication;
  if (
    link?.address.toLowerCase() === host.toLowerCase() && link.port === port
  ) {
    log.notice(
      "REPLICAOF would result into synchronization with the master we are already connected with. No operation performed.",
    );
    return reply.simple("OK Already connected to specified master");
  }
  replication.follow(host, port);
  log.notice(`REPLICAOF ${host}:${port} enabled ${by}`);
  reply.ok();
}

const ROLE_STATES: Readonly<Record<LinkState, string>> = {
  connect: "connect",
  connecting: "connecting",
  handshake: "handshake",
  sync: "sync",
  connected: "connected",
};

/** ROLE. {@link https://redis.io/docs/latest/commands/role/} */
export const roleCommand = defineCommand({
  name: "role",
  arity: 1,
  flags: ["noscript", "loading", "stale", "fast"],
  group: "server",
  since: "2.8.12",
  complexity: "O(1)",
  summary: "Returns the replication role.",
  syntax: "",
  categories: ["admin", "dangerous"],
  run({ parts: { replication } }, _args, reply) {
    const { link, history, replicas } = replication;
    if (link !== undefined) {
      reply.array(5);
      reply.bulkText("slave");
      reply.bulkText(link.address);
      reply.integer(link.port);
      reply.bulkText(ROLE_STATES[link.state]);
      reply.integer(
        link.state === "connected" ? replication.appliedOffset : -1,
      );
      return;
    }
    const online = [...replicas.all()].filter(({ state }) =>
      state === "online"
    );
    reply.array(3);
    reply.bulkText("master");
    reply.integer(history.offset);
    reply.array(online.length);
    for (const { host, options, ackOffset } of online) {
      reply.array(3);
      reply.bulkText(host);
      reply.bulkText(String(options.listeningPort));
      reply.bulkText(String(ackOffset));
    }
  },
});

/**
 * FAILOVER [TO host port [FORCE]] [ABORT] [TIMEOUT milliseconds]
 *
 * Answers at once; INFO tells how it goes.
 * {@link https://redis.io/docs/latest/commands/failover/}
 */
export const failoverCommand = defineCommand({
  name: "failover",
  arity: -1,
  flags: ["admin", "noscript", "stale"],
  group: "server",
  since: "6.2.0",
  complexity: "O(1)",
  summary:
    "Starts a coordinated failover from a server to one of its replicas.",
  syntax:
    "[TO (host port{:integer} [FORCE]){target}] [ABORT] [TIMEOUT milliseconds{:integer}]",
  run({ parts: { replication } }, args, reply) {
    const { failover, replicas } = replication;
    if (args.count === 2 && args.is(1, "abort")) {
      if (failover.isIdle) {
        throw new CommandError("ERR No failover in progress.");
      }
      failover.abort("Failover manually aborted");
      return reply.ok();
    }
    const request = failoverRequest(args);
    const { target, isForced, timeoutMs } = request;
    if (!failover.isIdle) {
      throw new CommandError("ERR FAILOVER already in progress.");
    }
    if (replication.isReplica) {
      throw new CommandError(
        "ERR FAILOVER is not valid when server is a replica.",
      );
    }
    if (replicas.size === 0) {
      throw new CommandError("ERR FAILOVER requires connected replicas.");
    }
    if (isForced && (timeoutMs === 0 || target === undefined)) {
      throw new CommandError(
        "ERR FAILOVER with force option requires both a timeout and target HOST and IP.",
      );
    }
    if (target !== undefined) {
      const replica = [...replicas.all()].find(({ host, options }) =>
        host.toLowerCase() === target.host.toLowerCase() &&
        options.listeningPort === target.port
      );
      if (replica === undefined) {
        throw new CommandError(
          "ERR FAILOVER target HOST and PORT is not a replica.",
        );
      }
      if (replica.state !== "online") {
        throw new CommandError("ERR FAILOVER target replica is not online.");
      }
    }
    failover.start(request);
    reply.ok();
  },
});

function failoverRequest(args: Args): FailoverRequest {
  let timeoutMs = 0, isForced = false;
  let target: FailoverRequest["target"];
  for (let i = 1; i < args.count; i++) {
    if (args.is(i, "timeout") && i + 1 < args.count && timeoutMs === 0) {
      timeoutMs = args.integer(++i);
      if (timeoutMs <= 0) {
        throw new CommandError("ERR FAILOVER timeout must be greater than 0");
      }
    } else if (
      args.is(i, "to") && i + 2 < args.count && target === undefined
    ) {
      target = { host: args.text(i + 1), port: args.integer(i + 2) };
      i += 2;
    } else if (args.is(i, "force") && !isForced) isForced = true;
    else throw CommandError.syntax;
  }
  return { target, timeoutMs, isForced };
}
