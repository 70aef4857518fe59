/** Puts keys that were read from a file or a payload into a database, without telling anybody. */

import { putValue } from "../keyspace/collection_edit.ts";
import type { Database } from "../keyspace/database.ts";
import { ACCESS_MASK } from "../keyspace/record.ts";
import { isNever, NO_EXPIRY } from "../keyspace/record_store.ts";
import { Args, ARGS_SLACK_BYTES } from "../router/args.ts";
import type { StoredValue } from "../keyspace/collection.ts";
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

  constructor() {
    this.args.count = 1;
    this.#room(INITIAL_BYTES);
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
    const { map } = db, { args } = this;
    const made = map.putString(
      0,
      args,
      args.offset(KEY),
      args.length(KEY),
      { bytes: reader.textBytes, view: reader.textView },
      reader.textAt,
      reader.textLength,
      false,
      this.expiresAt,
    );
    if (!isNever(this.expiresAt)) db.volatile.insert(map.hash, made);
    this.#setAccess(db, made);
  }

  /** After `find`, which must have found nothing: adds the key with a collection. */
  putValue(db: Database, type: number, value: StoredValue): void {
    const { args, expiresAt } = this;
    this.#setAccess(
      db,
      putValue(db, args, KEY, 0, type, value, expiresAt),
    );
  }

  #setAccess({ map }: Database, ref: number): void {
    if (this.access === undefined) return;
    const word = map.accessOf(ref);
    map.setAccess(ref, (word & ~ACCESS_MASK) | this.access);
  }

  #room(length: number): void {
    this.args.bytes = new Uint8Array(length + ARGS_SLACK_BYTES);
    this.args.view = new DataView(this.args.bytes.buffer);
  }
}
