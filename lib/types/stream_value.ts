/**
 * Streams: what a key of type stream holds.
 *
 * A small stream of one block without groups can be bytes in its key's record, as
 * loading makes it; so it costs no objects until it is changed:
 *
 * ```
 * ID of the block | last ID | first ID | highest deleted ID (16 each, big-endian)
 * entries added (8, a double) | head and entries of the block
 * ```
 *
 * What reads gets a {@linkcode Stream} made for the moment; what changes it, the one
 * that takes the bytes' place.
 */

import type { DigestMixer, ValueType } from "../keyspace/collection.ts";
import type { ByteMap } from "../keyspace/byte_map.ts";
import { INLINE_COLLECTION_MAX } from "../keyspace/record.ts";
import { type ByteSource, sourceOf } from "../keyspace/record_store.ts";
import { bytesOfText } from "../resp/byte_text.ts";
import { Stream } from "./stream.ts";
import { StreamBlock } from "./stream_block.ts";
import { StreamCursor } from "./stream_cursor.ts";
import { ID_BYTES, MAX_ID, MIN_ID, StreamId } from "./stream_id.ts";

const LAST_AT = ID_BYTES;
const FIRST_AT = 2 * ID_BYTES;
const DELETED_AT = 3 * ID_BYTES;
const ADDED_AT = 4 * ID_BYTES;
const ENTRIES_AT = ADDED_AT + 8;

/** Where {@linkcode packStream} puts the bytes. */
export const packedStream: ByteSource = sourceOf(
  new Uint8Array(INLINE_COLLECTION_MAX),
);

/** Makes a stream bytes for a record. Returns how many, or 0 when it is to stay an object. */
export function packStream(stream: Stream): number {
  const { blocks: [block, ...others], groupCount } = stream;
  if (block === undefined || others.length > 0 || groupCount > 0) return 0;
  const length = ENTRIES_AT + block.length;
  if (length > INLINE_COLLECTION_MAX) return 0;
  const { bytes, view } = packedStream;
  block.id.writeBytes(view, 0);
  stream.lastId.writeBytes(view, LAST_AT);
  stream.firstId.writeBytes(view, FIRST_AT);
  stream.maxDeletedId.writeBytes(view, DELETED_AT);
  view.setFloat64(ADDED_AT, stream.entriesAdded);
  bytes.set(block.bytes.subarray(0, block.length), ENTRIES_AT);
  return length;
}

function unpackStream(bytes: Uint8Array): Stream {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const stream = new Stream();
  const id = new StreamId();
  id.readBytes(view, 0);
  stream.addBlock(StreamBlock.fromBytes(id, bytes.slice(ENTRIES_AT))!);
  stream.lastId.readBytes(view, LAST_AT);
  stream.firstId.readBytes(view, FIRST_AT);
  stream.maxDeletedId.readBytes(view, DELETED_AT);
  stream.entriesAdded = view.getFloat64(ADDED_AT);
  return stream;
}

/** The stream of a record, to be read; one with groups may be changed, too. */
export function streamOf(map: ByteMap, ref: number): Stream {
  return map.isObject(ref)
    ? map.object(ref) as Stream
    : unpackStream(map.string(ref));
}

/** What the keyspace asks of streams. */
export const STREAM_VALUE_TYPE: ValueType = {
  inlineEncoding: () => "stream",
  unpack: unpackStream,
  digest(mixer: DigestMixer, map: ByteMap, ref: number): void {
    const entries = new StreamCursor();
    entries.start(streamOf(map, ref), MIN_ID, MAX_ID);
    while (entries.next()) {
      const { ms, seq } = entries.id;
      mixer.mix(bytesOfText(`${ms}.${seq}`));
      for (let left = entries.pairCount; left > 0; left--) {
        entries.readPair();
        mixer.mix(entries.field.slice());
        mixer.mix(entries.value.slice());
      }
    }
  },
};
