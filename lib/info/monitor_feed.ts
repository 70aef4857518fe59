/**
 * Clients that watch: each is sent every command that anybody runs, as
 *
 * `1339518083.107412 [0 127.0.0.1:60866] "keys" "*"`
 *
 * {@link https://redis.io/docs/latest/commands/monitor/}
 */

import type { Client } from "../net/client.ts";
import { quoteArgument } from "../resp/split_arguments.ts";
import type { Args } from "../router/args.ts";
import { type Command, flagBit } from "../router/command_table.ts";
import { REDACTED } from "./slowlog.ts";

/** Commands that are not shown: some do not want to be, some are too dangerous. */
const NOT_SHOWN = flagBit("skip_monitor") | flagBit("admin");

/** See the top of the file. */
export class MonitorFeed {
  readonly #clients = new Set<Client>();
  /** Called when there is somebody to feed for the first time, or no longer. */
  onChange: (isWanted: boolean) => void = () => {};

  add(client: Client): void {
    client.isMonitor = true;
    this.#clients.add(client);
    this.onChange(true);
  }

  remove(client: Client): void {
    if (!this.#clients.delete(client)) return;
    client.isMonitor = false;
    this.onChange(this.#clients.size > 0);
  }

  /** Tells of a command that was run, at a moment in ms since 1970. */
  feed(command: Command, client: Client, args: Args, nowMs: number): void {
    if ((command.flags & NOT_SHOWN) !== 0) return;
    const line = monitorLine(command, client, args, nowMs);
    for (const monitor of this.#clients) {
      monitor.reply.simple(line);
      monitor.link.flushSoon();
    }
  }
}

function monitorLine(
  { definition }: Command,
  client: Client,
  args: Args,
  nowMs: number,
): string {
  const secret = definition.secretArgs?.(args) ?? [];
  const seconds = Math.floor(nowMs / 1000);
  const microseconds = Math.floor((nowMs - seconds * 1000) * 1000);
  const { isUnixSocket, remoteAddress } = client.link;
  const from = isUnixSocket
    ? `unix:${remoteAddress.slice(0, -2)}`
    : remoteAddress;
  let line = `${seconds}.${
    `${microseconds}`.padStart(6, "0")
  } [${client.dbIndex} ${from}]`;
  for (let i = 0; i < args.count; i++) {
    const shown = secret.includes(i)
      ? `"${REDACTED}"`
      : quoteArgument(args.slice(i));
    line += ` ${shown}`;
  }
  return line;
}
