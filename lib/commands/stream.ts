/** Commands on the entries of streams: adding, reading, removing. */

import { putCollection } from "../keyspace/collection_edit.ts";
import {
  CHANGED_FOR_NOBODY,
  keyEvent,
  NOTIFY_STREAM,
} from "../keyspace/key_event.ts";
import { TYPE_STREAM } from "../keyspace/record.ts";
import type { ReplyWriter } from "../resp/reply_writer.ts";
import type { Args } from "../router/args.ts";
import type { Call } from "../router/call.ts";
import { CommandError } from "../router/command_error.ts";
import { defineCommand, oneKey } from "../router/command.ts";
import { Stream } from "../types/stream.ts";
import { streamOf } from "../types/stream_value.ts";
import { streamToChange } from "./stream_change.ts";
import { BLOCK_BYTES_MAX } from "../types/stream_block.ts";
import {
  MAX_ID,
  MIN_ID,
  OPEN_ID,
  StreamId,
  WHOLE_ID,
} from "../types/stream_id.ts";
import { readEnd, readId, readStart, TrimOptions } from "./stream_arguments.ts";
import { XTRIM_EVENT } from "./stream_event.ts";
import { replyEntries, replyId } from "./stream_reply.ts";

const XADD_EVENT = keyEvent(NOTIFY_STREAM, "xadd");
const XDEL_EVENT = keyEvent(NOTIFY_STREAM, "xdel");
const XSETID_EVENT = keyEvent(NOTIFY_STREAM, "xsetid", CHANGED_FOR_NOBODY);

const ZERO_ID = new CommandError(
  "ERR The ID specified in XADD must be greater than 0-0",
);
const EXHAUSTED = new CommandError(
  "ERR The stream has exhausted the last possible ID, unable to add more items",
);
const NOT_ABOVE = new CommandError(
  "ERR The ID specified in XADD is equal or smaller than the target stream top item",
);
const TOO_LARGE = new CommandError("ERR Elements are too large to be stored");
const NEGATIVE_ADDED = new CommandError("ERR entries_added must be positive");
const BELOW_GIVEN_DELETED = new CommandError(
  "ERR The ID specified in XSETID is smaller than the provided max_deleted_entry_id",
);
const BELOW_DELETED = new CommandError(
  "ERR The ID specified in XSETID is smaller than current max_deleted_entry_id",
);
const BELOW_TOP = new CommandError(
  "ERR The ID specified in XSETID is smaller than the target stream top item",
);
const ADDED_BELOW_LENGTH = new CommandError(
  "ERR The entries_added specified in XSETID is smaller than the target stream length",
);

const options = new TrimOptions();
const first = new StreamId();
const last = new StreamId();
const top = new StreamId();

/**
 * XADD key [NOMKSTREAM] [<MAXLEN | MINID> [= | ~] threshold [LIMIT count]]
 * <* | id> field value [field value ...]
 *
 * An ID of the form `ms-*` gets the next number of that moment. The journal gets
 * the ID that was chosen, and instead of `~` what was kept.
 * {@link https://redis.io/docs/latest/commands/xadd/}
 */
