/** CLIENT TRACKING and its relatives: what clients that cache keys want to be told. */

import type { Client } from "../net/client.ts";
import type { ByteText } from "../resp/byte_text.ts";
import type { ReplyWriter } from "../resp/reply_writer.ts";
import type { Args } from "../router/args.ts";
import type { Call } from "../router/call.ts";
import { CommandError } from "../router/command_error.ts";
import { type CommandFlag, defineCommand } from "../router/command.ts";
import type { TrackingOptions } from "../tracking/client_tracking.ts";

const FLAGS: readonly CommandFlag[] = ["noscript", "loading", "stale"];

const SECOND_REDIRECT = new CommandError(
  "ERR A client can only redirect to a single other client",
);
const NO_REDIRECT_TARGET = new CommandError(
  "ERR The client ID you want redirect to does not exist",
);
const PREFIX_WITHOUT_BROADCAST = new CommandError(
  "ERR PREFIX option requires BCAST mode to be enabled",
);
const BROADCAST_SWITCHED = new CommandError(
  "ERR You can't switch BCAST mode on/off before disabling tracking for this client, and then re-enabling it with a different mode.",
);
const OPTION_WITH_BROADCAST = new CommandError(
  "ERR OPTIN and OPTOUT are not compatible with BCAST",
);
const BOTH_OPTIONS = new CommandError(
  "ERR You can't specify both OPTIN mode and OPTOUT mode",
);
const OPTION_SWITCHED = new CommandError(
  "ERR You can't switch OPTIN/OPTOUT mode before disabling tracking for this client, and then re-enabling it with a different mode.",
);
const CACHING_WITHOUT_TRACKING = new CommandError(
  "ERR CLIENT CACHING can be called only when the client is in tracking mode with OPTIN or OPTOUT mode enabled",
);
const YES_WITHOUT_OPTIN = new CommandError(
  "ERR CLIENT CACHING YES is only valid when tracking is enabled in OPTIN mode.",
);
const NO_WITHOUT_OPTOUT = new CommandError(
  "ERR CLIENT CACHING NO is only valid when tracking is enabled in OPTOUT mode.",
);

/** What CLIENT TRACKING is given. */
interface Request {
  readonly options: TrackingOptions;
  readonly prefixes: readonly ByteText[];
}

/**
 * CLIENT TRACKING <ON | OFF> [REDIRECT client-id] [PREFIX prefix …] [BCAST] [OPTIN] [OPTOUT] [NOLOOP]
 *
 * {@link https://redis.io/docs/latest/commands/client-tracking/}
 */
export const clientTracking = defineCommand({
  name: "tracking",
  arity: -3,
  flags: FLAGS,
  group: "connection",
  since: "6.0.0",
  complexity: "O(1). Some options may introduce additional complexity.",
  summary: "Controls server-assisted client-side caching for the connection.",
  syntax:
    "<ON | OFF>{status} [REDIRECT client-id] [PREFIX prefix [PREFIX prefix ...]] [BCAST] [OPTIN] [OPTOUT] [NOLOOP]",
  run(call, args, reply) {
    const request = readRequest(call, args);
    const { client, parts } = call;
    if (args.is(2, "on")) {
      checkRequest(client, request);
      parts.tracking.enable(client, request.options, request.prefixes);
    } else if (args.is(2, "off")) parts.tracking.disable(client);
    else throw CommandError.syntax;
    reply.ok();
  },
});

/** CLIENT CACHING <YES | NO>: about the keys of the next command or transaction. */
export const clientCaching = defineCommand({
  name: "caching",
  arity: 3,
  flags: FLAGS,
  group: "connection",
  since: "6.0.0",
  complexity: "O(1)",
  summary:
    "Instructs the server whether to track the keys in the next request.",
  syntax: "<YES | NO>{mode}",
  run({ client, command }, args, reply) {
    const { tracking } = client;
    if (tracking === undefined) throw CACHING_WITHOUT_TRACKING;
    const isYes = args.is(2, "yes");
    if (!isYes && !args.is(2, "no")) throw CommandError.syntax;
    if (isYes && !tracking.options.isOptIn) throw YES_WITHOUT_OPTIN;
    if (!isYes && !tracking.options.isOptOut) throw NO_WITHOUT_OPTOUT;
    tracking.cachingGivenBy = command.parent;
    reply.ok();
  },
});

/** CLIENT GETREDIR: 0 when it is told itself, -1 when its keys are not tracked. */
export const clientGetRedir = defineCommand({
  name: "getredir",
  arity: 2,
  flags: FLAGS,
  group: "connection",
  since: "6.0.0",
  complexity: "O(1)",
  summary:
    "Returns the client ID to which the connection's tracking notifications are redirected.",
  syntax: "",
  run({ client }, _args, reply) {
    reply.integer(client.tracking?.options.redirectTo ?? -1);
  },
});

