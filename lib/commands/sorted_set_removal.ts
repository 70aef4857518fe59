/** Removing a range of ranks from a sorted set, as pops and ZREMRANGE do. */

import type { Args } from "../router/args.ts";
import type { Database } from "../keyspace/database.ts";
import { DEL_EVENT, type KeyEvent } from "../keyspace/key_event.ts";
import { TYPE_ZSET } from "../keyspace/record.ts";
import { SortedSetEdit } from "../types/sorted_set_edit.ts";
import { storeEdit } from "./collection_store.ts";

const edit = new SortedSetEdit();

/** Removes `count` members, at least one, from a rank on of the sorted set at an argument, and tells of it. */
export function removeRange(
  db: Database,
  args: Args,
  index: number,
  ref: number,
  first: number,
  count: number,
  event: KeyEvent,
): void {
  edit.open(db.map, ref, db.keyspace.limits);
  const isEmpty = count === edit.size;
  if (isEmpty) db.discard(ref);
  else {
    edit.removeRange(first, count);
    storeEdit(db, args, index, ref, TYPE_ZSET, edit);
  }
  db.changed(args, index, event);
  if (isEmpty) db.changedToo(args, index, DEL_EVENT);
  db.keyspace.dirty += count - 1;
}
