/** How stream commands answer IDs and entries. */

import type { ReplyWriter } from "../resp/reply_writer.ts";
import type { Stream } from "../types/stream.ts";
import { StreamCursor } from "../types/stream_cursor.ts";
import { ID_TEXT_BYTES, StreamId, writeWide } from "../types/stream_id.ts";
import { writeInteger } from "../router/number_text.ts";

const INT64_MAX = 9223372036854775807n;
const DASH = 45, DOLLAR = 36, CR = 13, LF = 10;
/** `$`, two digits and a line break. */
const HEAD_BYTES = 5;
/** An ID as a bulk string; its moment is written from HEAD_BYTES to `momentEnd`. */
const ID_REPLY = new Uint8Array(HEAD_BYTES + ID_TEXT_BYTES + 2);
const written = new StreamId();
let momentEnd = writeWide(ID_REPLY, HEAD_BYTES, 0, 0);

const cursor = new StreamCursor();

/** A bulk string of the ID. */
export function replyId(reply: ReplyWriter, id: StreamId): void {
  // Most IDs have the moment of the one before.
  if (!id.hasMomentOf(written)) {
    written.copyFrom(id);
    momentEnd = writeWide(ID_REPLY, HEAD_BYTES, id.msHigh, id.msLow);
  }
  ID_REPLY[momentEnd] = DASH;
  const end = writeWide(ID_REPLY, momentEnd + 1, id.seqHigh, id.seqLow);
  const length = end - HEAD_BYTES;
  ID_REPLY[end] = ID_REPLY[HEAD_BYTES - 2] = CR;
  ID_REPLY[end + 1] = ID_REPLY[HEAD_BYTES - 1] = LF;
  const digits = length < 10 ? 1 : 2, start = HEAD_BYTES - 3 - digits;
  ID_REPLY[start] = DOLLAR;
  writeInteger(ID_REPLY, start + 1, length);
  reply.raw(ID_REPLY, start, end + 2 - start);
}

/** A number of entries or deliveries; beyond 2^53 it is rounded. */
export function replyCount(reply: ReplyWriter, count: number): void {
  if (Number.isSafeInteger(count)) reply.integer(count);
  else reply.bigint(wholeCount(count));
}

/** The digits of such a number. */
export function countText(count: number): string {
  return Number.isSafeInteger(count) ? `${count}` : `${wholeCount(count)}`;
}

function wholeCount(count: number): bigint {
  const whole = BigInt(count);
  return whole > INT64_MAX ? INT64_MAX : whole;
}

/** An entry, to which the cursor has gone: its ID, and its fields and values. */
export function replyEntry(reply: ReplyWriter, entry: StreamCursor): void {
  reply.array(2);
  replyId(reply, entry.id);
  reply.array(2 * entry.pairCount);
  const { field, value } = entry;
  for (let left = entry.pairCount; left > 0; left--) {
    entry.readPair();
    reply.bulkRange(field.bytes, field.offset, field.length);
    reply.bulkRange(value.bytes, value.offset, value.length);
  }
}

/** The entry of an ID; false, and nothing answered, when there is none. */
export function replyOneEntry(
  reply: ReplyWriter,
  stream: Stream,
  id: StreamId,
): boolean {
  return replyFirstEntry(reply, stream, id, id, false);
}

/** The first entry of an interval, or its last one; false, and nothing answered, when there is none. */
export function replyFirstEntry(
  reply: ReplyWriter,
  stream: Stream,
  first: StreamId,
  last: StreamId,
  isReverse: boolean,
): boolean {
  cursor.start(stream, first, last, isReverse);
  if (!cursor.next()) return false;
  replyEntry(reply, cursor);
  return true;
}

/** An array of up to `countMax` entries of an interval. */
export function replyEntries(
  reply: ReplyWriter,
  stream: Stream,
  first: StreamId,
  last: StreamId,
  isReverse: boolean,
  countMax: number,
): void {
  const mark = reply.beginDeferred();
  cursor.start(stream, first, last, isReverse);
  let count = 0;
  while (count < countMax && cursor.next()) {
    replyEntry(reply, cursor);
    count++;
  }
  reply.endDeferred(mark, count);
}
