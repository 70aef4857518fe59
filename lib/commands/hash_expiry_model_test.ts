/**
 * Hashes with expiring fields beside Maps: random commands while time goes on. What
 * the commands pass on makes the same of another server, which runs it later, and
 * so do their dumps.
 */
import { assertEquals } from "@std/assert";
import { Random } from "../../tests/fuzz/random.ts";
import { TEST_SEED } from "../../tests/fuzz/test_seed.ts";
import { CommandRunner } from "../../tests/support/command_runner.ts";

const STEPS = 4000;
const KEYS = ["a", "b", "c"];
/** Hashes of the second many fields are no listpacks. */
const FIELD_COUNTS = [6, 700];
const NEVER = -1;

interface Field {
  value: string;
  /** In ms since 1970, or `NEVER`. */
  expiresAt: number;
}

type Hash = Map<string, Field>;

/** Keys of a server and what they hold. */
class Model {
  readonly primary = new CommandRunner();
  readonly replica = new CommandRunner();
  readonly hashes = new Map<string, Hash>();

  constructor(readonly random: Random, readonly fieldCount: number) {
    this.replica.server.parts.keyspace.isReplica = true;
  }

  get nowMs(): number {
    return this.primary.clock.nowMs();
  }

  /** A key and its fields without those whose time is over. */
  key(): [string, Hash] {
    const key = this.random.pick(KEYS), hash: Hash = new Map();
    for (const [name, field] of this.hashes.get(key) ?? []) {
      const { expiresAt } = field;
      if (expiresAt === NEVER || expiresAt > this.nowMs) hash.set(name, field);
    }
    return [key, hash];
  }

  put(key: string, hash: Hash): void {
    if (hash.size === 0) this.hashes.delete(key);
    else this.hashes.set(key, hash);
  }

  names(): string[] {
    const { random, fieldCount } = this;
    const names = random.repeat(
      random.between(1, random.oneIn(9) ? fieldCount : 3),
      () => `f${random.below(fieldCount)}`,
    );
    return [...new Set(names)];
  }

  /** A time to live that is over now and then. */
  ttlMs(): number {
    return this.random.oneIn(9) ? 0 : this.random.between(1, 400);
  }

  expect(answer: string, ...words: (string | number)[]): void {
    const texts = words.map(String);
    assertEquals([texts, this.primary.runWords(...texts)], [texts, answer]);
  }

  set(): void {
    const [key, hash] = this.key(), names = this.names();
    const fresh = names.filter((name) => !hash.has(name)).length;
    const value = String(this.random.below(100));
    for (const name of names) hash.set(name, { value, expiresAt: NEVER });
    // A field that is over and not removed yet does not count as new.
    const reply = this.primary.runWords(
      ...["HSET", key, ...names.flatMap((name) => [name, value])],
    );
    assertEquals(Number(reply.slice(1)) <= fresh, true);
    this.put(key, hash);
  }

  setWithTime(): void {
    const [key, hash] = this.key(), names = this.names(), ttl = this.ttlMs();
    const keeps = this.random.oneIn(3);
    const condition = this.random.pick(["", "FNX", "FXX"]);
    const words = ["HSETEX", key, ...(condition === "" ? [] : [condition])];
    words.push(...(keeps ? ["KEEPTTL"] : ["PX", String(ttl)]));
    words.push("FIELDS", String(names.length));
    for (const name of names) words.push(name, "7");
    const isMet = condition === "" ||
      names.every((name) => hash.has(name) === (condition === "FXX"));
    this.expect(`:${isMet ? 1 : 0}\r\n`, ...words);
    if (!isMet) return;
    for (const name of names) {
      const expiresAt = keeps
        ? hash.get(name)?.expiresAt ?? NEVER
        : this.nowMs + ttl;
      if (!keeps && ttl === 0) hash.delete(name);
      else hash.set(name, { value: "7", expiresAt });
    }
    this.put(key, hash);
  }

  count(): void {
    const [key, hash] = this.key(), [name] = this.names();
    const { value, expiresAt } = hash.get(name) ??
      { value: "0", expiresAt: NEVER };
    const sum = Number(value) + 3;
    hash.set(name, { value: String(sum), expiresAt });
    this.expect(`:${sum}\r\n`, "HINCRBY", key, name, 3);
    this.put(key, hash);
  }

  remove(): void {
    const [key, hash] = this.key(), names = this.names();
    const values = names.map((name) => bulk(hash.get(name)?.value));
    const fields = ["FIELDS", names.length, ...names];
    this.expect(arrayOf(values), "HGETDEL", key, ...fields);
    for (const name of names) hash.delete(name);
    this.put(key, hash);
  }

  expire(): void {
    const [key, hash] = this.key(), names = this.names(), ttl = this.ttlMs();
    const condition = this.random.pick(["", "NX", "XX", "GT", "LT"]);
    const moment = this.nowMs + ttl, replies: string[] = [];
    for (const name of names) {
      const field = hash.get(name);
      const isMet = field !== undefined &&
        isConditionMet(condition, field.expiresAt, moment);
      if (!isMet) replies.push(field === undefined ? ":-2\r\n" : ":0\r\n");
      else if (ttl > 0) field.expiresAt = moment;
      else hash.delete(name);
      if (isMet) replies.push(ttl > 0 ? ":1\r\n" : ":2\r\n");
    }
    const options = condition === "" ? [] : [condition];
    this.expect(
      arrayOf(replies),
      ...["HPEXPIRE", key, ttl, ...options, "FIELDS", names.length, ...names],
    );
    this.put(key, hash);
  }

