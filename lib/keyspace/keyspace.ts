/**
 * All databases of a server, and what they share: the clock, counters, and those
 * who want to know of changes.
 *
 * Handlers reach data through a Database; this is where the databases come from
 * and where their changes go.
 */

import { Access } from "./access.ts";
import { Arena, CHUNK_BYTES } from "./arena.ts";
import { ByteMap } from "./byte_map.ts";
import { Database } from "./database.ts";
import { type HashSeed, randomHashSeed } from "./hash.ts";
import type { Args } from "../router/args.ts";
import { FieldExpiry } from "./field_expiry.ts";
import type { KeyEvent } from "./key_event.ts";
import { LargeBuffers } from "./large_buffers.ts";
import { Effects } from "../router/effects.ts";
import { EncodingLimits } from "./encoding_limits.ts";
import { type Snapshot, SnapshotMarks } from "./snapshot.ts";
import { WarmPass } from "./warm_pass.ts";

/** What the keyspace counts, for INFO and CONFIG RESETSTAT. */
export interface KeyspaceStats {
  hits: number;
  misses: number;
  expiredKeys: number;
  /** Fields of hashes. */
  expiredFields: number;
  /** Share of expired keys among those sampled lately, 0 to 100. */
  expiredStalePercent: number;
  /** Active expiry cycles that ran out of time. */
  expiredTimeCapReachedCount: number;
  evictedKeys: number;
}

/** Told of every change of a key, after it was made. */
export interface KeyObserver {
  /** `key` is valid during the call only. */
  keyChanged(db: Database, key: Uint8Array, event: KeyEvent): void;
  /** Every key of the database is gone, or another database stands at its number. */
  databaseReplaced(index: number): void;
  /** FLUSHDB or FLUSHALL has emptied databases. */
  flushed?(): void;
  /** Before that: what is going to stand at the database's number; undefined for nothing. */
  databaseReplacing?(db: Database, replacement: Database | undefined): void;
}

/** Reads the time. One per server; tests freeze and advance it. */
export interface Clock {
  /** Milliseconds since 1970: what commands see. */
  nowMs(): number;
  /** Milliseconds since any moment, never going back: for durations. */
  monotonicMs(): number;
}

/** See the top of the file. */
export class Keyspace {
  readonly databases: Database[] = [];
  readonly stats: KeyspaceStats = emptyStats();
  /** Changes since the last save (`rdb_changes_since_last_save`). */
  dirty = 0;
  /** The moment of the command that runs, in ms since 1970; set once per batch. */
  nowMs = 0;
  /** How the use of keys is noted. */
  readonly access: Access;
  /** False while a command runs whose accesses shall leave no trace. */
  isStamping = true;
  /** False while expired keys are removed only when somebody asks for them. */
  isExpiringActively = true;
  /** Writes are held back, so that keys must not expire, either. */
  isPaused = false;
  /** The primary removes expired keys, and says so. */
  isReplica = false;
  /** While the primary's commands run: for them a key is there until the primary removes it. */
  isFollowing = false;

  /** What the running command, or the expiry of keys, has to have others do. */
  readonly effects = new Effects();
  /** The command by which others remove a key that has expired. */
  expiryCommand: "DEL" | "UNLINK" = "DEL";
  /** From which sizes on Redis would keep a collection in another way. */
  readonly limits = new EncodingLimits();

  /** The snapshot that runs, which is told before a record changes. */
  snapshot: Snapshot | undefined;
  readonly #snapshotMarks = new SnapshotMarks(this.databases);

  /** Memory of large values, shared with the connections that they come from. */
  readonly largeBuffers = new LargeBuffers();

  /** For elements of collections that expire by themselves. */
  readonly fieldExpiry: FieldExpiry = new FieldExpiry(this);

  /** For commands with many keys. */
  readonly warmPass = new WarmPass();

  /** Told of lookups that found no key, which are no changes; `key` is valid during the call only. */
  onMiss: ((db: Database, key: Uint8Array) => void) | undefined;

  readonly #observers: KeyObserver[] = [];
  /** Memory of databases that were emptied; the cron gives it back bit by bit. */
  readonly #discarded: ArrayBuffer[] = [];
  /** One discarded chunk of records, for the next arena: the system clears new memory, which takes ms. */
  #spareChunk: ArrayBuffer | undefined;
  /** The second of `nowMs`, to which the access clocks were set. */
  #second = 0;

  constructor(
    databaseCount: number,
    readonly clock: Clock,
    readonly random: () => number = Math.random,
    readonly seed: HashSeed = randomHashSeed(),
  ) {
    this.access = new Access(random);
    this.tick();
    for (let index = 0; index < databaseCount; index++) {
      this.databases.push(new Database(this, index));
    }
  }

