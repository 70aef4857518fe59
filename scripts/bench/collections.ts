/** Stages for commands on hashes, sets, sorted sets, streams and what is kept in strings. */
import { runCommand } from "./loader.ts";
import { digits, sendCommands } from "./pipeline.ts";
import type { Scenario, Stage } from "./throughput.ts";

const ELEMENTS = 100_000;
/** Elements that one command adds while a key is filled. */
const BATCH = 100;
/** What the two sets have in common, so that replies stay small. */
const COMMON = 1000;
/** Fields of the hash that HGETALL reads, elements that ZRANGE does. */
const READ_TOGETHER = 100;

function collectionScenario(
  name: string,
  words: string,
  requests: number,
  ratioAtLeast: number,
  before?: (port: number) => Promise<void>,
): Scenario {
  return {
    name: `${name} P=16`,
    load: {
      command: words.split(" "),
      pipeline: 16,
      clients: 50,
      valueBytes: 16,
      keys: ELEMENTS,
      requests,
    },
    target: { ratioAtLeast },
    before,
  };
}

function emptied(key: string): (port: number) => Promise<void> {
  return async (port) => {
    await runCommand(port, `DEL ${key}`);
  };
}

/** Makes a key of so many elements, in place of what it was. */
function filled(
  command: string,
  key: string,
  elements: number,
  wordsOf: (index: number) => readonly string[],
): (port: number) => Promise<void> {
  return async (port) => {
    await runCommand(port, `DEL ${key}`);
    await sendCommands(port, Math.ceil(elements / BATCH), (batch) => {
      const words = [command, key];
      const end = Math.min(elements, (batch + 1) * BATCH);
      for (let i = batch * BATCH; i < end; i++) words.push(...wordsOf(i));
      return words;
    });
  };
}

function member(index: number): string {
  return `member:${digits(index)}`;
}

function scoreAndMember(index: number): string[] {
  return [String(index), member(index)];
}

/** Commands on one element; what is popped from has enough for the whole run. */
const POPS = 1_200_000;
export const ELEMENT_COMMANDS: Stage = {
  preload: [],
  scenarios: [
    collectionScenario(
      "XADD",
      "xadd stream * field value",
      800_000,
      1.2,
      emptied("stream"),
    ),
    collectionScenario(
      "HSET",
      "hset hash:__rand_int__ field value",
      800_000,
      1,
    ),
    collectionScenario(
      "HSET of one hash",
      "hset hash field:__rand_int__ value",
      1_000_000,
      1,
      emptied("hash"),
    ),
    collectionScenario(
      "SADD",
      "sadd set member:__rand_int__",
      1_200_000,
      1,
      emptied("set"),
    ),
    collectionScenario(
      "ZADD",
      "zadd zset __rand_int__ member:__rand_int__",
      400_000,
      1,
      emptied("zset"),
    ),
    collectionScenario(
      "ZPOPMIN",
      "zpopmin zset",
      POPS,
      1,
      filled("ZADD", "zset", POPS, scoreAndMember),
    ),
    collectionScenario(
      "SPOP",
      "spop set",
      POPS,
      1,
      filled("SADD", "set", POPS, (i) => [member(i)]),
    ),
    collectionScenario(
      "PFADD",
      "pfadd hll member:__rand_int__",
      1_200_000,
      1,
      emptied("hll"),
    ),
    collectionScenario("SETBIT", "setbit bits:__rand_int__ 7 1", 1_000_000, 1),
  ],
};

/** Commands that read many elements. */
export const RANGE_COMMANDS: Stage = {
  preload: [],
  prepare: async (port) => {
    const steps = [
      filled(
        "HSET",
        "hash",
        READ_TOGETHER,
        (i) => [`field:${i}`, `value:${i}`],
      ),
      filled("ZADD", "zset", ELEMENTS, scoreAndMember),
      filled("SADD", "set:a", ELEMENTS, (i) => [member(i)]),
      filled(
        "SADD",
        "set:b",
        ELEMENTS,
        (i) => [member(i + ELEMENTS - COMMON)],
      ),
      filled("GEOADD", "places", ELEMENTS, placeOf),
    ];
    for (const step of steps) await step(port);
  },
  scenarios: [
    collectionScenario("HGETALL, 100 fields,", "hgetall hash", 150_000, 1),
    collectionScenario(
      "ZRANGE, 100 elements,",
      "zrange zset 50000 50099",
      200_000,
      1,
    ),
    collectionScenario(
      "ZRANGEBYSCORE, 10 elements,",
      "zrangebyscore zset __rand_int__ +inf limit 0 10",
      400_000,
      1,
    ),
    collectionScenario(
      "SINTER of two sets of 100,000",
      "sinter set:a set:b",
      100,
      1,
    ),
    collectionScenario(
      "GEOSEARCH, 17 of 100,000 places,",
      "geosearch places fromlonlat 13.4 52.5 byradius 20 km",
      80_000,
      1,
    ),
  ],
};

/** Places all over Europe, evenly: multiples of irrational numbers fill a rectangle. */
function placeOf(index: number): string[] {
  const WEST = -10, SOUTH = 35, WIDTH = 40, HEIGHT = 25;
  const longitude = WEST + WIDTH * (index * Math.SQRT2 % 1);
  const latitude = SOUTH + HEIGHT * (index * Math.E % 1);
  return [longitude.toFixed(6), latitude.toFixed(6), `place:${index}`];
}
