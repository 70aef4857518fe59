/**
 * What the keyspace asks of a value that is an object: the seam between keys and
 * the types of what they hold.
 */

import { parseInt64 } from "../router/args.ts";
import type { ByteMap } from "./byte_map.ts";
import { IS_NOT_INTEGER, IS_RAW, LargeString, TYPE_STRING } from "./record.ts";

/** Longest string that Redis keeps together with its header. */
const EMBEDDED_LENGTH_MAX = 44;

/** A list, set, sorted set, hash or stream. */
export interface Collection {
  /** How Redis would keep it at its size, as OBJECT ENCODING answers. */
  readonly encoding: string;
  /** A deep copy, for COPY. */
  copy(): Collection;
}

/** A copy of a record's object that shares nothing with it that can change. */
export function copyValue(object: LargeString | Collection): unknown {
  return object instanceof LargeString
    ? new LargeString(object.bytes.slice())
    : object.copy();
}

/** What OBJECT ENCODING answers for a record. */
export function encodingOf(map: ByteMap, ref: number): string {
  if (map.typeOf(ref) !== TYPE_STRING) {
    return (map.object(ref) as Collection).encoding;
  }
  const header = map.headerOf(ref);
  const isRaw = (header & IS_RAW) !== 0;
  if (isRaw || map.stringLength(ref) > EMBEDDED_LENGTH_MAX) return "raw";
  const isInteger = (header & IS_NOT_INTEGER) === 0 &&
    parseInt64(map.string(ref)) !== undefined;
  return isInteger ? "int" : "embstr";
}