  /** Reads the clock for the commands to come. */
  tick(): void {
    this.nowMs = this.clock.nowMs();
    const second = Math.floor(this.nowMs / 1000);
    if (second !== this.#second) {
      this.#second = second;
      this.advanceAccess();
    }
  }

  /** Sets the access clocks to now; also when `access` was given another policy. */
  advanceAccess(): void {
    this.access.advance(this.#second);
    const initial = this.access.initial | (this.snapshot?.markBits ?? 0);
    for (const db of this.databases) db.map.initialAccess = initial;
  }

  /** Fields whose moment is not later are gone; while the primary's commands run, it removes them. */
  get fieldNowMs(): number {
    return this.isFollowing ? 0 : this.nowMs;
  }

  /** False while keys may not expire by themselves. */
  get isExpiring(): boolean {
    return !this.isPaused && !this.isReplica && !this.isFollowing;
  }

  /** A mark for a snapshot that begins; by Snapshot only, as the next one. */
  nextSnapshotMark(): number {
    return this.#snapshotMarks.next();
  }

  noteWholeSnapshot(): void {
    this.#snapshotMarks.noteWhole();
  }

  get hasObservers(): boolean {
    return this.#observers.length > 0;
  }

  /** Tells this observer of changes from now on, with `isFirst` before the others. */
  observe(observer: KeyObserver, isFirst = false): void {
    if (isFirst) this.#observers.unshift(observer);
    else this.#observers.push(observer);
  }

  unobserve(observer: KeyObserver): void {
    const index = this.#observers.indexOf(observer);
    if (index >= 0) this.#observers.splice(index, 1);
  }

  /** Tells the observers; called by Database only. */
  publish(db: Database, key: Uint8Array, event: KeyEvent): void {
    for (const observer of this.#observers) observer.keyChanged(db, key, event);
  }

  /** Counts a lookup that found no key; called by Database only. */
  missed(db: Database, args: Args, index: number, isSilent = false): void {
    this.stats.misses++;
    if (this.onMiss !== undefined && !isSilent) {
      this.onMiss(db, args.slice(index));
    }
  }

  /** Empties one database; returns how many keys it had. */
  flush(index: number): number {
    const count = this.databases[index].size;
    for (const observer of this.#observers) {
      observer.databaseReplacing?.(this.databases[index], undefined);
    }
    this.databases[index].clear();
    for (const observer of this.#observers) observer.databaseReplaced(index);
    return count;
  }

  /** Tells that databases were emptied by one command. */
  noteFlushed(): void {
    for (const observer of this.#observers) observer.flushed?.();
  }

  /** Exchanges the contents of two databases. */
  swap(first: number, second: number): void {
    const { databases } = this;
    const one = databases[first], other = databases[second];
    for (const observer of this.#observers) {
      observer.databaseReplacing?.(one, other);
      observer.databaseReplacing?.(other, one);
    }
    [databases[first], databases[second]] = [
      databases[second],
      databases[first],
    ];
    databases[first].index = first;
    databases[second].index = second;
    for (const observer of this.#observers) {
      observer.databaseReplaced(first);
      observer.databaseReplaced(second);
    }
  }

  /** Takes memory that nobody uses any more. */
  discard(memory: readonly ArrayBuffer[]): void {
    for (const buffer of memory) {
      const isSpare = buffer.byteLength === CHUNK_BYTES &&
        this.#spareChunk === undefined;
      if (isSpare) this.#spareChunk = buffer;
      else this.#discarded.push(buffer);
    }
  }

  /** An empty table for a database's keys. */
  newMap(): ByteMap {
    const arena = new Arena(() => {
      const chunk = this.#spareChunk;
      this.#spareChunk = undefined;
      return chunk;
    });
    const map = new ByteMap(arena, this.seed);
    map.initialAccess = this.access.initial;
    map.largeBuffers = this.largeBuffers;
    return map;
  }

  /** Takes the memory of a map that nobody uses any more. */
  discardMap({ arena, index }: ByteMap): void {
    this.discard([...arena.surrender(), ...index.surrender()]);
  }

  /** Gives one buffer of discarded memory back to the system; false when there is none. */
  freeDiscarded(): boolean {
    const buffer = this.#discarded.pop();
    // Left to the collector, which sees no hurry, it would stay for half a minute.
    buffer?.transfer(0);
    return buffer !== undefined;
  }

  resetStats(): void {
    Object.assign(this.stats, emptyStats());
  }
}

function emptyStats(): KeyspaceStats {
  return {
    hits: 0,
    misses: 0,
    expiredKeys: 0,
    expiredFields: 0,
    expiredStalePercent: 0,
    expiredTimeCapReachedCount: 0,
    evictedKeys: 0,
  };
}
