import { assert, assertEquals } from "@std/assert";
import { Random } from "../../tests/fuzz/random.ts";
import { TEST_SEED } from "../../tests/fuzz/test_seed.ts";
import { bytesOfText, textOfBytes } from "../resp/byte_text.ts";
import { Arena } from "./arena.ts";
import { ByteMap } from "./byte_map.ts";
import { IS_RAW, TYPE_LIST, TYPE_STRING } from "./record.ts";
import { sourceOf } from "./record_store.ts";

const SEED = { k0: 12345, k1: 67890 };
const NEVER = -1n;

interface Value {
  content: string | Disposable;
  expiresAt: bigint;
  isRaw: boolean;
  access: number;
}

/** Hashes of which many are equal, and which leave most of the table empty. */
class CollidingMap extends ByteMap {
  override hashOf(view: DataView, offset: number, length: number): number {
    return super.hashOf(view, offset, length) & 0x7000000f;
  }
}

/** An object value that knows whether it was disposed of. */
class Probe implements Disposable {
  isDisposed = false;
  [Symbol.dispose]() {
    assert(!this.isDisposed, "disposed of twice");
    this.isDisposed = true;
  }
}

const KEY_LENGTHS = [0, 1, 3, 4, 5, 8, 16, 21, 8191, 8192, 8193, 9000];
const VALUE_LENGTHS = [
  ...[0, 1, 3, 4, 5, 16, 17, 191, 192, 193, 1000, 8000],
  ...[16_300, 16_384, 16_385, 40_000],
];
const MOMENTS = [0, 1, 1.7e12, 2 ** 53 - 1, 2n ** 53n + 1n, 2n ** 63n - 1n];

/** A ByteMap beside a Map. */
class Model {
  readonly map: ByteMap;
  readonly values = new Map<string, Value>();
  readonly disposed: Probe[] = [];

  constructor(readonly random: Random, mapClass: typeof ByteMap) {
    this.map = new mapClass(new Arena(), SEED);
    this.map.initialAccess = 77;
  }

  /** One of few keys, so that most operations meet one that exists. */
  key(): string {
    const { random } = this;
    const name = String(random.below(12));
    return name.padEnd(random.pick(KEY_LENGTHS), "k");
  }

  find(key: string): number {
    return this.map.find(sourceOf(bytesOfText(key)), 0, key.length);
  }

  putString(): void {
    const { random, map } = this;
    const key = this.key(), before = this.values.get(key);
    const content = String.fromCharCode(97 + random.below(26))
      .repeat(random.pick(VALUE_LENGTHS));
    const keepExpiry = random.oneIn(2);
    const given = random.oneIn(3) ? random.pick(MOMENTS) : -1;
    const ref = this.find(key);
    // The value somewhere in a buffer, without anything readable behind it.
    const at = random.below(9);
    const bytes = new Uint8Array(at + content.length);
    bytes.set(bytesOfText(content), at);
    const value = { bytes, view: new DataView(bytes.buffer) };
    const made = map.putString(
      ...[ref, sourceOf(bytesOfText(key)), 0, key.length] as const,
      ...[value, at, content.length, keepExpiry, given] as const,
    );
    this.#replaced(before);
    this.values.set(key, {
      content,
      expiresAt: given !== -1
        ? BigInt(given)
        : keepExpiry && before !== undefined
        ? before.expiresAt
        : NEVER,
      isRaw: false,
      access: before?.access ?? 77,
    });
    assertEquals(this.find(key), made);
  }

  putObject(): void {
    const key = this.key(), before = this.values.get(key);
    const content = new Probe();
    const expiresAt = this.random.pick([-1, ...MOMENTS]);
    this.map.putObject(
      ...[this.find(key), sourceOf(bytesOfText(key)), 0, key.length] as const,
      ...[TYPE_LIST, content, expiresAt] as const,
    );
    this.#replaced(before);
    this.values.set(key, {
      content,
      expiresAt: BigInt(expiresAt),
      isRaw: false,
      access: before?.access ?? 77,
    });
  }

  setExpiry(): void {
    const key = this.key(), value = this.values.get(key);
    if (value === undefined) return;
    const expiresAt = this.random.pick([-1, ...MOMENTS]);
    const made = this.map.setExpiry(this.find(key), expiresAt);
    value.expiresAt = BigInt(expiresAt);
    assertEquals(this.find(key), made);
  }

  mark(): void {
    const key = this.key(), value = this.values.get(key);
    if (value === undefined) return;
    const ref = this.find(key);
    value.access = this.random.below(2 ** 31);
    this.map.setAccess(ref, value.access);
    if (typeof value.content !== "string") return;
    value.isRaw = this.random.oneIn(2);
    this.map.setEncoding(ref, value.isRaw ? IS_RAW : 0);
  }

