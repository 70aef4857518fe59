import { assert, assertEquals } from "@std/assert";
import { Random } from "../../tests/fuzz/random.ts";
import { TEST_SEED } from "../../tests/fuzz/test_seed.ts";
import { argsOf } from "../../tests/support/args_of.ts";
import { ManualClock } from "../../tests/support/manual_clock.ts";
import { textOfBytes } from "../resp/byte_text.ts";
import { encodingOf } from "./collection.ts";
import type { Database } from "./database.ts";
import { keyEvent, NOTIFY_STRING } from "./key_event.ts";
import { Keyspace } from "./keyspace.ts";
import { IS_NOT_INTEGER, KEY_INLINE_MAX, type LargeString } from "./record.ts";
import {
  addInPlace,
  clearRange,
  makeWritable,
  putText,
  reserveString,
  writeAt,
} from "./string_edit.ts";

const SET_EVENT = keyEvent(NOTIFY_STRING, "set");
const OPERATIONS = 4000;
/** Lengths on both sides of what fits a record, and of its size classes. */
const LENGTHS = [0, 1, 3, 4, 11, 12, 13, 40, 200, 5000, 16_300, 16_400, 60_000];
const KEYS = ["a", "bcd", "a longer key", "k".repeat(9000)];

function newDatabase(): Database {
  return new Keyspace(1, new ManualClock()).databases[0];
}

function textOf(db: Database, key: string): string | undefined {
  const ref = db.peek(argsOf("", key), 1);
  return ref === 0 ? undefined : textOfBytes(db.map.string(ref));
}

function set(db: Database, key: string, value: string, expiresAt = -1): void {
  const args = argsOf("", key, value);
  db.setString(args, 1, db.write(args, 1), 2, false, SET_EVENT, expiresAt);
}

/** Writes `value` at `at`, as SETRANGE and APPEND do. */
function write(db: Database, key: string, at: number, value: string): void {
  const args = argsOf("", key, value);
  const ref = db.write(args, 1);
  const oldLength = ref === 0 ? 0 : db.map.stringLength(ref);
  const newLength = Math.max(oldLength, at + value.length);
  const grown = ref === 0
    ? reserveString(db, args, 1, newLength)
    : makeWritable(db, args, 1, ref, newLength);
  clearRange(db.map, grown, oldLength, at);
  writeAt(db.map, grown, at, args, args.offset(2), value.length);
}

function add(db: Database, key: string, delta: number): number {
  const args = argsOf("", key);
  return addInPlace(db, args, 1, db.write(args, 1), delta);
}

function written(text: string, at: number, value: string): string {
  const padded = text.padEnd(at, "\0");
  return padded.slice(0, at) + value + padded.slice(at + value.length);
}

Deno.test(`changed strings are what the changes make them, seed ${TEST_SEED}`, () => {
  const random = new Random(TEST_SEED), db = newDatabase();
  const model = new Map<string, { text: string; expiresAt: number }>();
  for (let i = 0; i < OPERATIONS; i++) {
    const key = random.pick(KEYS);
    const value = String.fromCharCode(random.between(97, 122))
      .repeat(random.pick(LENGTHS));
    const { text, expiresAt } = model.get(key) ?? { text: "", expiresAt: -1 };
    switch (random.below(4)) {
      case 0: {
        const expiresAt = random.oneIn(2) ? 2e12 + i : -1;
        set(db, key, value, expiresAt);
        model.set(key, { text: value, expiresAt });
        break;
      }
      case 1: {
        const at = random.below(text.length + 20);
        write(db, key, at, value);
        model.set(key, { text: written(text, at, value), expiresAt });
        break;
      }
      case 2:
        write(db, key, text.length, value);
        model.set(key, { text: text + value, expiresAt });
        break;
      default: {
        const digits = `-${"9".repeat(random.below(15))}1`;
        const delta = random.between(-9, 9);
        set(db, key, digits, expiresAt);
        const sum = add(db, key, delta);
        // A key too long for its record has its value beside it, too.
        const isExact = key.length <= KEY_INLINE_MAX;
        assertEquals(sum, isExact ? Number(digits) + delta : NaN);
        model.set(key, { text: isExact ? `${sum}` : digits, expiresAt });
      }
    }
    const ref = db.peek(argsOf("", key), 1);
    assert(textOf(db, key) === model.get(key)?.text, `after operation ${i}`);
    assertEquals(db.map.expiresAtMs(ref), model.get(key)?.expiresAt);
  }
  const volatile: number[] = [];
  db.volatile.walk(0, 100, (ref) => volatile.push(ref));
  const expected = KEYS.map((key) => db.peek(argsOf("", key), 1))
    .filter((ref) => db.map.expiresAtMs(ref) >= 0);
  assertEquals(volatile.toSorted(), expected.toSorted());
});

