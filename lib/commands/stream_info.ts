/** XINFO and its subcommands: what is known of a stream, its groups and consumers. */

import { TYPE_STREAM } from "../keyspace/record.ts";
import type { ReplyWriter } from "../resp/reply_writer.ts";
import type { Args } from "../router/args.ts";
import type { Call } from "../router/call.ts";
import { CommandError } from "../router/command_error.ts";
import { defineCommand, keyAt } from "../router/command.ts";
import { lagOf } from "../types/stream_counters.ts";
import { radixNodeCount } from "../types/stream_radix.ts";
import type { Stream } from "../types/stream.ts";
import { streamOf } from "../types/stream_value.ts";
import type { IdMap } from "../types/id_map.ts";
import {
  type Consumer,
  type ConsumerGroup,
  ENTRIES_READ_UNKNOWN,
  NEVER_ACTIVE,
} from "../types/stream_group.ts";
import { MAX_ID, MIN_ID } from "../types/stream_id.ts";
import { helpSubcommand, subcommandSyntaxError } from "./help_subcommand.ts";
import { noSuchGroup } from "./stream_error.ts";
import {
  replyCount,
  replyEntries,
  replyFirstEntry,
  replyId,
} from "./stream_reply.ts";

/** Entries of each kind that FULL answers. */
const FULL_COUNT_DEFAULT = 10;
const KEY_AT_2 = [keyAt(2, "RO", "access")];

/**
 * XINFO STREAM key [FULL [COUNT count]]
 *
 * {@link https://redis.io/docs/latest/commands/xinfo-stream/}
 */
const xinfoStream = defineCommand({
  name: "stream",
  arity: -3,
  flags: ["readonly"],
  group: "stream",
  keys: KEY_AT_2,
  since: "5.0.0",
  complexity: "O(1)",
  summary: "Returns information about a stream.",
  syntax: "key [FULL [COUNT count]]{full-block}",
  history: [
    ["6.0.0", "Added the `FULL` modifier."],
    [
      "7.0.0",
      "Added the `max-deleted-entry-id`, `entries-added`, `recorded-first-entry-id`, `entries-read` and `lag` fields",
    ],
    [
      "7.2.0",
      "Added the `active-time` field, and changed the meaning of `seen-time`.",
    ],
  ],
  run(call, args, reply) {
    const stream = findStream(call, args);
    if (args.count === 3) {
      reply.map(10);
      replyState(reply, stream);
      reply.bulkText("groups");
      reply.integer(stream.groupCount);
      reply.bulkText("first-entry");
      replyEdge(reply, stream, false);
      reply.bulkText("last-entry");
      return replyEdge(reply, stream, true);
    }
    const countMax = readFullCount(args);
    reply.map(9);
    replyState(reply, stream);
    reply.bulkText("entries");
    replyEntries(reply, stream, MIN_ID, MAX_ID, false, countMax);
    reply.bulkText("groups");
    reply.array(stream.groupCount);
    for (const group of stream.groups()) {
      replyFullGroup(reply, stream, group, countMax);
    }
  },
});

/** XINFO GROUPS key. {@link https://redis.io/docs/latest/commands/xinfo-groups/} */
const xinfoGroups = defineCommand({
  name: "groups",
  arity: 3,
  flags: ["readonly"],
  group: "stream",
  keys: KEY_AT_2,
  since: "5.0.0",
  complexity: "O(1)",
  summary: "Returns a list of the consumer groups of a stream.",
  syntax: "key",
  history: [["7.0.0", "Added the `entries-read` and `lag` fields"]],
  run(call, args, reply) {
    const stream = findStream(call, args);
    reply.array(stream.groupCount);
    for (const group of stream.groups()) {
      reply.map(6);
      reply.bulkText("name");
      reply.bulk(group.name);
      reply.bulkText("consumers");
      reply.integer(group.consumerCount);
      reply.bulkText("pending");
      reply.integer(group.pending.size);
      replyProgress(reply, stream, group);
    }
  },
});

/** XINFO CONSUMERS key group. {@link https://redis.io/docs/latest/commands/xinfo-consumers/} */
const xinfoConsumers = defineCommand({
  name: "consumers",
  arity: 4,
  flags: ["readonly"],
  group: "stream",
  keys: KEY_AT_2,
  since: "5.0.0",
  complexity: "O(1)",
  summary: "Returns a list of the consumers in a consumer group.",
  syntax: "key group{:string}",
  tips: ["nondeterministic_output"],
  history: [["7.2.0", "Added the `inactive` field."]],
  run(call, args, reply) {
    const group = findStream(call, args).group(args.slice(3));
    if (group === undefined) throw noSuchGroup(args);
    reply.array(group.consumerCount);
    for (const consumer of group.consumers()) {
      const { seenTimeMs, activeTimeMs } = consumer;
      reply.map(4);
      reply.bulkText("name");
      reply.bulk(consumer.name);
      reply.bulkText("pending");
      reply.integer(consumer.pending.size);
      reply.bulkText("idle");
      reply.integer(Math.max(0, call.nowMs - seenTimeMs));
      reply.bulkText("inactive");
      reply.integer(
        activeTimeMs === NEVER_ACTIVE
          ? NEVER_ACTIVE
          : call.nowMs - activeTimeMs,
      );
    }
  },
});

