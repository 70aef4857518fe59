/**
 * Keeps the memory of the databases compact, a little at a time.
 *
 * ```
 * 1  memory of databases that were emptied is given back, a chunk at a time
 * 2  tables whose resize stopped half-way, because nobody writes, are finished
 * 3  a database that wastes much is compacted: its arena closes the thinnest pages,
 *    a walk over all keys moves the records in them away, and again until it is well
 * ```
 *
 * Moving a record changes its ref and nothing else. It happens between turns, when
 * nobody holds a ref.
 */

import type { Arena } from "./arena.ts";
import { UNIT_BYTES } from "./arena.ts";
import type { Database } from "./database.ts";
import type { Keyspace } from "./keyspace.ts";

const MEBIBYTE = 1024 * 1024;
/** What may be wasted: this much, and this share of what is used. */
const WASTE_MAX_BYTES = 32 * MEBIBYTE;
const WASTE_MAX_SHARE = 0.1;
/** A database that could not be made more compact is tried again when it wastes so much more. */
const WASTE_GROWTH_BYTES = 16 * MEBIBYTE;
/** Records moved in one walk: this much, or this share of what is used. */
const MOVED_BYTES_MIN = 32 * MEBIBYTE;
const MOVED_SHARE = 1 / 16;
/** Keys walked over, and entries of a table moved, between two looks at the clock. */
const STEP_KEYS = 256;
const STEP_ENTRIES = 512;
const WALK_END = -1;

/** A walk over the keys of a database whose arena empties pages. */
interface Pass {
  readonly db: Database;
  readonly arena: Arena;
  /** Hash from which on keys are still to be looked at. */
  cursor: number;
}

/** See the top of the file. */
export class Compaction {
  #pass: Pass | undefined;
  /** What arenas wasted when nothing could be done about it. */
  readonly #unavoidableBytes = new WeakMap<Arena, number>();
  /** The records to move of one step. */
  readonly #refs: number[] = [];
  readonly #hashes: number[] = [];

  constructor(private readonly keyspace: Keyspace) {}

  /** Works for about `budgetMs`; true when there is more to do. */
  run(budgetMs: number): boolean {
    const { clock } = this.keyspace;
    const endMs = clock.monotonicMs() + budgetMs;
    const isTimeUp = () => clock.monotonicMs() >= endMs;
    if (!this.#giveBack(isTimeUp) || !this.#finishResizes(isTimeUp)) {
      return true;
    }
    while (this.#step()) {
      if (isTimeUp()) return true;
    }
    return false;
  }

  /** Gives unused memory back to the system; false when the time was up before. */
  #giveBack(isTimeUp: () => boolean): boolean {
    while (this.keyspace.freeDiscarded()) {
      if (isTimeUp()) return false;
    }
    for (const { map } of this.keyspace.databases) {
      while (map.arena.freeSpare()) {
        if (isTimeUp()) return false;
      }
    }
    return true;
  }

  /** Finishes resizes of tables; false when the time was up before. */
  #finishResizes(isTimeUp: () => boolean): boolean {
    for (const { map, volatile } of this.keyspace.databases) {
      for (const index of [map.index, volatile]) {
        while (index.isResizing) {
          index.advance(STEP_ENTRIES);
          if (isTimeUp()) return false;
        }
      }
    }
    return true;
  }

  /** Goes a step on with a pass, or begins one; false when none is needed. */
  #step(): boolean {
    this.#pass ??= this.#begin();
    if (this.#pass === undefined) return false;
    if (this.#pass.db.map.arena !== this.#pass.arena) this.#pass = undefined;
    else this.#walk(this.#pass);
    return true;
  }

  /** A pass over the first database that needs one. */
  #begin(): Pass | undefined {
    for (const db of this.keyspace.databases) {
      const { arena } = db.map;
      const usedBytes = arena.usedUnits * UNIT_BYTES;
      const { wastedBytes } = arena;
      const unavoidable = this.#unavoidableBytes.get(arena);
      const mayWaste = Math.max(
        WASTE_MAX_BYTES,
        usedBytes * WASTE_MAX_SHARE,
        unavoidable === undefined ? 0 : unavoidable + WASTE_GROWTH_BYTES,
      );
      if (wastedBytes <= mayWaste) continue;
      const movedBytes = Math.max(MOVED_BYTES_MIN, usedBytes * MOVED_SHARE);
      if (arena.beginCompaction(movedBytes / UNIT_BYTES) > 0) {
        return { db, arena, cursor: 0 };
      }
      this.#unavoidableBytes.set(arena, wastedBytes);
    }
    return undefined;
  }

  #walk(pass: Pass): void {
    const { db, arena } = pass;
    const refs = this.#refs, hashes = this.#hashes;
    refs.length = hashes.length = 0;
    pass.cursor = db.map.index.walk(pass.cursor, STEP_KEYS, (ref, hash) => {
      if (!arena.isLeaving(ref)) return;
      refs.push(ref);
      hashes.push(hash);
    });
    for (let i = 0; i < refs.length; i++) db.relocate(refs[i], hashes[i]);
    if (pass.cursor !== WALK_END) return;
    arena.endCompaction();
    this.#pass = undefined;
  }
}
