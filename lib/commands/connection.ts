/** Commands about the connection itself: PING, ECHO, QUIT, RESET, AUTH, HELLO. */

import { DEFAULT_USER } from "../acl/authentication.ts";
import {
  GATE_NO_TOUCH,
  GATE_REPLY_OFF,
  GATE_REPLY_SKIP,
  GATE_REPLY_SKIP_NEXT,
  GATE_SUBSCRIBED,
} from "../net/client.ts";
import { clientName } from "./client_name.ts";
import { bytesOfText } from "../resp/byte_text.ts";
import type { ProtocolVersion, ReplyWriter } from "../resp/reply_writer.ts";
import type { Args } from "../router/args.ts";
import type { Call } from "../router/call.ts";
import { CommandError } from "../router/command_error.ts";
import { defineCommand } from "../router/command.ts";
import { REDIS_COMPATIBILITY_VERSION } from "../version.ts";

const NO_BYTES = new Uint8Array(0);
const WRONG_PASSWORD = new CommandError(
  "WRONGPASS invalid username-password pair or user is disabled.",
);
const NO_PASSWORD_SET = new CommandError(
  "ERR AUTH <password> called without any password configured for the default user. Are you sure your configuration is correct?",
);
const BAD_PROTOCOL = new CommandError(
  "ERR Protocol version is not an integer or out of range",
);
const UNSUPPORTED_PROTOCOL = new CommandError(
  "NOPROTO unsupported protocol version",
);
const HELLO_NEEDS_AUTH = new CommandError(
  "NOAUTH HELLO must be called with the client already authenticated, otherwise the HELLO <proto> AUTH <user> <pass> option can be used to authenticate the client and select the RESP protocol version at the same time",
);

/**
 * PING [message]
 *
 * Answers the simple string PONG, or the message as a bulk string; to a subscribed
 * client of RESP2, which expects messages, an array.
 * {@link https://redis.io/docs/latest/commands/ping/}
 */
export const pingCommand = defineCommand({
  name: "ping",
  arity: -1,
  flags: ["fast"],
  group: "connection",
  since: "1.0.0",
  complexity: "O(1)",
  summary: "Returns the server's liveliness response.",
  syntax: "[message]",
  isForSubscribers: true,
  asksWhetherAllIsWell: true,
  tips: ["request_policy:all_shards", "response_policy:all_succeeded"],
  run({ client }, args, reply) {
    if (args.count > 2) throw CommandError.wrongArity("ping");
    if ((client.gates & GATE_SUBSCRIBED) !== 0 && reply.protocol === 2) {
      reply.array(2);
      reply.bulkText("pong");
      reply.bulk(args.count === 2 ? args.slice(1) : NO_BYTES);
      return;
    }
    if (args.count === 2) reply.bulk(args.slice(1));
    else reply.simple("PONG");
  },
});

/** ECHO message. {@link https://redis.io/docs/latest/commands/echo/} */
export const echoCommand = defineCommand({
  name: "echo",
  arity: 2,
  flags: ["loading", "stale", "fast"],
  group: "connection",
  since: "1.0.0",
  complexity: "O(1)",
  summary: "Returns the given string.",
  syntax: "message",
  run(_call, args, reply) {
    reply.bulk(args.slice(1));
  },
});

/** QUIT: answers OK and closes; what follows in the pipeline is not run. */
export const quitCommand = defineCommand({
  name: "quit",
  arity: -1,
  flags: ["noscript", "loading", "stale", "fast", "no_auth", "allow_busy"],
  group: "connection",
  since: "1.0.0",
  complexity: "O(1)",
  summary: "Closes the connection.",
  syntax: "",
  transaction: "control",
  isForSubscribers: true,
  deprecatedSince: "7.2.0",
  replacedBy: "just closing the connection",
  run(call, _args, reply) {
    reply.ok();
    call.client.isClosing = true;
  },
});

/**
 * RESET
 *
 * Makes the connection as it was at its beginning, but for the library's name
 * and version. {@link https://redis.io/docs/latest/commands/reset/}
 */
export const resetCommand = defineCommand({
  name: "reset",
  arity: 1,
  flags: ["noscript", "loading", "stale", "fast", "no_auth", "allow_busy"],
  group: "connection",
  since: "6.2.0",
  complexity: "O(1)",
  summary: "Resets the connection.",
  syntax: "",
  transaction: "control",
  isForSubscribers: true,
  run({ client, parts }, _args, reply) {
    client.endTransaction();
    parts.watchedKeys.unwatch(client);
    parts.pubsub.forget(client);
    parts.tracking.disable(client);
    client.dbIndex = 0;
    client.name = "";
    client.isEvictionExempt = false;
    client.setGate(
      GATE_NO_TOUCH | GATE_REPLY_OFF | GATE_REPLY_SKIP | GATE_REPLY_SKIP_NEXT,
      false,
    );
    parts.authentication.begin(client);
    parts.monitors.remove(client);
    reply.protocol = 2;
    reply.simple("RESET");
  },
});