export const xaddCommand = defineCommand({
  name: "xadd",
  arity: -5,
  flags: ["write", "denyoom", "fast"],
  group: "stream",
  keys: [{
    ...oneKey("RW", "update")[0],
    notes: "UPDATE instead of INSERT because of the optional trimming feature",
  }],
  since: "5.0.0",
  complexity:
    "O(1) when adding a new entry, O(N) when trimming where N being the number of entries evicted.",
  summary:
    "Appends a new message to a stream. Creates the key if it doesn't exist.",
  syntax:
    'key [NOMKSTREAM]{6.2.0} [<MAXLEN | MINID{6.2.0}>{strategy} ["="{equal} | "~"{approximately}]{operator} threshold [LIMIT count]{6.2.0}]{trim} <"*"{auto-id} | id>{id-selector} (field value){data} [...]',
  tips: ["nondeterministic_output"],
  history: [
    [
      "6.2.0",
      "Added the `NOMKSTREAM` option, `MINID` trimming strategy and the `LIMIT` option.",
    ],
    ["7.0.0", "Added support for the `<ms>-*` explicit ID form."],
  ],
  run(call, args, reply) {
    const { db, effects } = call;
    options.readAdd(call, args);
    const { id, idAt } = options;
    const texts = args.count - idAt - 1;
    if (texts < 2 || (texts & 1) === 1) throw CommandError.wrongArity("xadd");
    if (options.idKind === WHOLE_ID && id.isZero) throw ZERO_ID;
    const ref = db.writeType(args, 1, TYPE_STREAM);
    if (ref === 0 && options.needsStream) return reply.null();
    const stream = ref === 0 ? new Stream() : streamToChange(db, args, 1, ref);
    chooseId(call, stream);
    let textBytes = 0;
    for (let i = idAt + 1; i < args.count; i++) textBytes += args.length(i);
    if (textBytes > BLOCK_BYTES_MAX) throw TOO_LARGE;
    const { limits } = call.keyspace;
    stream.append(id, args, idAt + 1, texts >>> 1, textBytes, limits);
    if (ref === 0) putCollection(db, args, 1, 0, TYPE_STREAM, stream);
    db.changed(args, 1, XADD_EVENT);
    if (options.thresholdAt > 0 && trim(stream) > 0) {
      db.changedToo(args, 1, XTRIM_EVENT);
    }
    if (
      effects.isWanted && (options.isApproximate || options.idKind !== WHOLE_ID)
    ) passOnExactly(call, args, stream, options.idKind !== WHOLE_ID);
    replyId(reply, id);
  },
});

/** Finds the ID of a new entry: `options.id`. @throws {CommandError} when there is none, or it is too low */
function chooseId({ nowMs }: Call, stream: Stream): void {
  const { lastId } = stream, { id, idKind } = options;
  if (lastId.isMax) throw EXHAUSTED;
  if (idKind === WHOLE_ID) {
    if (id.compare(lastId) <= 0) throw NOT_ABOVE;
    return;
  }
  if (idKind === OPEN_ID) {
    if (id.hasMomentOf(lastId)) {
      if (lastId.hasMaxSeq) throw NOT_ABOVE;
      id.copyFrom(lastId);
      id.increment();
    } else if (id.compare(lastId) <= 0) throw NOT_ABOVE;
    return;
  }
  id.setMoment(nowMs);
  if (id.compare(lastId) <= 0 || id.hasMomentOf(lastId)) {
    id.copyFrom(lastId);
    id.increment();
  }
}

/** Trims as the options say; how many entries went. */
function trim(stream: Stream): number {
  const { lengthMax, firstKept, isApproximate, entriesMax } = options;
  return stream.trim(lengthMax, firstKept, isApproximate, entriesMax);
}

/** Passes the command on with the ID that was chosen, and with `=` and what was kept for `~`. */
function passOnExactly(
  { effects }: Call,
  args: Args,
  stream: Stream,
  hasId: boolean,
): void {
  const words: (Uint8Array | string)[] = [];
  for (let i = 0; i < args.count; i++) words.push(args.slice(i));
  if (hasId) words[options.idAt] = options.id.toString();
  const { thresholdAt, isByLength } = options;
  if (options.isApproximate) {
    words[thresholdAt - 1] = "=";
    const firstId = stream.blocks.length > 0 ? stream.blocks[0].id : MAX_ID;
    words[thresholdAt] = isByLength ? `${stream.length}` : firstId.toString();
  }
  effects.replaceWith(...words);
}

/**
 * XTRIM key <MAXLEN | MINID> [= | ~] threshold [LIMIT count]
 *
 * With `~` only whole blocks go. {@link https://redis.io/docs/latest/commands/xtrim/}
 */
