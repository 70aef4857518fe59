import { assertEquals } from "@std/assert";
import { Random } from "../../tests/fuzz/random.ts";
import { TEST_SEED } from "../../tests/fuzz/test_seed.ts";
import { EncodingLimits } from "../keyspace/encoding_limits.ts";
import { sourceOf } from "../keyspace/record_store.ts";
import { bytesOfText, textOfBytes } from "../resp/byte_text.ts";
import { readScore, writeScore } from "./inline_score.ts";
import { SortedSetEdit } from "./sorted_set_edit.ts";
import type { SortedSetObject } from "./sorted_set_object.ts";

const LIMITS = new EncodingLimits();
const edit = new SortedSetEdit();

function set(member: string, score: number): void {
  const source = sourceOf(bytesOfText(member)), { length } = member;
  if (edit.find(source, 0, length)) edit.setScore(source, 0, length, score);
  else edit.add(source, 0, length, score);
}

function remove(member: string): void {
  if (edit.find(sourceOf(bytesOfText(member)), 0, member.length)) edit.remove();
}

/** The model's members and scores in the order of a sorted set; members are ASCII. */
function ordered(model: Map<string, number>): [string, number][] {
  return [...model].sort(([member, score], [other, otherScore]) =>
    score - otherScore || (member < other ? -1 : 1)
  );
}

function entriesOf({ table, order }: SortedSetObject): [string, number][] {
  const entries: [string, number][] = [];
  for (let rank = 0; rank < order.size; rank++) {
    if (rank === 0) order.seek(0);
    else order.next();
    entries.push([textOfBytes(table.key(order.ref)), order.score]);
  }
  return entries;
}

/** The same, from a rank on and up or down, taken block by block. */
function runsOf(
  { table, order }: Pick<SortedSetObject, "table" | "order">,
  rank: number,
  isReverse: boolean,
): [string, number][] {
  const entries: [string, number][] = [];
  order.seek(rank);
  order.takeRun(isReverse);
  do {
    const { runAt, runLength, refs, scores } = order;
    for (let i = 0; i < runLength; i++) {
      const at = isReverse ? runAt - i : runAt + i;
      entries.push([textOfBytes(table.key(refs[at])), scores[at]]);
    }
  } while (order.nextRun(isReverse));
  return entries;
}

for (const membersMax of [20, 300, 3000]) {
  Deno.test(`a sorted set of up to ${membersMax} members does what a sorted array does, seed ${TEST_SEED}`, () => {
    const random = new Random(TEST_SEED), model = new Map<string, number>();
    edit.begin(LIMITS);
    for (let step = 0; step < membersMax * 12; step++) {
      const member = `member:${random.below(membersMax)}`;
      const score = random.below(random.oneIn(2) ? 3 : 1000) / 4;
      // Now it grows, now it shrinks.
      const isGrowing = Math.floor(step / (membersMax * 2)) % 2 === 0;
      if (random.oneIn(isGrowing ? 8 : 1.3)) {
        remove(member);
        model.delete(member);
      } else {
        set(member, score);
        model.set(member, score);
      }
      if (step % membersMax !== 0 || model.size === 0) continue;
      const expected = ordered(model);
      const first = random.below(expected.length);
      const count = Math.min(5, expected.length - first);
      edit.removeRange(first, count);
      for (const [gone] of expected.splice(first, count)) model.delete(gone);
      assertEquals(edit.size, expected.length);
      const object = edit.toObject();
      assertEquals(entriesOf(object), expected);
      assertEquals(entriesOf(object.copy()), expected);
      checkRanks(object, expected, random);
    }
  });
}

function checkRanks(
  { table, order }: SortedSetObject,
  expected: [string, number][],
  random: Random,
): void {
  for (let i = 0; i < 20 && expected.length > 0; i++) {
    const rank = random.below(expected.length),
      [member, score] = expected[rank];
    const ref = table.find(sourceOf(bytesOfText(member)), 0, member.length);
    assertEquals(order.rankOf(score, ref), rank);
    const below = expected.filter(([, other]) => other < score).length;
    const upTo = expected.filter(([, other]) => other <= score).length;
    assertEquals(runsOf({ table, order }, rank, false), expected.slice(rank));
    assertEquals(
      runsOf({ table, order }, rank, true),
      expected.slice(0, rank + 1).reverse(),
    );
    assertEquals(order.countBelowScore(score, false), below);
    assertEquals(order.countBelowScore(score, true), upTo);
  }
}

Deno.test("a large sorted set loses members at either end, one by one and several at a time", () => {
  edit.begin(LIMITS);
  const expected: [string, number][] = [];
  for (let score = 0; score < 21_000; score++) {
    expected.push([`member:${score}`, score]);
    set(`member:${score}`, score);
  }
  for (let i = 0; i < 600; i++) {
    const count = 1 + i % 3, rank = i % 2 === 0 ? 0 : expected.length - count;
    edit.removeRange(rank, count);
    expected.splice(rank, count);
  }
  const object = edit.toObject();
  assertEquals(entriesOf(object), expected);
  assertEquals(object.table.size, expected.length);
});

Deno.test("members of one score are in the order of their bytes", () => {
  edit.begin(LIMITS);
  const members = Array.from({ length: 2000 }, (_, i) => String(i));
  for (const member of members) set(member, 0);
  const { order } = edit.toObject();
  members.sort();
  const five = bytesOfText("5");
  const rank = members.indexOf("5");
  assertEquals(order.countBelowMember(five, 0, 1, false), rank);
  assertEquals(order.countBelowMember(five, 0, 1, true), rank + 1);
  assertEquals(entriesOf(edit.object!).map(([member]) => member), members);
});

Deno.test("a score is kept in as few bytes as hold it", () => {
  const cases: [number, number][] = [
    [0, 1],
    [-128, 1],
    [128, 2],
    [-32768, 2],
    [32768, 4],
    [-(2 ** 31), 4],
    [2 ** 31, 8],
    [0.5, 8],
    [-0, 8],
    [-Infinity, 8],
  ];
  const bytes = new Uint8Array(9);
  for (const [score, length] of cases) {
    bytes[0] = writeScore(bytes.subarray(1), score);
    assertEquals(bytes[0], length);
    assertEquals(Object.is(readScore(bytes, 0), score), true);
  }
});
