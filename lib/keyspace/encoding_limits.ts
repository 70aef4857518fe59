import type { Config } from "../config/config.ts";

/**
 * From which sizes on Redis keeps a collection in another way: what OBJECT
 * ENCODING answers depends on them, and so do files that redis-server reads.
 * Set from the directives of the same names.
 */
export class EncodingLimits {
  /** Elements of a compact list, or with a negative number its size class in bytes. */
  listMaxListpackSize = -2;
  /** Longest element of a list that is not kept by itself, in bytes; DEBUG lowers it for tests. */
  listPackedLengthMax = Infinity;
  hashMaxListpackEntries = 512;
  /** In bytes; for fields and values. */
  hashMaxListpackValue = 64;
  setMaxIntsetEntries = 512;
  setMaxListpackEntries = 128;
  setMaxListpackValue = 64;
  zsetMaxListpackEntries = 128;
  zsetMaxListpackValue = 64;
  streamNodeMaxBytes = 4096;
  streamNodeMaxEntries = 100;
  hllSparseMaxBytes = 3000;
}

/** Keeps the limits as the configuration has them. */
export function followEncodingLimits(
  limits: EncodingLimits,
  config: Config,
): void {
  const apply = () => {
    limits.listMaxListpackSize = config.get("list-max-listpack-size");
    limits.hashMaxListpackEntries = config.get("hash-max-listpack-entries");
    limits.hashMaxListpackValue = config.get("hash-max-listpack-value");
    limits.setMaxIntsetEntries = config.get("set-max-intset-entries");
    limits.setMaxListpackEntries = config.get("set-max-listpack-entries");
    limits.setMaxListpackValue = config.get("set-max-listpack-value");
    limits.zsetMaxListpackEntries = config.get("zset-max-listpack-entries");
    limits.zsetMaxListpackValue = config.get("zset-max-listpack-value");
    limits.streamNodeMaxBytes = config.get("stream-node-max-bytes");
    limits.streamNodeMaxEntries = config.get("stream-node-max-entries");
    limits.hllSparseMaxBytes = config.get("hll-sparse-max-bytes");
  };
  apply();
  config.onChangeOfAny([
    "list-max-listpack-size",
    "hash-max-listpack-entries",
    "hash-max-listpack-value",
    "set-max-intset-entries",
    "set-max-listpack-entries",
    "set-max-listpack-value",
    "zset-max-listpack-entries",
    "zset-max-listpack-value",
    "stream-node-max-bytes",
    "stream-node-max-entries",
    "hll-sparse-max-bytes",
  ], apply);
}