export const xtrimCommand = defineCommand({
  name: "xtrim",
  arity: -4,
  flags: ["write"],
  group: "stream",
  keys: oneKey("RW", "delete"),
  since: "5.0.0",
  complexity:
    "O(N), with N being the number of evicted entries. Constant times are very small however, since entries are organized in macro nodes containing multiple entries that can be released with a single deallocation.",
  summary: "Deletes messages from the beginning of a stream.",
  syntax:
    'key (<MAXLEN | MINID{6.2.0}>{strategy} ["="{equal} | "~"{approximately}]{operator} threshold [LIMIT count]{6.2.0}){trim}',
  tips: ["nondeterministic_output"],
  history: [[
    "6.2.0",
    "Added the `MINID` trimming strategy and the `LIMIT` option.",
  ]],
  run(call, args, reply) {
    const { db, keyspace, effects } = call;
    options.readTrim(call, args);
    const ref = db.writeType(args, 1, TYPE_STREAM);
    if (ref === 0) return reply.integer(0);
    const stream = streamToChange(db, args, 1, ref);
    const count = trim(stream);
    if (count > 0) {
      db.changed(args, 1, XTRIM_EVENT);
      keyspace.dirty += count - 1;
      if (options.isApproximate && effects.isWanted) {
        passOnExactly(call, args, stream, false);
      }
    }
    reply.integer(count);
  },
});

/** XLEN key. {@link https://redis.io/docs/latest/commands/xlen/} */
export const xlenCommand = defineCommand({
  name: "xlen",
  arity: 2,
  flags: ["readonly", "fast"],
  group: "stream",
  keys: oneKey("RO"),
  since: "5.0.0",
  complexity: "O(1)",
  summary: "Return the number of messages in a stream.",
  syntax: "key",
  run({ db }, args, reply) {
    const ref = db.readType(args, 1, TYPE_STREAM);
    reply.integer(ref === 0 ? 0 : streamOf(db.map, ref).length);
  },
});

/** XRANGE key start end [COUNT count]. {@link https://redis.io/docs/latest/commands/xrange/} */
export const xrangeCommand = defineCommand({
  name: "xrange",
  arity: -4,
  flags: ["readonly"],
  group: "stream",
  keys: oneKey("RO", "access"),
  since: "5.0.0",
  complexity:
    "O(N) with N being the number of elements being returned. If N is constant (e.g. always asking for the first 10 elements with COUNT), you can consider it O(1).",
  summary: "Returns the messages from a stream within a range of IDs.",
  syntax: "key start{:string} end{:string} [COUNT count]",
  history: [["6.2.0", "Added exclusive ranges."]],
  run(call, args, reply) {
    range(call, args, reply, false);
  },
});

/** XREVRANGE key end start [COUNT count]. {@link https://redis.io/docs/latest/commands/xrevrange/} */
export const xrevrangeCommand = defineCommand({
  name: "xrevrange",
  arity: -4,
  flags: ["readonly"],
  group: "stream",
  keys: oneKey("RO", "access"),
  since: "5.0.0",
  complexity:
    "O(N) with N being the number of elements returned. If N is constant (e.g. always asking for the first 10 elements with COUNT), you can consider it O(1).",
  summary:
    "Returns the messages from a stream within a range of IDs in reverse order.",
  syntax: "key end{:string} start{:string} [COUNT count]",
  history: [["6.2.0", "Added exclusive ranges."]],
  run(call, args, reply) {
    range(call, args, reply, true);
  },
});

