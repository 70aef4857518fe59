/** DUMP and RESTORE: values as bytes that other servers understand. */

import type { StoredValue } from "../keyspace/collection.ts";
import { putValue } from "../keyspace/collection_edit.ts";
import { DEL_EVENT, keyEvent, NOTIFY_GENERIC } from "../keyspace/key_event.ts";
import { ACCESS_MASK } from "../keyspace/record.ts";
import { NO_EXPIRY } from "../keyspace/record_store.ts";
import { dumpPayload, payloadBody } from "../persistence/dump_payload.ts";
import { RDB_TYPE_STRING, RdbError } from "../persistence/rdb_format.ts";
import { RdbReader } from "../persistence/rdb_reader.ts";
import { ValueReader } from "../persistence/rdb_value_reader.ts";
import type { ReplyWriter } from "../resp/reply_writer.ts";
import type { Args } from "../router/args.ts";
import type { Call } from "../router/call.ts";
import { CommandError } from "../router/command_error.ts";
import { InlineValue } from "../persistence/inline_value.ts";
import {
  type CommandDefinition,
  defineCommand,
  oneKey,
} from "../router/command.ts";

const RESTORE_EVENT = keyEvent(NOTIFY_GENERIC, "restore");
const INVALID_TTL = new CommandError("ERR Invalid TTL value, must be >= 0");
const INVALID_IDLETIME = new CommandError(
  "ERR Invalid IDLETIME value, must be >= 0",
);
const INVALID_FREQ = new CommandError(
  "ERR Invalid FREQ value, must be >= 0 and <= 255",
);
const BUSY_KEY = new CommandError("BUSYKEY Target key name already exists.");
const WRONG_FOOTER = new CommandError(
  "ERR DUMP payload version or checksum are wrong",
);
const BAD_DATA = new CommandError("ERR Bad data format");
const FREQ_MAX = 255;
const INT64_MAX = 2n ** 63n - 1n;

/** DUMP key. {@link https://redis.io/docs/latest/commands/dump/} */
export const dumpCommand = defineCommand({
  name: "dump",
  arity: 2,
  flags: ["readonly"],
  group: "generic",
  keys: oneKey("RO", "access"),
  since: "2.6.0",
  complexity:
    "O(1) to access the key and additional O(N*M) to serialize it, where N is the number of Redis objects composing the value and M their average size. For small string values the time complexity is thus O(1)+O(1*M) where M is small, so simply O(1).",
  summary: "Returns a serialized representation of the value stored at a key.",
  syntax: "key",
  categories: ["keyspace"],
  tips: ["nondeterministic_output"],
  run({ db, parts: { config } }, args, reply) {
    const ref = db.read(args, 1);
    if (ref === 0) return reply.null();
    reply.bulk(dumpPayload(db.map, ref, config.get("rdbcompression")));
  },
});

const RESTORE: Omit<CommandDefinition, "name" | "group" | "since" | "summary"> =
  {
    arity: -4,
    flags: ["write", "denyoom"],
    keys: oneKey("OW", "update"),
    complexity:
      "O(1) to create the new key and additional O(N*M) to reconstruct the serialized value, where N is the number of Redis objects composing the value and M their average size. For small string values the time complexity is thus O(1)+O(1*M) where M is small, so simply O(1). However for sorted set values the complexity is O(N*M*log(N)) because inserting values into sorted sets is O(log(N)).",
    syntax:
      "key ttl serialized-value [REPLACE]{replace 3.0.0} [ABSTTL]{absttl 5.0.0} [IDLETIME seconds{seconds}]{seconds 5.0.0} [FREQ frequency{frequency}]{frequency 5.0.0}",
    categories: ["keyspace", "dangerous"],
    history: [
      ["3.0.0", "Added the `REPLACE` modifier."],
      ["5.0.0", "Added the `ABSTTL` modifier."],
      ["5.0.0", "Added the `IDLETIME` and `FREQ` options."],
    ],
    run: restore,
  };

/**
 * RESTORE key ttl serialized-value [REPLACE] [ABSTTL] [IDLETIME seconds] [FREQ frequency]
 *
 * Replicas get a relative time as the moment that it means.
 * {@link https://redis.io/docs/latest/commands/restore/}
 */
export const restoreCommand = defineCommand({
  ...RESTORE,
  name: "restore",
  group: "generic",
  since: "2.6.0",
  summary: "Creates a key from the serialized representation of a value.",
});

/** RESTORE-ASKING: RESTORE for a slot that is being imported. {@link https://redis.io/docs/latest/commands/restore-asking/} */
export const restoreAskingCommand = defineCommand({
  ...RESTORE,
  name: "restore-asking",
  flags: ["write", "denyoom", "asking"],
  group: "server",
  since: "3.0.0",
  summary: "An internal command for migrating keys in a cluster.",
  isInternal: true,
});

/** A value that is no string. */
interface RestoredValue {
  readonly type: number;
  readonly value: StoredValue;
}

interface RestoreOptions {
  isReplacing: boolean;
  isAbsolute: boolean;
  idleSeconds: number;
  frequency: number;
}

