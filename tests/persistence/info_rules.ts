/** How alike the fields of INFO persistence are to be in tsredis and redis-server. */
import { assertEquals } from "@std/assert";
import type { Fields } from "./info_states.ts";

/** What is wrong with a value, beside that of redis-server; undefined when nothing is. */
type Rule = (
  value: string,
  other: string,
  ours: Fields,
  theirs: Fields,
) => string | undefined;

/** Both servers do the same at the same time, one of them a bit later. */
const CLOCK_TOLERANCE_SECONDS = 10;
/** Heads of RDB files differ in the lengths of what they tell. */
const HEAD_TOLERANCE_BYTES = 64;

/** The same moment or duration in seconds, or -1 on both sides. */
const time: Rule = (value, other) =>
  (value === "-1") === (other === "-1") &&
    Math.abs(Number(value) - Number(other)) <= CLOCK_TOLERANCE_SECONDS
    ? undefined
    : "another time";

/** The same size, but for the head of an RDB file. */
const size: Rule = (value, other) =>
  Math.abs(Number(value) - Number(other)) <= HEAD_TOLERANCE_BYTES &&
    (value === "0") === (other === "0")
    ? undefined
    : "another size";

/** There is no child process, and so no memory that it shares. */
const none: Rule = (value) => value === "0" ? undefined : "not 0";

function number(fields: Fields, name: string): number {
  return Number(fields.get(name));
}

/** How far something is, which is a matter of luck. */
function part(total: string): Rule {
  return (value, _, ours) =>
    /^\d+$/.test(value) && Number(value) <= number(ours, total)
      ? undefined
      : `no part of ${total}`;
}

function percent(done: string, total: string): Rule {
  return (value, _, ours) =>
    value === (100 * number(ours, done) / Math.max(1, number(ours, total)))
        .toFixed(2)
      ? undefined
      : `not the share of ${done}`;
}

/** Fields whose values may differ, and how far; all others are equal. */
const RULES: Readonly<Record<string, Rule>> = {
  current_cow_peak: none,
  current_cow_size: none,
  current_cow_size_age: none,
  rdb_last_cow_size: none,
  aof_last_cow_size: none,
  rdb_last_save_time: time,
  rdb_last_bgsave_time_sec: time,
  rdb_current_bgsave_time_sec: time,
  aof_last_rewrite_time_sec: time,
  aof_current_rewrite_time_sec: time,
  loading_start_time: time,
  loading_eta_seconds: time,
  current_save_keys_processed: part("current_save_keys_total"),
  loading_loaded_bytes: part("loading_total_bytes"),
  current_fork_perc: percent(
    "current_save_keys_processed",
    "current_save_keys_total",
  ),
  loading_loaded_perc: percent("loading_loaded_bytes", "loading_total_bytes"),
  aof_current_size: size,
  aof_base_size: size,
  loading_total_bytes: size,
  // It names the memory of the server that wrote the file, and is 0 up to there.
  loading_rdb_used_mem: (value) => /^\d+$/.test(value) ? undefined : "no size",
  // Ours is under way with `always`, too.
  aof_pending_bio_fsync: (value) => /^[01]$/.test(value) ? undefined : "many",
};

const equal: Rule = (value, other) => value === other ? undefined : "not equal";

/**
 * Fails with each field of a server that is not as that of redis-server.
 * @param except fields that are a matter of luck in this state.
 */
export function assertAlike(
  ours: Fields,
  theirs: Fields,
  state: string,
  except: readonly string[] = [],
): void {
  assertEquals([...ours.keys()], [...theirs.keys()], state);
  const wrong = [...ours].flatMap(([field, value]) => {
    const other = theirs.get(field)!;
    const rule = RULES[field] ?? equal;
    const reason = except.includes(field)
      ? undefined
      : rule(value, other, ours, theirs);
    return reason === undefined
      ? []
      : [`${field}: ${value}, there ${other}: ${reason}`];
  });
  assertEquals(wrong, [], state);
}
