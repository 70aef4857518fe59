/**
 * Unions, intersections and differences of sorted sets and sets, whose members
 * count with a score of 1.
 */

import type { ByteMap } from "../keyspace/byte_map.ts";
import { TYPE_SET } from "../keyspace/record.ts";
import type { ByteSource } from "../keyspace/record_store.ts";
import { ScratchSource } from "./inline_entries.ts";
import { hasMember, setMembers, setSize } from "./set_value.ts";
import { SortedSetObject } from "./sorted_set_object.ts";
import {
  memberScore,
  sortedSetEntries,
  sortedSetSize,
} from "./sorted_set_value.ts";

/** How two scores of one member become one. */
export type Aggregate = (score: number, other: number) => number;

/** One of the sets to combine. */
export interface Input {
  /** 0 when there is none. */
  readonly ref: number;
  readonly size: number;
  weight: number;
}

/** Infinities that cancel each other out make 0. */
export function sumOfScores(score: number, other: number): number {
  const sum = score + other;
  return sum !== sum ? 0 : sum;
}

export function lowerScore(score: number, other: number): number {
  return other < score ? other : score;
}

export function higherScore(score: number, other: number): number {
  return other > score ? other : score;
}

const memberSource = new ScratchSource();

/** See the top of the file. */
export class SortedSetAlgebra {
  constructor(private readonly map: ByteMap) {}

  /** The set at a ref, or an empty one for 0. */
  input(ref: number): Input {
    const { map } = this;
    const size = ref === 0
      ? 0
      : map.typeOf(ref) === TYPE_SET
      ? setSize(map, ref)
      : sortedSetSize(map, ref);
    return { ref, size, weight: 1 };
  }

  union(inputs: readonly Input[], aggregate: Aggregate): SortedSetObject {
    const result = new SortedSetObject(), { table } = result;
    for (const input of bySize(inputs)) {
      this.#forEach(input, (source, length, score) => {
        const weighted = weigh(score, input.weight);
        const found = table.find(source, 0, length);
        if (found === 0) result.add(source, 0, length, weighted);
        else {
          const current = result.score(found);
          const made = aggregate(current, weighted);
          if (made !== current) result.update(found, made);
        }
        return true;
      });
    }
    return result;
  }

  intersection(
    inputs: readonly Input[],
    aggregate: Aggregate,
  ): SortedSetObject {
    const result = new SortedSetObject(), { table } = result;
    this.forEachShared(inputs, aggregate, (source, length, score) => {
      table.find(source, 0, length);
      result.add(source, 0, length, score);
      return true;
    });
    return result;
  }

  /** Visits what all inputs share, until `visit` answers false. */
  forEachShared(
    inputs: readonly Input[],
    aggregate: Aggregate,
    visit: (source: ByteSource, length: number, score: number) => boolean,
  ): void {
    const [smallest, ...others] = bySize(inputs);
    this.#forEach(smallest, (source, length, score) => {
      let total = weigh(score, smallest.weight);
      for (const other of others) {
        const value = other.ref === smallest.ref
          ? score
          : this.#scoreIn(other, source, length);
        if (value !== value) return true;
        total = aggregate(total, value * other.weight);
      }
      return visit(source, length, total);
    });
  }

  /** What is in the first input and in no other. */
  difference([first, ...others]: readonly Input[]): SortedSetObject {
    const result = new SortedSetObject(), { table } = result;
    if (others.some(({ ref }) => ref === first.ref)) return result;
    this.#forEach(first, (source, length, score) => {
      const isElsewhere = others.some((other) => {
        const found = this.#scoreIn(other, source, length);
        return found === found;
      });
      if (!isElsewhere) {
        table.find(source, 0, length);
        result.add(source, 0, length, score);
      }
      return true;
    });
    return result;
  }

  #forEach(
    { ref }: Input,
    visit: (source: ByteSource, length: number, score: number) => boolean,
  ): void {
    const { map } = this;
    if (ref === 0) return;
    if (map.typeOf(ref) === TYPE_SET) {
      for (const member of setMembers(map, ref)) {
        memberSource.hold(member);
        if (!visit(memberSource, member.length, 1)) return;
      }
      return;
    }
    for (const [member, score] of sortedSetEntries(map, ref)) {
      memberSource.hold(member);
      if (!visit(memberSource, member.length, score)) return;
    }
  }

  /** The score of a member in an input; NaN when it is not there. */
  #scoreIn({ ref }: Input, source: ByteSource, length: number): number {
    const { map } = this;
    if (ref === 0) return NaN;
    if (map.typeOf(ref) !== TYPE_SET) {
      return memberScore(map, ref, source, 0, length);
    }
    return hasMember(map, ref, source, 0, length) ? 1 : NaN;
  }
}

function bySize(inputs: readonly Input[]): Input[] {
  return [...inputs].sort((input, other) => input.size - other.size);
}

/** Zero times infinity is zero. */
function weigh(score: number, weight: number): number {
  const weighted = score * weight;
  return weighted !== weighted ? 0 : weighted;
}
