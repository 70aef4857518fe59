/** XGROUP and its subcommands: consumer groups and their consumers. */

import { putCollection } from "../keyspace/collection_edit.ts";
import {
  CHANGED_FOR_NOBODY,
  CHANGED_FOR_WAITING,
  keyEvent,
  NOTIFY_STREAM,
} from "../keyspace/key_event.ts";
import { TYPE_STREAM } from "../keyspace/record.ts";
import type { Args } from "../router/args.ts";
import type { Call } from "../router/call.ts";
import { CommandError } from "../router/command_error.ts";
import { defineCommand, keyAt } from "../router/command.ts";
import { Stream } from "../types/stream.ts";
import { streamOf } from "../types/stream_value.ts";
import { streamToChange } from "./stream_change.ts";
import {
  type ConsumerGroup,
  ENTRIES_READ_UNKNOWN,
} from "../types/stream_group.ts";
import { StreamId } from "../types/stream_id.ts";
import { helpSubcommand, subcommandSyntaxError } from "./help_subcommand.ts";
import { readId, readIdOrEdge } from "./stream_arguments.ts";
import { addConsumer } from "./stream_delivery.ts";
import { noSuchGroup } from "./stream_error.ts";

const MAKE_STREAM_EVENT = keyEvent(NOTIFY_STREAM, "xgroup-create");
const CREATE_EVENT = keyEvent(
  NOTIFY_STREAM,
  "xgroup-create",
  CHANGED_FOR_NOBODY,
);
const SETID_EVENT = keyEvent(NOTIFY_STREAM, "xgroup-setid", CHANGED_FOR_NOBODY);
const DESTROY_EVENT = keyEvent(
  NOTIFY_STREAM,
  "xgroup-destroy",
  CHANGED_FOR_WAITING,
);
const DELCONSUMER_EVENT = keyEvent(
  NOTIFY_STREAM,
  "xgroup-delconsumer",
  CHANGED_FOR_NOBODY,
);

const NO_KEY = new CommandError(
  "ERR The XGROUP subcommand requires the key to exist. Note that for CREATE you may want to use the MKSTREAM option to create an empty stream automatically.",
);
const BUSY_GROUP = new CommandError(
  "BUSYGROUP Consumer Group name already exists",
);
const NEGATIVE_READ = new CommandError(
  "ERR value for ENTRIESREAD must be positive or -1",
);

const DOLLAR = 36;
const id = new StreamId();

/** Options of CREATE and SETID. */
interface GroupOptions {
  makesStream: boolean;
  entriesRead: number;
}

/** XGROUP CREATE key group id|$ [MKSTREAM] [ENTRIESREAD n]. {@link https://redis.io/docs/latest/commands/xgroup-create/} */
const xgroupCreate = defineCommand({
  name: "create",
  arity: -5,
  flags: ["write", "denyoom"],
  group: "stream",
  keys: [keyAt(2, "RW", "insert")],
  since: "5.0.0",
  complexity: "O(1)",
  summary: "Creates a consumer group.",
  syntax:
    'key group{:string} <id{:string} | "$"{new-id}>{id-selector} [MKSTREAM] [ENTRIESREAD entries-read]',
  history: [["7.0.0", "Added the `entries_read` named argument."]],
  run(call, args, reply) {
    const { db } = call;
    const { makesStream, entriesRead } = readOptions(args, true);
    const ref = db.writeType(args, 2, TYPE_STREAM);
    if (ref === 0 && !makesStream) throw NO_KEY;
    if (args.count > 8) throw subcommandSyntaxError(args);
    const stream = ref === 0 ? new Stream() : streamToChange(db, args, 2, ref);
    readGroupId(args, stream, false);
    const group = stream.addGroup(args.slice(3));
    if (group === undefined) throw BUSY_GROUP;
    group.lastId.copyFrom(id);
    group.entriesRead = entriesRead;
    if (ref === 0) putCollection(db, args, 2, 0, TYPE_STREAM, stream);
    db.changed(args, 2, ref === 0 ? MAKE_STREAM_EVENT : CREATE_EVENT);
    reply.ok();
  },
});

/** XGROUP SETID key group id|$ [ENTRIESREAD n]. {@link https://redis.io/docs/latest/commands/xgroup-setid/} */
const xgroupSetid = defineCommand({
  name: "setid",
  arity: -5,
  flags: ["write"],
  group: "stream",
  keys: [keyAt(2, "RW", "update")],
  since: "5.0.0",
  complexity: "O(1)",
  summary: "Sets the last-delivered ID of a consumer group.",
  syntax:
    'key group{:string} <id{:string} | "$"{new-id}>{id-selector} [ENTRIESREAD entries-read{entriesread :integer}]',
  history: [["7.0.0", "Added the optional `entries_read` argument."]],
  run(call, args, reply) {
    const { entriesRead } = readOptions(args, false);
    const { stream, group } = findGroup(call, args);
    if (args.count !== 5 && args.count !== 7) throw subcommandSyntaxError(args);
    readGroupId(args, stream, true);
    group.lastId.copyFrom(id);
    group.entriesRead = entriesRead;
    call.db.changed(args, 2, SETID_EVENT);
    reply.ok();
  },
});

