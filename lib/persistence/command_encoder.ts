/**
 * Writes records as the commands that make them, for base files in the format of commands.
 *
 * A large collection is frozen and put off; its commands come in parts, between
 * which those of other keys may stand.
 */

import type { ByteMap } from "../keyspace/byte_map.ts";
import { HAS_EXPIRY, TYPE_STREAM, TYPE_STRING } from "../keyspace/record.ts";
import { NO_EXPIRY } from "../keyspace/record_store.ts";
import { BufferPool } from "../resp/buffer_pool.ts";
import { bytesOfText } from "../resp/byte_text.ts";
import { ReplyWriter } from "../resp/reply_writer.ts";
import {
  type CommandElements,
  elementsInRecord,
  freezeElements,
} from "./command_elements.ts";
import { dumpPayload, freezePayload } from "./dump_payload.ts";
import { isLargeCollection } from "./rdb_value_writer.ts";

/** Elements in one command, as in Redis. */
const ELEMENTS_PER_COMMAND = 64;
/** A part of a large collection ends after about so many bytes. */
const PART_BYTES = 64 * 1024;

/** See the top of the file. */
export class CommandEncoder {
  readonly #pool: BufferPool;
  readonly #out: ReplyWriter;
  /** What writes values that were put off, the first of them first. */
  readonly #putOff: Generator<void>[] = [];
  #dbIndex = -1;

  /** @param pieceBytes size of its buffers. */
  constructor(pieceBytes: number) {
    this.#pool = new BufferPool(pieceBytes);
    this.#out = new ReplyWriter(this.#pool);
  }

  /** Says when what follows was so, as the append-only file does (`aof-timestamp-enabled`). */
  timestamp(seconds: number): void {
    const line = bytesOfText(`#TS:${seconds}\r\n`);
    this.#out.raw(line, 0, line.length);
  }

  /** Bytes that wait to be taken. */
  get length(): number {
    return this.#out.length;
  }

  /** Has `write` take what was written; the bytes are its own until it is through. */
  async handTo(write: (bytes: Uint8Array) => Promise<void>): Promise<void> {
    const { buffer, length } = this.#out.takeOutput();
    await write(buffer.bytes.subarray(0, length));
    this.#pool.release(buffer);
  }

  /** Adds the commands for a record; those of a large collection come with `goOn`. */
  record(dbIndex: number, map: ByteMap, ref: number): void {
    if (isLargeCollection(map, ref)) {
      this.#putOff.push(
        map.typeOf(ref) === TYPE_STREAM
          ? this.#putOffStream(dbIndex, map, ref)
          : this.#putOffElements(dbIndex, map, ref),
      );
      return;
    }
    const key = map.key(ref);
    this.#select(dbIndex);
    switch (map.typeOf(ref)) {
      case TYPE_STRING:
        this.#set(key, map, ref);
        break;
      case TYPE_STREAM:
        this.#restore(key, dumpPayload(map, ref, true));
        break;
      default:
        this.#elements(key, map, ref);
    }
    this.#expire(key, expiryOf(map, ref));
  }

  /** Goes on with large collections for a while; false when there are none. */
  goOn(): boolean {
    if (this.#putOff.length === 0) return false;
    if (this.#putOff[0].next().done) this.#putOff.shift();
    return true;
  }

  #select(dbIndex: number): void {
    if (dbIndex === this.#dbIndex) return;
    this.#dbIndex = dbIndex;
    this.#begin("SELECT", 2);
    this.#out.bulkText(`${dbIndex}`);
  }

  #set(key: Uint8Array, map: ByteMap, ref: number): void {
    this.#begin("SET", 3);
    this.#out.bulk(key);
    this.#out.bulk(map.string(ref));
  }

  #restore(key: Uint8Array, payload: Uint8Array): void {
    this.#begin("RESTORE", 4);
    this.#out.bulk(key);
    this.#out.bulkText("0");
    this.#out.bulk(payload);
  }

  #elements(key: Uint8Array, map: ByteMap, ref: number): void {
    const elements = map.isObject(ref)
      ? freezeElements(map, ref)
      : elementsInRecord(map, ref);
    let left = elements.size;
    while (left > 0) left = this.#add(key, elements, left);
    elements.next();
  }

  #putOffStream(dbIndex: number, map: ByteMap, ref: number): Generator<void> {
    const key = map.key(ref).slice(), expiresAt = expiryOf(map, ref);
    const parts = freezePayload(map, ref, true);
    return function* (this: CommandEncoder) {
      const payload = yield* parts;
      this.#select(dbIndex);
      this.#restore(key, payload);
      this.#expire(key, expiresAt);
    }.call(this);
  }

  #putOffElements(dbIndex: number, map: ByteMap, ref: number): Generator<void> {
    const key = map.key(ref).slice(), expiresAt = expiryOf(map, ref);
    const elements = freezeElements(map, ref);
    return function* (this: CommandEncoder) {
      for (let left = elements.size; left > 0;) {
        this.#select(dbIndex);
        const end = this.#out.length + PART_BYTES;
        while (left > 0 && this.#out.length < end) {
          left = this.#add(key, elements, left);
        }
        if (left > 0) yield;
      }
      elements.next();
      this.#expire(key, expiresAt);
    }.call(this);
  }

  /** Adds a command with the next elements; answers how many are left. */
  #add(key: Uint8Array, elements: CommandElements, left: number): number {
    const { name, width } = elements.form;
    const count = Math.min(ELEMENTS_PER_COMMAND, left);
    this.#begin(name, 2 + count * width);
    this.#out.bulk(key);
    let expiring: [field: Uint8Array, expiresAt: number][] | undefined;
    for (let i = 0; i < count && elements.next(); i++) {
      elements.write(this.#out);
      const { expiresAt } = elements;
      if (expiresAt === NO_EXPIRY) continue;
      (expiring ??= []).push([elements.field(), expiresAt]);
    }
    if (expiring !== undefined) this.#expireFields(key, expiring);
    return left - count;
  }

  #expireFields(
    key: Uint8Array,
    expiring: readonly [field: Uint8Array, expiresAt: number][],
  ): void {
    for (const [field, expiresAt] of expiring) {
      this.#begin("HPEXPIREAT", 6);
      this.#out.bulk(key);
      this.#out.bulkText(`${expiresAt}`);
      this.#out.bulkText("FIELDS");
      this.#out.bulkText("1");
      this.#out.bulk(field);
    }
  }

  #expire(key: Uint8Array, expiresAt: bigint | undefined): void {
    if (expiresAt === undefined) return;
    this.#begin("PEXPIREAT", 3);
    this.#out.bulk(key);
    this.#out.bulkText(`${expiresAt}`);
  }

  #begin(name: string, words: number): void {
    this.#out.array(words);
    this.#out.bulkText(name);
  }
}

/** When a record expires; undefined for never. */
function expiryOf(map: ByteMap, ref: number): bigint | undefined {
  if ((map.headerOf(ref) & HAS_EXPIRY) === 0) return undefined;
  return map.expiresAtMsExact(ref);
}
