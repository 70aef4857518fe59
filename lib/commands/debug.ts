/** DEBUG: what tests need to look behind the commands, and to disturb the server. */

import { parseMemory } from "../config/number_text.ts";
import { rewriteConfigFile } from "../config/rewrite.ts";
import { systemErrorText } from "../config/system_error_text.ts";
import type { ByteMap } from "../keyspace/byte_map.ts";
import { type Collection, encodingOf } from "../keyspace/collection.ts";
import { digestOfKeyspace, digestOfValue } from "../keyspace/digest.ts";
import { keyEvent } from "../keyspace/key_event.ts";
import { TYPE_STRING } from "../keyspace/record.ts";
import { bytesOfText } from "../resp/byte_text.ts";
import type { ReplyWriter } from "../resp/reply_writer.ts";
import { Args } from "../router/args.ts";
import type { Call } from "../router/call.ts";
import { CommandError } from "../router/command_error.ts";
import { defineCommand } from "../router/command.ts";
import { isActionAllowed } from "../router/protected_action.ts";
import { sleepNow } from "../sleep_now.ts";
import {
  delayFileWrites,
  FLUSH_SLEEP_HELP,
  LOAD_AOF_HELP,
  loadAppendOnly,
} from "./debug_append_only.ts";
import { reload, RELOAD_HELP, skipChecksums } from "./debug_reload.ts";
import { replyHelp } from "./help_subcommand.ts";

/** One thing that DEBUG does. */
interface DebugAction {
  readonly name: string;
  /** Arguments that it takes, DEBUG and its name included. */
  readonly countMin: number;
  readonly countMax: number;
  run(call: Call, args: Args, reply: ReplyWriter): void;
}

const POPULATED_EVENT = keyEvent(0, "populate");
/** Longest DEBUG SLEEP: what a timer can hold. */
const SLEEP_SECONDS_MAX = 2147483;
const NO_LIMIT = Infinity;
/** A megabyte below 4 GB. */
const PACKED_THRESHOLD_MAX = 2n ** 32n - 2n ** 20n;
const BAD_PACKED_THRESHOLD = new CommandError(
  "ERR argument must be a memory value bigger than 1 and smaller than 4gb",
);

const ACTIONS: readonly DebugAction[] = [
  { name: "sleep", countMin: 3, countMax: 3, run: sleep },
  { name: "set-active-expire", countMin: 3, countMax: 3, run: setActiveExpire },
  {
    name: "change-repl-id",
    countMin: 2,
    countMax: 2,
    run: changeReplicationId,
  },
  { name: "pause-cron", countMin: 3, countMax: 3, run: pauseCron },
  { name: "object", countMin: 3, countMax: 3, run: describeObject },
  { name: "digest", countMin: 2, countMax: 2, run: digest },
  { name: "digest-value", countMin: 2, countMax: NO_LIMIT, run: digestValues },
  { name: "populate", countMin: 3, countMax: 5, run: populate },
  { name: "replicate", countMin: 3, countMax: NO_LIMIT, run: replicate },
  { name: "protocol", countMin: 3, countMax: 3, run: replyOfType },
  { name: "log", countMin: 3, countMax: 3, run: log },
  { name: "error", countMin: 3, countMax: 3, run: replyError },
  { name: "loadaof", countMin: 2, countMax: 2, run: loadAppendOnly },
  { name: "aof-flush-sleep", countMin: 3, countMax: 3, run: delayFileWrites },
  { name: "reload", countMin: 2, countMax: NO_LIMIT, run: reload },
  {
    name: "set-skip-checksum-validation",
    countMin: 3,
    countMax: 3,
    run: skipChecksums,
  },
  { name: "htstats", countMin: 3, countMax: 4, run: describeIndex },
  {
    name: "quicklist-packed-threshold",
    countMin: 3,
    countMax: 3,
    run: setPackedThreshold,
  },
  {
    name: "config-rewrite-force-all",
    countMin: 2,
    countMax: 2,
    run: rewriteWholeConfig,
  },
];

