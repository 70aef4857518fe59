/** Publishing and subscribing: messages to channels, patterns and shard channels. */

import type { Client } from "../net/client.ts";
import { GATE_REPLY_OFF, GATE_REPLY_SKIP } from "../net/client.ts";
import type { SubscriptionKind, Topic } from "../pubsub/pubsub.ts";
import { bytesOfText, type ByteText } from "../resp/byte_text.ts";
import type { ReplyWriter } from "../resp/reply_writer.ts";
import type { Args } from "../router/args.ts";
import type { Call } from "../router/call.ts";
import { CommandError } from "../router/command_error.ts";
import {
  type CommandDefinition,
  type CommandFlag,
  defineCommand,
  keyAt,
  manyKeys,
} from "../router/command.ts";
import { globMatch } from "../types/glob.ts";
import { helpSubcommand, subcommandSyntaxError } from "./help_subcommand.ts";

const SUBSCRIBE: readonly CommandFlag[] = [
  "pubsub",
  "noscript",
  "loading",
  "stale",
];
const PUBLISH: readonly CommandFlag[] = [
  "pubsub",
  "loading",
  "stale",
  "fast",
  "may_replicate",
];
const LOOK: readonly CommandFlag[] = ["pubsub", "loading", "stale"];
const SHARD_IN_TRANSACTION = new CommandError(
  "ERR SSUBSCRIBE isn't allowed for a DENY BLOCKING client",
);

/** SUBSCRIBE channel [channel ...]. {@link https://redis.io/docs/latest/commands/subscribe/} */
export const subscribeCommand = defineCommand({
  name: "subscribe",
  arity: -2,
  flags: SUBSCRIBE,
  group: "pubsub",
  since: "2.0.0",
  complexity: "O(N) where N is the number of channels to subscribe to.",
  summary: "Listens for messages published to channels.",
  syntax: "channel [channel ...]",
  isForSubscribers: true,
  run(call, args, reply) {
    subscribe(call, args, reply, "channels", "subscribe");
  },
});

/** UNSUBSCRIBE [channel ...]: from all channels when none is named. {@link https://redis.io/docs/latest/commands/unsubscribe/} */
export const unsubscribeCommand = defineCommand({
  name: "unsubscribe",
  arity: -1,
  flags: SUBSCRIBE,
  group: "pubsub",
  since: "2.0.0",
  complexity: "O(N) where N is the number of channels to unsubscribe.",
  summary: "Stops listening to messages posted to channels.",
  syntax: "[channel [channel ...]]",
  isForSubscribers: true,
  run(call, args, reply) {
    unsubscribe(call, args, reply, "channels", "unsubscribe");
  },
});

/** PSUBSCRIBE pattern [pattern ...]. {@link https://redis.io/docs/latest/commands/psubscribe/} */
export const psubscribeCommand = defineCommand({
  name: "psubscribe",
  arity: -2,
  flags: SUBSCRIBE,
  group: "pubsub",
  since: "2.0.0",
  complexity: "O(N) where N is the number of patterns to subscribe to.",
  summary:
    "Listens for messages published to channels that match one or more patterns.",
  syntax: "pattern [pattern ...]",
  isForSubscribers: true,
  run(call, args, reply) {
    subscribe(call, args, reply, "patterns", "psubscribe");
  },
});

/** PUNSUBSCRIBE [pattern ...]: from all patterns when none is named. {@link https://redis.io/docs/latest/commands/punsubscribe/} */
export const punsubscribeCommand = defineCommand({
  name: "punsubscribe",
  arity: -1,
  flags: SUBSCRIBE,
  group: "pubsub",
  since: "2.0.0",
  complexity: "O(N) where N is the number of patterns to unsubscribe.",
  summary:
    "Stops listening to messages published to channels that match one or more patterns.",
  syntax: "[pattern [pattern ...]]",
  isForSubscribers: true,
  run(call, args, reply) {
    unsubscribe(call, args, reply, "patterns", "punsubscribe");
  },
});

/** SSUBSCRIBE shardchannel [shardchannel ...]. {@link https://redis.io/docs/latest/commands/ssubscribe/} */
export const ssubscribeCommand = defineCommand({
  name: "ssubscribe",
  arity: -2,
  flags: SUBSCRIBE,
  group: "pubsub",
  keys: manyKeys(1, "not_key"),
  since: "7.0.0",
  complexity: "O(N) where N is the number of shard channels to subscribe to.",
  summary: "Listens for messages published to shard channels.",
  syntax: "shardchannel [shardchannel ...]",
  isForSubscribers: true,
  run(call, args, reply) {
    // Unlike SUBSCRIBE, which transactions have long contained.
    if (call.executor.depth > 0) throw SHARD_IN_TRANSACTION;
    subscribe(call, args, reply, "shardChannels", "ssubscribe");
  },
});

