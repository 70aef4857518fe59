/**
 * The data of one moment, handed out record by record while commands go on.
 *
 * JavaScript cannot fork, and a second copy of the memory would be too large. So
 * a snapshot walks the tables in hash order, a slice of a millisecond at a time:
 *
 * ```
 * hash order   ───── handed out ─────│───────── still to come ─────────
 *                                  cursor      ↑ a command is about to change
 *                                              a record here: it is handed out
 *                                              first, and marked
 * ```
 *
 * A mark in the record's access word says "not to be handed out any more". What is
 * made while a snapshot runs is marked from its birth. Marks are numbers, a new
 * one for each snapshot; the walk clears those of earlier ones.
 *
 * A database that is emptied leaves its table to the snapshot, which walks it to
 * the end and then gives its memory back.
 */

import type { ByteMap } from "./byte_map.ts";
import type { Database } from "./database.ts";
import type { Keyspace } from "./keyspace.ts";
import { ACCESS_MASK } from "./record.ts";

/** Who takes the records. */
export interface SnapshotTarget {
  /**
   * A record as it was at the start, each once. Databases may alternate. It may
   * change after the call.
   *
   * @param dbIndex the database's number at the start.
   */
  record(dbIndex: number, map: ByteMap, ref: number): void;
  /** Does a part of what was put off; false when there is nothing. */
  goOn?(): boolean;
  /** Asked after every slice; the walk waits for what it answers, if anything. */
  drain(): Promise<void> | undefined;
}

/** Why a snapshot ended without all records. */
export class SnapshotAborted extends Error {
  override readonly name = "SnapshotAborted";
}

/** Longest slice, unless one record takes longer. */
const SLICE_MS = 1;
/** Records between two looks at the clock. */
const RECORDS_PER_STEP = 32;
const WALK_END = -1;
const MARK_SHIFT = 24;
const MARK_MAX = 255;
/** Unfinished snapshots after which old marks are cleared before they could count again. */
const ABORTED_MAX = 200;

/** A table that the snapshot walks. */
interface Part {
  readonly map: ByteMap;
  readonly dbIndex: number;
  readonly order: number;
  /** The database was emptied: the snapshot gives the memory back. */
  isAdopted: boolean;
}

/** See the top of the file. */
export class Snapshot {
  /** Keys at the start, by database number; with those that expire. */
  readonly keyCounts: readonly number[];
  readonly volatileCounts: readonly number[];
  /** Records handed out so far. */
  written = 0;
  /** Resolves when all records were handed out; rejects when the target fails, or with SnapshotAborted. */
  readonly done: Promise<void>;

  readonly #parts: Part[] = [];
  readonly #byMap = new Map<ByteMap, Part>();
  readonly #mark: number;
  /** The walk's place: the part, and the hash in it. */
  #current = 0;
  #cursor = 0;
  #resolve!: () => void;
  #reject!: (error: unknown) => void;

  private constructor(
    private readonly keyspace: Keyspace,
    private readonly target: SnapshotTarget,
  ) {
    this.#mark = keyspace.nextSnapshotMark();
    this.keyCounts = keyspace.databases.map(({ size }) => size);
    this.volatileCounts = keyspace.databases.map(({ volatile }) =>
      volatile.size
    );
    for (const { map, index, size } of keyspace.databases) {
      if (size === 0) continue;
      const order = this.#parts.length;
      const part = { map, dbIndex: index, order, isAdopted: false };
      this.#parts.push(part);
      this.#byMap.set(map, part);
    }
    this.done = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    // Who only steps does not listen.
    this.done.catch(() => {});
  }

  /**
   * Begins a snapshot of this moment and goes on with it in slices.
   *
   * @throws {Error} when one runs already.
   */
  static start(keyspace: Keyspace, target: SnapshotTarget): Snapshot {
    const snapshot = Snapshot.prepare(keyspace, target);
    snapshot.#run();
    return snapshot;
  }

  /** Begins a snapshot that goes on only with `step` or `runToEnd`. */
  static prepare(keyspace: Keyspace, target: SnapshotTarget): Snapshot {
    if (keyspace.snapshot !== undefined) {
      throw new Error("a snapshot runs already");
    }
    const snapshot = new Snapshot(keyspace, target);
    keyspace.snapshot = snapshot;
    keyspace.advanceAccess();
    return snapshot;
  }

  /** The access bits beside those of a record that is made now. */
  get markBits(): number {
    return this.#mark << MARK_SHIFT;
  }

