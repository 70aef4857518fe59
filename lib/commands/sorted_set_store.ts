/** Stores a sorted set that a command has made. */

import type { Args } from "../router/args.ts";
import type { Database } from "../keyspace/database.ts";
import { putValue } from "../keyspace/collection_edit.ts";
import type { KeyEvent } from "../keyspace/key_event.ts";
import { TYPE_ZSET } from "../keyspace/record.ts";
import type { ReplyWriter } from "../resp/reply_writer.ts";
import type { SortedSetEdit } from "../types/sorted_set_edit.ts";

/** Puts the result in place of whatever the key at argument `index` holds, and answers its size; an empty one deletes the key. */
export function storeSortedSet(
  db: Database,
  args: Args,
  edit: SortedSetEdit,
  event: KeyEvent,
  reply: ReplyWriter,
  index = 1,
): void {
  const { size } = edit, ref = db.write(args, index);
  if (size > 0) {
    putValue(db, args, index, ref, TYPE_ZSET, edit.take());
    db.changed(args, index, event);
  } else if (ref !== 0) db.delete(args, index, ref);
  reply.integer(size);
}