/** SUNSUBSCRIBE [shardchannel ...]: from all when none is named. {@link https://redis.io/docs/latest/commands/sunsubscribe/} */
export const sunsubscribeCommand = defineCommand({
  name: "sunsubscribe",
  arity: -1,
  flags: SUBSCRIBE,
  group: "pubsub",
  keys: manyKeys(1, "not_key"),
  since: "7.0.0",
  complexity: "O(N) where N is the number of shard channels to unsubscribe.",
  summary: "Stops listening to messages posted to shard channels.",
  syntax: "[shardchannel [shardchannel ...]]",
  isForSubscribers: true,
  run(call, args, reply) {
    unsubscribe(call, args, reply, "shardChannels", "sunsubscribe");
  },
});

/**
 * PUBLISH channel message
 *
 * Answers how many clients the message was sent to here. Replicas get the command
 * whether anybody listens or not; a file does not.
 * {@link https://redis.io/docs/latest/commands/publish/}
 */
export const publishCommand = defineCommand({
  name: "publish",
  arity: 3,
  flags: PUBLISH,
  group: "pubsub",
  since: "2.0.0",
  complexity:
    "O(N+M) where N is the number of clients subscribed to the receiving channel and M is the total number of subscribed patterns (by any client).",
  summary: "Posts a message to a channel.",
  syntax: "channel message",
  run({ parts, effects }, args, reply) {
    const { pubsub } = parts;
    const count = pubsub.hasListeners
      ? pubsub.publish(args.slice(1), args.slice(2))
      : 0;
    effects.addVerbatim(args, true);
    reply.integer(count);
  },
});

/** SPUBLISH shardchannel message. {@link https://redis.io/docs/latest/commands/spublish/} */
export const spublishCommand = defineCommand({
  name: "spublish",
  arity: 3,
  flags: PUBLISH,
  group: "pubsub",
  keys: [keyAt(1, "not_key")],
  since: "7.0.0",
  complexity:
    "O(N) where N is the number of clients subscribed to the receiving shard channel.",
  summary: "Post a message to a shard channel",
  syntax: "shardchannel message",
  run({ parts, effects }, args, reply) {
    const count = parts.pubsub.publishToShard(args.slice(1), args.slice(2));
    effects.addVerbatim(args, true);
    reply.integer(count);
  },
});

/** A push message per topic takes the place of a reply. */
function subscribe(
  { client, parts }: Call,
  args: Args,
  reply: ReplyWriter,
  kind: SubscriptionKind,
  type: string,
): void {
  const mark = reply.length;
  for (let i = 1; i < args.count; i++) {
    const name = args.slice(i);
    parts.pubsub.subscribe(client, kind, name);
    replySubscription(client, reply, kind, type, name);
  }
  pushAlthoughSilent(client, mark);
}

function unsubscribe(
  { client, parts }: Call,
  args: Args,
  reply: ReplyWriter,
  kind: SubscriptionKind,
  type: string,
): void {
  const mark = reply.length;
  const names: ByteText[] = args.count === 1
    ? [...client.subscriptions?.[kind] ?? []]
    : Array.from({ length: args.count - 1 }, (_, i) => args.text(i + 1));
  for (const name of names) {
    parts.pubsub.unsubscribe(client, kind, name);
    replySubscription(client, reply, kind, type, bytesOfText(name));
  }
  if (names.length === 0) {
    replySubscription(client, reply, kind, type, undefined);
  }
  pushAlthoughSilent(client, mark);
}

/** Answers one subscription or its end, with the number that is left of its kind. */
function replySubscription(
  { subscriptions }: Client,
  reply: ReplyWriter,
  kind: SubscriptionKind,
  type: string,
  name: Uint8Array | undefined,
): void {
  reply.push(3);
  reply.bulkText(type);
  if (name === undefined) reply.null();
  else reply.bulk(name);
  if (subscriptions === undefined) reply.integer(0);
  else if (kind === "shardChannels") {
    reply.integer(subscriptions.shardChannels.size);
  } else {
    reply.integer(subscriptions.channels.size + subscriptions.patterns.size);
  }
}

/** CLIENT REPLY OFF and SKIP silence replies; these are messages. */
function pushAlthoughSilent(client: Client, mark: number): void {
  if ((client.gates & (GATE_REPLY_OFF | GATE_REPLY_SKIP)) !== 0) {
    client.deferReply(mark);
  }
}

