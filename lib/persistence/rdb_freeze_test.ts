/** What is frozen is written as it was, whatever becomes of it meanwhile. */

import { assert, assertEquals } from "@std/assert";
import { Random } from "../../tests/fuzz/random.ts";
import { TEST_SEED } from "../../tests/fuzz/test_seed.ts";
import { CommandRunner } from "../../tests/support/command_runner.ts";
import { bytesOfText } from "../resp/byte_text.ts";
import { freezeValue } from "./rdb_value_writer.ts";
import { RdbWriter } from "./rdb_writer.ts";

const ELEMENTS = 4000;

/** How a large value of each type is made, and changes to it. */
const TYPES: Record<string, { fill: string[]; changes: string[] }> = {
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

function words(command: string, number: number): string[] {
  return command.replaceAll("LONG", "long".repeat(30))
    .replaceAll("#", String(number)).split(" ");
}

function filled(fill: readonly string[]): CommandRunner {
  const runner = new CommandRunner();
  for (const command of fill) {
    const count = command.startsWith("XGROUP") ? 5 : ELEMENTS;
    for (let n = 1; n <= count; n++) {
      const reply = runner.runWords(...words(command, n));
      assert(!reply.startsWith("-"), `${command}: ${reply}`);
    }
  }
  return runner;
}

function freeze({ database: { map }, database }: CommandRunner) {
  return freezeValue(map, database.peekKey(bytesOfText("k")));
}

for (const [type, { fill, changes }] of Object.entries(TYPES)) {
  Deno.test(`a frozen ${type} is written as it was, seed ${TEST_SEED}`, () => {
    const r = new Random(TEST_SEED), runner = filled(fill);
    for (let round = 0; round < 3; round++) {
      const options = { isCompressing: false, hasChecksum: false };
      const expected = new RdbWriter(options), writer = new RdbWriter(options);
      for (const _ of freeze(runner)(expected));
      const parts = freeze(runner)(writer);
      let isDone = false;
      while (!isDone) {
        for (let i = r.below(round === 0 ? 5 : 60); i > 0; i--) {
          const number = r.between(1, 3000);
          const reply = runner.runWords(...words(r.pick(changes), number));
          assert(!/^-(?!ERR no such key|NOGROUP)/.test(reply), reply);
        }
        isDone = parts.next().done === true;
      }
      if (round === 2) runner.run("DEL k");
      assertEquals(
        writer.bytes.subarray(0, writer.length),
        expected.bytes.subarray(0, expected.length),
      );
    }
  });
}
