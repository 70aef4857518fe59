/** CLIENT: what a client tells of itself, and what it may do to others. */

import {
  type Client,
  GATE_NO_TOUCH,
  GATE_REPLY_OFF,
  GATE_REPLY_SKIP,
  GATE_REPLY_SKIP_NEXT,
} from "../net/client.ts";
import { clientLine } from "../net/client_line.ts";
import { bytesOfText } from "../resp/byte_text.ts";
import type { Args } from "../router/args.ts";
import type { Call } from "../router/call.ts";
import { CommandError } from "../router/command_error.ts";
import {
  type CommandDefinition,
  type CommandFlag,
  defineCommand,
} from "../router/command.ts";
import { classFilter, clientKill } from "./client_kill.ts";
import {
  clientCaching,
  clientGetRedir,
  clientTracking,
  clientTrackingInfo,
} from "./client_tracking.ts";
import { clientAttribute, clientName } from "./client_name.ts";
import { clientUnblock } from "./client_unblock.ts";
import { helpSubcommand, subcommandSyntaxError } from "./help_subcommand.ts";

/** Flags of subcommands about the client itself, and of those about others. */
const OWN: readonly CommandFlag[] = ["noscript", "loading", "stale"];
const OTHERS: readonly CommandFlag[] = ["admin", ...OWN];
const TO_ALL_NODES = [
  "request_policy:all_nodes",
  "response_policy:all_succeeded",
];

const BAD_PAUSE_MODE = new CommandError(
  "ERR CLIENT PAUSE mode must be WRITE or ALL",
);
const BAD_TIMEOUT = new CommandError(
  "ERR timeout is not an integer or out of range",
);
const NEGATIVE_TIMEOUT = new CommandError("ERR timeout is negative");
const TIMEOUT_TOO_LONG = new CommandError("ERR timeout is out of range");
const BAD_ID = new CommandError("ERR Invalid client ID");
const INT64_MAX = 2n ** 63n - 1n;

/** CLIENT ID. {@link https://redis.io/docs/latest/commands/client-id/} */
const clientId = defineCommand({
  name: "id",
  arity: 2,
  flags: OWN,
  group: "connection",
  since: "5.0.0",
  complexity: "O(1)",
  summary: "Returns the unique client ID of the connection.",
  syntax: "",
  run({ client }, _args, reply) {
    reply.integer(client.id);
  },
});

/** CLIENT GETNAME: null when there is none. */
const clientGetName = defineCommand({
  name: "getname",
  arity: 2,
  flags: OWN,
  group: "connection",
  since: "2.6.9",
  complexity: "O(1)",
  summary: "Returns the name of the connection.",
  syntax: "",
  run({ client }, _args, reply) {
    if (client.name === "") reply.null();
    else reply.bulkText(client.name);
  },
});

/** CLIENT SETNAME name: the empty name takes it away. */
const clientSetName = defineCommand({
  name: "setname",
  arity: 3,
  flags: OWN,
  group: "connection",
  since: "2.6.9",
  complexity: "O(1)",
  summary: "Sets the connection name.",
  syntax: "connection-name",
  tips: TO_ALL_NODES,
  run({ client }, args, reply) {
    client.name = clientName(args, 2);
    reply.ok();
  },
});

/** CLIENT SETINFO <LIB-NAME name | LIB-VER version> */
const clientSetInfo = defineCommand({
  name: "setinfo",
  arity: 4,
  flags: OWN,
  group: "connection",
  since: "7.2.0",
  complexity: "O(1)",
  summary: "Sets information specific to the client or connection.",
  syntax: "<LIB-NAME libname | LIB-VER libver>{attr}",
  tips: TO_ALL_NODES,
  run({ client }, args, reply) {
    const isName = args.is(2, "lib-name");
    const option = args.text(2);
    if (!isName && !args.is(2, "lib-ver")) {
      throw new CommandError(`ERR Unrecognized option '${args.shown(2)}'`);
    }
    const value = clientAttribute(args, 3);
    if (value === undefined) {
      throw new CommandError(
        `ERR ${option} cannot contain spaces, newlines or special characters.`,
      );
    }
    if (isName) client.libraryName = value;
    else client.libraryVersion = value;
    reply.ok();
  },
});

/** CLIENT INFO: the caller's line of CLIENT LIST. */
const clientInfo = defineCommand({
  name: "info",
  arity: 2,
  flags: OWN,
  group: "connection",
  since: "6.2.0",
  complexity: "O(1)",
  summary: "Returns information about the connection.",
  syntax: "",
  tips: ["nondeterministic_output"],
  run(call, args, reply) {
    reply.verbatim("txt", bytesOfText(lines(call, args, [call.client])));
  },
});

/**
 * CLIENT LIST [TYPE type | ID id …]
 *
 * Ids of clients that do not exist are passed over.
 * {@link https://redis.io/docs/latest/commands/client-list/}
 */
