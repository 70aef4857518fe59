/** Fields of hashes that expire (Redis 7.4), and are read and set with that (Redis 8). */
import { between, error, NULL, unorderedMap } from "../support/expectation.ts";
import type { ConformanceCase, ConformanceGroup } from "./conformance_case.ts";
import { wait } from "./conversation.ts";
import { FAR_MS, FAR_SECONDS } from "./expected_replies.ts";

const WRONG_TYPE = error(
  "WRONGTYPE Operation against a key holding the wrong kind of value",
);

const times: ConformanceCase[] = [
  {
    name: "fields get times, tell them, and lose them",
    since: "7.4",
    steps: [
      ["HSET k a 1 b 2 c 3", 3],
      [`HEXPIREAT k ${FAR_SECONDS} FIELDS 2 a x`, [1, -2]],
      [`HPEXPIREAT k ${FAR_MS} FIELDS 1 b`, [1]],
      ["HEXPIRETIME k FIELDS 3 a c x", [FAR_SECONDS, -1, -2]],
      ["HPEXPIRETIME k FIELDS 2 a b", [FAR_SECONDS * 1000, FAR_MS]],
      ["HEXPIRE k 100 FIELDS 1 c", [1]],
      ["HTTL k FIELDS 1 c", [between(99, 100)]],
      ["HPEXPIRE k 100000 LT FIELDS 1 a", [1]],
      ["HPTTL k FIELDS 1 a", [between(90_000, 100_000)]],
      ["HPERSIST k FIELDS 3 a x a", [1, -2, -1]],
      ["HTTL k FIELDS 1 a", [-1]],
    ],
  },
  {
    name: "a key that is not there has no fields",
    since: "7.4",
    steps: [
      ["HEXPIRE k 10 FIELDS 2 a b", [-2, -2]],
      ["HTTL k FIELDS 1 a", [-2]],
      ["HPERSIST k FIELDS 1 a", [-2]],
    ],
  },
  {
    name: "commands about times of fields refuse keys of other types",
    since: "7.4",
    steps: [
      ["SET s x", { text: "OK", accepts: (reply) => reply.type === "simple" }],
      ["HEXPIRE s 10 FIELDS 1 a", WRONG_TYPE],
      ["HTTL s FIELDS 1 a", WRONG_TYPE],
      ["HPERSIST s FIELDS 1 a", WRONG_TYPE],
    ],
  },
  {
    name:
      "a field is gone when its time is over, and the key with its last one",
    since: "7.4",
    covers: ["hpexpire"],
    run: async (t) => {
      await t.call("HSET k a 1 b 2");
      await t.expect("HPEXPIRE k 20 FIELDS 1 a", [1]);
      await wait(30);
      await t.expect("HGET k a", NULL);
      await t.expect("HGETALL k", unorderedMap(["b", "2"]));
      await t.eventually("HLEN k", 1);
      await t.expect("HPEXPIRE k 1 FIELDS 1 b", [1]);
      await t.eventually("EXISTS k", 0);
    },
  },
];

const together: ConformanceCase[] = [
  {
    name: "HGETDEL answers fields and deletes them",
    since: "8.0",
    steps: [
      ["HSET k a 1 b 2 c 3", 3],
      ["HGETDEL k FIELDS 2 a x", ["1", NULL]],
      ["HLEN k", 2],
      ["HGETDEL k FIELDS 2 b c", ["2", "3"]],
      ["EXISTS k", 0],
      ["HGETDEL k FIELDS 1 a", [NULL]],
    ],
  },
  {
    name: "HGETEX answers fields and sets their times",
    since: "8.0",
    steps: [
      ["HSET k a 1 b 2", 2],
      [`HGETEX k PXAT ${FAR_MS} FIELDS 2 a x`, ["1", NULL]],
      ["HPEXPIRETIME k FIELDS 2 a b", [FAR_MS, -1]],
      ["HGETEX k FIELDS 1 a", ["1"]],
      ["HPEXPIRETIME k FIELDS 1 a", [FAR_MS]],
      ["HGETEX k PERSIST FIELDS 1 a", ["1"]],
      ["HPEXPIRETIME k FIELDS 1 a", [-1]],
    ],
  },
  {
    name: "HSETEX sets fields with a time, all or none",
    since: "8.0",
    steps: [
      [`HSETEX k EXAT ${FAR_SECONDS} FIELDS 2 a 1 b 2`, 1],
      ["HEXPIRETIME k FIELDS 2 a b", [FAR_SECONDS, FAR_SECONDS]],
      ["HSETEX k FNX FIELDS 2 b 3 c 3", 0],
      ["HSETEX k FXX KEEPTTL FIELDS 1 a 9", 1],
      ["HGET k a", "9"],
      ["HEXPIRETIME k FIELDS 1 a", [FAR_SECONDS]],
      ["HSETEX k FIELDS 1 a 9", 1],
      ["HEXPIRETIME k FIELDS 1 a", [-1]],
    ],
  },
];

export const group: ConformanceGroup = {
  name: "times of fields",
  cases: [...times, ...together],
};