  readAndExpire(): void {
    const [key, hash] = this.key(), names = this.names(), ttl = this.ttlMs();
    const persists = this.random.oneIn(2);
    const values = names.map((name) => bulk(hash.get(name)?.value));
    const option = persists ? ["PERSIST"] : ["PX", ttl];
    const fields = ["FIELDS", names.length, ...names];
    this.expect(arrayOf(values), "HGETEX", key, ...option, ...fields);
    for (const name of names) {
      const field = hash.get(name);
      if (field === undefined) continue;
      if (!persists && ttl === 0) hash.delete(name);
      else field.expiresAt = persists ? NEVER : this.nowMs + ttl;
    }
    this.put(key, hash);
  }

  persist(): void {
    const [key, hash] = this.key(), names = this.names();
    const replies = names.map((name) => {
      const field = hash.get(name);
      if (field === undefined) return ":-2\r\n";
      if (field.expiresAt === NEVER) return ":-1\r\n";
      field.expiresAt = NEVER;
      return ":1\r\n";
    });
    const fields = ["FIELDS", names.length, ...names];
    this.expect(arrayOf(replies), "HPERSIST", key, ...fields);
  }

  read(): void {
    const [key, hash] = this.key(), names = this.names();
    const values = names.map((name) => bulk(hash.get(name)?.value));
    this.expect(arrayOf(values), "HMGET", key, ...names);
    const times = names.map((name) => {
      const expiresAt = hash.get(name)?.expiresAt;
      return `:${expiresAt ?? -2}\r\n`;
    });
    const fields = ["FIELDS", names.length, ...names];
    this.expect(arrayOf(times), "HPEXPIRETIME", key, ...fields);
    assertEquals(contentOf(this.primary, key), contentOfModel(hash));
  }

  copy(): void {
    const [key, hash] = this.key(), other = this.random.pick(KEYS);
    if (key === other) return;
    // Else a key may be there of which all fields are over.
    this.removeExpired();
    const isThere = hash.size > 0;
    this.expect(`:${isThere ? 1 : 0}\r\n`, "COPY", key, other, "REPLACE");
    if (!isThere) return;
    const copy = [...hash].map(([name, field]) =>
      [name, { ...field }] as const
    );
    this.put(other, new Map(copy));
  }

  wait(): void {
    this.primary.clock.advance(this.random.below(100));
    this.primary.server.parts.keyspace.tick();
    if (this.random.oneIn(3)) this.removeExpired();
  }

  removeExpired(): void {
    const { fieldExpiry, effects } = this.primary.server.parts.keyspace;
    while (fieldExpiry.run());
    effects.flush();
  }

  /** Another server does what was passed on, later. */
  follow(): void {
    const { replica } = this, { keyspace } = replica.server.parts;
    this.removeExpired();
    replica.clock.advance(this.nowMs - replica.clock.nowMs());
    keyspace.isFollowing = true;
    for (const effect of this.primary.takeEffects()) replica.run(effect);
    for (const key of KEYS) {
      assertEquals(contentOf(replica, key), contentOf(this.primary, key));
    }
    keyspace.isFollowing = false;
  }

  /** A dump makes the same hash again. */
  restore(): void {
    const [key, hash] = this.key();
    this.removeExpired();
    const reply = this.primary.run(`DUMP ${key}`);
    if (hash.size === 0) return assertEquals(reply, "$-1\r\n");
    const payload = reply.slice(reply.indexOf("\r\n") + 2, -2);
    const other = new CommandRunner();
    other.clock.advance(this.nowMs - other.clock.nowMs());
    assertEquals(other.runWords("RESTORE", key, "0", payload), "+OK\r\n");
    assertEquals(contentOf(other, key), contentOfModel(hash));
  }
}

function bulk(text: string | undefined): string {
  return text === undefined ? "$-1\r\n" : `$${text.length}\r\n${text}\r\n`;
}

function arrayOf(replies: readonly string[]): string {
  return `*${replies.length}\r\n${replies.join("")}`;
}

function isConditionMet(
  condition: string,
  before: number,
  moment: number,
): boolean {
  switch (condition) {
    case "NX":
      return before === NEVER;
    case "XX":
      return before !== NEVER;
    case "GT":
      return before !== NEVER && moment > before;
    case "LT":
      return before === NEVER || moment < before;
    default:
      return true;
  }
}

/** Fields with their values and moments, sorted. */
function contentOf(runner: CommandRunner, key: string): string[] {
  const texts = runner.run(`HGETALL ${key}`).split("\r\n");
  const content: string[] = [];
  for (let i = 2; i < texts.length - 1; i += 4) {
    const [name, value] = [texts[i], texts[i + 2]];
    const moment = runner.run(`HPEXPIRETIME ${key} FIELDS 1 ${name}`).slice(5);
    content.push(`${name}=${value} ${moment.trim()}`);
  }
  return content.sort();
}

function contentOfModel(hash: Hash): string[] {
  return [...hash]
    .map(([name, { value, expiresAt }]) => `${name}=${value} ${expiresAt}`)
    .sort();
}

const { set, setWithTime, count, remove, expire, readAndExpire, persist } =
  Model.prototype;
const { read, copy, wait, follow, restore } = Model.prototype;
const ACTS = [
  ...[set, setWithTime, count, remove, expire, expire, readAndExpire, persist],
  ...[read, read, wait, wait],
];
const RARE_ACTS = [copy, follow, restore];

for (const fieldCount of FIELD_COUNTS) {
  Deno.test(`hashes of up to ${fieldCount} expiring fields do what Maps do, and are passed on and dumped as they are, seed ${TEST_SEED}`, () => {
    const random = new Random(TEST_SEED);
    const model = new Model(random, fieldCount);
    for (let step = 0; step < STEPS; step++) {
      random.pick(random.oneIn(20) ? RARE_ACTS : ACTS).call(model);
    }
    model.follow();
  });
}
