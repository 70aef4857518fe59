/** OBJECT and its subcommands: what is known of a value beside what it is. */

import { parseInt64 } from "../router/args.ts";
import type { Call } from "../router/call.ts";
import { CommandError } from "../router/command_error.ts";
import { defineCommand, keyAt } from "../router/command.ts";
import { encodingOf } from "../keyspace/collection.ts";
import { TYPE_STRING } from "../keyspace/record.ts";
import { helpSubcommand } from "./help_subcommand.ts";

/** Redis shares the objects of the integers below this, and says so. */
const SHARED_INTEGERS = 10000n;
const SHARED_REFERENCES = 2147483647;
/** Policies that store per key when it was used: under a memory limit nothing is shared then. */
const ACCESS_POLICY = /-(lru|lfu)$/;

const SWITCHING =
  "Please note that when switching between policies at runtime LRU and LFU data will take some time to adjust.";
const IS_LFU = new CommandError(
  `ERR An LFU maxmemory policy is selected, idle time not tracked. ${SWITCHING}`,
);
const IS_NOT_LFU = new CommandError(
  `ERR An LFU maxmemory policy is not selected, access frequency not tracked. ${SWITCHING}`,
);

const KEY_AT_2 = [keyAt(2, "RO")];

/** OBJECT ENCODING key. {@link https://redis.io/docs/latest/commands/object-encoding/} */
const objectEncoding = defineCommand({
  name: "encoding",
  arity: 3,
  flags: ["readonly"],
  group: "generic",
  keys: KEY_AT_2,
  since: "2.2.3",
  complexity: "O(1)",
  summary: "Returns the internal encoding of a Redis object.",
  syntax: "key",
  tips: ["nondeterministic_output"],
  run(call, args, reply) {
    const ref = call.db.inspect(args, 2, true);
    if (ref === 0) reply.null();
    else reply.bulkText(encodingOf(call.db.map, ref));
  },
});

/** OBJECT FREQ key. {@link https://redis.io/docs/latest/commands/object-freq/} */
const objectFreq = defineCommand({
  name: "freq",
  arity: 3,
  flags: ["readonly"],
  group: "generic",
  keys: KEY_AT_2,
  since: "4.0.0",
  complexity: "O(1)",
  summary:
    "Returns the logarithmic access frequency counter of a Redis object.",
  syntax: "key",
  tips: ["nondeterministic_output"],
  run(call, args, reply) {
    const { access } = call.keyspace;
    const ref = call.db.inspect(args, 2, true);
    if (ref === 0) return reply.null();
    if (!access.isLfu) throw IS_NOT_LFU;
    reply.integer(access.frequency(call.db.map.accessOf(ref)));
  },
});

/** OBJECT IDLETIME key, in seconds. {@link https://redis.io/docs/latest/commands/object-idletime/} */
const objectIdletime = defineCommand({
  name: "idletime",
  arity: 3,
  flags: ["readonly"],
  group: "generic",
  keys: KEY_AT_2,
  since: "2.2.3",
  complexity: "O(1)",
  summary: "Returns the time since the last access to a Redis object.",
  syntax: "key",
  tips: ["nondeterministic_output"],
  run(call, args, reply) {
    const { access } = call.keyspace;
    const ref = call.db.inspect(args, 2, true);
    if (ref === 0) return reply.null();
    if (access.isLfu) throw IS_LFU;
    reply.integer(access.idleSeconds(call.db.map.accessOf(ref)));
  },
});

/**
 * OBJECT REFCOUNT key
 *
 * Nothing is shared here; small integers are said to be, as in Redis.
 * {@link https://redis.io/docs/latest/commands/object-refcount/}
 */
const objectRefcount = defineCommand({
  name: "refcount",
  arity: 3,
  flags: ["readonly"],
  group: "generic",
  keys: KEY_AT_2,
  since: "2.2.3",
  complexity: "O(1)",
  summary: "Returns the reference count of a value of a key.",
  syntax: "key",
  tips: ["nondeterministic_output"],
  run(call, args, reply) {
    const ref = call.db.inspect(args, 2, true);
    if (ref === 0) reply.null();
    else reply.integer(isShared(call, ref) ? SHARED_REFERENCES : 1);
  },
});

/** Whether Redis would use one of its shared integers for the value. */
function isShared({ db, parts }: Call, ref: number): boolean {
  const { config } = parts, { map } = db;
  if (map.typeOf(ref) !== TYPE_STRING || encodingOf(map, ref) !== "int") {
    return false;
  }
  if (
    config.get("maxmemory") > 0 &&
    ACCESS_POLICY.test(config.get("maxmemory-policy"))
  ) return false;
  const value = parseInt64(map.string(ref))!;
  return value >= 0n && value < SHARED_INTEGERS;
}

/** OBJECT subcommand. {@link https://redis.io/docs/latest/commands/object/} */
export const objectCommand = defineCommand({
  name: "object",
  arity: -2,
  flags: [],
  group: "generic",
  since: "2.2.3",
  complexity: "Depends on subcommand.",
  summary: "A container for object introspection commands.",
  syntax: "",
  subcommands: [
    objectEncoding,
    objectFreq,
    helpSubcommand({ since: "6.2.0", group: "generic" }),
    objectIdletime,
    objectRefcount,
  ],
  help: [
    "ENCODING <key>",
    "    Return the kind of internal representation used in order to store the value",
    "    associated with a <key>.",
    "FREQ <key>",
    "    Return the access frequency index of the <key>. The returned integer is",
    "    proportional to the logarithm of the recent access frequency of the key.",
    "IDLETIME <key>",
    "    Return the idle time of the <key>, that is the approximated number of",
    "    seconds elapsed since the last access to the key.",
    "REFCOUNT <key>",
    "    Return the number of references of the value associated with the specified",
    "    <key>.",
  ],
  run() {
    throw CommandError.wrongArity("object");
  },
});
