/**
 * Puts keys that were read from a file or a payload into a database, without telling
 * anybody. Records come first: those of many keys are put into the index together,
 * so that the cache misses of their lookups overlap.
 */

import type { Collection } from "../keyspace/collection.ts";
import { fitsInline } from "../keyspace/collection_edit.ts";
import type { Database } from "../keyspace/database.ts";
import {
  ACCESS_MASK,
  HAS_EXPIRY,
  KEY_INLINE_MAX,
  KEY_LENGTH_MASK,
  TYPE_STRING,
} from "../keyspace/record.ts";
import { isNever, NO_EXPIRY } from "../keyspace/record_store.ts";
import { Args, ARGS_SLACK_BYTES } from "../router/args.ts";
import { VALUE_TYPES } from "../types/value_types.ts";
import { InlineValue } from "./inline_value.ts";
import type { RdbReader } from "./rdb_reader.ts";

const INITIAL_BYTES = 4096;
const KEY = 0;
/** Records that are put into the index together. */
const BATCH_MAX = 64;

/** The key that is being loaded, with room for it that is used again and again. */
export class EntryLoader {
  /** The key, as an argument that keyspace methods take. */
  readonly args = new Args();
  /** When it expires, in ms since 1970, or -1. */
  expiresAt: number | bigint = NO_EXPIRY;
  /** What is to be its access bits; undefined for those of a new key. */
  access: number | undefined;
  /** Offset in the file at which it begins. */
  #start = 0;
  readonly #text = new InlineValue();
  readonly #key = new InlineValue();
  /** Records of `#db` that are not in its index yet, with the hashes of their keys, and where these begin in the file. */
  #db!: Database;
  #count = 0;
  readonly #refs = new Int32Array(BATCH_MAX);
  readonly #hashes = new Int32Array(BATCH_MAX);
  readonly #starts = new Float64Array(BATCH_MAX);
  /** Keeps the loads of slots alive. */
  #sum = 0;

  /** @param onFound told of the offset of a key that was there before; may throw, or else the new one takes its place. */
  constructor(private readonly onFound: (start: number) => void) {
    this.args.count = 1;
    this.#room(INITIAL_BYTES);
  }

  /** Forgets what belongs to the key. */
  reset(): void {
    this.expiresAt = NO_EXPIRY;
    this.access = undefined;
  }

  /** Takes the string that the reader read last as the key, which begins at `start`. */
  takeKey({ textView, textAt, textLength }: RdbReader, start: number): void {
    if (textLength + ARGS_SLACK_BYTES > this.args.bytes.length) {
      this.#room(2 * textLength);
    }
    const { view } = this.args;
    for (let i = 0; i < textLength; i += 4) {
      view.setInt32(i, textView.getInt32(textAt + i, true), true);
    }
    this.args.lengths[KEY] = textLength;
    this.#start = start;
  }

  /** Adds the key with the string that was read last. */
  addString(db: Database, reader: RdbReader): void {
    this.#addBytes(db, TYPE_STRING, this.#text.holdText(reader));
  }

  /** Adds the key with a collection. */
  addValue(db: Database, type: number, value: InlineValue | Collection): void {
    const { args } = this;
    if (!(value instanceof InlineValue)) this.#addObject(db, type, value);
    else if (fitsInline(args, KEY, value.length)) {
      this.#addBytes(db, type, value);
    } else {
      this.#addObject(db, type, VALUE_TYPES[type]!.unpack(value.toBytes()));
    }
  }

  /** The key gets no value: one that was there before is found all the same. */
  leaveOut(db: Database): void {
    this.flush();
    this.#find(db);
  }

  /** Puts all records that were made into the index. */
  flush(): void {
    const count = this.#count;
    if (count === 0) return;
    const { map, volatile } = this.#db, key = this.#key;
    this.#count = 0;
    this.#sum ^= map.index.touch(this.#hashes, count);
    for (let i = 0; i < count; i++) {
      const ref = this.#refs[i], hash = this.#hashes[i];
      const header = map.headerOf(ref);
      key.holdKey(map, ref, header & KEY_LENGTH_MASK);
      const found = map.findHashed(key, key.start, key.length, hash);
      if (found !== 0) {
        this.onFound(this.#starts[i]);
        this.#db.discard(found);
      }
      map.index.insert(hash, ref);
      if ((header & HAS_EXPIRY) !== 0) volatile.insert(hash, ref);
    }
  }

  #addBytes(db: Database, type: number, value: InlineValue): void {
    const { args } = this, { map } = db;
    const offset = args.offset(KEY), length = args.length(KEY);
    if (length > KEY_INLINE_MAX) {
      this.leaveOut(db);
      const made = map.putString(
        0,
        args,
        offset,
        length,
        value,
        value.start,
        value.length,
        false,
        this.expiresAt,
        type,
      );
      return this.#finish(db, made);
    }
    if (db !== this.#db || this.#count === BATCH_MAX) this.flush();
    const i = this.#count++;
    this.#db = db;
    this.#starts[i] = this.#start;
    this.#hashes[i] = map.hashOf(args.view, offset, length);
    const made = this.#refs[i] = map.makeString(
      args,
      offset,
      length,
      value,
      value.start,
      value.length,
      this.expiresAt,
      type,
    );
    this.#setAccess(db, made);
  }

  #addObject(db: Database, type: number, value: Collection): void {
    const { args, expiresAt } = this;
    this.leaveOut(db);
    const made = db.map.putObject(
      0,
      args,
      args.offset(KEY),
      args.length(KEY),
      type,
      value,
      expiresAt,
    );
    this.#finish(db, made);
    db.keyspace.fieldExpiry.note(value, db, args.slice(KEY));
  }

  #finish(db: Database, made: number): void {
    if (!isNever(this.expiresAt)) db.volatile.insert(db.map.hash, made);
    this.#setAccess(db, made);
  }

  /** Looks for a key of this name, which gives way to the new one. */
  #find(db: Database): void {
    const { args } = this;
    const offset = args.offset(KEY), length = args.length(KEY);
    const found = db.map.find(args, offset, length);
    if (found === 0) return;
    this.onFound(this.#start);
    db.discard(found);
    db.map.find(args, offset, length);
  }

  #setAccess({ map }: Database, made: number): void {
    if (this.access === undefined) return;
    const word = map.accessOf(made);
    map.setAccess(made, (word & ~ACCESS_MASK) | this.access);
  }

  #room(length: number): void {
    this.args.bytes = new Uint8Array(length + ARGS_SLACK_BYTES);
    this.args.view = new DataView(this.args.bytes.buffer);
  }
}
