/**
 * A block of stream entries: what Redis keeps in one node of a stream's radix tree,
 * in the same bytes. So blocks are full at the same entry, trimming with `~` ends at
 * the same one, and dumps contain them as they are.
 *
 * ```
 * head     number of fields | fields … | 0
 * entry    flags | ms | seq | [number of fields] | values, or fields and values … | count
 * ```
 *
 * All are listpack elements. `ms` and `seq` are differences from the ID of the block,
 * which is that of its first entry. An entry whose fields are those in the head has
 * only values. `count` is the number of the entry's elements before it, for reading
 * backwards. Deleted entries stay, with a flag, until the whole block goes. In a
 * dump the numbers of live and deleted entries stand before the head.
 */

import type { Args } from "../router/args.ts";
import {
  ELEMENT_OVERHEAD_BYTES,
  INTEGER_ELEMENT_BYTES,
  integerElementSize,
  integerHigh,
  integerLow,
  nextElement,
  previousElement,
  SHORT_TEXT,
  SHORT_TEXT_HEAD,
  writeIntegerElement,
  writeTextElement,
  writeWords,
} from "./listpack.ts";
import { StreamId } from "./stream_id.ts";

export const ENTRY_DELETED = 1;
export const ENTRY_SAME_FIELDS = 2;

/** Of a listpack: its length in bytes, 32 bits, and its number of elements, 16 bits. */
const LISTPACK_HEAD_BYTES = 6;
const LISTPACK_END = 0xff;
/** This many elements or more are not counted. */
const ELEMENTS_UNKNOWN = 65535;
/** Most bytes of a block, whatever the limits say, and of the texts of an entry. */
export const BLOCK_BYTES_MAX = 1 << 30;
/** Elements of an entry with the head's fields beside its values and the last one. */
const ENTRY_ELEMENTS = 3;
const INITIAL_BYTES = 128;
/** A full block may have this part of its length as room behind it. */
const WASTE_DIVISOR = 6;
/** What an object takes beside its bytes; an estimate. */
const OBJECT_BYTES = 300;

/** See the top of the file. */
export class StreamBlock {
  /** Live and deleted entries. */
  count = 0;
  deleted = 0;
  /** Number of fields in the head. */
  fieldCount = 0;
  /** Where the first entry is. */
  entriesStart = 0;
  /** Another stream has this block, too: it must not be changed. */
  isShared = false;
  /** Bytes in use. */
  length = 0;
  #elements = 0;

  /**
   * @param id of its first entry; the block keeps it.
   * @param bytes for head and entries, to begin with.
   */
  constructor(
    readonly id: StreamId,
    public bytes: Uint8Array = new Uint8Array(INITIAL_BYTES),
  ) {}

  get memoryBytes(): number {
    return this.bytes.length + OBJECT_BYTES;
  }

  /** Length of the listpack that Redis would have. */
  get listpackBytes(): number {
    return LISTPACK_HEAD_BYTES + integerElementSize(this.count) +
      integerElementSize(this.deleted) + this.length + 1;
  }

  copy(): StreamBlock {
    const copy = new StreamBlock(this.id, this.bytes.slice(0, this.length));
    copy.count = this.count;
    copy.deleted = this.deleted;
    copy.fieldCount = this.fieldCount;
    copy.entriesStart = this.entriesStart;
    copy.length = this.length;
    copy.#elements = this.#elements;
    return copy;
  }

  /** Gives back the room behind the last entry, if it is much. */
  shrink(): void {
    const wasteBytes = this.bytes.length - this.length;
    if (wasteBytes > this.length / WASTE_DIVISOR + INITIAL_BYTES) {
      this.bytes = this.bytes.slice(0, this.length);
    }
  }

  /** An empty block, with room for becoming as large as the full one before it, if there is one. */
  static behind(full: StreamBlock | undefined, id: StreamId): StreamBlock {
    if (full === undefined) return new StreamBlock(id);
    const room = full.length + Math.floor(full.length / (2 * WASTE_DIVISOR));
    return new StreamBlock(id, new Uint8Array(room + INITIAL_BYTES));
  }