/** PUBSUB CHANNELS [pattern] */
const pubsubChannels = defineCommand({
  name: "channels",
  arity: -2,
  flags: LOOK,
  group: "pubsub",
  since: "2.8.0",
  complexity:
    "O(N) where N is the number of active channels, and assuming constant time pattern matching (relatively short channels and patterns)",
  summary: "Returns the active channels.",
  syntax: "[pattern]",
  run(call, args, reply) {
    replyChannels(args, reply, call.parts.pubsub.topics.channels);
  },
});

/** PUBSUB SHARDCHANNELS [pattern] */
const pubsubShardChannels = defineCommand({
  name: "shardchannels",
  arity: -2,
  flags: LOOK,
  group: "pubsub",
  since: "7.0.0",
  complexity:
    "O(N) where N is the number of active shard channels, and assuming constant time pattern matching (relatively short shard channels).",
  summary: "Returns the active shard channels.",
  syntax: "[pattern]",
  run(call, args, reply) {
    replyChannels(args, reply, call.parts.pubsub.topics.shardChannels);
  },
});

/** PUBSUB NUMSUB [channel ...] */
const pubsubNumSub = defineCommand({
  name: "numsub",
  arity: -2,
  flags: LOOK,
  group: "pubsub",
  since: "2.8.0",
  complexity:
    "O(N) for the NUMSUB subcommand, where N is the number of requested channels",
  summary: "Returns a count of subscribers to channels.",
  syntax: "[channel [channel ...]]",
  run(call, args, reply) {
    replyCounts(args, reply, call.parts.pubsub.topics.channels);
  },
});

/** PUBSUB SHARDNUMSUB [shardchannel ...] */
const pubsubShardNumSub = defineCommand({
  name: "shardnumsub",
  arity: -2,
  flags: LOOK,
  group: "pubsub",
  since: "7.0.0",
  complexity:
    "O(N) for the SHARDNUMSUB subcommand, where N is the number of requested shard channels",
  summary: "Returns the count of subscribers of shard channels.",
  syntax: "[shardchannel [shardchannel ...]]",
  run(call, args, reply) {
    replyCounts(args, reply, call.parts.pubsub.topics.shardChannels);
  },
});

/** PUBSUB NUMPAT: how many different patterns are subscribed to. */
const pubsubNumPat = defineCommand({
  name: "numpat",
  arity: 2,
  flags: LOOK,
  group: "pubsub",
  since: "2.8.0",
  complexity: "O(1)",
  summary: "Returns a count of unique pattern subscriptions.",
  syntax: "",
  run({ parts }, _args, reply) {
    reply.integer(parts.pubsub.topics.patterns.size);
  },
});

function replyChannels(
  args: Args,
  reply: ReplyWriter,
  topics: ReadonlyMap<ByteText, Topic>,
): void {
  if (args.count > 3) throw subcommandSyntaxError(args);
  const pattern = args.count === 3 ? args.slice(2) : undefined;
  const names = [...topics.values()].map(({ name }) => name).filter((name) =>
    pattern === undefined || globMatch(pattern, name)
  );
  reply.array(names.length);
  for (const name of names) reply.bulk(name);
}

function replyCounts(
  args: Args,
  reply: ReplyWriter,
  topics: ReadonlyMap<ByteText, Topic>,
): void {
  reply.array((args.count - 2) * 2);
  for (let i = 2; i < args.count; i++) {
    reply.bulk(args.slice(i));
    reply.integer(topics.get(args.text(i))?.clients.size ?? 0);
  }
}

const HELP = [
  "CHANNELS [<pattern>]",
  "    Return the currently active channels matching a <pattern> (default: '*').",
  "NUMPAT",
  "    Return number of subscriptions to patterns.",
  "NUMSUB [<channel> ...]",
  "    Return the number of subscribers for the specified channels, excluding",
  "    pattern subscriptions(default: no channels).",
  "SHARDCHANNELS [<pattern>]",
  "    Return the currently active shard level channels matching a <pattern> (default: '*').",
  "SHARDNUMSUB [<shardchannel> ...]",
  "    Return the number of subscribers for the specified shard level channel(s)",
];

/** PUBSUB: a container. {@link https://redis.io/docs/latest/commands/pubsub/} */
export const pubsubCommand: CommandDefinition = defineCommand({
  name: "pubsub",
  arity: -2,
  flags: [],
  group: "pubsub",
  since: "2.8.0",
  complexity: "Depends on subcommand.",
  summary: "A container for Pub/Sub commands.",
  syntax: "",
  help: HELP,
  subcommands: [
    pubsubChannels,
    pubsubNumPat,
    pubsubNumSub,
    pubsubShardChannels,
    pubsubShardNumSub,
    helpSubcommand({
      since: "6.2.0",
      group: "pubsub",
      categories: ["-pubsub"],
    }),
  ],
  run() {
    throw CommandError.wrongArity("pubsub");
  },
});
