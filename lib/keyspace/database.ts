/**
 * One numbered database: the door through which commands read and change keys.
 *
 * Every lookup removes the key first when its time is over. Every change goes
 * through a method here that names the event, so that counting, watching,
 * notifying and snapshots happen in one place ({@link Database.changed}) and no
 * handler can forget them.
 *
 * A `ref` names a record until the next change of the database. Methods take the
 * key as an argument of the command (`args`, `index`); those that say "after
 * lookup" must follow a lookup of the same key, with nothing changed in between.
 */

import { CommandError } from "../router/command_error.ts";
import type { Args } from "../router/args.ts";
import type { ReplyWriter } from "../resp/reply_writer.ts";
import { LEND_LENGTH_MIN } from "../resp/reply_writer.ts";
import type { ByteMap } from "./byte_map.ts";
import { HashIndex } from "./hash_index.ts";
import {
  DEL_EVENT,
  EXPIRED_EVENT,
  type KeyEvent,
  NEW_EVENT,
} from "./key_event.ts";
import type { Keyspace } from "./keyspace.ts";
import {
  HAS_EXPIRY,
  KEY_IS_OBJECT,
  KEY_LENGTH_MASK,
  keyWord,
  LargeString,
  TYPE_STRING,
  VALUE_IS_OBJECT,
  valueWord,
} from "./record.ts";
import { isNever, NO_EXPIRY, sourceOf } from "./record_store.ts";

/** Values over this length never fit a record and are kept without a copy when possible. */
const OWNED_VALUE_MIN = 16 * 1024;

/** See the top of the file. */
export class Database {
  map: ByteMap;
  /** The keys that have an expiry: the same hashes and refs as in `map`. */
  volatile: HashIndex;
  /** Mean remaining time of volatile keys as last sampled, in ms. */
  averageTtlMs = 0;
  /** Where active expiry goes on: a hash. */
  expireCursor = 0;

  constructor(readonly keyspace: Keyspace, public index: number) {
    this.map = keyspace.newMap();
    this.volatile = new HashIndex();
  }

  /** Number of keys, expired ones that nobody has removed yet included. */
  get size(): number {
    return this.map.size;
  }

  /** Removes everything, in a time that does not depend on how much it is. */
  clear(): void {
    const isKept = this.keyspace.snapshot?.adopt(this) === true;
    if (!isKept) this.keyspace.discardMap(this.map);
    this.keyspace.discard(this.volatile.surrender());
    this.map = this.keyspace.newMap();
    this.volatile = new HashIndex();
    this.averageTtlMs = this.expireCursor = 0;
  }

  /** Looks a key up to read it: its ref or 0. Counts a hit or a miss and stamps the access. */
  read(args: Args, index: number): number {
    const ref = this.peek(args, index);
    if (ref === 0) {
      this.keyspace.missed(this, args, index);
      return 0;
    }
    this.keyspace.stats.hits++;
    if (this.keyspace.isStamping) this.touch(ref);
    return ref;
  }

  /** `read` that does not count as use of the key, and with `isSilent` tells of no miss. */
  inspect(args: Args, index: number, isSilent = false): number {
    const ref = this.peek(args, index);
    if (ref === 0) this.keyspace.missed(this, args, index, isSilent);
    else this.keyspace.stats.hits++;
    return ref;
  }

  /** Looks a key up to change it: its ref or 0. Stamps the access, counts nothing. */
  write(args: Args, index: number): number {
    const ref = this.peek(args, index, true);
    if (ref === 0) return 0;
    if (this.keyspace.isStamping) this.touch(ref);
    this.keyspace.snapshot?.beforeChange(this.map, ref);
    return ref;
  }