  /**
   * Adds an entry behind the others.
   *
   * @param first index of the first field in `args`; fields and values alternate.
   * @param textBytes length of all of them.
   */
  append(
    id: StreamId,
    args: Args,
    first: number,
    pairs: number,
    textBytes: number,
  ): void {
    this.#room(textBytes, 2 * pairs);
    if (this.length === 0) this.#writeHead(args, first, pairs);
    const isSame = pairs === this.fieldCount && this.#hasFields(args, first);
    const bytes = this.bytes;
    let at = writeIntegerElement(
      bytes,
      this.length,
      isSame ? ENTRY_SAME_FIELDS : 0,
    );
    at = this.#writeDifferences(at, id);
    if (!isSame) at = writeIntegerElement(bytes, at, pairs);
    for (let i = isSame ? 1 : 0; i < 2 * pairs; i += isSame ? 2 : 1) {
      at = writeTextElement(
        bytes,
        at,
        args.bytes,
        args.offset(first + i),
        args.length(first + i),
      );
    }
    const elements = ENTRY_ELEMENTS + (isSame ? pairs : 2 * pairs + 1);
    this.length = writeIntegerElement(bytes, at, elements);
    this.#elements += elements + 1;
    this.count++;
  }

  /** Marks the entry at `at` as deleted. */
  delete(at: number): void {
    this.bytes[at] |= ENTRY_DELETED;
    this.count--;
    this.deleted++;
  }

  isDeleted(at: number): boolean {
    return (this.bytes[at] & ENTRY_DELETED) !== 0;
  }

  /** Where the last entry is, deleted or not. */
  lastEntry(): number {
    const { bytes } = this;
    let at = previousElement(bytes, this.length);
    for (let left = integerLow(bytes, at); left > 0; left--) {
      at = previousElement(bytes, at);
    }
    return at;
  }

  /** The ID of the entry at `at`. */
  readId(at: number, into: StreamId): void {
    const { bytes, id } = this;
    const msAt = at + 2, seqAt = nextElement(bytes, msAt);
    const msLow = id.msLow + integerLow(bytes, msAt);
    const seqLow = id.seqLow + integerLow(bytes, seqAt);
    into.set(
      id.msHigh + integerHigh(bytes, msAt) + (msLow > 0xffffffff ? 1 : 0),
      msLow,
      id.seqHigh + integerHigh(bytes, seqAt) + (seqLow > 0xffffffff ? 1 : 0),
      seqLow,
    );
  }

  /** Where the entry behind the one at `at` begins. */
  entryEnd(at: number): number {
    const { bytes } = this;
    const flags = bytes[at];
    at = nextElement(bytes, nextElement(bytes, at + 2));
    let texts = this.fieldCount;
    if ((flags & ENTRY_SAME_FIELDS) === 0) {
      texts = 2 * integerLow(bytes, at);
      at = nextElement(bytes, at);
    }
    for (; texts >= 0; texts--) at = nextElement(bytes, at);
    return at;
  }

  /** The block as a listpack, as dumps contain it. */
  toListpack(): Uint8Array {
    const listpack = new Uint8Array(this.listpackBytes);
    const view = new DataView(listpack.buffer);
    view.setUint32(0, listpack.length, true);
    view.setUint16(4, Math.min(this.#elements + 2, ELEMENTS_UNKNOWN), true);
    let at = writeIntegerElement(listpack, LISTPACK_HEAD_BYTES, this.count);
    at = writeIntegerElement(listpack, at, this.deleted);
    listpack.set(this.bytes.subarray(0, this.length), at);
    listpack[listpack.length - 1] = LISTPACK_END;
    return listpack;
  }

  /**
   * The block of a listpack; undefined when it is none of a stream.
   *
   * @param id of its first entry; the block keeps it.
   */
  static fromListpack(
    id: StreamId,
    listpack: Uint8Array,
  ): StreamBlock | undefined {
    const end = listpack.length - 1;
    const first = LISTPACK_HEAD_BYTES;
    const second = integerEnd(listpack, first, end);
    const body = integerEnd(listpack, second, end);
    if (body < 0 || listpack[end] !== LISTPACK_END) return undefined;
    const block = StreamBlock.fromBytes(id, listpack.slice(body, end));
    const isRight = block?.count === integerLow(listpack, first) &&
      block.deleted === integerLow(listpack, second);
    return isRight ? block : undefined;
  }

  /** The block of head and entries, which it keeps; undefined when they are none. */
  static fromBytes(id: StreamId, bytes: Uint8Array): StreamBlock | undefined {
    const block = new StreamBlock(id, bytes);
    block.length = bytes.length;
    return block.#index() ? block : undefined;
  }

  /** Walks through the bytes, counting; false when they are no head and entries. */
  #index(): boolean {
    const { bytes, length } = this;
    let at = integerEnd(bytes, 0, length);
    if (at < 0) return false;
    this.fieldCount = integerLow(bytes, 0);
    this.#elements = this.fieldCount + 2;
    at = elementsEnd(bytes, at, this.fieldCount + 1, length);
    if (at < 0) return false;
    this.entriesStart = at;
    while (at < length) {
      const flags = bytes[at];
      for (let left = ENTRY_ELEMENTS; left > 0; left--) {
        at = integerEnd(bytes, at, length);
        if (at < 0) return false;
      }
      if (flags > (ENTRY_DELETED | ENTRY_SAME_FIELDS)) return false;
      let texts = this.fieldCount;
      if ((flags & ENTRY_SAME_FIELDS) === 0) {
        const next = integerEnd(bytes, at, length);
        if (next < 0) return false;
        texts = 2 * integerLow(bytes, at) + 1;
      }
      const last = elementsEnd(bytes, at, texts, length);
      at = last < 0 ? -1 : integerEnd(bytes, last, length);
      if (at < 0 || integerLow(bytes, last) !== ENTRY_ELEMENTS + texts) {
        return false;
      }
      this.#elements += ENTRY_ELEMENTS + texts + 1;
      if ((flags & ENTRY_DELETED) === 0) this.count++;
      else this.deleted++;
    }
    return at === length;
  }

  #writeHead(args: Args, first: number, pairs: number): void {
    const { bytes } = this;
    let at = writeIntegerElement(bytes, 0, pairs);
    for (let i = 0; i < pairs; i++) {
      const field = first + 2 * i;
      const offset = args.offset(field), length = args.length(field);
      at = writeTextElement(bytes, at, args.bytes, offset, length);
    }
    this.length = this.entriesStart = writeIntegerElement(bytes, at, 0);
    this.fieldCount = pairs;
    this.#elements = pairs + 2;
  }

