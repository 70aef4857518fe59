/**
 * One field of a hash, wherever that is kept: find it, then read it or write over
 * its value.
 *
 * What was found is valid until the next change of the keyspace.
 */

import type { ByteMap } from "../keyspace/byte_map.ts";
import { type ByteSource, NO_EXPIRY } from "../keyspace/record_store.ts";
import type { ReplyWriter } from "../resp/reply_writer.ts";
import type { ByteTable } from "./byte_table.ts";
import { NO_BYTES } from "./byte_table_chunk.ts";
import type { HashObject } from "./hash_object.ts";
import {
  entryLength,
  entryStart,
  findInline,
  nextEntry,
} from "./inline_entries.ts";

/** See the top of the file. */
export class HashField {
  /** The value: `length` bytes from `start` on. */
  bytes = NO_BYTES.bytes;
  start = 0;
  length = 0;
  /** Whether a field was looked for whose time is over; set by `find` only. */
  hasMissed = false;
  /** Where the field is, in a hash that is an object. */
  #table: ByteTable | undefined;
  #ref = 0;

  /**
   * Finds a field; false when it is not there, or its time is over.
   *
   * @param ref a hash, or 0.
   */
  find(
    map: ByteMap,
    ref: number,
    source: ByteSource,
    offset: number,
    length: number,
    nowMs: number,
  ): boolean {
    if (ref === 0) return false;
    if (map.isObject(ref)) {
      const hash = map.object(ref) as HashObject, { table } = hash;
      const found = table.find(source, offset, length);
      if (found === 0) return false;
      if (!hash.isLive(found, nowMs)) {
        this.hasMissed = true;
        return false;
      }
      this.#table = table;
      this.#ref = found;
      this.bytes = table.chunkOf(found).bytes;
      this.start = table.valueOffset(found);
      this.length = table.valueLength(found);
      return true;
    }
    const found = findInline(map, ref, source, offset, length, 2);
    if (found < 0) return false;
    const bytes = map.arena.bytes[ref >>> 20], at = nextEntry(bytes, found);
    this.#table = undefined;
    this.bytes = bytes;
    this.start = entryStart(bytes, at);
    this.length = entryLength(bytes, at);
    return true;
  }

  /** Its value, in place. */
  get value(): Uint8Array {
    return this.bytes.subarray(this.start, this.start + this.length);
  }

  /** When it expires, in ms since 1970, or -1. */
  get expiresAt(): number {
    return this.#table === undefined
      ? NO_EXPIRY
      : this.#table.expiresAt(this.#ref);
  }

  /** Answers the value. */
  reply(reply: ReplyWriter): void {
    if (this.#table !== undefined) this.#table.replyValue(reply, this.#ref);
    else reply.bulkRange(this.bytes, this.start, this.length);
  }

  /**
   * Gives the field another value, its expiry stays; false, with nothing changed,
   * when a hash in a record would need more or less room for it.
   */
  overwrite(source: ByteSource, offset: number, length: number): boolean {
    const table = this.#table;
    if (table !== undefined) {
      table.setValue(this.#ref, source, offset, length, this.expiresAt);
      return true;
    }
    if (length !== this.length) return false;
    const { bytes, start } = this, from = source.bytes;
    for (let i = 0; i < length; i++) bytes[start + i] = from[offset + i];
    return true;
  }
}