function range(
  { db }: Call,
  args: Args,
  reply: ReplyWriter,
  isReverse: boolean,
): void {
  readStart(args, isReverse ? 3 : 2, first);
  readEnd(args, isReverse ? 2 : 3, last);
  let countMax = Infinity;
  for (let i = 4; i < args.count; i += 2) {
    if (!args.is(i, "count") || i + 1 === args.count) throw CommandError.syntax;
    countMax = args.integer(i + 1);
  }
  const ref = db.readType(args, 1, TYPE_STREAM);
  if (ref === 0) reply.array(0);
  else if (countMax <= 0) reply.nullArray();
  else {
    const stream = streamOf(db.map, ref);
    replyEntries(reply, stream, first, last, isReverse, countMax);
  }
}

/** XDEL key id [id ...]. {@link https://redis.io/docs/latest/commands/xdel/} */
export const xdelCommand = defineCommand({
  name: "xdel",
  arity: -3,
  flags: ["write", "fast"],
  group: "stream",
  keys: oneKey("RW", "delete"),
  since: "5.0.0",
  complexity:
    "O(1) for each single item to delete in the stream, regardless of the stream size.",
  summary: "Returns the number of messages after removing them from a stream.",
  syntax: "key id{:string} [id ...]",
  run({ db, keyspace }, args, reply) {
    const ref = db.writeType(args, 1, TYPE_STREAM);
    if (ref === 0) return reply.integer(0);
    for (let i = 2; i < args.count; i++) readId(args, i, first);
    const stream = streamToChange(db, args, 1, ref);
    let count = 0;
    for (let i = 2; i < args.count; i++) {
      readId(args, i, first);
      if (stream.delete(first)) count++;
    }
    if (count > 0) {
      db.changed(args, 1, XDEL_EVENT);
      keyspace.dirty += count - 1;
    }
    reply.integer(count);
  },
});

/**
 * XSETID key last-id [ENTRIESADDED entries-added] [MAXDELETEDID max-deleted-id]
 *
 * {@link https://redis.io/docs/latest/commands/xsetid/}
 */
export const xsetidCommand = defineCommand({
  name: "xsetid",
  arity: -3,
  flags: ["write", "denyoom", "fast"],
  group: "stream",
  keys: oneKey("RW", "update"),
  since: "5.0.0",
  complexity: "O(1)",
  summary: "An internal command for replicating stream values.",
  syntax:
    "key last-id [ENTRIESADDED entries-added]{7.0.0} [MAXDELETEDID max-deleted-id]{7.0.0}",
  history: [[
    "7.0.0",
    "Added the `entries_added` and `max_deleted_entry_id` arguments.",
  ]],
  run({ db }, args, reply) {
    const id = first, maxDeleted = last;
    readId(args, 2, id);
    maxDeleted.copyFrom(MIN_ID);
    let entriesAdded = -1;
    for (let i = 3; i < args.count; i += 2) {
      if (i + 1 === args.count) throw CommandError.syntax;
      if (args.is(i, "entriesadded")) {
        entriesAdded = args.integer(i + 1);
        if (entriesAdded < 0) throw NEGATIVE_ADDED;
      } else if (args.is(i, "maxdeletedid")) {
        readId(args, i + 1, maxDeleted);
        if (id.compare(maxDeleted) < 0) throw BELOW_GIVEN_DELETED;
      } else throw CommandError.syntax;
    }
    const ref = db.writeType(args, 1, TYPE_STREAM);
    if (ref === 0) throw CommandError.noSuchKey;
    const stream = streamToChange(db, args, 1, ref);
    if (id.compare(stream.maxDeletedId) < 0) throw BELOW_DELETED;
    if (stream.length > 0) {
      stream.readLastEntryId(top);
      if (id.compare(top) < 0) throw BELOW_TOP;
      if (entriesAdded !== -1 && stream.length > entriesAdded) {
        throw ADDED_BELOW_LENGTH;
      }
    }
    stream.lastId.copyFrom(id);
    if (entriesAdded !== -1) stream.entriesAdded = entriesAdded;
    if (!maxDeleted.isZero) stream.maxDeletedId.copyFrom(maxDeleted);
    db.changed(args, 1, XSETID_EVENT);
    reply.ok();
  },
});
