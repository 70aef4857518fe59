/** What the list commands share: reaching a key's list, storing it, telling of it. */

import { putCollection, putInline } from "../keyspace/collection_edit.ts";
import type { Database } from "../keyspace/database.ts";
import type { EncodingLimits } from "../keyspace/encoding_limits.ts";
import {
  DEL_EVENT,
  type KeyEvent,
  keyEvent,
  NOTIFY_LIST,
} from "../keyspace/key_event.ts";
import { KEY_INLINE_MAX, TYPE_LIST } from "../keyspace/record.ts";
import type { ReplyWriter } from "../resp/reply_writer.ts";
import type { Args } from "../router/args.ts";
import { CommandError } from "../router/command_error.ts";
import { List } from "../types/list.ts";
import { type EditableList, growList, shortened } from "../types/list_value.ts";
import { listpackStringBytes } from "../types/list_encoding.ts";
import type { PackedList } from "../types/packed_list.ts";

export const LPUSH_EVENT = keyEvent(NOTIFY_LIST, "lpush");
export const RPUSH_EVENT = keyEvent(NOTIFY_LIST, "rpush");
export const LPOP_EVENT = keyEvent(NOTIFY_LIST, "lpop");
export const RPOP_EVENT = keyEvent(NOTIFY_LIST, "rpop");

/**
 * After a lookup of the key and a change of its list: puts the list where it is to
 * be kept. It must not be empty. The caller tells of the change.
 */
export function storeList(
  db: Database,
  args: Args,
  index: number,
  ref: number,
  list: EditableList,
): void {
  if (list instanceof List) {
    const short = shortened(list);
    if (short !== undefined) storePacked(db, args, index, ref, short);
    else if (ref === 0 || !db.map.isObject(ref)) {
      putCollection(db, args, index, ref, TYPE_LIST, list);
    }
  } else storePacked(db, args, index, ref, list);
}

function storePacked(
  db: Database,
  args: Args,
  index: number,
  ref: number,
  list: PackedList,
): void {
  if (args.length(index) > KEY_INLINE_MAX) {
    if (ref === 0) {
      putCollection(db, args, index, 0, TYPE_LIST, List.of(list.values()));
    }
    return;
  }
  list.seal();
  const { packedStart, packedBytes } = list;
  if (list.isInRecord && db.map.resizeInline(ref, packedBytes)) return;
  putInline(db, args, index, ref, TYPE_LIST, list, packedStart, packedBytes);
}

/** `growList` for the arguments from `index` on, which are new elements. */
export function growForArgs(
  list: EditableList,
  db: Database,
  ref: number,
  args: Args,
  index: number,
): EditableList {
  const { limits } = db.keyspace;
  const count = args.count - index;
  let bytes = 0, packedBytes = 0;
  for (; index < args.count; index++) {
    const length = args.length(index);
    bytes += length;
    packedBytes += listpackStringBytes(length);
  }
  return growList(list, db.map, ref, limits, count, bytes, packedBytes);
}

/** `growList` for one element of `length` bytes. */
export function growForOne(
  list: EditableList,
  db: Database,
  ref: number,
  length: number,
): EditableList {
  const { limits } = db.keyspace, packedBytes = listpackStringBytes(length);
  return growList(list, db.map, ref, limits, 1, length, packedBytes);
}

/**
 * After a lookup of the key: stores its list, from which `count` elements were
 * removed, or deletes the key, and tells of it.
 */
export function storeShrunk(
  db: Database,
  args: Args,
  index: number,
  ref: number,
  list: EditableList,
  count: number,
  event: KeyEvent,
): void {
  const { keyspace } = db;
  const isEmpty = list.length === 0;
  if (isEmpty) db.discard(ref);
  else {
    noteShrinking(list, keyspace.limits);
    storeList(db, args, index, ref, list);
  }
  db.changed(args, index, event);
  keyspace.dirty += count - 1;
  if (isEmpty) db.changedToo(args, index, DEL_EVENT);
}

/** After a list shrank, or an element of it was set: notes whether Redis would make it a listpack again. */
export function noteShrinking(
  list: EditableList,
  limits: EncodingLimits,
): void {
  if (list instanceof List) list.noteShrinking(limits);
}

/** Pushes an element to an end of a list that may grow by it. */
export function push(
  list: EditableList,
  isHead: boolean,
  bytes: Uint8Array,
  offset: number,
  length: number,
): void {
  if (isHead) list.pushHead(bytes, offset, length);
  else list.pushTail(bytes, offset, length);
}

/** Answers the element at an end of a list, which is not empty, and removes it. */
export function replyAndPop(
  list: EditableList,
  isHead: boolean,
  reply: ReplyWriter,
): void {
  if (isHead) {
    list.seekHead();
    list.replyFound(reply);
    list.dropHead(1);
  } else {
    list.seekTail();
    list.replyFound(reply);
    list.dropTail(1);
  }
}

/** Answers `count` elements of an end as an array, the outermost first, and removes them. */
export function replyAndPopMany(
  list: EditableList,
  isHead: boolean,
  count: number,
  reply: ReplyWriter,
): void {
  reply.array(count);
  if (isHead) {
    list.replyRange(reply, 0, count);
    list.dropHead(count);
  } else {
    list.replyTailReversed(reply, count);
    list.dropTail(count);
  }
}

/**
 * LEFT or RIGHT: whether it is the head.
 *
 * @throws {CommandError} `ERR syntax error`
 */
export function isHeadSide(args: Args, index: number): boolean {
  if (args.is(index, "left")) return true;
  if (args.is(index, "right")) return false;
  throw CommandError.syntax;
}
