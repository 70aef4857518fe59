/** WAIT and WAITAOF: until what was written is in other places, too. */

import type { Args } from "../router/args.ts";
import type { Wait } from "../router/blocked_clients.ts";
import type { Call } from "../router/call.ts";
import { CommandError } from "../router/command_error.ts";
import { defineCommand } from "../router/command.ts";

const WAIT_ON_REPLICA = new CommandError(
  "ERR WAIT cannot be used with replica instances. Please also note that since Redis 4.0 if a replica is configured to be writable (which is not the default) writes to replicas are just local and are not propagated.",
);
const WAITAOF_ON_REPLICA = new CommandError(
  "ERR WAITAOF cannot be used with replica instances. Please also note that writes to replicas are just local and are not propagated.",
);
const NO_FILE =
  "ERR WAITAOF cannot be used when numlocal is set but appendonly is disabled.";
const NOT_A_BIT = new CommandError(
  "ERR value is out of range, value must between 0 and 1",
);
const NOT_POSITIVE = new CommandError(
  "ERR value is out of range, must be positive",
);
const TIMEOUT_NOT_INTEGER = new CommandError(
  "ERR timeout is not an integer or out of range",
);
const TIMEOUT_NEGATIVE = new CommandError("ERR timeout is negative");
const TIMEOUT_OUT_OF_RANGE = new CommandError("ERR timeout is out of range");
const INT64_MAX = 2n ** 63n - 1n;

/**
 * WAIT numreplicas timeout
 *
 * Waits until so many replicas have applied all that was written up to now, by
 * whomever.
 * {@link https://redis.io/docs/latest/commands/wait/}
 */
export const waitCommand = defineCommand({
  name: "wait",
  arity: 3,
  flags: [],
  group: "generic",
  since: "3.0.0",
  complexity: "O(1)",
  summary:
    "Blocks until the asynchronous replication of all preceding write commands sent by the connection is completed.",
  syntax: "numreplicas{:integer} timeout{:integer}",
  categories: ["connection", "-keyspace"],
  tips: ["request_policy:all_shards", "response_policy:agg_min"],
  run(call, args, reply) {
    const { replication } = call.parts, { replicas } = replication;
    if (replication.isReplica) throw WAIT_ON_REPLICA;
    const count = args.integer(1), timeoutMs = timeoutOf(call, args, 2);
    const offset = offsetOf(call);
    const reached = () => replicas.countAcknowledged(offset);
    const isMet = () => reached() >= count;
    if (isMet() || !call.mayBlock) return reply.integer(reached());
    const wait: Wait = {
      keys: [],
      timeoutMs,
      replyTimeout: (reply) => reply.integer(reached()),
    };
    call.block(args, wait);
    replication.acknowledgements.add(call.client, wait, { isMet });
    replication.acknowledgements.ask();
  },
});

/**
 * WAITAOF numlocal numreplicas timeout
 *
 * Waits until all that was written up to now, by whomever, is on the disk as a part
 * of the append-only file, here if `numlocal` is 1, and on so many replicas.
 * {@link https://redis.io/docs/latest/commands/waitaof/}
 */
export const waitaofCommand = defineCommand({
  name: "waitaof",
  arity: 4,
  flags: ["noscript"],
  group: "generic",
  since: "7.2.0",
  complexity: "O(1)",
  summary:
    "Blocks until all of the preceding write commands sent by the connection are written to the append-only file of the master and/or replicas.",
  syntax: "numlocal numreplicas timeout",
  categories: ["connection", "-keyspace"],
  tips: ["request_policy:all_shards", "response_policy:agg_min"],
  run(call, args, reply) {
    const { replication, config } = call.parts, { replicas } = replication;
    const local = args.integerBetween(1, 0, 1, NOT_A_BIT);
    const count = args.integer(2, NOT_POSITIVE);
    if (count < 0) throw NOT_POSITIVE;
    const timeoutMs = timeoutOf(call, args, 3);
    if (replication.isReplica) throw WAITAOF_ON_REPLICA;
    const error = () =>
      local > 0 && !config.get("appendonly") ? NO_FILE : undefined;
    const refusal = error();
    if (refusal !== undefined) throw new CommandError(refusal);
    const offset = offsetOf(call);
    const reached = (): [local: number, replicas: number] => [
      Number((replication.data.fileOffset ?? -1) >= offset),
      replicas.countAcknowledgedFiles(offset),
    ];
    const isMet = () => {
      const [here, elsewhere] = reached();
      return here >= local && elsewhere >= count;
    };
    const wait: Wait = {
      keys: [],
      timeoutMs,
      replyTimeout(reply) {
        reply.array(2);
        for (const places of reached()) reply.integer(places);
      },
    };
    if (isMet() || !call.mayBlock) return wait.replyTimeout(reply);
    call.block(args, wait);
    replication.acknowledgements.add(call.client, wait, { isMet, error });
    replication.acknowledgements.ask();
  },
});

/** How far the stream goes, with what this very batch has done. */
function offsetOf({ executor, effects, parts }: Call): number {
  if (executor.depth === 0) effects.flush();
  return parts.replication.history.offset;
}

/** A timeout in ms, 0 for none. @throws {CommandError} */
function timeoutOf(call: Call, args: Args, index: number): number {
  const timeoutMs = args.bigint(index, TIMEOUT_NOT_INTEGER);
  if (timeoutMs < 0n) throw TIMEOUT_NEGATIVE;
  if (timeoutMs > INT64_MAX - BigInt(call.nowMs)) throw TIMEOUT_OUT_OF_RANGE;
  return Number(timeoutMs);
}
