/** Puts keys that were read from a file or a payload into a database, without telling anybody. */

import type { Collection } from "../keyspace/collection.ts";
import { fitsInline } from "../keyspace/collection_edit.ts";
import type { Database } from "../keyspace/database.ts";
import { ACCESS_MASK, TYPE_STRING } from "../keyspace/record.ts";
import { isNever, NO_EXPIRY } from "../keyspace/record_store.ts";
import { Args, ARGS_SLACK_BYTES } from "../router/args.ts";
import { VALUE_TYPES } from "../types/value_types.ts";
import { InlineValue } from "./inline_value.ts";
import type { RdbReader } from "./rdb_reader.ts";

const INITIAL_BYTES = 4096;
const KEY = 0;

/** The key that is being loaded, with room for it that is used again and again. */
export class EntryLoader {
  /** The key, as an argument that keyspace methods take. */
  readonly args = new Args();
  /** When it expires, in ms since 1970, or -1. */
  expiresAt: number | bigint = NO_EXPIRY;
  /** What is to be its access bits; undefined for those of a new key. */
  access: number | undefined;
  readonly #text = new InlineValue();

  constructor() {
    this.args.count = 1;
    this.#room(INITIAL_BYTES);
  }

  /** Forgets what belongs to the key. */
  reset(): void {
    this.expiresAt = NO_EXPIRY;
    this.access = undefined;
  }

  /** Takes the string that the reader read last as the key. */
  takeKey({ textBytes, textAt, textLength }: RdbReader): void {
    if (textLength + ARGS_SLACK_BYTES > this.args.bytes.length) {
      this.#room(2 * textLength);
    }
    const to = this.args.bytes;
    for (let i = 0; i < textLength; i++) to[i] = textBytes[textAt + i];
    this.args.lengths[KEY] = textLength;
  }

  /** Looks the key up; its ref, or 0. */
  find(db: Database): number {
    const { args } = this;
    return db.map.find(args, args.offset(KEY), args.length(KEY));
  }

  /** After `find`, which must have found nothing: adds the key with the string that was read last. */
  putString(db: Database, reader: RdbReader): void {
    this.#putBytes(db, TYPE_STRING, this.#text.holdText(reader));
  }

  /** After `find`, which must have found nothing: adds the key with a collection. */
  putValue(db: Database, type: number, value: InlineValue | Collection): void {
    const { args } = this;
    if (!(value instanceof InlineValue)) this.#putObject(db, type, value);
    else if (fitsInline(args, KEY, value.length)) {
      this.#putBytes(db, type, value);
    } else {
      this.#putObject(db, type, VALUE_TYPES[type]!.unpack(value.toBytes()));
    }
  }

  #putBytes(db: Database, type: number, value: InlineValue): void {
    const { args, expiresAt } = this;
    const made = db.map.putString(
      0,
      args,
      args.offset(KEY),
      args.length(KEY),
      value,
      value.start,
      value.length,
      false,
      expiresAt,
      type,
    );
    this.#finish(db, made);
  }

  #putObject(db: Database, type: number, value: Collection): void {
    const { args, expiresAt } = this;
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
    const { map } = db;
    if (!isNever(this.expiresAt)) db.volatile.insert(map.hash, made);
    if (this.access === undefined) return;
    const word = map.accessOf(made);
    map.setAccess(made, (word & ~ACCESS_MASK) | this.access);
  }

  #room(length: number): void {
    this.args.bytes = new Uint8Array(length + ARGS_SLACK_BYTES);
    this.args.view = new DataView(this.args.bytes.buffer);
  }
}