function restore(call: Call, args: Args, reply: ReplyWriter): void {
  const { db } = call;
  const options = parseOptions(args);
  const found = db.write(args, 1);
  if (found !== 0 && !options.isReplacing) throw BUSY_KEY;
  const ttl = args.integer(2);
  if (ttl < 0) throw INVALID_TTL;
  const value = readPayload(call, args.slice(3));
  if (found !== 0) db.discard(found);
  const isRelative = !options.isAbsolute && ttl !== 0;
  const expiresAt = ttl === 0 ? NO_EXPIRY : momentOf(call, args, isRelative);
  // As in Redis, a moment beyond 64 bits is one in the distant past.
  const isOver = expiresAt <= call.nowMs || expiresAt > INT64_MAX;
  if (ttl !== 0 && isOver && call.keyspace.isExpiring) {
    if (found !== 0) passOnRemoval(call, args);
    return reply.ok();
  }
  put(call, args, value, expiresAt, options);
  if (isRelative) passOnMoment(call, args, expiresAt);
  reply.ok();
}

/** The moment that argument 2 means, exactly. */
function momentOf(
  { nowMs }: Call,
  args: Args,
  isRelative: boolean,
): number | bigint {
  const base = isRelative ? nowMs : 0, moment = args.integer(2) + base;
  return Number.isSafeInteger(moment) ? moment : args.bigint(2) + BigInt(base);
}

function parseOptions(args: Args): RestoreOptions {
  const options: RestoreOptions = {
    isReplacing: false,
    isAbsolute: false,
    idleSeconds: -1,
    frequency: -1,
  };
  for (let i = 4; i < args.count; i++) {
    const hasMore = i + 1 < args.count;
    if (args.is(i, "replace")) options.isReplacing = true;
    else if (args.is(i, "absttl")) options.isAbsolute = true;
    else if (args.is(i, "idletime") && hasMore && options.frequency < 0) {
      options.idleSeconds = args.integer(++i);
      if (options.idleSeconds < 0) throw INVALID_IDLETIME;
    } else if (args.is(i, "freq") && hasMore && options.idleSeconds < 0) {
      options.frequency = args.integer(++i);
      if (options.frequency < 0 || options.frequency > FREQ_MAX) {
        throw INVALID_FREQ;
      }
    } else throw CommandError.syntax;
  }
  return options;
}

/** @throws {CommandError} when the payload is damaged, or holds nothing */
function readPayload(
  { client, parts: { persistence, keyspace, log } }: Call,
  payload: Uint8Array,
): Uint8Array | RestoredValue {
  const body = payloadBody(payload, !persistence.isSkippingChecksums);
  if (body === undefined) throw WRONG_FOOTER;
  const reader = RdbReader.ofBytes(body);
  try {
    const rdbType = reader.byte();
    if (rdbType === RDB_TYPE_STRING) return reader.copy();
    const values = new ValueReader(reader, keyspace.limits);
    values.begin(rdbType);
    while (!values.goOn());
    persistence.noteChecks(values.checkedCount, !client.isPrimary);
    const { type, value } = values;
    if (value === undefined) throw BAD_DATA;
    return {
      type,
      value: value instanceof InlineValue ? value.toBytes() : value,
    };
  } catch (error) {
    if (!(error instanceof RdbError)) throw error;
    log.warning(`Internal error in RDB reading: ${error.message}`);
    throw BAD_DATA;
  }
}

/** Adds the key, which is not there. */
function put(
  { db, keyspace: { access } }: Call,
  args: Args,
  value: Uint8Array | RestoredValue,
  expiresAt: number | bigint,
  { idleSeconds, frequency }: RestoreOptions,
): void {
  db.peek(args, 1);
  if (value instanceof Uint8Array) {
    db.setStringBytes(args, 1, 0, value, false, RESTORE_EVENT);
    if (expiresAt !== NO_EXPIRY) db.putExpiry(db.peek(args, 1), expiresAt);
  } else {
    putValue(db, args, 1, 0, value.type, value.value, expiresAt);
    db.changed(args, 1, RESTORE_EVENT);
  }
  const bits = access.isLfu
    ? frequency < 0 ? undefined : access.ofFrequency(frequency)
    : idleSeconds < 0
    ? undefined
    : access.ofIdleSeconds(idleSeconds);
  const ref = db.peek(args, 1);
  if (bits === undefined || ref === 0) return;
  db.map.setAccess(ref, (db.map.accessOf(ref) & ~ACCESS_MASK) | bits);
}

/** The key was there and is gone, since what would have taken its place has expired. */
function passOnRemoval(call: Call, args: Args): void {
  const { effects, parts: { config } } = call;
  const isLazy = config.get("lazyfree-lazy-server-del");
  effects.replaceWith(isLazy ? "UNLINK" : "DEL", args.slice(1));
  call.db.changed(args, 1, DEL_EVENT);
}

function passOnMoment(
  { effects }: Call,
  args: Args,
  expiresAt: number | bigint,
): void {
  if (!effects.isWanted) return;
  const words: (Uint8Array | string)[] = [];
  for (let i = 0; i < args.count; i++) words.push(args.slice(i));
  words[2] = String(expiresAt);
  effects.replaceWith(...words, "ABSTTL");
}
