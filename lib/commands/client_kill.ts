/** CLIENT KILL, and the filters that it shares with CLIENT LIST. */

import { DEFAULT_USER } from "../acl/authentication.ts";
import type { Client } from "../net/client.ts";
import type { Args } from "../router/args.ts";
import { CommandError } from "../router/command_error.ts";
import { type CommandDefinition, defineCommand } from "../router/command.ts";

const BAD_ID = new CommandError("ERR client-id should be greater than 0");
const NO_SUCH_CLIENT = new CommandError("ERR No such client");

/** Kinds of clients, with the old name of replicas. */
const CLASSES: ReadonlyMap<string, string> = new Map([
  ["normal", "normal"],
  ["slave", "replica"],
  ["replica", "replica"],
  ["pubsub", "pubsub"],
  ["master", "primary"],
]);

/** Whether a client is meant. */
export type ClientFilter = (client: Client) => boolean;

/**
 * Clients of the kind that an argument names.
 *
 * @throws {CommandError} `ERR Unknown client type '…'`
 */
export function classFilter(args: Args, index: number): ClientFilter {
  const wanted = CLASSES.get(args.text(index).toLowerCase());
  if (wanted === undefined) {
    throw new CommandError(`ERR Unknown client type '${args.shown(index)}'`);
  }
  return (client) =>
    client.isPrimary ? wanted === "primary" : client.outputClass === wanted;
}

/**
 * CLIENT KILL ip:port
 * CLIENT KILL <ID id | TYPE type | USER name | ADDR ip:port | LADDR ip:port | SKIPME yes/no> …
 *
 * The old form answers OK and kills the caller, too; the new one answers how many
 * were killed and spares the caller unless told otherwise. A caller that kills
 * itself still gets its reply.
 * {@link https://redis.io/docs/latest/commands/client-kill/}
 */
export const clientKill: CommandDefinition = defineCommand({
  name: "kill",
  arity: -3,
  flags: ["admin", "noscript", "loading", "stale"],
  group: "connection",
  since: "2.4.0",
  complexity: "O(N) where N is the number of client connections",
  summary: "Terminates open connections.",
  syntax: "<ip:port{old-format -2.8.12} | <[ID client-id{2.8.12}] | " +
    "[TYPE <NORMAL | MASTER{3.2.0} | SLAVE | REPLICA{5.0.0} | PUBSUB>{client-type 2.8.12}] | " +
    "[USER username] | [ADDR ip:port{addr}] | [LADDR ip:port{laddr 6.2.0}] | " +
    "[SKIPME <YES | NO>{skipme}]>{new-format} [...]>{filter}",
  history: [
    ["2.8.12", "Added new filter format."],
    ["2.8.12", "`ID` option."],
    ["3.2.0", "Added `master` type in for `TYPE` option."],
    [
      "5.0.0",
      "Replaced `slave` `TYPE` with `replica`. `slave` still supported for backward compatibility.",
    ],
    ["6.2.0", "`LADDR` option."],
  ],
  run({ client, parts }, args, reply) {
    const isOldForm = args.count === 3;
    const { filters, sparesCaller } = isOldForm
      ? { filters: [addressFilter(args, 2)], sparesCaller: false }
      : readFilters(args);
    let killed = 0;
    for (const other of [...parts.clients.all()]) {
      if (other === client && sparesCaller) continue;
      if (!filters.every((filter) => filter(other))) continue;
      killed++;
      if (other === client) client.isClosing = true;
      else other.link.close();
    }
    if (!isOldForm) reply.integer(killed);
    else if (killed === 0) throw NO_SUCH_CLIENT;
    else reply.ok();
  },
});

function readFilters(
  args: Args,
): { filters: ClientFilter[]; sparesCaller: boolean } {
  // The last filter of each kind counts.
  const filters = new Map<string, ClientFilter>();
  let sparesCaller = true;
  for (let i = 2; i < args.count; i += 2) {
    if (i + 1 === args.count) throw CommandError.syntax;
    const option = args.text(i).toLowerCase();
    if (option === "skipme") {
      sparesCaller = args.is(i + 1, "yes");
      if (!sparesCaller && !args.is(i + 1, "no")) throw CommandError.syntax;
    } else filters.set(option, readFilter(option, args, i + 1));
  }
  return { filters: [...filters.values()], sparesCaller };
}

function readFilter(option: string, args: Args, index: number): ClientFilter {
  switch (option) {
    case "id":
      return idFilter(args, index);
    case "type":
      return classFilter(args, index);
    case "user":
      return userFilter(args, index);
    case "addr":
      return addressFilter(args, index);
    case "laddr": {
      const address = args.text(index);
      return (client) => client.link.localAddress === address;
    }
    default:
      throw CommandError.syntax;
  }
}

function idFilter(args: Args, index: number): ClientFilter {
  const id = args.integer(index, BAD_ID);
  if (id < 1) throw BAD_ID;
  return (client) => client.id === id;
}

function addressFilter(args: Args, index: number): ClientFilter {
  const address = args.text(index);
  return (client) => client.link.remoteAddress === address;
}

function userFilter(args: Args, index: number): ClientFilter {
  const user = args.text(index);
  if (user !== DEFAULT_USER) {
    throw new CommandError(`ERR No such user '${args.shown(index)}'`);
  }
  return (client) => client.user === user;
}