/**
 * AUTH [username] password
 *
 * Without a username the default user is meant.
 * {@link https://redis.io/docs/latest/commands/auth/}
 */
export const authCommand = defineCommand({
  name: "auth",
  arity: -2,
  flags: ["noscript", "loading", "stale", "fast", "no_auth", "allow_busy"],
  group: "connection",
  since: "1.0.0",
  complexity: "O(N) where N is the number of passwords defined for the user",
  summary: "Authenticates the connection.",
  syntax: "[username]{6.0.0} password",
  history: [["6.0.0", "Added ACL style (username and password)."]],
  secretArgs: (args) => args.count === 2 ? [1] : [1, 2],
  run({ client, parts }, args, reply) {
    if (args.count > 3) throw CommandError.syntax;
    const { authentication } = parts;
    if (args.count === 2 && !authentication.isRequired) throw NO_PASSWORD_SET;
    const user = args.count === 2 ? bytesOfText(DEFAULT_USER) : args.slice(1);
    const password = args.slice(args.count - 1);
    if (!authentication.authenticate(client, user, password)) {
      throw WRONG_PASSWORD;
    }
    reply.ok();
  },
});

/** The options of a HELLO. */
interface Greeting {
  protocol?: ProtocolVersion;
  /** Index of the user's name; the password follows. */
  userIndex?: number;
  name?: string;
}

/**
 * HELLO [protover [AUTH username password] [SETNAME clientname]]
 *
 * Changes nothing unless all of it is valid.
 * {@link https://redis.io/docs/latest/commands/hello/}
 */
export const helloCommand = defineCommand({
  name: "hello",
  arity: -1,
  flags: ["noscript", "loading", "stale", "fast", "no_auth", "allow_busy"],
  group: "connection",
  since: "6.0.0",
  complexity: "O(1)",
  summary: "Handshakes with the Redis server.",
  syntax:
    "[protover [AUTH (username password){auth}] [SETNAME clientname]]{arguments}",
  history: [[
    "6.2.0",
    "`protover` made optional; when called without arguments the command reports the current connection's context.",
  ]],
  secretArgs(args) {
    for (let i = 2; i + 2 < args.count; i++) {
      if (args.is(i, "auth")) return [i + 1, i + 2];
    }
    return [];
  },
  run(call, args, reply) {
    const { client, parts } = call;
    const { protocol, userIndex, name } = readGreeting(args);
    if (
      userIndex !== undefined && !parts.authentication.authenticate(
        client,
        args.slice(userIndex),
        args.slice(userIndex + 1),
      )
    ) throw WRONG_PASSWORD;
    if (!client.isAuthenticated) throw HELLO_NEEDS_AUTH;
    if (name !== undefined) client.name = name;
    if (protocol !== undefined) reply.protocol = protocol;
    replyServer(call, reply);
  },
});

function readGreeting(args: Args): Greeting {
  const greeting: Greeting = {};
  if (args.count > 1) {
    const protocol = args.integer(1, BAD_PROTOCOL);
    if (protocol !== 2 && protocol !== 3) throw UNSUPPORTED_PROTOCOL;
    greeting.protocol = protocol;
  }
  for (let i = 2; i < args.count; i++) {
    const following = args.count - 1 - i;
    if (following >= 2 && args.is(i, "auth")) {
      greeting.userIndex = i + 1;
      i += 2;
    } else if (following >= 1 && args.is(i, "setname")) {
      greeting.name = clientName(args, ++i);
    } else {
      throw new CommandError(
        `ERR Syntax error in HELLO option '${args.shown(i)}'`,
      );
    }
  }
  return greeting;
}

/** What the server is, as a map. */
function replyServer({ client }: Call, reply: ReplyWriter): void {
  reply.map(7);
  reply.bulkText("server");
  reply.bulkText("redis");
  reply.bulkText("version");
  reply.bulkText(REDIS_COMPATIBILITY_VERSION);
  reply.bulkText("proto");
  reply.integer(reply.protocol);
  reply.bulkText("id");
  reply.integer(client.id);
  reply.bulkText("mode");
  reply.bulkText("standalone");
  reply.bulkText("role");
  reply.bulkText("master");
  reply.bulkText("modules");
  reply.array(0);
}
