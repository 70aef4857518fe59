/**
 * A client as one line of text, for CLIENT LIST, CLIENT INFO and the log:
 * `id=3 addr=127.0.0.1:50188 laddr=… fd=-1 name= age=7 …`.
 *
 * `fd` is always -1: the runtime does not tell descriptors.
 * {@link https://redis.io/docs/latest/commands/client-list/}
 */

import { type Client, GATE_NO_TOUCH, GATE_SUBSCRIBED } from "./client.ts";

/** What a connection's objects take on the heap, measured with 4,000 idle clients. */
const CLIENT_OBJECTS_BYTES = 3000;

/** So much of what waits to be sent Redis has in a buffer of the client, and tells apart from the rest. */
const FIXED_OUTPUT_BYTES = 16 * 1024;

/** The line, without its end. */
export function clientLine(client: Client, nowMs: number): string {
  const { link, reply, subscriptions } = client;
  const fixedBytes = Math.min(reply.length, FIXED_OUTPUT_BYTES);
  const seconds = (sinceMs: number) =>
    Math.max(0, Math.floor((nowMs - sinceMs) / 1000));
  const fields: [name: string, value: string | number][] = [
    ["id", client.id],
    ["addr", link.remoteAddress],
    ["laddr", link.localAddress],
    ["fd", -1],
    ["name", client.name],
    ["age", seconds(client.createdAtMs)],
    ["idle", seconds(client.lastActiveAtMs)],
    ["flags", flagsOf(client)],
    ["db", client.dbIndex],
    ["sub", subscriptions?.channels.size ?? 0],
    ["psub", subscriptions?.patterns.size ?? 0],
    ["ssub", subscriptions?.shardChannels.size ?? 0],
    ["multi", client.transaction?.queue.length ?? -1],
    ["qbuf", link.queryPendingBytes],
    ["qbuf-free", link.queryBufferBytes - link.queryPendingBytes],
    ["argv-mem", client.argvBytes],
    ["multi-mem", client.transaction?.argumentBytes ?? 0],
    ["rbs", reply.capacityBytes],
    ["rbp", client.outputPeakBytes],
    ["obl", fixedBytes],
    ["oll", link.isWriting ? 1 : 0],
    ["omem", client.outputBytes - fixedBytes],
    ["tot-mem", clientMemoryBytes(client)],
    ["events", link.isWriting ? "rw" : "r"],
    ["cmd", client.lastCommand?.fullName ?? "NULL"],
    ["user", client.user],
    ["redir", client.tracking?.options.redirectTo ?? -1],
    ["resp", reply.protocol],
    ["lib-name", client.libraryName],
    ["lib-ver", client.libraryVersion],
  ];
  return fields.map(([name, value]) => `${name}=${value}`).join(" ");
}

/** What a client takes, with its buffers, in bytes. */
export function clientMemoryBytes(client: Client): number {
  const { link, reply } = client;
  return CLIENT_OBJECTS_BYTES + link.queryBufferBytes + reply.capacityBytes +
    reply.lentBytes + link.inFlightBytes + client.argvBytes +
    client.name.length + client.libraryName.length +
    client.libraryVersion.length + (client.subscriptions?.nameBytes ?? 0) +
    (client.transaction?.argumentBytes ?? 0);
}

function flagsOf(client: Client): string {
  let flags = "";
  if (client.isMonitor) flags += "O";
  else if (client.isReplica) flags += "S";
  if (client.isPrimary) flags += "M";
  if ((client.gates & GATE_SUBSCRIBED) !== 0) flags += "P";
  if (client.transaction !== undefined) flags += "x";
  if (client.isParked) flags += "b";
  if (client.tracking !== undefined) {
    flags += "t";
    if (client.tracking.isRedirectBroken) flags += "R";
    if (client.tracking.options.isBroadcast) flags += "B";
  }
  if (client.hasWatchFailed) flags += "d";
  if (client.isClosing) flags += "c";
  if (client.link.isUnixSocket) flags += "U";
  if (client.isEvictionExempt) flags += "e";
  if ((client.gates & GATE_NO_TOUCH) !== 0) flags += "T";
  return flags === "" ? "N" : flags;
}