Deno.test("addInPlace leaves alone what it cannot add exactly", () => {
  const db = newDatabase();
  for (
    const text of [
      "",
      "x",
      "1.5",
      "007",
      "-0",
      "9007199254740991",
      "x".repeat(20_000),
    ]
  ) {
    set(db, "k", text);
    assert(Number.isNaN(add(db, "k", 1)), text);
    assertEquals(textOf(db, "k"), text);
  }
  set(db, "k", "999999999999999");
  assertEquals(add(db, "k", 999999999999999), 1999999999999998);
  assertEquals(add(db, "missing", -5), -5);
  assertEquals(textOf(db, "missing"), "-5");
});

Deno.test("putText takes the place of any string, new or old, and says how it counts", () => {
  for (const key of KEYS) {
    for (const before of [undefined, "", "12", "1".repeat(300)]) {
      const db = newDatabase(), args = argsOf("", key);
      if (before !== undefined) set(db, key, before, 2e12);
      putText(db, args, 1, db.write(args, 1), "123.5e3456", IS_NOT_INTEGER);
      assertEquals(textOf(db, key), "123.5e3456");
      putText(db, args, 1, db.write(args, 1), "17", IS_NOT_INTEGER);
      assertEquals(encodingOf(db.map, db.peek(args, 1)), "embstr");
      putText(db, args, 1, db.write(args, 1), "18", 0);
      const ref = db.peek(args, 1);
      assertEquals(encodingOf(db.map, ref), "int");
      assertEquals(textOf(db, key), "18");
      assertEquals(db.expiresAt(ref), before === undefined ? -1 : 2e12);
    }
  }
});

Deno.test("encodings follow changes", () => {
  const db = newDatabase();
  const encoding = () => encodingOf(db.map, db.peek(argsOf("", "k"), 1));
  set(db, "k", "12");
  assertEquals(encoding(), "int");
  write(db, "k", 2, "3");
  assertEquals(encoding(), "raw");
  add(db, "k", 1);
  assertEquals(encoding(), "int");
  for (
    const [text, expected] of [
      ["9223372036854775807", "int"],
      ["9223372036854775808", "embstr"],
      ["x".repeat(44), "embstr"],
      ["x".repeat(45), "raw"],
    ]
  ) {
    set(db, "k", text);
    assertEquals(encoding(), expected);
  }
});

Deno.test("a buffer grows ahead of its value by at most a MiB or an eighth", () => {
  const db = newDatabase();
  const room = (length: number) => {
    set(db, "k", "x".repeat(length));
    write(db, "k", length, "y");
    const large = db.map.object(db.peek(argsOf("", "k"), 1)) as LargeString;
    assertEquals(large.bytes.length, length + 1);
    return large.roomBytes;
  };
  const MEBIBYTE = 1024 * 1024;
  assertEquals(room(100_000), 100_001);
  assertEquals(room(3 * MEBIBYTE), MEBIBYTE);
  assertEquals(room(16 * MEBIBYTE - 1), 2 * MEBIBYTE);
});
