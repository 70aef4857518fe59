/** Directives about how values are stored. */

import {
  INT64_MAX,
  INT_MAX,
  INT_MIN,
  integer,
  memory,
} from "../scalar_directives.ts";

/** The most members with which a collection is stored compactly. */
function compactMembers(initial: number, of: string, alias?: string) {
  return integer(initial, {
    summary: `Most members of a compact ${of}.`,
    unit: "members",
    minimum: 0,
    maximum: INT64_MAX,
    ...(alias !== undefined && { alias }),
  });
}

/** The longest member with which a collection is stored compactly. */
function compactLength(of: string, alias?: string) {
  return memory(64, {
    summary: `Longest member of a compact ${of}.`,
    minimum: 0,
    maximum: INT64_MAX,
    ...(alias !== undefined && { alias }),
  });
}

export const DATA_TYPE_DIRECTIVES = {
  "hash-max-listpack-entries": compactMembers(
    512,
    "hash",
    "hash-max-ziplist-entries",
  ),
  "hash-max-listpack-value": compactLength("hash", "hash-max-ziplist-value"),
  "list-max-listpack-size": integer(-2, {
    summary: "Size of a list's nodes: elements, or -1 to -5 for 4 to 64 KiB.",
    alias: "list-max-ziplist-size",
    minimum: INT_MIN,
    maximum: INT_MAX,
  }),
  "list-compress-depth": integer(0, {
    summary: "Nodes at each end of a list that stay uncompressed; 0 for all.",
    unit: "nodes",
    minimum: 0,
    maximum: INT_MAX,
    isEffective: false,
  }),
  "set-max-intset-entries": compactMembers(512, "set of integers"),
  "set-max-listpack-entries": compactMembers(128, "set"),
  "set-max-listpack-value": integer(64, {
    summary: "Longest member of a compact set.",
    unit: "bytes",
    minimum: 0,
    maximum: INT64_MAX,
  }),
  "zset-max-listpack-entries": compactMembers(
    128,
    "sorted set",
    "zset-max-ziplist-entries",
  ),
  "zset-max-listpack-value": compactLength(
    "sorted set",
    "zset-max-ziplist-value",
  ),
  "hll-sparse-max-bytes": memory(3000, {
    summary: "Largest HyperLogLog that is stored sparsely.",
    minimum: 0,
    maximum: INT64_MAX,
  }),
  "stream-node-max-bytes": memory(4096, {
    summary: "Size of a stream's nodes; 0 for no limit.",
    minimum: 0,
    maximum: INT64_MAX,
  }),
  "stream-node-max-entries": integer(100, {
    summary: "Entries of a stream's node; 0 for no limit.",
    unit: "entries",
    minimum: 0,
    maximum: INT64_MAX,
  }),
};
