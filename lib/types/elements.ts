/**
 * The elements of a hash or a set, wherever they are: one after the other, at
 * random, and as parts of a reply. An element is named by a number that is never
 * 0 and holds until the collection changes.
 */

import type { ByteMap } from "../keyspace/byte_map.ts";
import type { ReplyWriter } from "../resp/reply_writer.ts";
import type { ByteTable } from "./byte_table.ts";
import {
  entryBytes,
  entryLength,
  entryStart,
  inlineCount,
  inlineEnd,
  inlineStart,
  nextEntry,
} from "./inline_entries.ts";

/** See the top of the file. */
export interface Elements {
  readonly size: number;
  /** The first element, or 0. */
  first(): number;
  /** The element behind another one, or 0. */
  next(at: number): number;
  /** One of at least one, each with the same chance. */
  random(random: () => number): number;
  /** A field or a member, valid until the next change. */
  key(at: number): Uint8Array;
  replyKey(reply: ReplyWriter, at: number): void;
  /** The value of a hash's field. */
  replyValue(reply: ReplyWriter, at: number): void;
}

/** Elements in the record of their key. */
export class InlineElements implements Elements {
  readonly size: number;
  readonly #bytes: Uint8Array;
  readonly #start: number;
  readonly #end: number;
  readonly #hasValues: boolean;

  constructor(map: ByteMap, ref: number, hasValues: boolean) {
    this.size = inlineCount(map, ref);
    this.#bytes = map.arena.bytes[ref >>> 20];
    this.#start = inlineStart(map, ref);
    this.#end = inlineEnd(map, ref);
    this.#hasValues = hasValues;
  }

  first(): number {
    return this.#start < this.#end ? this.#start : 0;
  }

  next(at: number): number {
    let next = nextEntry(this.#bytes, at);
    if (this.#hasValues) next = nextEntry(this.#bytes, next);
    return next < this.#end ? next : 0;
  }

  random(random: () => number): number {
    let at = this.#start;
    for (let index = Math.floor(random() * this.size); index > 0; index--) {
      at = this.next(at);
    }
    return at;
  }

  key(at: number): Uint8Array {
    return entryBytes(this.#bytes, at);
  }

  replyKey(reply: ReplyWriter, at: number): void {
    const bytes = this.#bytes;
    reply.bulkRange(bytes, entryStart(bytes, at), entryLength(bytes, at));
  }

  replyValue(reply: ReplyWriter, at: number): void {
    this.replyKey(reply, nextEntry(this.#bytes, at));
  }
}

/** Some entries of a table, by their refs. */
export class ListedElements implements Elements {
  constructor(
    readonly table: ByteTable,
    readonly refs: readonly number[],
  ) {}

  get size(): number {
    return this.refs.length;
  }

  first(): number {
    return this.refs.length > 0 ? 1 : 0;
  }

  next(at: number): number {
    return at < this.refs.length ? at + 1 : 0;
  }

  random(random: () => number): number {
    return 1 + Math.floor(random() * this.refs.length);
  }

  key(at: number): Uint8Array {
    return this.table.key(this.refs[at - 1]);
  }

  replyKey(reply: ReplyWriter, at: number): void {
    this.table.replyKey(reply, this.refs[at - 1]);
  }

  replyValue(reply: ReplyWriter, at: number): void {
    this.table.replyValue(reply, this.refs[at - 1]);
  }
}

/** A sample whose size is this share of all or more is taken in one walk over all. */
const WALKED_SHARE = 1 / 3;

/** `count` different elements picked at random, each set of them with the same chance; `count` is at most the size. */
export function pickDistinct(
  elements: Elements,
  count: number,
  random: () => number,
  take: (at: number) => void,
): void {
  if (count >= elements.size * WALKED_SHARE) {
    let left = elements.size, wanted = count;
    for (let at = elements.first(); wanted > 0; at = elements.next(at)) {
      if (random() * left-- < wanted) {
        wanted--;
        take(at);
      }
    }
    return;
  }
  const picked = new Set<number>();
  while (picked.size < count) picked.add(elements.random(random));
  for (const at of picked) take(at);
}