/** CLIENT TRACKINGINFO. {@link https://redis.io/docs/latest/commands/client-trackinginfo/} */
export const clientTrackingInfo = defineCommand({
  name: "trackinginfo",
  arity: 2,
  flags: FLAGS,
  group: "connection",
  since: "6.2.0",
  complexity: "O(1)",
  summary:
    "Returns information about server-assisted client-side caching for the connection.",
  syntax: "",
  run({ client }, _args, reply) {
    const flags = trackingFlags(client);
    const prefixes = [...client.tracking?.prefixes ?? []].sort();
    reply.map(3);
    reply.bulkText("flags");
    reply.set(flags.length);
    replyTexts(reply, flags);
    reply.bulkText("redirect");
    reply.integer(client.tracking?.options.redirectTo ?? -1);
    reply.bulkText("prefixes");
    reply.array(prefixes.length);
    replyTexts(reply, prefixes);
  },
});

function replyTexts(reply: ReplyWriter, texts: readonly ByteText[]): void {
  for (const text of texts) reply.bulkText(text);
}

function trackingFlags({ tracking }: Client): string[] {
  if (tracking === undefined) return ["off"];
  const { isBroadcast, isOptIn, isOptOut, isNoLoop } = tracking.options;
  const isCachingGiven = tracking.cachingGivenBy !== undefined;
  const flags: [string, boolean][] = [
    ["on", true],
    ["bcast", isBroadcast],
    ["optin", isOptIn],
    ["caching-yes", isOptIn && isCachingGiven],
    ["optout", isOptOut],
    ["caching-no", isOptOut && isCachingGiven],
    ["noloop", isNoLoop],
    ["broken_redirect", tracking.isRedirectBroken],
  ];
  return flags.filter(([, isSet]) => isSet).map(([name]) => name);
}

function readRequest({ parts }: Call, args: Args): Request {
  let redirectTo = 0;
  const given = new Set<string>(), prefixes: ByteText[] = [];
  for (let i = 3; i < args.count; i++) {
    const option = args.text(i).toLowerCase(), isLast = i === args.count - 1;
    switch (option) {
      case "redirect":
        if (isLast) throw CommandError.syntax;
        if (redirectTo !== 0) throw SECOND_REDIRECT;
        redirectTo = Number(args.bigint(++i));
        if (parts.clients.get(redirectTo) === undefined) {
          throw NO_REDIRECT_TARGET;
        }
        break;
      case "prefix":
        if (isLast) throw CommandError.syntax;
        prefixes.push(args.text(++i));
        break;
      case "bcast":
      case "optin":
      case "optout":
      case "noloop":
        given.add(option);
        break;
      default:
        throw CommandError.syntax;
    }
  }
  return {
    options: {
      redirectTo,
      isBroadcast: given.has("bcast"),
      isOptIn: given.has("optin"),
      isOptOut: given.has("optout"),
      isNoLoop: given.has("noloop"),
    },
    prefixes,
  };
}

/** @throws {CommandError} when options exclude each other, or the mode that the client is in. */
function checkRequest(
  { tracking }: Client,
  { options, prefixes }: Request,
): void {
  const { isBroadcast, isOptIn, isOptOut } = options, old = tracking?.options;
  if (!isBroadcast && prefixes.length > 0) throw PREFIX_WITHOUT_BROADCAST;
  if (old !== undefined && old.isBroadcast !== isBroadcast) {
    throw BROADCAST_SWITCHED;
  }
  if (isBroadcast && (isOptIn || isOptOut)) throw OPTION_WITH_BROADCAST;
  if (isOptIn && isOptOut) throw BOTH_OPTIONS;
  if ((isOptIn && old?.isOptOut) || (isOptOut && old?.isOptIn)) {
    throw OPTION_SWITCHED;
  }
  if (isBroadcast) checkPrefixes(tracking?.prefixes ?? [], prefixes);
}

function checkPrefixes(
  existing: Iterable<ByteText>,
  prefixes: readonly ByteText[],
): void {
  const sorted = [...existing].sort();
  for (const [i, prefix] of prefixes.entries()) {
    for (const old of sorted) {
      if (isOverlapping(old, prefix)) {
        throw overlap(prefix, `an existing prefix '${old}'`);
      }
    }
    for (const other of prefixes.slice(i + 1)) {
      if (isOverlapping(prefix, other)) {
        throw overlap(prefix, `another provided prefix '${other}'`);
      }
    }
  }
}

function isOverlapping(one: ByteText, other: ByteText): boolean {
  return one.startsWith(other) || other.startsWith(one);
}

function overlap(prefix: ByteText, other: string): CommandError {
  return new CommandError(
    `ERR Prefix '${prefix}' overlaps with ${other}. Prefixes for a single client must not overlap.`,
  );
}
