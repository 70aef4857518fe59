/** Puts what an edit made of a collection into its key. */

import type { Args } from "../router/args.ts";
import {
  fitsInline,
  putCollection,
  putInline,
} from "../keyspace/collection_edit.ts";
import type { Database } from "../keyspace/database.ts";
import type { CollectionEdit, EditedObject } from "../types/collection_edit.ts";

/**
 * After lookup: gives the key what was edited, which is not empty. The caller
 * tells of the change with `db.changed`.
 *
 * @param ref what the lookup returned.
 */
export function storeEdit(
  db: Database,
  args: Args,
  index: number,
  ref: number,
  type: number,
  edit: CollectionEdit<EditedObject>,
): void {
  const { object, packed } = edit;
  if (object === undefined && fitsInline(args, index, packed.length)) {
    edit.seal();
    putInline(db, args, index, ref, type, packed, 0, packed.length);
    return;
  }
  const made = edit.toObject();
  const isThere = ref !== 0 && db.map.isObject(ref) &&
    db.map.object(ref) === made;
  if (!isThere) putCollection(db, args, index, ref, type, made);
}
