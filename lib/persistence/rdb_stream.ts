/**
 * Streams in the RDB format.
 *
 * ```
 * blocks × (ID of the first entry (16, big-endian) | listpack)
 * length | last ID | first ID | highest deleted ID | entries added        (from form 2 on)
 * groups × (name | last ID | entries read                                 (from form 2 on)
 *           pending × (ID (16) | delivery time (8) | deliveries)
 *           consumers × (name | seen time (8) | active time (8)           (from form 3 on)
 *                        pending × ID (16)))
 * ```
 *
 * An ID between the blocks and the groups is two lengths. Form 2 is written, which
 * Redis 7.0 reads; it knows no active times.
 */

import { Stream } from "../types/stream.ts";
import {
  type ConsumerGroup,
  ENTRIES_READ_UNKNOWN,
} from "../types/stream_group.ts";
import { ID_BYTES, MAX_ID, MIN_ID, StreamId } from "../types/stream_id.ts";
import { StreamCursor } from "../types/stream_cursor.ts";
import {
  RDB_TYPE_STREAM_LISTPACKS,
  RDB_TYPE_STREAM_LISTPACKS_3,
} from "./rdb_format.ts";
import { ListpackReader } from "./listpack_reader.ts";
import type { RdbReader } from "./rdb_reader.ts";
import type { RdbWriter } from "./rdb_writer.ts";

const listpack = new ListpackReader();
const blockId = new StreamId();

/** Blocks that are read between two pauses. */
const BLOCKS_PER_PART = 64;
const TWO_32 = 4294967296;
/** 2^63 - 1, as a double. */
const COUNTER_MAX = 2 ** 63;

/** Writes a stream; pauses after every block and group. */
export function* streamParts(
  writer: RdbWriter,
  stream: Stream,
): Generator<void> {
  writer.count(stream.blocks.length);
  for (const block of stream.blocks) {
    writer.count(ID_BYTES);
    writeRawId(writer, block.id);
    yield writer.string(block.toListpack());
  }
  writer.count(stream.length);
  writeId(writer, stream.lastId);
  writeId(writer, stream.firstId);
  writeId(writer, stream.maxDeletedId);
  writeCounter(writer, stream.entriesAdded);
  writer.count(stream.groupCount);
  for (const group of stream.groups()) yield writeGroup(writer, group);
}

function writeGroup(writer: RdbWriter, group: ConsumerGroup): void {
  const { entriesRead } = group;
  writer.string(group.name);
  writeId(writer, group.lastId);
  if (entriesRead === ENTRIES_READ_UNKNOWN) writer.count64(-1, -1);
  else writeCounter(writer, entriesRead);
  writer.count(group.pending.size);
  for (const [id, slot] of group.pending.entries()) {
    writeRawId(writer, id);
    writer.int64(group.deliveryTimeOf(slot));
    writeCounter(writer, group.deliveryCountOf(slot));
  }
  writer.count(group.consumerCount);
  for (const { name, seenTimeMs, pending } of group.consumers()) {
    writer.string(name);
    writer.int64(seenTimeMs);
    writer.count(pending.size);
    for (const [id] of pending.entries()) writeRawId(writer, id);
  }
}

/**
 * Reads a stream, with pauses.
 *
 * @throws {RdbError} when the data is cut
 * @throws {RangeError} of damage
 */
export function* readStream(
  reader: RdbReader,
  rdbType: number,
): Generator<void, Stream> {
  const stream = new Stream();
  for (let blocks = reader.count(); blocks > 0; blocks--) {
    readBlock(reader, stream);
    if (blocks % BLOCKS_PER_PART === 0) yield;
  }
  const length = reader.count();
  if (length !== stream.length) throw new RangeError("wrong stream length");
  readId(reader, stream.lastId);
  if (rdbType === RDB_TYPE_STREAM_LISTPACKS) {
    stream.entriesAdded = length;
    firstIdOf(stream, stream.firstId);
  } else {
    readId(reader, stream.firstId);
    readId(reader, stream.maxDeletedId);
    stream.entriesAdded = readCounter(reader);
  }
  for (let groups = reader.count(); groups > 0; groups--) {
    readGroup(reader, stream, rdbType);
    yield;
  }
  return stream;
}

function readBlock(reader: RdbReader, stream: Stream): void {
  const id = blockId;
  reader.string();
  if (reader.textLength !== ID_BYTES) throw new RangeError("wrong stream ID");
  const { textView: view, textAt: at } = reader;
  id.readBytes(view, at);
  const { blocks } = stream;
  if (blocks.length > 0 && blocks[blocks.length - 1].id.compare(id) >= 0) {
    throw new RangeError("stream blocks out of order");
  }
  const bytes = reader.slice();
  listpack.begin(reader);
  while (listpack.next());
  if (!stream.addListpack(id, bytes)) {
    throw new RangeError("damaged stream block");
  }
}

