/** Directives about memory: its limit, eviction, expiry and freeing. */

import {
  INT64_MAX,
  INT_MAX,
  integer,
  memory,
  oneOf,
  UINT64_MAX,
  yesNo,
} from "../scalar_directives.ts";

const MEGABYTE = 1024 * 1024;

/** Freeing in the background, which a server without threads does anyway. */
function lazyFree(when: string, isEffective = false) {
  return yesNo(false, {
    summary: `Free values in the background ${when}.`,
    isEffective,
  });
}

/** A bound of the effort of active defragmentation. */
function defragBound(
  initial: number,
  summary: string,
  minimum: number,
  maximum: number,
) {
  return integer(initial, {
    summary,
    unit: "percent",
    minimum,
    maximum,
    isEffective: false,
  });
}

const EVICTION_DIRECTIVES = {
  "maxmemory": memory(0, {
    summary: "Memory for data before eviction begins; 0 for no limit.",
    minimum: 0,
    maximum: UINT64_MAX,
    isEffective: false,
  }),
  "maxmemory-policy": oneOf(
    [
      "volatile-lru",
      "volatile-lfu",
      "volatile-random",
      "volatile-ttl",
      "allkeys-lru",
      "allkeys-lfu",
      "allkeys-random",
      "noeviction",
    ],
    "noeviction",
    { summary: "Which keys eviction removes.", isEffective: false },
  ),
  "maxmemory-samples": integer(5, {
    summary: "Keys that eviction compares for each one it removes.",
    unit: "keys",
    minimum: 1,
    maximum: INT_MAX,
    isEffective: false,
  }),
  "maxmemory-eviction-tenacity": integer(10, {
    summary: "How long eviction may hold up commands; 100 without limit.",
    minimum: 0,
    maximum: 100,
    isEffective: false,
  }),
  "lfu-log-factor": integer(10, {
    summary: "How slowly the access counter of a key grows.",
    minimum: 0,
    maximum: INT_MAX,
  }),
  "lfu-decay-time": integer(1, {
    summary: "Time after which that counter shrinks by one; 0 never.",
    unit: "minutes",
    minimum: 0,
    maximum: INT_MAX,
  }),
  "active-expire-effort": integer(1, {
    summary: "How much work goes into removing expired keys.",
    minimum: 1,
    maximum: 10,
  }),
};

const FREEING_DIRECTIVES = {
  "lazyfree-lazy-eviction": lazyFree("on eviction"),
  "lazyfree-lazy-expire": lazyFree("on expiry", true),
  "lazyfree-lazy-server-del": lazyFree("when a command replaces them", true),
  "lazyfree-lazy-user-del": lazyFree("on DEL"),
  "lazyfree-lazy-user-flush": lazyFree("on FLUSHDB and FLUSHALL"),
  "activerehashing": yesNo(true, {
    summary: "Move tables that grow in the background, too.",
    isEffective: false,
  }),
  "activedefrag": yesNo(false, {
    summary: "Defragment the memory in the background.",
    isEffective: false,
  }),
  "active-defrag-ignore-bytes": memory(100 * MEGABYTE, {
    summary: "Wasted memory below which nothing is defragmented.",
    minimum: 1,
    maximum: INT64_MAX,
    isEffective: false,
  }),
  "active-defrag-threshold-lower": defragBound(
    10,
    "Waste at which defragmentation begins.",
    0,
    1000,
  ),
  "active-defrag-threshold-upper": defragBound(
    100,
    "Waste at which it works hardest.",
    0,
    1000,
  ),
  "active-defrag-cycle-min": defragBound(
    1,
    "Processor time at the lower threshold.",
    1,
    99,
  ),
  "active-defrag-cycle-max": defragBound(
    25,
    "Processor time at the upper threshold.",
    1,
    99,
  ),
  "active-defrag-max-scan-fields": integer(1000, {
    summary: "Members of a collection that are moved in one step.",
    unit: "members",
    minimum: 1,
    maximum: INT64_MAX,
    isEffective: false,
  }),
};

export const MEMORY_DIRECTIVES = {
  ...EVICTION_DIRECTIVES,
  ...FREEING_DIRECTIVES,
};