/** XGROUP DESTROY key group. {@link https://redis.io/docs/latest/commands/xgroup-destroy/} */
const xgroupDestroy = defineCommand({
  name: "destroy",
  arity: 4,
  flags: ["write"],
  group: "stream",
  keys: [keyAt(2, "RW", "delete")],
  since: "5.0.0",
  complexity:
    "O(N) where N is the number of entries in the group's pending entries list (PEL).",
  summary: "Destroys a consumer group.",
  syntax: "key group{:string}",
  run({ db }, args, reply) {
    const ref = db.writeType(args, 2, TYPE_STREAM);
    if (ref === 0) throw NO_KEY;
    const isThere = streamOf(db.map, ref).deleteGroup(args.slice(3));
    if (isThere) db.changed(args, 2, DESTROY_EVENT);
    reply.integer(isThere ? 1 : 0);
  },
});

/** XGROUP CREATECONSUMER key group consumer. {@link https://redis.io/docs/latest/commands/xgroup-createconsumer/} */
const xgroupCreateconsumer = defineCommand({
  name: "createconsumer",
  arity: 5,
  flags: ["write", "denyoom"],
  group: "stream",
  keys: [keyAt(2, "RW", "insert")],
  since: "6.2.0",
  complexity: "O(1)",
  summary: "Creates a consumer in a consumer group.",
  syntax: "key group{:string} consumer{:string}",
  run(call, args, reply) {
    const { group } = findGroup(call, args);
    const name = args.slice(4);
    if (group.consumer(name) !== undefined) return reply.integer(0);
    addConsumer(call, args, 2, group, name);
    reply.integer(1);
  },
});

/** XGROUP DELCONSUMER key group consumer. {@link https://redis.io/docs/latest/commands/xgroup-delconsumer/} */
const xgroupDelconsumer = defineCommand({
  name: "delconsumer",
  arity: 5,
  flags: ["write"],
  group: "stream",
  keys: [keyAt(2, "RW", "delete")],
  since: "5.0.0",
  complexity: "O(1)",
  summary: "Deletes a consumer from a consumer group.",
  syntax: "key group{:string} consumer{:string}",
  run(call, args, reply) {
    const { group } = findGroup(call, args);
    const consumer = group.consumer(args.slice(4));
    if (consumer === undefined) return reply.integer(0);
    const pendingCount = consumer.pending.size;
    group.deleteConsumer(consumer);
    call.db.changed(args, 2, DELCONSUMER_EVENT);
    reply.integer(pendingCount);
  },
});

/** XGROUP subcommand. {@link https://redis.io/docs/latest/commands/xgroup/} */
export const xgroupCommand = defineCommand({
  name: "xgroup",
  arity: -2,
  flags: [],
  group: "stream",
  since: "5.0.0",
  complexity: "Depends on subcommand.",
  summary: "A container for consumer groups commands.",
  syntax: "",
  subcommands: [
    xgroupDestroy,
    xgroupCreateconsumer,
    xgroupCreate,
    xgroupDelconsumer,
    xgroupSetid,
    helpSubcommand({ since: "5.0.0", group: "stream" }),
  ],
  help: [
    "CREATE <key> <groupname> <id|$> [option]",
    "    Create a new consumer group. Options are:",
    "    * MKSTREAM",
    "      Create the empty stream if it does not exist.",
    "    * ENTRIESREAD entries_read",
    "      Set the group's entries_read counter (internal use).",
    "CREATECONSUMER <key> <groupname> <consumer>",
    "    Create a new consumer in the specified group.",
    "DELCONSUMER <key> <groupname> <consumer>",
    "    Remove the specified consumer.",
    "DESTROY <key> <groupname>",
    "    Remove the specified group.",
    "SETID <key> <groupname> <id|$> [ENTRIESREAD entries_read]",
    "    Set the current group ID and entries_read counter.",
  ],
  run() {
    throw CommandError.wrongArity("xgroup");
  },
});

function readOptions(args: Args, isCreate: boolean): GroupOptions {
  const options = { makesStream: false, entriesRead: ENTRIES_READ_UNKNOWN };
  for (let i = 5; i < args.count; i++) {
    if (isCreate && args.is(i, "mkstream")) options.makesStream = true;
    else if (args.is(i, "entriesread") && i + 1 < args.count) {
      options.entriesRead = args.integer(++i);
      if (options.entriesRead < ENTRIES_READ_UNKNOWN) throw NEGATIVE_READ;
    } else throw subcommandSyntaxError(args);
  }
  return options;
}

/** Reads argument 4 into `id`: `$`, an ID, or with `takesEdges` also `-` and `+`. */
function readGroupId(args: Args, stream: Stream, takesEdges: boolean): void {
  if (args.length(4) === 1 && args.bytes[args.offset(4)] === DOLLAR) {
    id.copyFrom(stream.lastId);
  } else if (takesEdges) readIdOrEdge(args, 4, id);
  else readId(args, 4, id);
}

/** The stream and the group that are named, to be changed. */
function findGroup(
  { db }: Call,
  args: Args,
): { stream: Stream; group: ConsumerGroup } {
  const ref = db.writeType(args, 2, TYPE_STREAM);
  if (ref === 0) throw NO_KEY;
  const stream = streamOf(db.map, ref), group = stream.group(args.slice(3));
  if (group === undefined) throw noSuchGroup(args);
  return { stream, group };
}