/** XINFO subcommand. {@link https://redis.io/docs/latest/commands/xinfo/} */
export const xinfoCommand = defineCommand({
  name: "xinfo",
  arity: -2,
  flags: [],
  group: "stream",
  since: "5.0.0",
  complexity: "Depends on subcommand.",
  summary: "A container for stream introspection commands.",
  syntax: "",
  subcommands: [
    xinfoConsumers,
    xinfoStream,
    helpSubcommand({ since: "5.0.0", group: "stream" }),
    xinfoGroups,
  ],
  help: [
    "CONSUMERS <key> <groupname>",
    "    Show consumers of <groupname>.",
    "GROUPS <key>",
    "    Show the stream consumer groups.",
    "STREAM <key> [FULL [COUNT <count>]",
    "    Show information about the stream.",
  ],
  run() {
    throw CommandError.wrongArity("xinfo");
  },
});

function findStream({ db }: Call, args: Args): Stream {
  const ref = db.readType(args, 2, TYPE_STREAM);
  if (ref === 0) throw CommandError.noSuchKey;
  return streamOf(db.map, ref);
}

/** How many entries of each kind FULL is to answer. */
function readFullCount(args: Args): number {
  const isWhole = args.count === 4 || args.count === 6;
  if (!isWhole || !args.is(3, "full")) throw subcommandSyntaxError(args);
  if (args.count === 4) return FULL_COUNT_DEFAULT;
  if (!args.is(4, "count")) throw subcommandSyntaxError(args);
  const count = args.integer(5);
  if (count < 0) return FULL_COUNT_DEFAULT;
  return count === 0 ? Infinity : count;
}

/** Seven pairs that both forms of XINFO STREAM have. */
function replyState(reply: ReplyWriter, stream: Stream): void {
  reply.bulkText("length");
  reply.integer(stream.length);
  reply.bulkText("radix-tree-keys");
  reply.integer(stream.blocks.length);
  reply.bulkText("radix-tree-nodes");
  reply.integer(radixNodeCount(stream.blocks));
  reply.bulkText("last-generated-id");
  replyId(reply, stream.lastId);
  reply.bulkText("max-deleted-entry-id");
  replyId(reply, stream.maxDeletedId);
  reply.bulkText("entries-added");
  replyCount(reply, stream.entriesAdded);
  reply.bulkText("recorded-first-entry-id");
  replyId(reply, stream.firstId);
}

function replyEdge(reply: ReplyWriter, stream: Stream, isLast: boolean): void {
  if (!replyFirstEntry(reply, stream, MIN_ID, MAX_ID, isLast)) reply.null();
}

/** Up to where a group has read: three pairs. */
function replyProgress(
  reply: ReplyWriter,
  stream: Stream,
  group: ConsumerGroup,
): void {
  reply.bulkText("last-delivered-id");
  replyId(reply, group.lastId);
  reply.bulkText("entries-read");
  if (group.entriesRead === ENTRIES_READ_UNKNOWN) reply.null();
  else replyCount(reply, group.entriesRead);
  reply.bulkText("lag");
  const lag = lagOf(group, stream);
  if (lag === undefined) reply.null();
  else replyCount(reply, lag);
}

function replyFullGroup(
  reply: ReplyWriter,
  stream: Stream,
  group: ConsumerGroup,
  countMax: number,
): void {
  reply.map(7);
  reply.bulkText("name");
  reply.bulk(group.name);
  replyProgress(reply, stream, group);
  reply.bulkText("pel-count");
  reply.integer(group.pending.size);
  reply.bulkText("pending");
  replyPending(reply, group, group.pending, countMax, true);
  reply.bulkText("consumers");
  reply.array(group.consumerCount);
  for (const consumer of group.consumers()) {
    replyFullConsumer(reply, group, consumer, countMax);
  }
}

function replyFullConsumer(
  reply: ReplyWriter,
  group: ConsumerGroup,
  consumer: Consumer,
  countMax: number,
): void {
  reply.map(5);
  reply.bulkText("name");
  reply.bulk(consumer.name);
  reply.bulkText("seen-time");
  reply.integer(consumer.seenTimeMs);
  reply.bulkText("active-time");
  reply.integer(consumer.activeTimeMs);
  reply.bulkText("pel-count");
  reply.integer(consumer.pending.size);
  reply.bulkText("pending");
  replyPending(reply, group, consumer.pending, countMax, false);
}

/** Pending entries: ID, owner if it is asked for, when it was given last, and how often. */
function replyPending(
  reply: ReplyWriter,
  group: ConsumerGroup,
  pending: IdMap,
  countMax: number,
  withOwner: boolean,
): void {
  reply.array(Math.min(countMax, pending.size));
  let left = countMax;
  for (const [id, slot] of pending.entries()) {
    if (left-- <= 0) break;
    reply.array(withOwner ? 4 : 3);
    replyId(reply, id);
    if (withOwner) reply.bulk(group.ownerOf(slot)!.name);
    reply.integer(group.deliveryTimeOf(slot));
    replyCount(reply, group.deliveryCountOf(slot));
  }
}