const HELP: readonly string[] = [
  ...FLUSH_SLEEP_HELP,
  "CHANGE-REPL-ID",
  "    Change the replication IDs of the instance.",
  "    Dangerous: should be used only for testing the replication subsystem.",
  "CONFIG-REWRITE-FORCE-ALL",
  "    Like CONFIG REWRITE but writes all configuration options, including",
  "    keywords not listed in original configuration file or default values.",
  "DIGEST",
  "    Output a hex signature representing the current DB content.",
  "DIGEST-VALUE <key> [<key> ...]",
  "    Output a hex signature of the values of all the specified keys.",
  "ERROR <string>",
  "    Return a Redis protocol error with <string> as message. Useful for clients",
  "    unit tests to simulate Redis errors.",
  "HTSTATS <dbid> [full]",
  "    Return hash table statistics of the specified Redis database.",
  "LOG <message>",
  "    Write <message> to the server log.",
  "OBJECT <key>",
  "    Show low level info about `key` and associated value.",
  "PAUSE-CRON <0|1>",
  "    Stop periodic cron job processing.",
  "POPULATE <count> [<prefix>] [<size>]",
  "    Create <count> string keys named key:<num>. If <prefix> is specified then",
  "    it is used instead of the 'key' prefix. These are not propagated to",
  "    replicas. Cluster slots are not respected so keys not belonging to the",
  "    current node can be created in cluster mode.",
  "PROTOCOL <type>",
  "    Reply with a test value of the specified type. <type> can be: string,",
  "    integer, double, bignum, null, array, set, map, attrib, push, verbatim,",
  "    true, false.",
  "QUICKLIST-PACKED-THRESHOLD <size>",
  "    Sets the threshold for elements to be inserted as plain vs packed nodes",
  "    Default value is 1GB, allows values up to 4GB. Setting to 0 restores to default.",
  ...LOAD_AOF_HELP,
  ...RELOAD_HELP,
  "SET-ACTIVE-EXPIRE <0|1>",
  "    Setting it to 0 disables expiring keys in background when they are not",
  "    accessed (otherwise the Redis behavior). Setting it to 1 reenables back the",
  "    default.",
  "REPLICATE <string>",
  "    Replicates the provided string to replicas, allowing data divergence.",
  "SET-SKIP-CHECKSUM-VALIDATION <0|1>",
  "    Enables or disables checksum checks for RDB files and RESTORE payloads.",
  "SLEEP <seconds>",
  "    Stop the server for <seconds>. Decimals allowed.",
];

/**
 * DEBUG subcommand [argument ...]
 *
 * Only for whom `enable-debug-command` allows it.
 * {@link https://redis.io/docs/latest/commands/debug/}
 */
export const debugCommand = defineCommand({
  name: "debug",
  arity: -2,
  flags: ["admin", "noscript", "loading", "stale"],
  group: "server",
  since: "1.0.0",
  complexity: "Depends on subcommand.",
  summary: "A container for debugging commands.",
  syntax: "",
  isInternal: true,
  run(call, args, reply) {
    const allowed = call.parts.config.get("enable-debug-command");
    if (!isActionAllowed(allowed, call.client)) throw NOT_ALLOWED;
    if (args.count === 2 && args.is(1, "help")) {
      return replyHelp(reply, "debug", HELP);
    }
    const action = ACTIONS.find(({ name }) => args.is(1, name));
    if (
      action === undefined || args.count < action.countMin ||
      args.count > action.countMax
    ) {
      throw new CommandError(
        `ERR unknown subcommand or wrong number of arguments for '${
          args.text(1)
        }'. Try DEBUG HELP.`,
      );
    }
    action.run(call, args, reply);
  },
});

const NOT_ALLOWED = new CommandError(
  'ERR DEBUG command not allowed. If the enable-debug-command option is set to "local", you can run it from a local connection, otherwise you need to set this option in the configuration file, and then restart the server.',
);

