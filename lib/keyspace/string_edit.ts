/**
 * Changes of string values where they are: counters, appends, writes at an offset.
 *
 * A value that still fits its record is changed there. One that outgrows it moves
 * to a larger record; beyond the largest record it becomes a LargeString, whose
 * buffer grows ahead of it, so that many small appends copy each byte only a few
 * times. Bytes that a reply still refers to are never changed: the value then gets
 * a buffer of its own first.
 *
 * All functions act on the key of the last lookup, with nothing changed since.
 */

import { type Args, parseSmallInteger } from "../router/args.ts";
import { integerLength, writeInteger } from "../router/number_text.ts";
import { RECORD_UNITS_MAX } from "./arena.ts";
import type { ByteMap } from "./byte_map.ts";
import type { Database } from "./database.ts";
import {
  HAS_EXPIRY,
  IS_RAW,
  KEY_LENGTH_MASK,
  LargeString,
  recordUnits,
  TYPE_STRING,
  VALUE_IS_OBJECT,
} from "./record.ts";
import type { ByteSource } from "./record_store.ts";

/** A buffer grows to twice its contents, but by no more than this or an eighth of them. */
const GROWTH_MAX_BYTES = 1024 * 1024;
const GROWTH_DIVISOR = 8;
/** Fewer bytes are copied one by one, more with `set`. */
const BYTE_COPY_MAX = 32;

/**
 * Adds to a counter, 0 if there is none yet, and returns the new value.
 *
 * Returns NaN, and changes nothing, when the value is no integer of up to 15
 * digits in a record, or the sum is not exact: then it takes a BigInt, or is an
 * error. The caller tells of the change.
 *
 * @param ref a string, or 0.
 */
export function addInPlace(
  db: Database,
  args: Args,
  index: number,
  ref: number,
  delta: number,
): number {
  const { map } = db;
  if (ref === 0) {
    putText(db, args, index, ref, String(delta), 0);
    return delta;
  }
  const words = map.arena.words[ref >>> 20], word = (ref & 0xfffff) << 2;
  if ((words[word] & VALUE_IS_OBJECT) !== 0) return NaN;
  const { arena } = map, length = words[word + 1];
  const sum = delta +
    parseSmallInteger(arena.bytes[ref >>> 20], map.stringOffset(ref), length);
  if (!Number.isSafeInteger(sum)) return NaN;
  const sumLength = integerLength(sum);
  const grown = roomFor(db, ref, length, sumLength);
  setLength(map, grown, sumLength);
  map.setEncoding(grown, 0);
  writeInteger(arena.bytes[grown >>> 20], map.stringOffset(grown), sum);
  return sum;
}

/**
 * Sets a string to a short text of one byte per character; its expiry stays. The
 * caller tells of the change.
 *
 * @param ref a string, or 0.
 * @param encoding some of ENCODING_FLAGS.
 */
export function putText(
  db: Database,
  args: Args,
  index: number,
  ref: number,
  text: string,
  encoding: number,
): void {
  const { map } = db, { length } = text;
  let made = ref;
  if (ref === 0) made = reserveString(db, args, index, length);
  else if (map.isObject(ref)) {
    const large = map.object(ref) as LargeString;
    large.bytes = new Uint8Array(length);
    large.roomBytes = 0;
    large.isLent = false;
  } else {
    made = roomFor(db, ref, map.stringLength(ref), length);
    setLength(map, made, length);
  }
  map.setEncoding(made, encoding);
  const isObject = map.isObject(made);
  const bytes = isObject ? map.string(made) : map.arena.bytes[made >>> 20];
  let at = isObject ? 0 : map.stringOffset(made);
  for (let i = 0; i < length; i++) bytes[at++] = text.charCodeAt(i);
}

/**
 * Makes a string at least `length` bytes long and its bytes safe to change.
 * Returns its new ref. New bytes of it are to be written by the caller; in a
 * LargeString they are zero. The caller tells of the change.
 */
export function makeWritable(
  db: Database,
  args: Args,
  index: number,
  ref: number,
  length: number,
): number {
  const { map } = db;
  if (map.isObject(ref)) {
    growLarge(map.object(ref) as LargeString, length);
    map.setEncoding(ref, IS_RAW);
    return ref;
  }
  const oldLength = map.stringLength(ref);
  const header = map.headerOf(ref);
  const units = recordUnits(
    header & KEY_LENGTH_MASK,
    (header & HAS_EXPIRY) !== 0,
    length,
  );
  if (units > RECORD_UNITS_MAX) {
    const large = new LargeString(map.string(ref));
    growLarge(large, length);
    const made = map.putObject(
      ref,
      args,
      args.offset(index),
      args.length(index),
      TYPE_STRING,
      large,
      map.expiresAtMsExact(ref),
    );
    map.setEncoding(made, IS_RAW);
    db.moved(ref, made);
    return made;
  }
  const grown = roomFor(db, ref, oldLength, length);
  setLength(map, grown, Math.max(length, oldLength));
  map.setEncoding(grown, IS_RAW);
  return grown;
}

