/** Values that are written in parts, for tests of what happens between the parts. */
import { assert } from "@std/assert";
import type { Random } from "../fuzz/random.ts";
import type { CommandRunner } from "./command_runner.ts";

const ELEMENTS = 4000;

/** How a large value of each type is made as key `k`, and changes to it; `#` is for a number. */
export const LARGE_VALUES: Record<
  string,
  { fill: string[]; changes: string[] }
> = {
  list: {
    fill: ["RPUSH k i:#", "LPUSH k LONG:#"],
    changes: [
      ...["LPUSH k a b", "RPUSH k c d", "LPOP k", "RPOP k 2", "LSET k # x"],
      ...["LSET k # LONG", "LINSERT k BEFORE i:# y", "LREM k 1 i:#"],
      ...["LREM k -1 i:#", "LTRIM k 1 -2", "RPOPLPUSH k k", "LREM k 0 x"],
      ...["LSET k # i:#", "LINSERT k AFTER i:# LONG"],
    ],
  },
  set: {
    fill: ["SADD k i:#", "SADD k LONG:#"],
    changes: ["SADD k j:#", "SREM k i:#", "SPOP k", "SREM k LONG:#"],
  },
  hash: {
    fill: ["HSET k f:# v:#", "HSET k n:# #", "HSET k t:# LONG"],
    changes: [
      ...["HSET k f:# w:#", "HDEL k f:#", "HINCRBY k n:# 1", "HSET k t:# s"],
      ...["HSET k new:# v", "HPEXPIREAT k 4000000000000 FIELDS 1 f:#"],
      ...["HINCRBYFLOAT k x:# 0.5", "HDEL k t:#"],
    ],
  },
  "hash with times": {
    fill: ["HSET k f:# v:#", "HPEXPIREAT k 5000000000000 FIELDS 1 f:#"],
    changes: [
      ...["HPEXPIREAT k 6000000000000 FIELDS 1 f:#", "HPERSIST k FIELDS 1 f:#"],
      ...["HSET k f:# w", "HDEL k f:#"],
    ],
  },
  "sorted set": {
    fill: ["ZADD k # m:#"],
    changes: [
      ...["ZADD k # m:#", "ZINCRBY k 1.5 m:#", "ZREM k m:#", "ZPOPMIN k"],
      ...["ZADD k -# new:#", "ZREMRANGEBYRANK k 5 6"],
    ],
  },
  stream: {
    fill: ["XADD k 1-#1 f v:#", "XGROUP CREATE k g:# 0"],
    changes: [
      ...["XADD k * f v", "XDEL k 1-#1", "XTRIM k MAXLEN 3900"],
      ...["XREADGROUP GROUP g:# c COUNT 3 STREAMS k >", "XACK k g:# 1-#1"],
      "XGROUP DESTROY k g:#",
    ],
  },
};

function wordsOf(command: string, number: number): string[] {
  return command.replaceAll("LONG", "long".repeat(30))
    .replaceAll("#", String(number)).split(" ");
}

/** Makes a value. */
export function fillLarge(
  runner: CommandRunner,
  fill: readonly string[],
): void {
  for (const command of fill) {
    const count = command.startsWith("XGROUP") ? 5 : ELEMENTS;
    for (let n = 1; n <= count; n++) {
      const reply = runner.runWords(...wordsOf(command, n));
      assert(!reply.startsWith("-"), `${command}: ${reply}`);
    }
  }
}

/** Changes a value at random, up to so many times. */
export function changeLarge(
  runner: CommandRunner,
  changes: readonly string[],
  r: Random,
  timesMax: number,
): void {
  for (let i = r.below(timesMax); i > 0; i--) {
    const words = wordsOf(r.pick(changes), r.between(1, 3000));
    const reply = runner.runWords(...words);
    assert(!/^-(?!ERR no such key|NOGROUP)/.test(reply), reply);
  }
}