  /** Whether an entry's fields are the head's: equal texts are equal elements. */
  #hasFields(args: Args, first: number): boolean {
    const { bytes } = this;
    const start = this.length;
    let at = nextElement(bytes, 0);
    for (let i = 0; i < this.fieldCount; i++) {
      const field = first + 2 * i;
      const offset = args.offset(field), length = args.length(field);
      if (length < SHORT_TEXT && bytes[at] === (SHORT_TEXT_HEAD | length)) {
        const from = args.bytes;
        at++;
        for (let j = 0; j < length; j++) {
          if (bytes[at++] !== from[offset + j]) return false;
        }
        at++;
        continue;
      }
      const end = writeTextElement(bytes, start, args.bytes, offset, length);
      for (let from = start; from < end; from++) {
        if (bytes[from] !== bytes[at++]) return false;
      }
    }
    return true;
  }

  #writeDifferences(at: number, id: StreamId): number {
    const { bytes, id: own } = this;
    if (id.hasMomentOf(own) && id.seqHigh === own.seqHigh) {
      at = writeIntegerElement(bytes, at, 0);
      const seq = id.seqLow - own.seqLow;
      return writeIntegerElement(bytes, at, seq);
    }
    const ms = id.msLow - own.msLow;
    const seq = id.seqLow - own.seqLow;
    at = writeWords(
      bytes,
      at,
      id.msHigh - own.msHigh - (ms < 0 ? 1 : 0),
      ms,
    );
    return writeWords(
      bytes,
      at,
      id.seqHigh - own.seqHigh - (seq < 0 ? 1 : 0),
      seq,
    );
  }

  /** Makes room for an entry, and for a head when there is none. */
  #room(textBytes: number, texts: number): void {
    const isNew = this.length === 0;
    const needed = this.length + (isNew ? 2 : 1) * textBytes +
      texts * ELEMENT_OVERHEAD_BYTES + 8 * INTEGER_ELEMENT_BYTES;
    if (needed <= this.bytes.length) return;
    const grown = new Uint8Array(Math.max(needed, 2 * this.bytes.length));
    grown.set(this.bytes.subarray(0, this.length));
    this.bytes = grown;
  }
}

/** The place behind an integer within `end`; -1 when there is none. */
function integerEnd(bytes: Uint8Array, at: number, end: number): number {
  if (at < 0 || at >= end) return -1;
  const head = bytes[at];
  const isInteger = head < 0x80 || (head >= 0xc0 && head < 0xe0) ||
    (head > 0xf0 && head <= 0xf4);
  return isInteger ? elementsEnd(bytes, at, 1, end) : -1;
}

/** The place behind `count` elements within `end`; -1 when there are not so many. */
function elementsEnd(
  bytes: Uint8Array,
  at: number,
  count: number,
  end: number,
): number {
  for (; count > 0; count--) {
    if (at >= end || bytes[at] > 0xf4) return -1;
    at = nextElement(bytes, at);
  }
  return at <= end ? at : -1;
}