  /** Hands out everything that is left, at once. */
  runToEnd(): void {
    while (this.step(Infinity));
  }

  /** Ends it early. */
  abort(): void {
    if (this.keyspace.snapshot !== this) return;
    this.#end();
    this.#reject(new SnapshotAborted("the snapshot was aborted"));
  }

  /** Hands out records for so long; false when there are no more. */
  step(budgetMs: number): boolean {
    const { clock } = this.keyspace;
    const endMs = clock.monotonicMs() + budgetMs;
    for (;;) {
      while (this.target.goOn?.() === true) {
        if (clock.monotonicMs() >= endMs) return true;
      }
      if (this.#cursor === WALK_END) {
        this.#finishPart(this.#parts[this.#current]);
      }
      if (this.#current >= this.#parts.length) break;
      const part = this.#parts[this.#current];
      this.#cursor = part.map.index.walk(
        this.#cursor,
        RECORDS_PER_STEP,
        (ref) => this.#visit(part, ref),
      );
      if (this.#cursor !== WALK_END && clock.monotonicMs() >= endMs) {
        return true;
      }
    }
    if (this.keyspace.snapshot === this) {
      this.#end();
      this.keyspace.noteWholeSnapshot();
      this.#resolve();
    }
    return false;
  }

  /** Before a record is changed or removed, whose key was the last looked up. */
  beforeChange(map: ByteMap, ref: number): void {
    const part = this.#byMap.get(map);
    const word = map.accessOf(ref);
    if (
      part === undefined || this.#hasPassed(part, map.hash) ||
      word >>> MARK_SHIFT === this.#mark
    ) return;
    map.setAccess(ref, (word & ACCESS_MASK) | this.markBits);
    this.target.record(part.dbIndex, map, ref);
    this.written++;
  }

  #hasPassed({ order }: Part, hash: number): boolean {
    if (order !== this.#current) return order < this.#current;
    return this.#cursor === WALK_END || hash < this.#cursor;
  }

  /** Takes over the table of a database that is emptied; false when it is of no use. */
  adopt({ map }: Database): boolean {
    const part = this.#byMap.get(map);
    if (part === undefined || part.order < this.#current) return false;
    return part.isAdopted = true;
  }

  async #run(): Promise<void> {
    try {
      do {
        // A timer, since immediates in a row let no socket be read in between.
        await new Promise((resolve) => setTimeout(resolve, 0));
        const draining = this.target.drain();
        if (draining !== undefined) await draining;
      } while (this.keyspace.snapshot === this && this.step(SLICE_MS));
    } catch (error) {
      this.#end();
      this.#reject(error);
    }
  }

  #visit({ map, dbIndex }: Part, ref: number): void {
    const word = map.accessOf(ref), mark = word >>> MARK_SHIFT;
    if (mark === this.#mark) return;
    if (mark !== 0) map.setAccess(ref, word & ACCESS_MASK);
    this.target.record(dbIndex, map, ref);
    this.written++;
  }

  #finishPart(part: Part): void {
    this.#current++;
    this.#cursor = 0;
    this.#giveBack(part);
  }

  #giveBack({ map, isAdopted }: Part): void {
    this.#byMap.delete(map);
    if (!isAdopted) return;
    this.keyspace.discardMap(map);
  }

  #end(): void {
    if (this.keyspace.snapshot !== this) return;
    this.keyspace.snapshot = undefined;
    this.keyspace.advanceAccess();
    for (const part of this.#byMap.values()) this.#giveBack(part);
    this.#current = this.#parts.length;
  }
}

/** Gives snapshots their marks, so that an old mark never counts for a new one. */
export class SnapshotMarks {
  #last = 0;
  #aborted = 0;

  constructor(private readonly databases: readonly Database[]) {}

  next(): number {
    if (++this.#aborted > ABORTED_MAX) this.#clear();
    this.#last = this.#last % MARK_MAX + 1;
    return this.#last;
  }

  /** A walk has reached every record: the only marks left are its own. */
  noteWhole(): void {
    this.#aborted = 0;
  }

  #clear(): void {
    for (const { map } of this.databases) {
      for (let from = 0; from !== -1;) {
        from = map.index.walk(from, RECORDS_PER_STEP, (ref) => {
          map.setAccess(ref, map.accessOf(ref) & ACCESS_MASK);
        });
      }
    }
    this.#aborted = 0;
  }
}
