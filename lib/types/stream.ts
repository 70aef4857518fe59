/**
 * A stream: entries in the order of their IDs, and consumer groups.
 *
 * Entries are bytes in blocks ({@linkcode StreamBlock}), found by a search among the
 * blocks' first IDs. Nothing else exists per entry. A copy shares the blocks until
 * one side changes them, so that copying a large stream takes no time.
 *
 * To save and load a whole stream: `blocks` with `id` and `toListpack()`, or a
 * {@linkcode StreamCursor} for single entries; `length`, `lastId`, `firstId`,
 * `maxDeletedId`, `entriesAdded`; `groups()`, of each the fields, `pending.entries()`
 * with `deliveryTimeOf`, `deliveryCountOf` and `ownerOf` its slots, and `consumers()`
 * with their times and `pending.entries()`. The other way round: `addListpack` (or
 * `append`), the same fields, `addGroup`, `addConsumer` and `addPending`
 * (with `give` where a file says the owners later).
 */

import type { Collection } from "../keyspace/collection.ts";
import type { EncodingLimits } from "../keyspace/encoding_limits.ts";
import { type ByteText, textOfBytes } from "../resp/byte_text.ts";
import type { Args } from "../router/args.ts";
import { BLOCK_BYTES_MAX, StreamBlock } from "./stream_block.ts";
import { StreamCursor } from "./stream_cursor.ts";
import { ConsumerGroup, inOrder } from "./stream_group.ts";
import { MAX_ID, MIN_ID, StreamId } from "./stream_id.ts";

/** What a stream takes without entries; an estimate. */
const OBJECT_BYTES = 600;
/** Stays empty. */
const NO_GROUPS = new Map<ByteText, ConsumerGroup>();

/** See the top of the file. */
export class Stream implements Collection {
  readonly encoding = "stream";
  /** In the order of their IDs; each has entries, which may all be deleted. */
  blocks: StreamBlock[] = [];
  /** Number of entries, without deleted ones. */
  length = 0;
  /** ID of the first entry, or 0-0. */
  readonly firstId = new StreamId();
  /** The highest ID that was ever used or set. */
  readonly lastId = new StreamId();
  /** The highest ID that XDEL has removed. */
  readonly maxDeletedId = new StreamId();
  /** Entries ever added, those that are gone included. */
  entriesAdded = 0;

  /** The one that all streams without groups have, or an own one. */
  #groups: Map<ByteText, ConsumerGroup> = NO_GROUPS;

  get groupCount(): number {
    return this.#groups.size;
  }

