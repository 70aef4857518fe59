/** Bytes of a value for the record of its key, wherever they are; one object is used for all of them. */

import type { ByteSource, RecordStore } from "../keyspace/record_store.ts";
import type { RdbReader } from "./rdb_reader.ts";

/** See the top of the file. */
export class InlineValue implements ByteSource {
  bytes: Uint8Array = new Uint8Array(0);
  view: DataView = new DataView(this.bytes.buffer);
  /** Where they begin. */
  start = 0;
  length = 0;

  /** Takes a range of a source, which stays where it is. */
  hold({ bytes, view }: ByteSource, start: number, length: number): this {
    this.bytes = bytes;
    this.view = view;
    this.start = start;
    this.length = length;
    return this;
  }

  /** Takes the key of a record, of so many bytes, which stays where it is. */
  holdKey(map: RecordStore, ref: number, length: number): this {
    const { bytes, views } = map.arena, chunk = ref >>> 20;
    this.bytes = bytes[chunk];
    this.view = views[chunk];
    this.start = map.keyOffset(ref);
    this.length = length;
    return this;
  }

  /** Takes the string that a reader read last, or the part of it without so many bytes at its ends. */
  holdText(
    { textBytes, textView, textAt, textLength }: RdbReader,
    before = 0,
    behind = 0,
  ): this {
    this.bytes = textBytes;
    this.view = textView;
    this.start = textAt + before;
    this.length = textLength - before - behind;
    return this;
  }

  /** A copy of the bytes. */
  toBytes(): Uint8Array {
    return this.bytes.slice(this.start, this.start + this.length);
  }
}