/** Stops the whole server, as it is meant to. */
function sleep(_call: Call, args: Args, reply: ReplyWriter): void {
  // As strtod reads it: what is no number is no time.
  const wanted = Number.parseFloat(args.text(2));
  const seconds = Math.min(wanted, SLEEP_SECONDS_MAX);
  sleepNow(seconds * 1000);
  reply.ok();
}

function setActiveExpire(call: Call, args: Args, reply: ReplyWriter): void {
  call.keyspace.isExpiringActively = args.text(2) !== "0";
  reply.ok();
}

function changeReplicationId(
  { parts }: Call,
  _args: Args,
  reply: ReplyWriter,
): void {
  parts.log.notice("Changing replication IDs after receiving change-repl-id");
  parts.replication.history.renew();
  reply.ok();
}

/** Has elements of lists from a size on kept by themselves; 0 for the size that is best. */
function setPackedThreshold(call: Call, args: Args, reply: ReplyWriter): void {
  const threshold = parseMemory(args.text(2));
  if (threshold === undefined || threshold > PACKED_THRESHOLD_MAX) {
    throw BAD_PACKED_THRESHOLD;
  }
  call.keyspace.limits.listPackedLengthMax = threshold === 0n
    ? Infinity
    : Number(threshold) - 1;
  reply.ok();
}

function pauseCron(call: Call, args: Args, reply: ReplyWriter): void {
  call.parts.lifecycle.isCronPaused = args.text(2) !== "0";
  reply.ok();
}

/** What a value takes, in place of what it would take in a file. */
function contentBytes(map: ByteMap, ref: number): number {
  return map.isObject(ref) && map.typeOf(ref) !== TYPE_STRING
    ? (map.object(ref) as Collection).memoryBytes
    : map.stringLength(ref);
}

function describeObject(call: Call, args: Args, reply: ReplyWriter): void {
  const { db, keyspace } = call;
  // A key whose time is over is shown, too.
  keyspace.isFollowing = true;
  const ref = db.peek(args, 2);
  keyspace.isFollowing = call.client.isPrimary;
  if (ref === 0) throw CommandError.noSuchKey;
  const idleSeconds = keyspace.access.idleSeconds(db.map.accessOf(ref));
  reply.simple(
    `Value at:0x${(ref >>> 0).toString(16)} refcount:1 ` +
      `encoding:${encodingOf(db.map, ref)} ` +
      `serializedlength:${contentBytes(db.map, ref)} ` +
      `lru:${db.map.accessOf(ref) & 0xffffff} lru_seconds_idle:${idleSeconds}`,
  );
}

function digest(call: Call, _args: Args, reply: ReplyWriter): void {
  reply.simple(digestOfKeyspace(call.keyspace));
}

function digestValues(call: Call, args: Args, reply: ReplyWriter): void {
  reply.array(args.count - 2);
  for (let index = 2; index < args.count; index++) {
    reply.simple(digestOfValue(call.db, call.db.peek(args, index)));
  }
}

/** @throws {CommandError} `ERR value is out of range, must be positive`, for what is no integer too */
function positive(args: Args, index: number): number {
  const value = args.integer(index, CommandError.notPositive);
  if (value < 0) throw CommandError.notPositive;
  return value;
}

/** Makes keys that are not there yet; like Redis's, they cause no effects. */
function populate(call: Call, args: Args, reply: ReplyWriter): void {
  const count = positive(args, 2);
  const prefix = args.count > 3 ? args.text(3) : "key";
  const size = args.count > 4 ? positive(args, 4) : 0;
  for (let number = 0; number < count; number++) {
    const key = Args.of(bytesOfText(`${prefix}:${number}`));
    const ref = call.db.write(key, 0);
    if (ref !== 0) continue;
    const text = bytesOfText(`value:${number}`);
    const value = size === 0 ? text : new Uint8Array(size);
    if (size > 0) value.set(text.subarray(0, size));
    call.db.setStringBytes(key, 0, 0, value, false, POPULATED_EVENT);
  }
  call.effects.suppress();
  reply.ok();
}

