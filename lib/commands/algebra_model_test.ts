/**
 * Intersections, unions and differences of sets and sorted sets of all encodings
 * and sizes, beside the same of Set and Map.
 */
import { assert, assertEquals } from "@std/assert";
import { Random } from "../../tests/fuzz/random.ts";
import { TEST_SEED } from "../../tests/fuzz/test_seed.ts";
import { CommandRunner } from "../../tests/support/command_runner.ts";

const KEYS = ["a", "b", "c", "d"];
const ROUNDS = 120;
/** Around the limits of encodings, and many of one slot's size. */
const SIZES = [0, 1, 5, 127, 129, 511, 513, 4000];
/** Sums of these are exact in any order; infinity is one of them. */
const SCORES = [0, -0.5, 1, 2.25, -1000, 1e9, Infinity, -Infinity];
const WEIGHTS = [0, 1, -1, 2, 0.5, Infinity];

/** What a key holds: members with their scores, 1 for those of a set. */
type Members = Map<string, number>;

/** Keys of a server and what they hold. */
class Model {
  readonly runner = new CommandRunner();
  readonly members: Members[] = [];
  readonly encodings = new Set<string>();

  constructor(readonly random: Random) {}

  /** Fills all keys anew, some of them with sorted sets. */
  fill(sortedShare: number): void {
    this.runner.run("FLUSHALL");
    for (const [i, key] of KEYS.entries()) {
      const isSorted = this.random.below(10) < sortedShare;
      const members = this.#someMembers(isSorted);
      this.members[i] = members;
      const words = [...members].flatMap(([member, score]) =>
        isSorted ? [scoreText(score), member] : [member]
      );
      if (words.length === 0) continue;
      this.runner.runWords(isSorted ? "ZADD" : "SADD", key, ...words);
      this.encodings.add(this.runner.run(`OBJECT ENCODING ${key}`));
    }
  }

  #someMembers(isSorted: boolean): Members {
    const { random } = this, size = random.pick(SIZES);
    const universe = size * random.pick([1, 2, 10]);
    const prefix = random.pick(["", "", "m:", "m".repeat(70)]);
    const members: Members = new Map();
    for (let i = 0; i < size; i++) {
      const score = isSorted ? random.pick(SCORES) : 1;
      members.set(prefix + random.below(universe + 1), score);
    }
    return members;
  }

  /** Indexes of one to four keys, some of them several times. */
  operands(): number[] {
    const { random } = this;
    return random.repeat(random.between(1, 4), () => random.below(KEYS.length));
  }

  /** The bulk strings of an array that a command answers; the sign of a zero depends on the order of the keys. */
  texts(...words: string[]): string[] {
    const [head, ...rest] = this.runner.runWords(...words).split("\r\n");
    assert(head.startsWith("*"), `${words.join(" ")} answered ${head}`);
    return rest.filter((_, at) => at % 2 === 1)
      .map((text) => text === "-0" ? "0" : text);
  }

  expect(answer: string, ...words: string[]): void {
    assertEquals([words, this.runner.runWords(...words)], [words, answer]);
  }
}

function scoreText(score: number): string {
  return String(score).replace("Infinity", "inf");
}

function intersection(all: readonly Members[]): string[] {
  return [...all[0].keys()].filter((member) =>
    all.every((members) => members.has(member))
  );
}

function union(all: readonly Members[]): string[] {
  return [...new Set(all.flatMap((members) => [...members.keys()]))];
}

function difference([first, ...others]: readonly Members[]): string[] {
  return [...first.keys()].filter((member) =>
    !others.some((members) => members.has(member))
  );
}

const OPERATIONS = { INTER: intersection, UNION: union, DIFF: difference };

