import { assert, assertEquals } from "@std/assert";
import { Random } from "../../tests/fuzz/random.ts";
import { TEST_SEED } from "../../tests/fuzz/test_seed.ts";
import { argsOf } from "../../tests/support/args_of.ts";
import { ManualClock } from "../../tests/support/manual_clock.ts";
import { bytesOfText, textOfBytes } from "../resp/byte_text.ts";
import { copyValue, valueUnder } from "./collection.ts";
import type { Database } from "./database.ts";
import {
  EXPIRE_EVENT,
  keyEvent,
  NOTIFY_GENERIC,
  NOTIFY_STRING,
} from "./key_event.ts";
import { Keyspace } from "./keyspace.ts";
import { randomKey } from "./random_key.ts";
import { HAS_EXPIRY, LargeString } from "./record.ts";

const SET = keyEvent(NOTIFY_STRING, "set");
const RENAMED = keyEvent(NOTIFY_GENERIC, "rename_to");
const NEVER = -1;

interface Value {
  text: string;
  expiresAt: number;
}

/** Two databases beside two Maps. */
class Model {
  readonly clock = new ManualClock();
  readonly keyspace: Keyspace;
  readonly values = [new Map<string, Value>(), new Map<string, Value>()];

  constructor(readonly random: Random) {
    this.keyspace = new Keyspace(2, this.clock, () => random.next() / 2 ** 32, {
      k0: 1,
      k1: 2,
    });
  }

  key(): string {
    const name = String(this.random.below(40));
    return name.padEnd(this.random.pick([1, 7, 7, 7, 9000]), "k");
  }

  step(): void {
    const { random } = this;
    const at = random.below(2);
    const db = this.keyspace.databases[at], values = this.values[at];
    const acts = [
      () => this.#set(db, values),
      () => this.#set(db, values),
      () => this.#expire(db, values),
      () => this.#delete(db, values),
      () => this.#rename(db, values),
      () => this.#copy(at),
      () => this.#relocate(db),
      () => this.#pass(),
    ];
    random.pick(acts)();
    if (random.oneIn(400)) {
      this.keyspace.flush(at);
      values.clear();
    } else if (random.oneIn(200)) {
      this.keyspace.swap(0, 1);
      this.values.reverse();
    }
  }

  #set(db: Database, values: Map<string, Value>): void {
    const { random } = this;
    const key = this.key();
    const text = random.pick(["a", "b", "c"])
      .repeat(random.pick([0, 3, 60, 5000, 20_000, 40_000]));
    const keepExpiry = random.oneIn(2);
    const given = random.oneIn(3) ? this.#moment() : NEVER;
    const args = argsOf("set", key, text);
    db.setString(args, 1, db.write(args, 1), 2, keepExpiry, SET, given);
    const before = values.get(key);
    const kept = keepExpiry && before !== undefined ? before.expiresAt : NEVER;
    values.set(key, { text, expiresAt: given === NEVER ? kept : given });
  }

  #expire(db: Database, values: Map<string, Value>): void {
    const key = this.key(), value = values.get(key);
    const args = argsOf("pexpireat", key);
    const ref = db.write(args, 1);
    assertEquals(ref !== 0, value !== undefined);
    if (value === undefined) return;
    value.expiresAt = this.random.oneIn(3) ? NEVER : this.#moment();
    db.setExpiry(args, 1, ref, value.expiresAt, EXPIRE_EVENT);
  }

  #delete(db: Database, values: Map<string, Value>): void {
    const key = this.key(), args = argsOf("del", key);
    const ref = db.peek(args, 1);
    assertEquals(ref !== 0, values.delete(key));
    if (ref !== 0) db.delete(args, 1, ref);
  }

  #rename(db: Database, values: Map<string, Value>): void {
    const from = this.key(), to = this.key();
    const value = values.get(from);
    if (value === undefined || from === to) return;
    const args = argsOf("rename", from, to);
    const ref = db.write(args, 1), replaced = db.write(args, 2);
    if (replaced !== 0) db.discard(replaced);
    db.rename(ref, valueUnder(db.map, ref, to.length), args, 2);
    db.changed(args, 2, RENAMED);
    values.delete(from);
    values.set(to, value);
  }

  /** Copies or moves a key to the other database. */
  #copy(at: number): void {
    const isMove = this.random.oneIn(2);
    const db = this.keyspace.databases[at];
    const target = this.keyspace.databases[1 - at];
    const key = this.key(), value = this.values[at].get(key);
    const args = argsOf("copy", key);
    const ref = db.read(args, 1);
    assertEquals(ref !== 0, value !== undefined);
    if (value === undefined || target.write(args, 1) !== 0) return;
    const object = db.map.isObject(ref)
      ? db.map.object(ref) as LargeString
      : undefined;
    const copy = object === undefined || isMove ? object : copyValue(object);
    target.putFrom(db, ref, copy, args, 1);
    this.values[1 - at].set(key, { ...value });
    if (!isMove) return;
    db.extract(ref);
    this.values[at].delete(key);
  }

  #relocate(db: Database): void {
    const { map } = db;
    const moving: [ref: number, hash: number][] = [];
    map.index.walk(this.random.below(2 ** 31), 1, (ref, hash) => {
      moving.push([ref, hash]);
    });
    for (const [ref, hash] of moving) db.relocate(ref, hash);
  }

  /** Time goes by. */
  #pass(): void {
    this.clock.advance(this.random.below(300));
    this.keyspace.tick();
    for (const values of this.values) {
      for (const [key, { expiresAt }] of values) {
        if (expiresAt !== NEVER && expiresAt < this.keyspace.nowMs) {
          values.delete(key);
        }
      }
    }
  }

  #moment(): number {
    return this.keyspace.nowMs + this.random.below(2000);
  }

  check(): void {
    for (const [at, db] of this.keyspace.databases.entries()) {
      checkVolatile(db);
      for (const [key, value] of this.values[at]) {
        const ref = db.peekKey(bytesOfText(key));
        assert(ref !== 0, `${key} is lost`);
        assertEquals(db.expiresAt(ref), value.expiresAt);
        assertEquals(db.map.stringLength(ref), value.text.length);
        assertEquals(textOfBytes(db.map.string(ref)), value.text);
      }
      let live = 0;
      db.map.index.walk(0, Infinity, (ref) => {
        if (!db.isExpired(ref)) live++;
      });
      assertEquals(live, this.values[at].size);
    }
  }
}