  remove(): void {
    const key = this.key(), ref = this.find(key);
    assertEquals(ref === 0, !this.values.has(key));
    if (ref === 0) return;
    this.map.remove(ref);
    this.#replaced(this.values.get(key));
    this.values.delete(key);
  }

  rename(): void {
    const from = this.key(), to = this.key();
    const value = this.values.get(from);
    if (value === undefined || this.values.has(to)) return;
    const ref = this.find(from);
    assertEquals(this.find(to), 0);
    const object = this.map.isObject(ref) ? this.map.object(ref) : undefined;
    this.map.rename(ref, object, sourceOf(bytesOfText(to)), 0, to.length);
    this.values.delete(from);
    this.values.set(to, { ...value, access: 77 });
  }

  /** Moves a key to another map, as MOVE does. */
  moveTo(other: Model): void {
    const key = this.key(), value = this.values.get(key);
    if (value === undefined || other.values.has(key)) return;
    const ref = this.find(key);
    const object = this.map.isObject(ref) ? this.map.object(ref) : undefined;
    assertEquals(other.find(key), 0);
    other.map.putFrom(
      ...[this.map, ref, object] as const,
      ...[sourceOf(bytesOfText(key)), 0, key.length] as const,
    );
    this.map.extract(ref);
    this.values.delete(key);
    other.values.set(key, { ...value, access: 77 });
  }

  relocate(): void {
    const key = this.key();
    const ref = this.find(key);
    if (ref === 0) return;
    this.map.select(ref);
    const made = this.map.relocate(ref);
    assert(made !== ref);
    assertEquals(this.find(key), made);
  }

  check(): void {
    const { map } = this;
    assertEquals(map.size, this.values.size);
    for (const [key, value] of this.values) {
      const ref = this.find(key);
      assert(ref !== 0, `${key.length} bytes long key is lost`);
      assertEquals(textOfBytes(map.key(ref)), key);
      assertEquals(map.hashOfRef(ref), map.hash);
      assertEquals(map.expiresAtMsExact(ref), value.expiresAt);
      assertEquals(map.expiresAtMs(ref), Number(value.expiresAt));
      assertEquals(map.accessOf(ref), value.access);
      if (typeof value.content !== "string") {
        assertEquals(map.typeOf(ref), TYPE_LIST);
        assert(map.object(ref) === value.content && map.isObject(ref));
        assert(!(value.content as Probe).isDisposed);
        continue;
      }
      assertEquals(map.typeOf(ref), TYPE_STRING);
      assertEquals(map.stringLength(ref), value.content.length);
      // A content repeats one character.
      const byte = value.content.charCodeAt(0);
      assert(map.string(ref).every((one) => one === byte));
      assertEquals((map.headerOf(ref) & IS_RAW) !== 0, value.isRaw);
    }
  }

  /** What a key held is gone: objects must have been disposed of. */
  #replaced(value: Value | undefined): void {
    if (value !== undefined && typeof value.content !== "string") {
      assert((value.content as Probe).isDisposed);
    }
  }
}

for (const mapClass of [ByteMap, CollidingMap]) {
  Deno.test(`${mapClass.name} holds what a Map holds, seed ${TEST_SEED}`, () => {
    const random = new Random(TEST_SEED);
    const model = new Model(random, mapClass);
    const other = new Model(random, mapClass);
    const acts = [
      ...[model, other].flatMap((one) => [
        () => one.putString(),
        () => one.putString(),
        () => one.putObject(),
        () => one.setExpiry(),
        () => one.mark(),
        () => one.remove(),
        () => one.rename(),
        () => one.relocate(),
      ]),
      () => model.moveTo(other),
      () => other.moveTo(model),
    ];
    for (let round = 0; round < 60; round++) {
      for (let i = 0; i < 30; i++) random.pick(acts)();
      model.check();
      other.check();
    }
    for (const one of [model, other]) {
      for (const key of one.values.keys()) one.map.remove(one.find(key));
      assertEquals(one.map.size, 0);
      assertEquals(one.map.arena.usedUnits, 0);
    }
  });
}

Deno.test("ByteMap finds every one of many keys", () => {
  const map = new ByteMap(new Arena(), SEED);
  const count = 50_000;
  const value = sourceOf(bytesOfText("v"));
  for (let i = 0; i < count; i++) {
    const key = sourceOf(bytesOfText(`key:${i}`));
    const length = `key:${i}`.length;
    map.putString(map.find(key, 0, length), key, 0, length, value, 0, 1, false);
  }
  const refs = new Set<number>();
  for (let i = 0; i < count; i++) {
    refs.add(map.find(sourceOf(bytesOfText(`key:${i}`)), 0, `key:${i}`.length));
  }
  assertEquals(refs.size, count);
  assert(!refs.has(0));
});
