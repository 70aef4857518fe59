/** Writes records as the commands that make them, for base files in the format of commands. */

import type { ByteMap } from "../keyspace/byte_map.ts";
import {
  TYPE_HASH,
  TYPE_LIST,
  TYPE_SET,
  TYPE_STREAM,
  TYPE_STRING,
  TYPE_ZSET,
} from "../keyspace/record.ts";
import { BufferPool } from "../resp/buffer_pool.ts";
import { bytesOfText } from "../resp/byte_text.ts";
import { ReplyWriter } from "../resp/reply_writer.ts";
import { dumpPayload } from "./dump_payload.ts";
import { formatFloat } from "../router/number_text.ts";
import { hashEntries } from "../types/hash_value.ts";
import { listValues } from "../types/list_value.ts";
import { setMembers } from "../types/set_value.ts";
import { sortedSetEntries } from "../types/sorted_set_value.ts";

/** Elements in one command, as in Redis. */
const ITEMS_PER_COMMAND = 64;
const NEVER = -1;

/** See the top of the file. */
export class CommandEncoder {
  readonly #out = new ReplyWriter(new BufferPool());
  #dbIndex = NEVER;

  /** Says when what follows was so, as the append-only file does (`aof-timestamp-enabled`). */
  timestamp(seconds: number): void {
    const line = bytesOfText(`#TS:${seconds}\r\n`);
    this.#out.raw(line, 0, line.length);
  }

  /** Bytes that wait to be taken. */
  get length(): number {
    return this.#out.length;
  }

  /** Hands over what was written; valid until the next record. */
  take(): Uint8Array {
    const { buffer, length } = this.#out.takeOutput();
    return buffer.bytes.subarray(0, length);
  }

  /** Adds the commands for a record. */
  record(dbIndex: number, map: ByteMap, ref: number): void {
    if (dbIndex !== this.#dbIndex) {
      this.#dbIndex = dbIndex;
      this.#command("SELECT", [bytesOfText(`${dbIndex}`)]);
    }
    const key = map.key(ref);
    this.#value(key, map, ref);
    const expiresAt = map.expiresAtMsExact(ref);
    if (expiresAt !== -1n) {
      this.#command("PEXPIREAT", [key, bytesOfText(`${expiresAt}`)]);
    }
  }

  #value(key: Uint8Array, map: ByteMap, ref: number): void {
    switch (map.typeOf(ref)) {
      case TYPE_STRING:
        return this.#command("SET", [key, map.string(ref)]);
      case TYPE_LIST:
        return this.#items("RPUSH", key, listValues(map, ref));
      case TYPE_SET:
        return this.#items("SADD", key, setMembers(map, ref));
      case TYPE_HASH:
        return this.#hash(key, map, ref);
      case TYPE_ZSET:
        return this.#items("ZADD", key, scoresAndMembers(map, ref), 2);
      case TYPE_STREAM:
        return this.#command("RESTORE", [
          key,
          ZERO,
          dumpPayload(map, ref, true),
        ]);
    }
  }

  #hash(key: Uint8Array, map: ByteMap, ref: number): void {
    const expiries: [field: Uint8Array, expiresAt: number][] = [];
    function* pairs() {
      for (const [field, value, expiresAt] of hashEntries(map, ref)) {
        if (expiresAt !== NEVER) expiries.push([field.slice(), expiresAt]);
        yield field;
        yield value;
      }
    }
    this.#items("HMSET", key, pairs(), 2);
    for (const [field, expiresAt] of expiries) {
      const when = bytesOfText(`${expiresAt}`);
      this.#command("HPEXPIREAT", [key, when, FIELDS, ONE, field]);
    }
  }

  /** Commands of at most so many items; `step` of them belong together. */
  #items(
    name: string,
    key: Uint8Array,
    items: Iterable<Uint8Array>,
    step = 1,
  ): void {
    let words: Uint8Array[] = [key];
    for (const item of items) {
      words.push(item.slice());
      if (words.length === 1 + ITEMS_PER_COMMAND * step) {
        this.#command(name, words);
        words = [key];
      }
    }
    if (words.length > 1) this.#command(name, words);
  }

  #command(name: string, words: readonly Uint8Array[]): void {
    this.#out.array(1 + words.length);
    this.#out.bulkText(name);
    for (const word of words) this.#out.bulk(word);
  }
}

function* scoresAndMembers(map: ByteMap, ref: number): Generator<Uint8Array> {
  for (const [member, score] of sortedSetEntries(map, ref)) {
    yield bytesOfText(formatFloat(score));
    yield member;
  }
}

const ZERO = bytesOfText("0");
const FIELDS = bytesOfText("FIELDS");
const ONE = bytesOfText("1");