  /** Looks a key up without a trace: its ref or 0. One that is only hidden, on a replica, `makesWay` for what is written. */
  peek(args: Args, index: number, makesWay = false): number {
    const hash = index === 1 && args.firstKeyHash >= 0
      ? args.firstKeyHash
      : this.map.hashOf(args.view, args.offset(index), args.length(index));
    const { map } = this;
    return this.#live(
      map.findHashed(args, args.offset(index), args.length(index), hash),
      makesWay,
    );
  }

  /** `peek` for a key that is no argument. */
  peekKey(key: Uint8Array): number {
    return this.#live(this.map.find(sourceOf(key), 0, key.length));
  }

  /** `read` of a string. @throws {CommandError} WRONGTYPE when the key holds something else. */
  readString(args: Args, index: number): number {
    return this.readType(args, index, TYPE_STRING);
  }

  /** `write` of a string. @throws {CommandError} WRONGTYPE when the key holds something else. */
  writeString(args: Args, index: number): number {
    return this.writeType(args, index, TYPE_STRING);
  }

  /** `read` of a value of one type. @throws {CommandError} WRONGTYPE when the key holds something else. */
  readType(args: Args, index: number, type: number): number {
    return this.#ofType(this.read(args, index), type);
  }

  /** `write` of a value of one type. @throws {CommandError} WRONGTYPE when the key holds something else. */
  writeType(args: Args, index: number, type: number): number {
    return this.#ofType(this.write(args, index), type);
  }

  /** Whether there is a record of a key, its time over or not. Leaves no trace. */
  hasKey(key: Uint8Array): boolean {
    return this.map.find(sourceOf(key), 0, key.length) !== 0;
  }

  /** Whether there is a record of a key, and its time is over. Leaves no trace. */
  isKeyExpired(key: Uint8Array): boolean {
    const ref = this.map.find(sourceOf(key), 0, key.length);
    return ref !== 0 && this.isExpired(ref);
  }

  /** Whether a record's time is over. */
  isExpired(ref: number): boolean {
    const expiresAt = this.map.expiresAtMs(ref);
    return expiresAt >= 0 && expiresAt < this.keyspace.nowMs;
  }

  /** Notes that the key is used now. */
  touch(ref: number): void {
    const word = this.map.accessOf(ref);
    const stamped = this.keyspace.access.stamped(word);
    // Most keys in use were used within this second: no cache line is made dirty.
    if (stamped !== word) this.map.setAccess(ref, stamped);
  }

  /** When a record expires, in ms since 1970 and exact, or -1. */
  expiresAt(ref: number): number | bigint {
    const rounded = this.map.expiresAtMs(ref);
    return Number.isSafeInteger(rounded)
      ? rounded
      : this.map.expiresAtMsExact(ref);
  }

  /** Answers a record's key as a bulk string. */
  replyKey(reply: ReplyWriter, ref: number): void {
    const { arena } = this.map;
    const words = arena.words[ref >>> 20], word = (ref & 0xfffff) << 2;
    const header = words[word];
    if ((header & KEY_IS_OBJECT) !== 0) return reply.bulk(this.map.key(ref));
    reply.bulkWords(
      words,
      arena.bytes[ref >>> 20],
      word + keyWord(header),
      header & KEY_LENGTH_MASK,
    );
  }

  /** Answers a string value as a bulk string. */
  replyString(reply: ReplyWriter, ref: number): void {
    const { arena } = this.map;
    const words = arena.words[ref >>> 20], word = (ref & 0xfffff) << 2;
    const header = words[word];
    if ((header & VALUE_IS_OBJECT) === 0) {
      reply.bulkWords(
        words,
        arena.bytes[ref >>> 20],
        word + valueWord(header),
        words[word + 1],
      );
      return;
    }
    const large = this.map.object(ref) as LargeString;
    if (large.bytes.length < LEND_LENGTH_MIN) return reply.bulk(large.bytes);
    large.isLent = true;
    reply.bulkLent(large.bytes);
  }

  /**
   * After lookup: sets the key to a string that is an argument too. The key loses
   * its expiry unless `keepExpiry`, and gets `expiresAt` (ms since 1970).
   */
  setString(
    args: Args,
    index: number,
    ref: number,
    valueIndex: number,
    keepExpiry: boolean,
    event: KeyEvent,
    expiresAt: number | bigint = NO_EXPIRY,
  ): void {
    const map = this.map;
    if (ref !== 0) this.keyspace.snapshot?.beforeChange(map, ref);
    const hadExpiry = ref !== 0 && (map.headerOf(ref) & HAS_EXPIRY) !== 0;
    const isExpiryGiven = !isNever(expiresAt);
    const length = args.length(valueIndex);
    let made: number;
    if (length > OWNED_VALUE_MIN) {
      made = map.putObject(
        ref,
        args,
        args.offset(index),
        args.length(index),
        TYPE_STRING,
        new LargeString(args.take(valueIndex)),
        hadExpiry && keepExpiry && !isExpiryGiven
          ? map.expiresAtMsExact(ref)
          : expiresAt,
      );
    } else {
      made = map.putString(
        ref,
        args,
        args.offset(index),
        args.length(index),
        args,
        args.offset(valueIndex),
        length,
        keepExpiry,
        expiresAt,
      );
    }
    if (hadExpiry) this.#volatileMoved(ref, made, keepExpiry || isExpiryGiven);
    else if (isExpiryGiven) this.volatile.insert(map.hash, made);
    if (ref === 0) this.created(args, index);
    this.changed(args, index, event);
  }

  /** `setString` for a value that is no argument; `encoding`: some of ENCODING_FLAGS. */
  setStringBytes(
    args: Args,
    index: number,
    ref: number,
    value: Uint8Array,
    keepExpiry: boolean,
    event: KeyEvent,
    encoding = 0,
  ): void {
    const map = this.map;
    const hadExpiry = ref !== 0 && (map.headerOf(ref) & HAS_EXPIRY) !== 0;
    const made = value.length > OWNED_VALUE_MIN
      ? map.putObject(
        ref,
        args,
        args.offset(index),
        args.length(index),
        TYPE_STRING,
        new LargeString(value),
        hadExpiry && keepExpiry ? map.expiresAtMsExact(ref) : -1,
      )
      : this.#putBytes(args, index, ref, value, keepExpiry);
    if (encoding !== 0) map.setEncoding(made, encoding);
    if (hadExpiry) this.#volatileMoved(ref, made, keepExpiry);
    if (ref === 0) this.created(args, index);
    this.changed(args, index, event);
  }

  /** After lookup: sets when the key expires, in ms since 1970, or never with -1. */
  setExpiry(
    args: Args,
    index: number,
    ref: number,
    expiresAt: number | bigint,
    event: KeyEvent,
  ): void {
    this.putExpiry(ref, expiresAt);
    this.changed(args, index, event);
  }

  /** `setExpiry` as a part of another change, which `changed` will tell of. Returns the new ref. */
  putExpiry(ref: number, expiresAt: number | bigint): number {
    this.keyspace.snapshot?.beforeChange(this.map, ref);
    const had = (this.map.headerOf(ref) & HAS_EXPIRY) !== 0;
    const made = this.map.setExpiry(ref, expiresAt);
    const has = !isNever(expiresAt);
    if (had) this.#volatileMoved(ref, made, has);
    else if (has) this.volatile.insert(this.map.hash, made);
    return made;
  }

  /** After lookup: removes the key. */
  delete(
    args: Args,
    index: number,
    ref: number,
    event: KeyEvent = DEL_EVENT,
  ): void {
    this.#remove(ref);
    this.changed(args, index, event);
  }

  /** After lookup: removes the key, whose place another change takes, which will tell of it. */
  discard(ref: number): void {
    this.#remove(ref);
  }

  /**
   * After a lookup of the new key, which must not be there: gives it the value of
   * `ref`, or `object` if that is to be it, and its expiry. The caller tells of both
   * changes with `changed`.
   */
  rename(ref: number, object: unknown, args: Args, newIndex: number): void {
    const hash = this.map.hash;
    if ((this.map.headerOf(ref) & HAS_EXPIRY) !== 0) {
      this.#dropVolatile(ref, this.map.hashOfRef(ref));
    }
    const made = this.map.rename(
      ref,
      object,
      args,
      args.offset(newIndex),
      args.length(newIndex),
    );
    if ((this.map.headerOf(made) & HAS_EXPIRY) !== 0) {
      this.volatile.insert(hash, made);
    }
    this.created(args, newIndex);
  }

  /**
   * After a lookup of the key, which must not be there: gives it the value and
   * expiry of a record of `source`. The caller tells of it with `changed`.
   *
   * @param object the key's value, when it is to be an object.
   */
  putFrom(
    source: Database,
    ref: number,
    object: unknown,
    args: Args,
    index: number,
  ): void {
    const { map } = this;
    const { hash } = map;
    const made = map.putFrom(
      source.map,
      ref,
      object,
      args,
      args.offset(index),
      args.length(index),
    );
    if ((map.headerOf(made) & HAS_EXPIRY) !== 0) {
      this.volatile.insert(hash, made);
    }
    this.created(args, index);
  }

  /** After lookup: removes the key, whose value lives on elsewhere; the caller tells of it. */
  extract(ref: number): void {
    this.keyspace.snapshot?.beforeChange(this.map, ref);
    if ((this.map.headerOf(ref) & HAS_EXPIRY) !== 0) {
      this.#dropVolatile(ref, this.map.hash);
    }
    this.map.extract(ref);
  }

  /**
   * Notes that a key was changed: the one place where counting, watching and
   * notifying begin.
   */
  changed(args: Args, index: number, event: KeyEvent): void {
    const keyspace = this.keyspace;
    keyspace.dirty++;
    if (keyspace.hasObservers) keyspace.publish(this, args.slice(index), event);
  }

  /** `changed` for the second key of a change, which counts once. */
  changedToo(args: Args, index: number, event: KeyEvent): void {
    const { keyspace } = this;
    if (keyspace.hasObservers) keyspace.publish(this, args.slice(index), event);
  }

  /** Tells that a key is new, before `changed` tells what was done to it. */
  created(args: Args, index: number): void {
    const keyspace = this.keyspace;
    if (keyspace.hasObservers) {
      keyspace.publish(this, args.slice(index), NEW_EVENT);
    }
  }

  /** A record is now `made`, with the same expiry. */
  moved(ref: number, made: number): void {
    if ((this.map.headerOf(made) & HAS_EXPIRY) !== 0) {
      this.#volatileMoved(ref, made, true);
    }
  }

  /** Moves a record to where the arena wants it; `hash` is its key's. For compaction. */
  relocate(ref: number, hash: number): void {
    this.map.select(ref, hash);
    this.moved(ref, this.map.relocate(ref));
  }

  /**
   * Removes a record whose time is over and tells everybody; for lookups and active
   * expiry. `hash` is its key's, if it is known.
   */
  expire(ref: number, hash?: number): void {
    const { keyspace } = this, { effects } = keyspace;
    this.map.select(ref, hash);
    if (keyspace.hasObservers || effects.isWanted) {
      const key = this.map.key(ref).slice();
      this.#remove(ref);
      effects.add(this.index, [keyspace.expiryCommand, key]);
      keyspace.publish(this, key, EXPIRED_EVENT);
    } else this.#remove(ref);
    keyspace.stats.expiredKeys++;
  }

  #ofType(ref: number, type: number): number {
    if (ref === 0 || this.map.typeOf(ref) === type) return ref;
    throw CommandError.wrongType;
  }

  #live(ref: number, makesWay = false): number {
    if (ref === 0 || (this.map.headerOf(ref) & HAS_EXPIRY) === 0) return ref;
    if (!this.isExpired(ref) || this.keyspace.isFollowing) return ref;
    if (makesWay || this.keyspace.isExpiring) {
      const hash = this.map.hash;
      this.expire(ref);
      this.map.hash = hash;
    }
    return 0;
  }

  #remove(ref: number): void {
    this.keyspace.snapshot?.beforeChange(this.map, ref);
    if ((this.map.headerOf(ref) & HAS_EXPIRY) !== 0) {
      this.#dropVolatile(ref, this.map.hash);
    }
    this.map.remove(ref);
  }

  #putBytes(
    args: Args,
    index: number,
    ref: number,
    value: Uint8Array,
    keepExpiry: boolean,
  ): number {
    return this.map.putString(
      ref,
      args,
      args.offset(index),
      args.length(index),
      sourceOf(value),
      0,
      value.length,
      keepExpiry,
    );
  }

  /** A volatile record is now `made`, volatile still or not. */
  #volatileMoved(ref: number, made: number, isVolatile: boolean): void {
    if (isVolatile && made === ref) return;
    const hash = this.map.hash;
    const slot = this.volatile.findRef(hash, ref);
    if (isVolatile) this.volatile.tableOf(hash).slots[2 * slot + 1] = made;
    else this.volatile.removeAt(hash, slot);
  }

  #dropVolatile(ref: number, hash: number): void {
    this.volatile.removeAt(hash, this.volatile.findRef(hash, ref));
  }
}
