/** HyperLogLogs, which are strings of a format of their own. */

import type { Args } from "../router/args.ts";
import type { Call } from "../router/call.ts";
import { CommandError } from "../router/command_error.ts";
import { defineCommand, keyAt, manyKeys, oneKey } from "../router/command.ts";
import { putInline } from "../keyspace/collection_edit.ts";
import type { Database } from "../keyspace/database.ts";
import { REWRITE_EVENT } from "../keyspace/key_event.ts";
import { IS_RAW, TYPE_STRING } from "../keyspace/record.ts";
import {
  makeWritable,
  stringMemory,
  stringStart,
} from "../keyspace/string_edit.ts";
import type { ReplyWriter } from "../resp/reply_writer.ts";
import {
  cardinalityOf,
  cardinalityOfRegisters,
  DENSE,
  DENSE_BYTES,
  denseRegister,
  ElementPlace,
  encodingAt,
  HEAD_BYTES,
  isHyperLogLog,
  keepCardinality,
  keptCardinality,
  markStale,
  mergeInto,
  REGISTER_COUNT,
  setDenseRegister,
  SparseRuns,
} from "../types/hyperloglog.ts";
import { testHyperLogLogs } from "../types/hyperloglog_check.ts";
import { HyperLogLogEdit } from "../types/sparse_hyperloglog.ts";
import { PFADD_EVENT } from "./string_event.ts";

const NO_HYPERLOGLOG = new CommandError(
  "WRONGTYPE Key is not a valid HyperLogLog string value.",
);
const BROKEN = new CommandError("INVALIDOBJ Corrupted HLL object detected");
const NO_KEY = new CommandError("ERR The specified key does not exist");
const NOT_SPARSE = new CommandError("ERR HLL encoding is not sparse");

/** Where all changes of sparse values, and merges, are made. */
const edit = new HyperLogLogEdit();
const place = new ElementPlace();
const merged = new Uint8Array(REGISTER_COUNT);

/**
 * PFADD key [element [element ...]]
 *
 * Answers whether anything changed. {@link https://redis.io/docs/latest/commands/pfadd/}
 */
export const pfaddCommand = defineCommand({
  name: "pfadd",
  arity: -2,
  flags: ["write", "denyoom", "fast"],
  group: "hyperloglog",
  keys: oneKey("RW", "insert"),
  since: "2.8.9",
  complexity: "O(1) to add every element.",
  summary:
    "Adds elements to a HyperLogLog key. Creates the key if it doesn't exist.",
  syntax: "key [element [element ...]]",
  run(call, args, reply) {
    const { db } = call;
    const ref = db.writeString(args, 1);
    const changes = ref !== 0 && isDense(db, ref)
      ? addDense(db, args, ref)
      : addSparse(call, args, ref);
    if (changes > 0) {
      db.changed(args, 1, PFADD_EVENT);
      call.keyspace.dirty += changes - 1;
    }
    reply.integer(changes > 0 ? 1 : 0);
  },
});

/** @throws {CommandError} when a string is no HyperLogLog. */
function isDense({ map }: Database, ref: number): boolean {
  const bytes = stringMemory(map, ref), start = stringStart(map, ref);
  if (!isHyperLogLog(bytes, start, start + map.stringLength(ref))) {
    throw NO_HYPERLOGLOG;
  }
  return encodingAt(bytes, start) === DENSE;
}

/** Adds elements where the registers are; returns how many changed one. */
function addDense(db: Database, args: Args, ref: number): number {
  const { map } = db;
  let bytes = stringMemory(map, ref), start = stringStart(map, ref);
  let changes = 0;
  for (let i = 2; i < args.count; i++) {
    place.find(args.view, args.offset(i), args.length(i));
    const { index, value } = place;
    if (denseRegister(bytes, start + HEAD_BYTES, index) >= value) continue;
    if (changes++ === 0) {
      const made = makeWritable(db, args, 1, ref, DENSE_BYTES);
      bytes = stringMemory(map, made);
      start = stringStart(map, made);
    }
    setDenseRegister(bytes, start + HEAD_BYTES, index, value);
  }
  if (changes > 0) markStale(bytes, start);
  return changes;
}

/**
 * Adds elements to a sparse value, or a new one, which counts as a change. What was
 * added before a value turns out to be broken stays.
 */