const clientList = defineCommand({
  name: "list",
  arity: -2,
  flags: OTHERS,
  group: "connection",
  since: "2.4.0",
  complexity: "O(N) where N is the number of client connections",
  summary: "Lists open connections.",
  syntax:
    "[TYPE <NORMAL | MASTER | REPLICA | PUBSUB>{client-type 5.0.0}] [ID client-id{6.2.0} [client-id ...]]",
  tips: ["nondeterministic_output"],
  history: [
    ["2.8.12", "Added unique client `id` field."],
    ["5.0.0", "Added optional `TYPE` filter."],
    ["6.0.0", "Added `user` field."],
    [
      "6.2.0",
      "Added `argv-mem`, `tot-mem`, `laddr` and `redir` fields and the optional `ID` filter.",
    ],
    ["7.0.0", "Added `resp`, `multi-mem`, `rbs` and `rbp` fields."],
    ["7.0.3", "Added `ssub` field."],
  ],
  run(call, args, reply) {
    const chosen = chosenClients(call, args);
    reply.verbatim("txt", bytesOfText(lines(call, args, chosen)));
  },
});

function chosenClients({ parts }: Call, args: Args): Client[] {
  const { clients } = parts;
  if (args.count === 2) return [...clients.all()];
  if (args.count === 4 && args.is(2, "type")) {
    return [...clients.all()].filter(classFilter(args, 3));
  }
  if (args.count < 4 || !args.is(2, "id")) throw CommandError.syntax;
  const chosen: Client[] = [];
  for (let i = 3; i < args.count; i++) {
    const client = clients.get(args.integer(i, BAD_ID));
    if (client !== undefined) chosen.push(client);
  }
  return chosen;
}

/** The lines of these clients; only the caller runs a command and so has arguments. */
function lines(call: Call, args: Args, clients: readonly Client[]): string {
  for (let i = 0; i < args.count; i++) call.client.argvBytes += args.length(i);
  const text = clients.map((client) => `${clientLine(client, call.nowMs)}\n`);
  call.client.argvBytes = 0;
  return text.join("");
}

/** CLIENT REPLY <ON | OFF | SKIP>: only ON is answered. */
const clientReply = defineCommand({
  name: "reply",
  arity: 3,
  flags: OWN,
  group: "connection",
  since: "3.2.0",
  complexity: "O(1)",
  summary: "Instructs the server whether to reply to commands.",
  syntax: "<ON | OFF | SKIP>{action}",
  run({ client }, args, reply) {
    if (args.is(2, "on")) {
      client.setGate(GATE_REPLY_OFF | GATE_REPLY_SKIP, false);
      reply.ok();
    } else if (args.is(2, "off")) client.setGate(GATE_REPLY_OFF, true);
    else if (!args.is(2, "skip")) throw CommandError.syntax;
    else if ((client.gates & GATE_REPLY_OFF) === 0) {
      client.setGate(GATE_REPLY_SKIP_NEXT, true);
    }
  },
});

/** CLIENT NO-EVICT <ON | OFF> */
const clientNoEvict = defineCommand({
  name: "no-evict",
  arity: 3,
  flags: OTHERS,
  group: "connection",
  since: "7.0.0",
  complexity: "O(1)",
  summary: "Sets the client eviction mode of the connection.",
  syntax: "<ON | OFF>{enabled}",
  run({ client }, args, reply) {
    client.isEvictionExempt = isOn(args, 2);
    reply.ok();
  },
});

/** CLIENT NO-TOUCH <ON | OFF> */
const clientNoTouch = defineCommand({
  name: "no-touch",
  arity: 3,
  flags: OWN,
  group: "connection",
  since: "7.2.0",
  complexity: "O(1)",
  summary:
    "Controls whether commands sent by the client affect the LRU/LFU of accessed keys.",
  syntax: "<ON | OFF>{enabled}",
  run({ client }, args, reply) {
    client.setGate(GATE_NO_TOUCH, isOn(args, 2));
    reply.ok();
  },
});

function isOn(args: Args, index: number): boolean {
  if (args.is(index, "on")) return true;
  if (args.is(index, "off")) return false;
  throw CommandError.syntax;
}

/**
 * CLIENT PAUSE timeout [WRITE | ALL]
 *
 * In milliseconds. A pause that runs is made neither shorter nor weaker.
 * {@link https://redis.io/docs/latest/commands/client-pause/}
 */
