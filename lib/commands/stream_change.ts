/** How commands come by a stream that they change. */

import { putCollection } from "../keyspace/collection_edit.ts";
import type { Database } from "../keyspace/database.ts";
import { TYPE_STREAM } from "../keyspace/record.ts";
import type { Args } from "../router/args.ts";
import type { Stream } from "../types/stream.ts";
import { streamOf } from "../types/stream_value.ts";

/** After a lookup for writing, which found `ref`: the stream of the key at `index`, an object from now on. */
export function streamToChange(
  db: Database,
  args: Args,
  index: number,
  ref: number,
): Stream {
  const stream = streamOf(db.map, ref);
  if (!db.map.isObject(ref)) {
    putCollection(db, args, index, ref, TYPE_STREAM, stream);
  }
  return stream;
}