function readGroup(reader: RdbReader, stream: Stream, rdbType: number): void {
  const group = stream.addGroup(reader.copy());
  if (group === undefined) throw new RangeError("a stream group comes twice");
  readId(reader, group.lastId);
  if (rdbType === RDB_TYPE_STREAM_LISTPACKS) {
    group.entriesRead = estimatedEntriesRead(stream, group.lastId);
  } else {
    group.entriesRead = readCounter(reader, ENTRIES_READ_UNKNOWN);
  }
  const id = new StreamId();
  for (let pending = reader.count(); pending > 0; pending--) {
    readRawId(reader, id);
    const time = readTime(reader), count = readCounter(reader);
    if (group.pending.get(id) >= 0) {
      throw new RangeError("a pending entry comes twice");
    }
    group.addPending(id, undefined, time, count);
  }
  let owned = 0;
  for (let consumers = reader.count(); consumers > 0; consumers--) {
    owned += readConsumer(reader, group, rdbType);
  }
  if (owned !== group.pending.size) {
    throw new RangeError("a pending entry of nobody");
  }
}

/** Returns how many pending entries it has. */
function readConsumer(
  reader: RdbReader,
  group: ConsumerGroup,
  rdbType: number,
): number {
  const name = reader.copy();
  if (group.consumer(name) !== undefined) {
    throw new RangeError("Duplicate stream consumer detected");
  }
  const consumer = group.addConsumer(name, readTime(reader));
  consumer.activeTimeMs = rdbType >= RDB_TYPE_STREAM_LISTPACKS_3
    ? readTime(reader)
    : consumer.seenTimeMs;
  const id = new StreamId();
  const pending = reader.count();
  for (let left = pending; left > 0; left--) {
    readRawId(reader, id);
    const slot = group.pending.get(id);
    if (slot < 0 || group.ownerOf(slot) !== undefined) {
      throw new RangeError("a pending entry that is not the group's");
    }
    group.give(id, slot, consumer);
  }
  return pending;
}

/** How many entries are up to an ID, where that can be told. */
function estimatedEntriesRead(stream: Stream, id: StreamId): number {
  const { entriesAdded, length, firstId, lastId } = stream;
  if (entriesAdded === 0) return 0;
  const place = id.compare(lastId);
  if (place === 0 || (length === 0 && place < 0)) return entriesAdded;
  if (place > 0) return ENTRIES_READ_UNKNOWN;
  const begin = id.compare(firstId);
  if (begin > 0) return ENTRIES_READ_UNKNOWN;
  return entriesAdded - length + (begin === 0 ? 1 : 0);
}

function firstIdOf(stream: Stream, id: StreamId): void {
  const cursor = new StreamCursor();
  cursor.start(stream, MIN_ID, MAX_ID);
  if (stream.length > 0 && cursor.next()) id.copyFrom(cursor.id);
}

/** Counters that commands can set go up to 2^63 - 1, which a double rounds up. */
function writeCounter(writer: RdbWriter, value: number): void {
  if (value < COUNTER_MAX) writer.count(value);
  else writer.count64(0x7fffffff, -1);
}

/** Reads a counter, which may be `unknown` if that is given. Redis counts on beyond 2^63 - 1, this server does not. */
function readCounter(reader: RdbReader, unknown?: number): number {
  reader.count64();
  const { high, low } = reader;
  if ((high & low) === -1 && unknown !== undefined) return unknown;
  return high < 0 ? COUNTER_MAX : high * TWO_32 + (low >>> 0);
}

/** Reads a moment in milliseconds. */
function readTime(reader: RdbReader): number {
  const timeMs = Number(reader.int64());
  if (!Number.isSafeInteger(timeMs)) throw new RangeError("impossible time");
  return timeMs;
}

function writeRawId(writer: RdbWriter, id: StreamId): void {
  writer.room(ID_BYTES);
  id.writeBytes(writer.view, writer.length);
  writer.length += ID_BYTES;
}

function readRawId(reader: RdbReader, id: StreamId): void {
  reader.need(ID_BYTES);
  id.readBytes(reader.view, reader.at);
  reader.at += ID_BYTES;
}

function writeId(writer: RdbWriter, id: StreamId): void {
  writer.count64(id.msHigh, id.msLow);
  writer.count64(id.seqHigh, id.seqLow);
}

function readId(reader: RdbReader, id: StreamId): void {
  reader.count64();
  const { high, low } = reader;
  reader.count64();
  id.set(high, low, reader.high, reader.low);
}
