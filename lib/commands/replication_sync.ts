/** What replicas send to their primary, and it to them: REPLCONF, PSYNC, SYNC. */

import { splitArguments } from "../resp/split_arguments.ts";
import { textOfBytes } from "../resp/byte_text.ts";
import type { Args } from "../router/args.ts";
import type { Call } from "../router/call.ts";
import { CommandError } from "../router/command_error.ts";
import { type CommandFlag, defineCommand } from "../router/command.ts";
import type { ReplicaOptions } from "../replication/replica.ts";
import type { PsyncRequest } from "../replication/psync.ts";

/** Longest address that a replica may give. */
const ADDRESS_BYTES_MAX = 255;
const NOT_A_BIT = new CommandError(
  "ERR value is out of range, value must between 0 and 1",
);
const SYNC_FLAGS: readonly CommandFlag[] = [
  "admin",
  "noscript",
  "no_async_loading",
  "no_multi",
];

/**
 * REPLCONF option value [option value ...]
 *
 * Replicas tell of themselves (`listening-port`, `ip-address`, `capa`,
 * `rdb-only`, `rdb-filter-only`) and how far they are (`ack offset [fack offset]`,
 * which is not answered); a primary asks for that (`getack *`).
 */
export const replconfCommand = defineCommand({
  name: "replconf",
  arity: -1,
  flags: ["admin", "noscript", "loading", "stale", "allow_busy"],
  group: "server",
  since: "3.0.0",
  complexity: "O(1)",
  summary: "An internal command for configuring the replication stream.",
  syntax: "",
  isInternal: true,
  run(call, args, reply) {
    if (args.count % 2 === 0) throw CommandError.syntax;
    const { replication } = call.parts;
    for (let i = 1; i < args.count; i += 2) {
      if (args.is(i, "ack")) return acknowledge(call, args, i);
      if (args.is(i, "getack")) {
        return replication.acknowledgements.tell();
      }
      setOption(replication.replicas.optionsOf(call.client), args, i);
    }
    reply.ok();
  },
});

function acknowledge(call: Call, args: Args, index: number): void {
  const { client } = call, { replicas } = call.parts.replication;
  if (!client.isReplica) return;
  const offset = integerOf(args, index + 1);
  if (offset === undefined) return;
  const hasFile = index + 3 < args.count && args.is(index + 2, "fack");
  const fileOffset = hasFile ? integerOf(args, index + 3) : undefined;
  replicas.acknowledge(client, offset, fileOffset);
}

function integerOf(args: Args, index: number): number | undefined {
  try {
    return args.integer(index);
  } catch (error) {
    if (error instanceof CommandError) return undefined;
    throw error;
  }
}

function setOption(options: ReplicaOptions, args: Args, index: number): void {
  const value = index + 1;
  switch (args.text(index).toLowerCase()) {
    case "listening-port":
      options.listeningPort = args.integer(value);
      return;
    case "ip-address":
      if (args.length(value) > ADDRESS_BYTES_MAX) {
        throw new CommandError(
          `ERR REPLCONF ip-address provided by replica instance is too long: ${
            args.length(value)
          } bytes`,
        );
      }
      options.address = args.text(value);
      return;
    case "capa":
      if (args.is(value, "eof")) options.acceptsEndMark = true;
      else if (args.is(value, "psync2")) options.acceptsNewId = true;
      return;
    case "rdb-only":
      options.wantsCopyOnly = args.integerBetween(value, 0, 1, NOT_A_BIT) === 1;
      return;
    case "rdb-filter-only":
      return setFilter(options, args, value);
    default:
      throw new CommandError(
        `ERR Unrecognized REPLCONF option: ${args.shown(index)}`,
      );
  }
}

function setFilter(options: ReplicaOptions, args: Args, index: number): void {
  const names = splitArguments(args.slice(index));
  if (names === undefined) {
    throw new CommandError("ERR Missing rdb-filter-only values");
  }
  options.excludesData = options.excludesFunctions = true;
  for (const name of names.map(textOfBytes)) {
    if (name.toLowerCase() !== "functions") {
      throw new CommandError(
        `ERR Unsupported rdb-filter-only option: ${name}`,
      );
    }
    options.excludesFunctions = false;
  }
}

/**
 * PSYNC replicationid offset
 *
 * Makes the client a replica: `+CONTINUE` and the stream from the offset on, or
 * `+FULLRESYNC <id> <offset>`, a copy of all data and the stream from there.
 */
export const psyncCommand = defineCommand({
  name: "psync",
  arity: -3,
  flags: SYNC_FLAGS,
  group: "server",
  since: "2.8.0",
  complexity: "",
  summary: "An internal command used in replication.",
  syntax: "replicationid offset{:integer}",
  run(call, args) {
    if (call.client.isReplica || call.client.isMonitor) return;
    if (args.count > 3 && args.is(3, "failover")) takeOver(call, args);
    synchronize(
      call,
      () => ({ id: args.text(1), next: offsetOf(call, args) }),
    );
  },
});

function offsetOf({ client, parts }: Call, args: Args): number {
  const offset = integerOf(args, 2);
  if (offset !== undefined) return offset;
  const name = parts.replication.replicas.nameOf(client);
  parts.log.warning(
    `Replica ${name} asks for synchronization but with a wrong offset`,
  );
  throw CommandError.notInteger;
}

/** SYNC: PSYNC for those who know no offsets. */
export const syncCommand = defineCommand({
  name: "sync",
  arity: 1,
  flags: SYNC_FLAGS,
  group: "server",
  since: "1.0.0",
  complexity: "",
  summary: "An internal command used in replication.",
  syntax: "",
  run(call) {
    if (call.client.isReplica || call.client.isMonitor) return;
    synchronize(call, () => undefined);
  },
});

/** Our primary hands its role over to us. */
function takeOver({ client, parts }: Call, args: Args): void {
  const { replication, log } = parts;
  const id = args.text(1);
  log.notice(`Failover request received for replid ${id}.`);
  if (!replication.isReplica) {
    throw new CommandError("ERR PSYNC FAILOVER can't be sent to a master.");
  }
  if (id.toLowerCase() !== replication.history.id) {
    throw new CommandError("ERR PSYNC FAILOVER replid must match my replid.");
  }
  replication.promote();
  log.notice(
    `MASTER MODE enabled (failover request from '${client.link.remoteAddress}')`,
  );
}

function synchronize(
  { client, parts: { replication } }: Call,
  request: () => PsyncRequest | undefined,
): void {
  const { link, replicas } = replication;
  if (!replication.failover.isIdle) {
    throw new CommandError("NOMASTERLINK Can't SYNC while failing over");
  }
  if (link !== undefined && link.state !== "connected") {
    throw new CommandError(
      "NOMASTERLINK Can't SYNC while not connected with my master",
    );
  }
  if (client.outputBytes > 0) {
    throw new CommandError(
      "ERR SYNC and PSYNC are invalid with pending output",
    );
  }
  const { isFiltered, acceptsEndMark } = replicas.optionsOf(client);
  if (isFiltered && !acceptsEndMark) {
    throw new CommandError("ERR Filtered replica requires EOF capability");
  }
  replication.serve(client, request());
}