/** The index of volatile keys names exactly the records that have an expiry. */
function checkVolatile(db: Database): void {
  const expected: number[] = [], found: number[] = [];
  db.map.index.walk(0, Infinity, (ref) => {
    if ((db.map.headerOf(ref) & HAS_EXPIRY) !== 0) expected.push(ref);
  });
  db.volatile.walk(0, Infinity, (ref, hash) => {
    assertEquals(db.map.hashOfRef(ref), hash);
    found.push(ref);
  });
  assertEquals(found.sort(), expected.sort());
}

Deno.test(`Database holds what Maps hold, with expiry, seed ${TEST_SEED}`, () => {
  const model = new Model(new Random(TEST_SEED));
  for (let round = 0; round < 60; round++) {
    for (let i = 0; i < 50; i++) model.step();
    model.check();
  }
});

/** A keyspace that notes what observers are told. */
function observed(): {
  keyspace: Keyspace;
  clock: ManualClock;
  told: string[];
} {
  const clock = new ManualClock();
  const keyspace = new Keyspace(2, clock);
  const told: string[] = [];
  keyspace.observe({
    keyChanged: ({ index }, key, { name }) =>
      told.push(`${index} ${name} ${textOfBytes(key)}`),
    databaseReplaced: (index) => told.push(`${index} replaced`),
  });
  return { keyspace, clock, told };
}

function set(db: Database, key: string, expiresAt = NEVER): void {
  const args = argsOf("set", key, "value");
  db.setString(args, 1, db.write(args, 1), 2, false, SET, expiresAt);
}

Deno.test("Database tells observers of every change, and of new keys first", () => {
  const { keyspace, clock, told } = observed();
  const [db, other] = keyspace.databases;
  set(db, "a", clock.nowMs() + 5);
  set(db, "a");
  const args = argsOf("x", "a", "b");
  const renamed = db.write(args, 1);
  assertEquals(db.write(args, 2), 0);
  db.rename(renamed, undefined, args, 2);
  assertEquals(told, ["0 new a", "0 set a", "0 set a", "0 new b"]);
  told.length = 0;
  const ref = db.peek(args, 2);
  other.write(args, 2);
  other.putFrom(db, ref, undefined, args, 2);
  db.setExpiry(args, 2, db.peek(args, 2), clock.nowMs(), EXPIRE_EVENT);
  clock.advance(1);
  keyspace.tick();
  assertEquals(db.read(args, 2), 0);
  keyspace.flush(1);
  assertEquals(told, ["1 new b", "0 expire b", "0 expired b", "1 replaced"]);
  assertEquals(keyspace.stats.expiredKeys, 1);
});

Deno.test("Database lets a key live through the millisecond at which it expires", () => {
  const clock = new ManualClock();
  const keyspace = new Keyspace(1, clock);
  const [db] = keyspace.databases;
  set(db, "k", clock.nowMs() + 10);
  clock.advance(10);
  keyspace.tick();
  assert(db.peekKey(bytesOfText("k")) !== 0);
  clock.advance(1);
  keyspace.tick();
  assertEquals(db.peekKey(bytesOfText("k")), 0);
  assertEquals(db.size, 0);
});

Deno.test("Database hides expired keys, but keeps them while keys may not expire", () => {
  const clock = new ManualClock();
  const keyspace = new Keyspace(1, clock);
  const [db] = keyspace.databases;
  keyspace.isPaused = true;
  set(db, "k", clock.nowMs() - 1);
  assertEquals(db.peekKey(bytesOfText("k")), 0);
  assertEquals(db.size, 1);
  keyspace.isPaused = false;
  assertEquals(db.peekKey(bytesOfText("k")), 0);
  assertEquals(db.size, 0);
});

Deno.test("randomKey finds the one live key among many expired ones", () => {
  const clock = new ManualClock();
  const keyspace = new Keyspace(1, clock);
  const [db] = keyspace.databases;
  for (let i = 0; i < 5000; i++) set(db, `gone:${i}`, clock.nowMs() - 1);
  set(db, "live");
  const ref = randomKey(db);
  assertEquals(textOfBytes(db.map.key(ref)), "live");
  keyspace.flush(0);
  assertEquals(randomKey(db), 0);
});

Deno.test("randomKey picks an expired key where none may be removed", () => {
  const clock = new ManualClock();
  const keyspace = new Keyspace(1, clock);
  const [db] = keyspace.databases;
  keyspace.isPaused = true;
  set(db, "gone", clock.nowMs() - 1);
  assertEquals(textOfBytes(db.map.key(randomKey(db))), "gone");
});
