/**
 * Intersection, union and difference of sets.
 *
 * A large set is walked in the order of its hashes, in which the other tables are
 * kept, too: so looking its members up goes through their slots from front to back
 * and not at random.
 */

import type { ByteMap } from "../keyspace/byte_map.ts";
import type { EncodingLimits } from "../keyspace/encoding_limits.ts";
import type { ByteSource } from "../keyspace/record_store.ts";
import { inlineKind, ScratchSource } from "./inline_entries.ts";
import { IntegerMembers } from "./integer_members.ts";
import { SetEdit } from "./set_edit.ts";
import {
  SET_INTEGERS,
  SET_INTSET,
  SET_LISTPACK,
  type SetObject,
} from "./set_object.ts";
import { hasMember, setMembers, setSize } from "./set_value.ts";

/** Called with where a member's bytes are; false ends the walk. */
type VisitMember = (
  source: ByteSource,
  offset: number,
  length: number,
  hash: number,
) => boolean;

/** In place of a hash: it is not known. */
const NO_HASH = -1;
const WALK_MEMBERS = 4096;
const WALK_END = -1;

const scratch = new ScratchSource();

/** Sets among the values of a database, by their refs; 0 for one that is not there. */
export class SetAlgebra {
  /** Where results are made. */
  readonly edit = new SetEdit();

  constructor(readonly map: ByteMap, readonly limits: EncodingLimits) {}

  /** Calls `visit` with the members that are in all of the sets, which all exist. */
  intersect(refs: readonly number[], visit: VisitMember): void {
    const [smallest, ...others] = this.#bySize(refs);
    this.#walk(smallest, (source, offset, length, hash) => {
      for (const other of others) {
        if (other === smallest) continue;
        if (!this.#has(other, source, offset, length, hash)) return true;
      }
      return visit(source, offset, length, hash);
    });
  }

  /** Makes the intersection in `edit`. */
  storeIntersection(refs: readonly number[]): void {
    const { edit } = this, [smallest] = this.#bySize(refs);
    edit.open(this.map, smallest, this.limits);
    edit.begin(this.limits, edit.isIntset ? SET_INTSET : SET_LISTPACK);
    this.intersect(refs, (source, offset, length) => {
      edit.add(source, offset, length);
      return true;
    });
    if (edit.size > 0) edit.becomeIntsetIfPossible();
  }

  /** Makes the union in `edit`. */
  storeUnion(refs: readonly number[]): void {
    const { edit } = this;
    edit.begin(this.limits);
    for (const ref of refs) this.#addAll(ref);
  }

  /** Makes the difference of the first set and all others in `edit`. */
  storeDifference(refs: readonly number[]): void {
    const { edit } = this, [first, ...rest] = refs;
    edit.begin(this.limits);
    if (first === 0 || rest.includes(first)) return;
    const others = rest.filter((ref) => ref !== 0);
    // As Redis chooses: looking up costs more than adding all and removing some.
    const firstSize = setSize(this.map, first);
    let allSizes = firstSize;
    for (const other of others) allSizes += setSize(this.map, other);
    if (firstSize * (others.length + 1) / 2 <= allSizes) {
      this.#addMissing(first, this.#bySize(others).reverse());
      return;
    }
    this.#addAll(first);
    for (const other of others) {
      if (edit.size === 0) return;
      this.#walk(other, (source, offset, length) => {
        edit.remove(source, offset, length);
        return true;
      });
    }
  }

  /** Adds the members of one set that are in none of the others. */
  #addMissing(first: number, others: readonly number[]): void {
    this.#walk(first, (source, offset, length, hash) => {
      const isElsewhere = others.some((other) =>
        this.#has(other, source, offset, length, hash)
      );
      if (!isElsewhere) this.edit.add(source, offset, length);
      return true;
    });
  }

  #addAll(ref: number): void {
    if (ref === 0) return;
    this.#walk(ref, (source, offset, length) => {
      this.edit.add(source, offset, length);
      return true;
    });
  }

  #bySize(refs: readonly number[]): number[] {
    const { map } = this;
    return refs.toSorted((a, b) => setSize(map, a) - setSize(map, b));
  }

  #has(
    ref: number,
    source: ByteSource,
    offset: number,
    length: number,
    hash: number,
  ): boolean {
    const { map } = this;
    if (hash === NO_HASH || !map.isObject(ref)) {
      return hasMember(map, ref, source, offset, length);
    }
    const { table } = map.object(ref) as SetObject;
    return table.findHashed(source, offset, length, hash) !== 0;
  }

  #walk(ref: number, visit: VisitMember): void {
    const { map } = this;
    if (!map.isObject(ref)) {
      if (inlineKind(map, ref) === SET_INTEGERS) {
        return walkIntegers(IntegerMembers.at(map, ref), visit);
      }
      for (const member of setMembers(map, ref)) {
        // Hashing reads past the end of a member, where a chunk may end, too.
        scratch.hold(member);
        if (!visit(scratch, 0, member.length, NO_HASH)) return;
      }
      return;
    }
    const { table } = map.object(ref) as SetObject;
    let goesOn = true;
    for (let from = 0; from !== WALK_END && goesOn;) {
      from = table.index.walk(from, WALK_MEMBERS, (at, hash) => {
        goesOn &&= visit(
          table.chunkOf(at),
          table.keyOffset(at),
          table.keyLength(at),
          hash,
        );
      });
    }
  }
}

function walkIntegers(members: IntegerMembers, visit: VisitMember): void {
  for (let at = members.first(); at !== 0; at = members.next(at)) {
    const length = members.writeKey(scratch.bytes, at);
    if (!visit(scratch, 0, length, NO_HASH)) return;
  }
}