  get memoryBytes(): number {
    let bytes = OBJECT_BYTES;
    for (const block of this.blocks) bytes += block.memoryBytes;
    for (const group of this.#groups.values()) bytes += group.memoryBytes;
    return bytes;
  }

  copy(): Stream {
    const copy = new Stream();
    for (const block of this.blocks) block.isShared = true;
    copy.blocks = this.blocks.slice();
    copy.length = this.length;
    copy.firstId.copyFrom(this.firstId);
    copy.lastId.copyFrom(this.lastId);
    copy.maxDeletedId.copyFrom(this.maxDeletedId);
    copy.entriesAdded = this.entriesAdded;
    if (this.#groups.size > 0) copy.#groups = new Map();
    for (const [name, group] of this.#groups) {
      copy.#groups.set(name, group.copy());
    }
    return copy;
  }

  /**
   * Adds an entry behind all others, whose ID must be higher than `lastId`.
   *
   * @param first index of the first field in `args`; fields and values alternate.
   * @param textBytes length of all of them, up to BLOCK_BYTES_MAX.
   */
  append(
    id: StreamId,
    args: Args,
    first: number,
    pairs: number,
    textBytes: number,
    limits: EncodingLimits,
  ): void {
    let last = this.blocks.length - 1;
    const full = this.blocks[last];
    if (full === undefined || isFull(full, textBytes, limits)) {
      this.#push(StreamBlock.behind(full, id.copy()));
      if (full !== undefined && !full.isShared) full.shrink();
      last++;
    }
    this.#own(last).append(id, args, first, pairs, textBytes);
    this.length++;
    this.entriesAdded++;
    this.lastId.copyFrom(id);
    if (this.length === 1) this.firstId.copyFrom(id);
  }

  /**
   * Adds a block behind all others, from a dump. The caller sets `firstId`,
   * `lastId` and `entriesAdded`. False when the bytes are no block.
   */
  addListpack(id: StreamId, listpack: Uint8Array): boolean {
    const block = StreamBlock.fromListpack(id.copy(), listpack);
    if (block === undefined) return false;
    this.addBlock(block);
    return true;
  }

  /** Adds a block behind all others, as `addListpack` does. */
  addBlock(block: StreamBlock): void {
    this.#push(block);
    this.length += block.count;
  }

  /** Whether there is an entry of this ID. */
  has(id: StreamId): boolean {
    cursor.start(this, id, id);
    return cursor.next();
  }

  /** Deletes an entry; false when there is none. `firstId` and `maxDeletedId` follow. */
  delete(id: StreamId): boolean {
    cursor.start(this, id, id);
    if (!cursor.next()) return false;
    const { blockIndex, entryAt } = cursor;
    if (this.blocks[blockIndex].count === 1) this.blocks.splice(blockIndex, 1);
    else this.#own(blockIndex).delete(entryAt);
    this.length--;
    if (id.compare(this.maxDeletedId) > 0) this.maxDeletedId.copyFrom(id);
    if (id.compare(this.firstId) === 0) this.#findFirst();
    return true;
  }

  /**
   * Removes entries from the front until there are no more than `lengthMax`, or none
   * before `firstKept`.
   *
   * @param wholeBlocks removes only whole blocks, and so maybe fewer.
   * @param entriesMax of entries to remove; 0 for any number.
   * @return how many were removed.
   */
  trim(
    lengthMax: number,
    firstKept: StreamId,
    wholeBlocks: boolean,
    entriesMax: number,
  ): number {
    const { blocks } = this;
    const before = this.length;
    let gone = 0;
    for (; gone < blocks.length; gone++) {
      const { count } = blocks[gone];
      if (firstKept.isZero && this.length <= lengthMax) break;
      if (entriesMax > 0 && before - this.length + count > entriesMax) break;
      const goesWhole = firstKept.isZero
        ? this.length - count >= lengthMax
        : lastIdOf(blocks[gone]).compare(firstKept) < 0;
      if (!goesWhole) {
        if (!wholeBlocks) this.#trimBlock(gone, lengthMax, firstKept);
        break;
      }
      this.length -= count;
    }
    if (gone > 0) blocks.splice(0, gone);
    if (this.length < before) this.#findFirst();
    return before - this.length;
  }

  /** Index of the last block that begins at or before the ID, or -1. */
  blockIndexOf(id: StreamId): number {
    const { blocks } = this;
    let low = 0, high = blocks.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (blocks[middle].id.compare(id) <= 0) low = middle + 1;
      else high = middle;
    }
    return low - 1;
  }

  /** Puts the ID of the last entry into `id`; false, and 0-0, when there is none. */
  readLastEntryId(id: StreamId): boolean {
    cursor.start(this, MIN_ID, MAX_ID, true);
    const isThere = this.length > 0 && cursor.next();
    id.copyFrom(isThere ? cursor.id : MIN_ID);
    return isThere;
  }

  group(name: Uint8Array): ConsumerGroup | undefined {
    return this.#groups.get(textOfBytes(name));
  }

  /** The groups in the order of their names' bytes. */
  groups(): ConsumerGroup[] {
    return inOrder(this.#groups);
  }

  /** Makes a group; undefined when there is one of that name. */
  addGroup(name: Uint8Array): ConsumerGroup | undefined {
    const text = textOfBytes(name);
    if (this.#groups.has(text)) return undefined;
    const group = new ConsumerGroup(name.slice());
    if (this.#groups === NO_GROUPS) this.#groups = new Map();
    this.#groups.set(text, group);
    return group;
  }

  deleteGroup(name: Uint8Array): boolean {
    return this.#groups.delete(textOfBytes(name));
  }

  /** Deletes entries of a block that is not to go as a whole. */
  #trimBlock(index: number, lengthMax: number, firstKept: StreamId): void {
    const block = this.#own(index), id = new StreamId();
    for (
      let at = block.entriesStart;
      at < block.length;
      at = block.entryEnd(at)
    ) {
      block.readId(at, id);
      const isDone = firstKept.isZero
        ? this.length <= lengthMax
        : id.compare(firstKept) >= 0;
      if (isDone) return;
      if (!block.isDeleted(at)) {
        block.delete(at);
        this.length--;
      }
    }
  }

  #findFirst(): void {
    cursor.start(this, MIN_ID, MAX_ID);
    const isThere = this.length > 0 && cursor.next();
    this.firstId.copyFrom(isThere ? cursor.id : MIN_ID);
  }

  #push(block: StreamBlock): void {
    // What is pushed to an empty array gets room for 16 more.
    if (this.blocks.length === 0) this.blocks = [block];
    else this.blocks.push(block);
  }

  /** A block to change, which no other stream has. */
  #own(index: number): StreamBlock {
    const block = this.blocks[index];
    if (!block.isShared) return block;
    return this.blocks[index] = block.copy();
  }
}

/** For short walks within a method. */
const cursor = new StreamCursor();

/** Whether an entry with texts of so many bytes begins a new block. */
function isFull(
  block: StreamBlock,
  textBytes: number,
  { streamNodeMaxBytes, streamNodeMaxEntries }: EncodingLimits,
): boolean {
  const bytesMax = streamNodeMaxBytes === 0
    ? BLOCK_BYTES_MAX
    : Math.min(streamNodeMaxBytes, BLOCK_BYTES_MAX);
  if (block.listpackBytes + textBytes >= bytesMax) return true;
  return streamNodeMaxEntries > 0 &&
    block.count + block.deleted >= streamNodeMaxEntries;
}

/** The ID of a block's last entry, deleted or not. */
function lastIdOf(block: StreamBlock): StreamId {
  const id = new StreamId();
  block.readId(block.lastEntry(), id);
  return id;
}
