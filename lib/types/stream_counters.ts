/**
 * How far a group has read, counted in entries: exact where the stream knows it, and
 * unknown where deleted entries make a count impossible.
 * {@link https://redis.io/docs/latest/commands/xinfo-groups/}
 */

import type { Stream } from "./stream.ts";
import { type ConsumerGroup, ENTRIES_READ_UNKNOWN } from "./stream_group.ts";
import type { StreamId } from "./stream_id.ts";

/** Whether an entry from `from` on was deleted that is not before the first one left. */
function hasGapFrom(stream: Stream, from: StreamId): boolean {
  const { length, firstId, maxDeletedId } = stream;
  return length > 0 && !maxDeletedId.isZero &&
    firstId.compare(maxDeletedId) <= 0 && from.compare(maxDeletedId) <= 0;
}

/** How many entries were ever added up to an ID, or ENTRIES_READ_UNKNOWN. */
export function entriesUpTo(stream: Stream, id: StreamId): number {
  const { entriesAdded, length, lastId, firstId, maxDeletedId } = stream;
  if (entriesAdded === 0) return 0;
  const toLast = id.compare(lastId);
  if (toLast === 0 || (length === 0 && toLast < 0)) return entriesAdded;
  if (toLast > 0) return ENTRIES_READ_UNKNOWN;
  if (maxDeletedId.isZero || maxDeletedId.compare(firstId) < 0) {
    const toFirst = id.compare(firstId);
    if (toFirst < 0) return entriesAdded - length;
    if (toFirst === 0) return entriesAdded - length + 1;
  }
  return ENTRIES_READ_UNKNOWN;
}

/** Counts an entry that the group is given, which is behind all that it got before. */
export function advanceGroup(
  group: ConsumerGroup,
  stream: Stream,
  id: StreamId,
): void {
  if (
    group.entriesRead !== ENTRIES_READ_UNKNOWN && !hasGapFrom(stream, id)
  ) group.entriesRead++;
  else if (stream.entriesAdded > 0) group.entriesRead = entriesUpTo(stream, id);
  group.lastId.copyFrom(id);
}

/** How many entries the group has yet to read; undefined when nobody knows. */
export function lagOf(
  group: ConsumerGroup,
  stream: Stream,
): number | undefined {
  const { entriesAdded } = stream;
  if (entriesAdded === 0) return 0;
  const { entriesRead, lastId } = group;
  if (entriesRead !== ENTRIES_READ_UNKNOWN && !hasGapFrom(stream, lastId)) {
    return entriesAdded - entriesRead;
  }
  const counted = entriesUpTo(stream, lastId);
  return counted === ENTRIES_READ_UNKNOWN ? undefined : entriesAdded - counted;
}
