/**
 * Patterns of SORT's BY and GET: each names a key, or a field of a hash, for every
 * element.
 *
 * The first `*` of `weight_*` or `object_*->name` stands for the element; `#` is the
 * element itself. As in Redis, a pattern is searched up to its first null byte.
 */

import { Args } from "../router/args.ts";
import type { Database } from "../keyspace/database.ts";
import { TYPE_HASH, TYPE_STRING } from "../keyspace/record.ts";
import { HashField } from "../types/hash_field.ts";
import { ScratchSource } from "../types/inline_entries.ts";

const HASH_SIGN = 35, ASTERISK = 42, MINUS = 45, GREATER = 62;

const NO_NAME = new Uint8Array();
const fieldSource = new ScratchSource();
const found = new HashField();

/** See the top of the file. */
export class SortPattern {
  readonly #prefix: Uint8Array;
  readonly #suffix: Uint8Array;
  /** The hash field, or undefined for a string key. */
  readonly #field: Uint8Array | undefined;
  readonly #isElement: boolean;
  /** Whether it names another thing for each element. */
  readonly isVariable: boolean;

  /** @param pattern copied. */
  constructor(pattern: Uint8Array) {
    const end = pattern.indexOf(0);
    const searched = end < 0 ? pattern : pattern.subarray(0, end);
    this.#isElement = searched.length === 1 && searched[0] === HASH_SIGN;
    const star = searched.indexOf(ASTERISK);
    this.isVariable = star >= 0;
    const arrow = star < 0 ? -1 : findArrow(searched, star + 1);
    this.#prefix = pattern.slice(0, Math.max(star, 0));
    this.#suffix = pattern.slice(
      star + 1,
      arrow < 0 ? pattern.length : arrow,
    );
    this.#field = arrow < 0 ? undefined : pattern.slice(arrow + 2);
  }

  /** What the pattern names for an element, valid until the next write; undefined when there is none. */
  valueFor(db: Database, element: Uint8Array): Uint8Array | undefined {
    if (this.#isElement) return element;
    if (!this.isVariable) return undefined;
    const key = this.#keyFor(element), ref = db.read(Args.of(key), 0);
    if (ref === 0) return undefined;
    const { map } = db, field = this.#field;
    if (field === undefined) {
      return map.typeOf(ref) === TYPE_STRING ? map.string(ref) : undefined;
    }
    if (map.typeOf(ref) !== TYPE_HASH) return undefined;
    fieldSource.hold(field);
    const { fieldNowMs, fieldExpiry } = db.keyspace;
    if (found.find(map, ref, fieldSource, 0, field.length, fieldNowMs)) {
      return found.value;
    }
    if (found.hasMissed) {
      // Replicas, which sort by themselves, are told that it is gone.
      found.hasMissed = false;
      fieldExpiry.removeMissed(db, Args.of(NO_NAME, key, field), 2);
    }
    return undefined;
  }

  #keyFor(element: Uint8Array): Uint8Array {
    const prefix = this.#prefix, suffix = this.#suffix;
    const key = new Uint8Array(prefix.length + element.length + suffix.length);
    key.set(prefix);
    key.set(element, prefix.length);
    key.set(suffix, prefix.length + element.length);
    return key;
  }
}

/** Where `->` with something behind it is, from `from` on; -1 when it is not there. */
function findArrow(pattern: Uint8Array, from: number): number {
  for (let at = from; at + 1 < pattern.length; at++) {
    if (pattern[at] === MINUS && pattern[at + 1] === GREATER) {
      return at + 2 < pattern.length ? at : -1;
    }
  }
  return -1;
}