Deno.test(`sets of any size are intersected, united and subtracted as Sets are, seed ${TEST_SEED}`, () => {
  const random = new Random(TEST_SEED), model = new Model(random);
  for (let round = 0; round < ROUNDS; round++) {
    if (round % 5 === 0) model.fill(0);
    const operands = model.operands();
    const keys = operands.map((i) => KEYS[i]);
    const all = operands.map((i) => model.members[i]);
    for (const [name, operation] of Object.entries(OPERATIONS)) {
      const expected = operation(all).sort();
      assertEquals(model.texts(`S${name}`, ...keys).sort(), expected);
      const count = `:${expected.length}\r\n`;
      model.expect(count, `S${name}STORE`, "stored", ...keys);
      assertEquals(model.texts("SMEMBERS", "stored").sort(), expected);
      model.expect(count, "SCARD", "stored");
    }
    const size = intersection(all).length, limit = random.below(size + 2);
    const most = limit === 0 ? size : Math.min(limit, size);
    model.expect(
      `:${most}\r\n`,
      ...["SINTERCARD", String(keys.length), ...keys, "LIMIT", String(limit)],
    );
  }
  assert(model.encodings.size >= 2);
});

type Aggregate = (a: number, b: number) => number;

const AGGREGATES: Readonly<Record<string, Aggregate>> = {
  SUM: (a, b) => numberOr0(a + b),
  MIN: (a, b) => b < a ? b : a,
  MAX: (a, b) => b > a ? b : a,
};

/** Infinities that cancel each other out count as 0. */
function numberOr0(score: number): number {
  return Number.isNaN(score) ? 0 : score;
}

/** Members with their scores, ascending, as WITHSCORES answers them. */
function ranked(scores: readonly (readonly [string, number])[]): string[] {
  const order = scores.toSorted(([a, left], [b, right]) =>
    left === right ? (a < b ? -1 : 1) : left - right
  );
  return order.flatMap(([member, score]) => [member, scoreText(score)]);
}

Deno.test(`sorted sets and sets of any size are intersected, united and subtracted as Maps are, seed ${TEST_SEED}`, () => {
  const random = new Random(TEST_SEED), model = new Model(random);
  for (let round = 0; round < ROUNDS; round++) {
    if (round % 5 === 0) model.fill(5);
    const operands = model.operands();
    const keys = operands.map((i) => KEYS[i]);
    const all = operands.map((i) => model.members[i]);
    const weights = operands.map(() => random.pick(WEIGHTS));
    const name = random.pick(Object.keys(AGGREGATES));
    const aggregate = AGGREGATES[name];
    const options = [
      ...["WEIGHTS", ...weights.map(scoreText), "AGGREGATE", name],
    ];
    // The small ones come first, which shows in sums of infinities.
    const bySize = [...all.keys()].sort((a, b) => all[a].size - all[b].size);
    const source = [String(keys.length), ...keys];
    const scoreOf = (member: string, isUnion: boolean) => {
      const scores = bySize.flatMap((i, at) => {
        const score = all[i].get(member);
        if (score === undefined) return [];
        // As in Redis, only a union takes every 0 times infinity as 0.
        const weighted = score * weights[i];
        return [isUnion || at === 0 ? numberOr0(weighted) : weighted];
      });
      return [member, scores.reduce(aggregate)] as const;
    };
    for (const operation of ["INTER", "UNION"] as const) {
      const members = OPERATIONS[operation](all);
      const expected = ranked(
        members.map((member) => scoreOf(member, operation === "UNION")),
      );
      const words = [...source, ...options];
      assertEquals(
        model.texts(`Z${operation}`, ...words, "WITHSCORES"),
        expected,
      );
      const count = `:${expected.length / 2}\r\n`;
      model.expect(count, `Z${operation}STORE`, "stored", ...words);
      checkStored(model, expected);
    }
    const rest = difference(all).map((member) =>
      [member, all[0].get(member)!] as const
    );
    const expected = ranked(rest);
    assertEquals(model.texts("ZDIFF", ...source, "WITHSCORES"), expected);
    model.expect(`:${rest.length}\r\n`, "ZDIFFSTORE", "stored", ...source);
    checkStored(model, expected);
    const size = intersection(all).length;
    model.expect(`:${size}\r\n`, "ZINTERCARD", ...source);
  }
  assert(model.encodings.size >= 4);
});

function checkStored(model: Model, expected: readonly string[]): void {
  assertEquals(
    model.texts("ZRANGE", "stored", "0", "-1", "WITHSCORES"),
    expected,
  );
}