/**
 * `makeWritable` with zeros in what is new, and a new string when there is none.
 *
 * @param ref a string, or 0.
 */
export function growWithZeros(
  db: Database,
  args: Args,
  index: number,
  ref: number,
  length: number,
): number {
  const { map } = db;
  const oldLength = ref === 0 ? 0 : map.stringLength(ref);
  const grown = ref === 0
    ? reserveString(db, args, index, length)
    : makeWritable(db, args, index, ref, length);
  clearRange(map, grown, oldLength, length);
  map.setEncoding(grown, IS_RAW);
  return grown;
}

/** The memory that a string is in, from `stringStart` on. */
export function stringMemory(map: ByteMap, ref: number): Uint8Array {
  return map.isObject(ref) ? map.string(ref) : map.arena.bytes[ref >>> 20];
}

/** Where a string begins in its memory. */
export function stringStart(map: ByteMap, ref: number): number {
  return map.isObject(ref) ? 0 : map.stringOffset(ref);
}

/** Adds the key with a string of `length` bytes that the caller writes; returns its ref. */
export function reserveString(
  db: Database,
  args: Args,
  index: number,
  length: number,
): number {
  const made = db.map.reserveString(
    args,
    args.offset(index),
    args.length(index),
    length,
  );
  db.created(args, index);
  return made;
}

/** Writes bytes into a string that has room for them there. */
export function writeAt(
  map: ByteMap,
  ref: number,
  at: number,
  source: ByteSource,
  offset: number,
  length: number,
): void {
  const isLarge = map.isObject(ref);
  const to = isLarge ? map.string(ref) : map.arena.bytes[ref >>> 20];
  let place = isLarge ? at : at + map.stringOffset(ref);
  const from = source.bytes;
  if (length > BYTE_COPY_MAX) {
    to.set(from.subarray(offset, offset + length), place);
    return;
  }
  for (const end = offset + length; offset < end; offset++) {
    to[place++] = from[offset];
  }
}

/** Writes zeros into an inline string from `from` up to `to`; in a LargeString they are there. */
export function clearRange(
  map: ByteMap,
  ref: number,
  from: number,
  to: number,
): void {
  if (to <= from || map.isObject(ref)) return;
  const offset = map.stringOffset(ref);
  map.arena.bytes[ref >>> 20].fill(0, offset + from, offset + to);
}

/** Moves an inline string to a larger record, if it has to; returns its ref. */
function roomFor(
  db: Database,
  ref: number,
  oldLength: number,
  length: number,
): number {
  if ((length + 3) >>> 2 <= (oldLength + 3) >>> 2) return ref;
  const { map } = db;
  const header = map.headerOf(ref);
  const units = recordUnits(
    header & KEY_LENGTH_MASK,
    (header & HAS_EXPIRY) !== 0,
    length,
  );
  if (units <= map.arena.sizeOf(ref)) return ref;
  const made = map.relocate(ref, length - oldLength);
  db.moved(ref, made);
  return made;
}

/** Sets the length of an inline string. */
function setLength(map: ByteMap, ref: number, length: number): void {
  map.arena.words[ref >>> 20][((ref & 0xfffff) << 2) + 1] = length;
}

/** Makes a large string at least `length` bytes long, in a buffer that nobody else reads. */
function growLarge(large: LargeString, length: number): void {
  const { bytes } = large;
  const added = length - bytes.length;
  if (!large.isLent && added <= 0) return;
  if (!large.isLent && added <= large.roomBytes) {
    large.bytes = new Uint8Array(bytes.buffer, bytes.byteOffset, length);
    large.roomBytes -= added;
    return;
  }
  const newLength = Math.max(length, bytes.length);
  const ahead = Math.max(
    GROWTH_MAX_BYTES,
    Math.floor(newLength / GROWTH_DIVISOR),
  );
  const room = added > 0 ? Math.min(newLength, ahead) : 0;
  const grown = new Uint8Array(newLength + room);
  grown.set(bytes);
  large.bytes = grown.subarray(0, newLength);
  large.roomBytes = room;
  large.isLent = false;
}