const clientPause = defineCommand({
  name: "pause",
  arity: -3,
  flags: OTHERS,
  group: "connection",
  since: "3.0.0",
  complexity: "O(1)",
  summary: "Suspends commands processing.",
  syntax: "timeout [WRITE | ALL]{mode 6.2.0}",
  history: [[
    "6.2.0",
    "`CLIENT PAUSE WRITE` mode added along with the `mode` option.",
  ]],
  run(call, args, reply) {
    if (args.count > 4) throw subcommandSyntaxError(args);
    const isWriteOnly = args.count === 4 && args.is(3, "write");
    if (args.count === 4 && !isWriteOnly && !args.is(3, "all")) {
      throw BAD_PAUSE_MODE;
    }
    const timeout = args.bigint(2, BAD_TIMEOUT);
    if (timeout < 0n) throw NEGATIVE_TIMEOUT;
    if (timeout > INT64_MAX - BigInt(call.nowMs)) throw TIMEOUT_TOO_LONG;
    const { clients } = call.parts;
    if (timeout > 0n || clients.pauseMode !== undefined) {
      const untilMs = call.nowMs + Number(timeout);
      clients.pause(untilMs, isWriteOnly ? "write" : "all");
    }
    reply.ok();
  },
});

/** CLIENT UNPAUSE: what waited goes on. */
const clientUnpause = defineCommand({
  name: "unpause",
  arity: 2,
  flags: OTHERS,
  group: "connection",
  since: "6.2.0",
  complexity: "O(N) Where N is the number of paused clients",
  summary: "Resumes processing commands from paused clients.",
  syntax: "",
  run({ parts }, _args, reply) {
    parts.clients.unpause();
    reply.ok();
  },
});

const HELP = [
  "CACHING (YES|NO)",
  "    Enable/disable tracking of the keys for next command in OPTIN/OPTOUT modes.",
  "GETREDIR",
  "    Return the client ID we are redirecting to when tracking is enabled.",
  "GETNAME",
  "    Return the name of the current connection.",
  "ID",
  "    Return the ID of the current connection.",
  "INFO",
  "    Return information about the current client connection.",
  "KILL <ip:port>",
  "    Kill connection made from <ip:port>.",
  "KILL <option> <value> [<option> <value> [...]]",
  "    Kill connections. Options are:",
  "    * ADDR (<ip:port>|<unixsocket>:0)",
  "      Kill connections made from the specified address",
  "    * LADDR (<ip:port>|<unixsocket>:0)",
  "      Kill connections made to specified local address",
  "    * TYPE (NORMAL|MASTER|REPLICA|PUBSUB)",
  "      Kill connections by type.",
  "    * USER <username>",
  "      Kill connections authenticated by <username>.",
  "    * SKIPME (YES|NO)",
  "      Skip killing current connection (default: yes).",
  "LIST [options ...]",
  "    Return information about client connections. Options:",
  "    * TYPE (NORMAL|MASTER|REPLICA|PUBSUB)",
  "      Return clients of specified type.",
  "UNPAUSE",
  "    Stop the current client pause, resuming traffic.",
  "PAUSE <timeout> [WRITE|ALL]",
  "    Suspend all, or just write, clients for <timeout> milliseconds.",
  "REPLY (ON|OFF|SKIP)",
  "    Control the replies sent to the current connection.",
  "SETNAME <name>",
  "    Assign the name <name> to the current connection.",
  "SETINFO <option> <value>",
  "    Set client meta attr. Options are:",
  "    * LIB-NAME: the client lib name.",
  "    * LIB-VER: the client lib version.",
  "UNBLOCK <clientid> [TIMEOUT|ERROR]",
  "    Unblock the specified blocked client.",
  "TRACKING (ON|OFF) [REDIRECT <id>] [BCAST] [PREFIX <prefix> [...]]",
  "         [OPTIN] [OPTOUT] [NOLOOP]",
  "    Control server assisted client side caching.",
  "TRACKINGINFO",
  "    Report tracking status for the current connection.",
  "NO-EVICT (ON|OFF)",
  "    Protect current client connection from eviction.",
  "NO-TOUCH (ON|OFF)",
  "    Will not touch LRU/LFU stats when this mode is on.",
];

/** CLIENT: a container. {@link https://redis.io/docs/latest/commands/client/} */
export const clientCommand: CommandDefinition = defineCommand({
  name: "client",
  arity: -2,
  flags: [],
  group: "connection",
  since: "2.4.0",
  complexity: "Depends on subcommand.",
  summary: "A container for client connection commands.",
  syntax: "",
  help: HELP,
  subcommands: [
    clientCaching,
    clientGetName,
    clientGetRedir,
    clientId,
    clientInfo,
    clientKill,
    clientList,
    clientNoEvict,
    clientNoTouch,
    clientPause,
    clientReply,
    clientSetInfo,
    clientSetName,
    clientTracking,
    clientTrackingInfo,
    clientUnblock,
    clientUnpause,
    helpSubcommand({ since: "5.0.0", group: "connection" }),
  ],
  run() {
    throw CommandError.wrongArity("client");
  },
});
