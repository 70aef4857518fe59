import { assert, assertEquals } from "@std/assert";
import { Random } from "../../tests/fuzz/random.ts";
import { TEST_SEED } from "../../tests/fuzz/test_seed.ts";
import type { StoredValue } from "../keyspace/collection.ts";
import { EncodingLimits } from "../keyspace/encoding_limits.ts";
import { sourceOf } from "../keyspace/record_store.ts";
import { bytesOfText, textOfBytes } from "../resp/byte_text.ts";
import { HashEdit } from "./hash_edit.ts";
import type { HashObject } from "./hash_object.ts";
import { hashFrom } from "./hash_value.ts";
import { IntegerMembers } from "./integer_members.ts";
import { entryBytes, INLINE_HEAD_BYTES, nextEntry } from "./inline_entries.ts";
import { SET_ENCODINGS, SET_INTEGERS, type SetObject } from "./set_object.ts";
import { SetEdit } from "./set_edit.ts";
import { ascendingRefs, setFrom } from "./set_value.ts";

const LIMITS = new EncodingLimits();

function entriesOf(bytes: Uint8Array): string[] {
  const entries: string[] = [];
  for (
    let at = INLINE_HEAD_BYTES;
    at < bytes.length;
    at = nextEntry(bytes, at)
  ) {
    entries.push(textOfBytes(entryBytes(bytes, at)));
  }
  return entries;
}

function membersOf(value: StoredValue): string[] {
  if (value instanceof Uint8Array) {
    if (value[0] !== SET_INTEGERS) return entriesOf(value);
    const integers = IntegerMembers.in(value), members: string[] = [];
    for (let at = integers.first(); at !== 0; at = integers.next(at)) {
      members.push(textOfBytes(integers.key(at)));
    }
    return members;
  }
  const { table } = value as SetObject;
  return ascendingRefs(table).map((ref) => textOfBytes(table.key(ref)));
}

function setOf(...members: string[]): StoredValue {
  return setFrom(members.map(bytesOfText), LIMITS);
}

function encodingOfSet(value: StoredValue): string {
  return value instanceof Uint8Array ? SET_ENCODINGS[value[0]] : value.encoding;
}

Deno.test("a set's encoding follows its members", () => {
  const numbers = (count: number) =>
    Array.from({ length: count }, (_, i) => String(i));
  const cases: [string[], string][] = [
    [["1", "-5", "9223372036854775807"], "intset"],
    [["9223372036854775808"], "listpack"],
    [["01"], "listpack"],
    [["1", "a"], "listpack"],
    [["x".repeat(64)], "listpack"],
    [["x".repeat(65)], "hashtable"],
    [numbers(512), "intset"],
    [numbers(513), "hashtable"],
    [[...numbers(127), "a"], "listpack"],
    [[...numbers(128), "a"], "hashtable"],
    [["a", ...numbers(127)], "listpack"],
    [["a", ...numbers(128)], "hashtable"],
  ];
  for (const [members, encoding] of cases) {
    const value = setOf(...members);
    assertEquals(encodingOfSet(value), encoding);
    assertEquals(membersOf(value).sort(), members.sort());
  }
});

Deno.test("a small intset is kept in ascending order", () => {
  const members = ["10", "9", "-1", "-10", "0", "9223372036854775807", "2"];
  const expected = ["-10", "-1", "0", "2", "9", "10", "9223372036854775807"];
  assertEquals(membersOf(setOf(...members)), expected);
  for (const wide of [32767, 32768, -32769, 2147483647]) {
    const integers = [1, -32768, wide, 7].map(String), set = setOf(...integers);
    const sorted = integers.toSorted((one, other) => +one - +other);
    assertEquals(membersOf(set), sorted);
    const bytes = Math.abs(wide) > 32767 ? 4 : 2;
    assertEquals((set as Uint8Array).length, INLINE_HEAD_BYTES + 4 * bytes);
  }
});

Deno.test("a hash is an object from the first field that expires", () => {
  const field = bytesOfText("f"), value = bytesOfText("v");
  assert(hashFrom([[field, value]], LIMITS) instanceof Uint8Array);
  const hash = hashFrom([[field, value, 5000]], LIMITS) as HashObject;
  assertEquals(hash.encoding, "listpackex");
  assertEquals(hash.table.expiresAt(hash.table.first()), 5000);
  assertEquals(hash.volatileCount, 1);
});

/** What makes small numbers ones of 16, 32 and more bits, and of no bits. */
const UNITS = [1, 1000, 2 ** 20, 2 ** 28, 2 ** 40, 0.5];

Deno.test(`a set that is edited is what a Set is, seed ${TEST_SEED}`, () => {
  const random = new Random(TEST_SEED), edit = new SetEdit();
  for (let round = 0; round < 200; round++) {
    const model = new Set<string>(), size = random.between(1, 150);
    edit.begin(LIMITS, random.below(3));
    for (let i = 0; i < 2 * size; i++) {
      const unit = random.oneIn(90) ? random.pick(UNITS) : size > 75 ? 1 : 300;
      const member = String((random.below(size) - 20) * unit);
      const source = sourceOf(bytesOfText(member));
      if (random.oneIn(3)) {
        assertEquals(
          edit.remove(source, 0, member.length),
          model.delete(member),
        );
      } else {
        assertEquals(edit.add(source, 0, member.length), !model.has(member));
        model.add(member);
      }
      assertEquals(edit.size, model.size);
    }
    assertEquals(membersOf(edit.take()).sort(), [...model].sort());
  }
});

Deno.test(`a hash that is edited is what a Map is, seed ${TEST_SEED}`, () => {
  const random = new Random(TEST_SEED), edit = new HashEdit();
  for (let round = 0; round < 200; round++) {
    const model = new Map<string, string>(), size = random.between(1, 150);
    edit.begin(LIMITS);
    for (let i = 0; i < 2 * size; i++) {
      const field = String(random.below(size));
      const source = sourceOf(bytesOfText(field));
      if (random.oneIn(3)) {
        assertEquals(edit.remove(source, 0, field.length), model.delete(field));
        continue;
      }
      const value = "v".repeat(random.below(20));
      const isNew = edit.set(
        source,
        0,
        field.length,
        sourceOf(bytesOfText(value)),
        0,
        value.length,
      );
      assertEquals(isNew, !model.has(field));
      model.set(field, value);
      assertEquals(edit.size, model.size);
    }
    const value = edit.take(), pairs: string[] = [];
    if (value instanceof Uint8Array) {
      const entries = entriesOf(value);
      for (let i = 0; i < entries.length; i += 2) {
        pairs.push(`${entries[i]}=${entries[i + 1]}`);
      }
    } else {
      const { table } = value as HashObject;
      for (let ref = table.first(); ref !== 0; ref = table.next(ref)) {
        pairs.push(
          `${textOfBytes(table.key(ref))}=${textOfBytes(table.value(ref))}`,
        );
      }
    }
    const expected = [...model].map(([field, text]) => `${field}=${text}`);
    assertEquals(pairs.sort(), expected.sort());
  }
});