function addSparse(
  { db, keyspace }: Call,
  args: Args,
  ref: number,
): number {
  const { hllSparseMaxBytes } = keyspace.limits;
  begin(db, ref);
  let changes = ref === 0 ? 1 : 0, isBroken = false;
  for (let i = 2; i < args.count && !isBroken; i++) {
    place.find(args.view, args.offset(i), args.length(i));
    const raised = edit.raise(place.index, place.value, hllSparseMaxBytes);
    if (raised === "raised") changes++;
    isBroken = raised === "broken";
  }
  if (changes > 0) {
    if (!isBroken) markStale(edit.bytes, 0);
    store(db, args, 1, ref);
  } else db.map.setEncoding(ref, IS_RAW);
  if (isBroken) throw BROKEN;
  return changes;
}

/** Loads a HyperLogLog into `edit`, a new one when `ref` is 0. */
function begin({ map }: Database, ref: number): void {
  if (ref === 0) return edit.clear();
  const start = stringStart(map, ref);
  edit.load(stringMemory(map, ref), start, start + map.stringLength(ref));
}

/** After lookup: gives the key what is in `edit`; returns its ref. */
function store(db: Database, args: Args, index: number, ref: number): number {
  const made = putInline(
    db,
    args,
    index,
    ref,
    TYPE_STRING,
    edit,
    0,
    edit.length,
  );
  db.map.setEncoding(made, IS_RAW);
  return made;
}

/**
 * PFCOUNT key [key ...]
 *
 * The cardinality of one key is computed once and kept in its value; that of
 * several is the one of their union.
 * {@link https://redis.io/docs/latest/commands/pfcount/}
 */
export const pfcountCommand = defineCommand({
  name: "pfcount",
  arity: -2,
  flags: ["readonly", "may_replicate"],
  group: "hyperloglog",
  keys: manyKeys(1, "RW", "access").map((spec) => ({
    ...spec,
    notes:
      "RW because it may change the internal representation of the key, and propagate to replicas",
  })),
  since: "2.8.9",
  complexity:
    "O(1) with a very small average constant time when called with a single key. O(N) with N being the number of keys, and much bigger constant times, when called with multiple keys.",
  summary:
    "Returns the approximated cardinality of the set(s) observed by the HyperLogLog key(s).",
  syntax: "key [key ...]",
  run({ db }, args, reply) {
    if (args.count === 2) {
      const count = countOne(db, args);
      if (typeof count === "number") reply.integer(count);
      else reply.bigint(count);
      return;
    }
    mergeAll(db, args);
    reply.bigint(cardinalityOfRegisters(merged));
  },
});

function countOne(db: Database, args: Args): number | bigint {
  const ref = db.readString(args, 1), { map } = db;
  if (ref === 0) return 0;
  isDense(db, ref);
  map.setEncoding(ref, IS_RAW);
  const length = map.stringLength(ref), start = stringStart(map, ref);
  const bytes = stringMemory(map, ref);
  const kept = keptCardinality(bytes, start);
  if (kept !== undefined) return kept;
  const cardinality = cardinalityOf(bytes, start, start + length);
  if (cardinality === undefined) throw BROKEN;
  const made = makeWritable(db, args, 1, db.writeString(args, 1), length);
  keepCardinality(stringMemory(map, made), stringStart(map, made), cardinality);
  db.changed(args, 1, REWRITE_EVENT);
  return cardinality;
}

/**
 * Merges all keys from argument 1 on into `merged`; returns whether one was dense.
 *
 * @throws {CommandError} when one is no HyperLogLog, or broken.
 */
function mergeAll(db: Database, args: Args): boolean {
  const { map } = db;
  let hasDense = false;
  merged.fill(0);
  for (let i = 1; i < args.count; i++) {
    const ref = db.readString(args, i);
    if (ref === 0) continue;
    if (isDense(db, ref)) hasDense = true;
    const start = stringStart(map, ref), end = start + map.stringLength(ref);
    if (!mergeInto(merged, stringMemory(map, ref), start, end)) throw BROKEN;
  }
  return hasDense;
}

/**
 * PFMERGE destkey [sourcekey [sourcekey ...]]
 *
 * The destination is one of the sources.
 * {@link https://redis.io/docs/latest/commands/pfmerge/}
 */