/** Replies that DEBUG PROTOCOL makes, by the name of their type. */
const REPLIES: Readonly<Record<string, (reply: ReplyWriter) => void>> = {
  string: (reply) => reply.bulkText("Hello World"),
  integer: (reply) => reply.integer(12345),
  double: (reply) => reply.double(3.141),
  bignum: (reply) => reply.bigNumber("1234567999999999999999999999999999999"),
  null: (reply) => reply.null(),
  array: (reply) => {
    reply.array(3);
    for (let i = 0; i < 3; i++) reply.integer(i);
  },
  set: (reply) => {
    reply.set(3);
    for (let i = 0; i < 3; i++) reply.integer(i);
  },
  map: (reply) => {
    reply.map(3);
    for (let i = 0; i < 3; i++) {
      reply.integer(i);
      reply.boolean(i === 1);
    }
  },
  attrib: (reply) => {
    if (reply.protocol === 3) {
      reply.attribute(1);
      reply.bulkText("key-popularity");
      reply.array(2);
      reply.bulkText("key:123");
      reply.integer(90);
    }
    reply.bulkText("Some real reply following the attribute");
  },
  push: (reply) => {
    if (reply.protocol !== 3) {
      throw new CommandError("ERR RESP2 is not supported by this command");
    }
    // What a command pushes to its own client follows the reply since Redis 7.2.
    reply.bulkText("Some real reply following the push reply");
    reply.push(2);
    reply.bulkText("server-cpu-usage");
    reply.integer(42);
  },
  true: (reply) => reply.boolean(true),
  false: (reply) => reply.boolean(false),
  verbatim: (reply) =>
    reply.verbatim("txt", bytesOfText("This is a verbatim\nstring")),
};

function replyOfType(_call: Call, args: Args, reply: ReplyWriter): void {
  const name = args.text(2).toLowerCase();
  if (!Object.hasOwn(REPLIES, name)) {
    throw new CommandError(
      "ERR Wrong protocol type name. Please use one of the following: string|integer|double|bignum|null|array|set|map|attrib|push|verbatim|true|false",
    );
  }
  REPLIES[name](reply);
}

function log(call: Call, args: Args, reply: ReplyWriter): void {
  call.parts.log.warning(`DEBUG LOG: ${args.text(2)}`);
  reply.ok();
}

/** Has replicas do what this server does not. */
function replicate(call: Call, args: Args, reply: ReplyWriter): void {
  const words: string[] = [];
  for (let i = 2; i < args.count; i++) words.push(args.text(i));
  call.parts.replication.say(...words);
  reply.ok();
}

function replyError(_call: Call, args: Args, reply: ReplyWriter): void {
  reply.error(args.text(2));
}

function describeIndex(call: Call, args: Args, reply: ReplyWriter): void {
  const number = args.integer(2);
  const db = call.keyspace.databases[number];
  if (db === undefined) throw new CommandError("ERR Out of range database");
  const { index } = db.map;
  const text = `[Dictionary HT]\n` +
    `Hash table 0 stats (main hash table):\n` +
    ` table size: ${index.table.homeCount}\n` +
    ` number of elements: ${index.table.count}\n` +
    (index.old === undefined ? "" : `Hash table 1 stats (rehashing source):\n` +
      ` table size: ${index.old.homeCount}\n` +
      ` number of elements: ${index.old.count}\n`) +
    `[Expires HT]\n` +
    ` number of elements: ${db.volatile.size}\n`;
  reply.verbatim("txt", bytesOfText(text));
}

function rewriteWholeConfig(call: Call, _args: Args, reply: ReplyWriter): void {
  const { config } = call.parts;
  if (config.filePath === undefined) {
    throw new CommandError("ERR The server is running without a config file");
  }
  try {
    rewriteConfigFile(config, config.filePath, true);
  } catch (error) {
    throw new CommandError(
      `ERR CONFIG-REWRITE-FORCE-ALL failed: ${systemErrorText(error)}`,
    );
  }
  reply.ok();
}