export const pfmergeCommand = defineCommand({
  name: "pfmerge",
  arity: -2,
  flags: ["write", "denyoom"],
  group: "hyperloglog",
  keys: [keyAt(1, "RW", "access", "insert"), {
    flags: ["RO", "access"],
    begin: { index: 2 },
    find: { last: -1, step: 1, limit: 0 },
  }],
  since: "2.8.9",
  complexity: "O(N) to merge N HyperLogLogs, but with high constant times.",
  summary: "Merges one or more HyperLogLog values into a single key.",
  syntax: "destkey [sourcekey [sourcekey ...]]",
  run({ db, keyspace }, args, reply) {
    const { hllSparseMaxBytes } = keyspace.limits;
    const hasDense = mergeAll(db, args);
    const ref = db.writeString(args, 1);
    begin(db, ref);
    if (hasDense && !edit.toDense()) throw BROKEN;
    for (let index = 0; index < REGISTER_COUNT; index++) {
      const value = merged[index];
      if (value !== 0) edit.raise(index, value, hllSparseMaxBytes);
    }
    markStale(edit.bytes, 0);
    store(db, args, 1, ref);
    db.changed(args, 1, PFADD_EVENT);
    reply.ok();
  },
});

/**
 * PFDEBUG ENCODING | DECODE | GETREG | TODENSE key
 *
 * For tests of the format: its encoding, its sparse runs, all registers (which
 * makes it dense), and only that.
 */
export const pfdebugCommand = defineCommand({
  name: "pfdebug",
  arity: 3,
  flags: ["write", "denyoom", "admin"],
  group: "hyperloglog",
  keys: [keyAt(2, "RW", "access")],
  since: "2.8.9",
  complexity: "N/A",
  summary: "Internal commands for debugging HyperLogLog values.",
  syntax: "subcommand key",
  isInternal: true,
  run(call, args, reply) {
    const { db } = call;
    const ref = db.writeString(args, 2);
    if (ref === 0) throw NO_KEY;
    const isDenseNow = isDense(db, ref);
    db.map.setEncoding(ref, IS_RAW);
    if (args.is(1, "encoding")) {
      reply.simple(isDenseNow ? "dense" : "sparse");
    } else if (args.is(1, "decode")) {
      if (isDenseNow) throw NOT_SPARSE;
      reply.bulkText(decodedRuns(db, ref));
    } else if (args.is(1, "getreg")) {
      replyRegisters(db, reply, isDenseNow ? ref : makeDense(call, args, ref));
    } else if (args.is(1, "todense")) {
      if (!isDenseNow) makeDense(call, args, ref);
      reply.integer(isDenseNow ? 0 : 1);
    } else {
      throw new CommandError(
        `ERR Unknown PFDEBUG subcommand '${args.shown(1)}'`,
      );
    }
  },
});

/** Runs as `z:n` and `Z:n` for zeros in one or two bytes, `v:value,n` for values. */
function decodedRuns({ map }: Database, ref: number): string {
  const start = stringStart(map, ref), end = start + map.stringLength(ref);
  const bytes = stringMemory(map, ref), texts: string[] = [];
  const runs = new SparseRuns(bytes, start + HEAD_BYTES, end);
  while (runs.next()) {
    const { value, count, lengthBytes } = runs;
    if (value > 0) texts.push(`v:${value},${count}`);
    else texts.push(`${lengthBytes === 1 ? "z" : "Z"}:${count}`);
  }
  return texts.join(" ");
}

/** Makes the key at argument 2 dense, which is passed on; returns its ref. */
function makeDense({ db, keyspace }: Call, args: Args, ref: number): number {
  begin(db, ref);
  if (!edit.toDense()) throw BROKEN;
  keyspace.dirty++;
  return store(db, args, 2, ref);
}

function replyRegisters(
  { map }: Database,
  reply: ReplyWriter,
  ref: number,
): void {
  const bytes = stringMemory(map, ref);
  const registers = stringStart(map, ref) + HEAD_BYTES;
  reply.array(REGISTER_COUNT);
  for (let index = 0; index < REGISTER_COUNT; index++) {
    reply.integer(denseRegister(bytes, registers, index));
  }
}

/** PFSELFTEST: checks registers and estimates with random elements. */
export const pfselftestCommand = defineCommand({
  name: "pfselftest",
  arity: 1,
  flags: ["admin"],
  group: "hyperloglog",
  since: "2.8.9",
  complexity: "N/A",
  summary: "An internal command for testing HyperLogLog values.",
  syntax: "",
  isInternal: true,
  run({ keyspace }, _args, reply) {
    const failure = testHyperLogLogs(
      keyspace.random,
      keyspace.limits.hllSparseMaxBytes,
    );
    if (failure === undefined) reply.ok();
    else throw new CommandError(`ERR TESTFAILED ${failure}`);
  },
});
