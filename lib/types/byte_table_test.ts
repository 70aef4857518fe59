import { assert, assertEquals } from "@std/assert";
import { Random } from "../../tests/fuzz/random.ts";
import { TEST_SEED } from "../../tests/fuzz/test_seed.ts";
import { NO_EXPIRY, sourceOf } from "../keyspace/record_store.ts";
import { bytesOfText, textOfBytes } from "../resp/byte_text.ts";
import { ByteTable } from "./byte_table.ts";

const VALUE_LENGTHS = [0, 1, 3, 4, 5, 16, 191, 192, 193, 1000, 20_000, 70_000];

interface Value {
  text: string;
  expiresAt: number;
}

/** A table beside a Map. */
class Model {
  table = new ByteTable(true);
  values = new Map<string, Value>();

  constructor(readonly random: Random, readonly keyCount: number) {}

  key(): string {
    const { random } = this;
    return "k".repeat(random.below(6)) + random.below(this.keyCount);
  }

  value(): Value {
    const { random } = this;
    const length = random.oneIn(40)
      ? random.pick(VALUE_LENGTHS)
      : random.below(30);
    return {
      text: String(random.below(10)).repeat(length),
      expiresAt: random.oneIn(4) ? 1.8e12 + random.below(1000) : NO_EXPIRY,
    };
  }

  find(key: string): number {
    const bytes = bytesOfText(key);
    return this.table.find(sourceOf(bytes), 0, bytes.length);
  }

  step(): void {
    const { table, values, random } = this, key = this.key();
    const ref = this.find(key);
    assertEquals(ref !== 0, values.has(key), key);
    if (random.oneIn(3)) {
      if (ref === 0) return;
      if (random.oneIn(4)) {
        const { expiresAt } = this.value();
        table.setExpiry(ref, expiresAt);
        values.get(key)!.expiresAt = expiresAt;
        return;
      }
      table.remove(ref);
      values.delete(key);
      return;
    }
    const value = this.value();
    const bytes = sourceOf(bytesOfText(value.text));
    if (ref === 0) {
      const name = sourceOf(bytesOfText(key));
      table.add(
        name,
        0,
        key.length,
        bytes,
        0,
        value.text.length,
        value.expiresAt,
      );
    } else {
      table.setValue(ref, bytes, 0, value.text.length, value.expiresAt);
    }
    values.set(key, value);
  }

  check(): void {
    const { table, values } = this;
    assertEquals(table.size, values.size);
    const seen = new Set<string>();
    for (let ref = table.first(); ref !== 0; ref = table.next(ref)) {
      const key = textOfBytes(table.key(ref));
      assert(!seen.has(key), `${key} is there twice`);
      seen.add(key);
      const value = values.get(key);
      assertEquals(textOfBytes(table.value(ref)), value?.text);
      assertEquals(table.expiresAt(ref), value?.expiresAt);
      assertEquals(this.find(key), ref);
    }
    assertEquals(seen.size, values.size);
  }
}

for (const keyCount of [5, 100, 5000]) {
  Deno.test(`ByteTable does what a Map does: ${keyCount} keys, seed ${TEST_SEED}`, () => {
    const model = new Model(new Random(TEST_SEED), keyCount);
    for (let i = 0; i < 30_000; i++) {
      model.step();
      if (i % 5000 === 0) model.check();
    }
    model.check();
    const copied = model.table;
    model.table = copied.copy();
    for (let i = 0; i < 1000; i++) model.step();
    model.check();
  });
}

Deno.test("ByteTable gives the memory of removed entries back", () => {
  const table = new ByteTable(false);
  const source = sourceOf(new Uint8Array(20));
  const find = (i: number) => {
    source.view.setInt32(0, i, true);
    return table.find(source, 0, 20);
  };
  for (let i = 0; i < 100_000; i++) {
    find(i);
    table.add(source, 0, 20);
  }
  const fullBytes = table.memoryBytes;
  for (let i = 0; i < 100_000; i++) if (i % 50 !== 0) table.remove(find(i));
  assertEquals(table.size, 2000);
  assert(
    table.memoryBytes < fullBytes / 8,
    `${table.memoryBytes} of ${fullBytes}`,
  );
  for (let i = 0; i < 100_000; i++) assertEquals(find(i) !== 0, i % 50 === 0);
});

Deno.test("a ByteTable of a few entries takes less than 3 KiB", () => {
  const table = new ByteTable(true);
  for (let i = 0; i < 10; i++) {
    const key = sourceOf(bytesOfText(`field${i}`));
    table.find(key, 0, 6);
    table.add(key, 0, 6, key, 0, 6);
  }
  assert(table.memoryBytes < 3 * 1024, `${table.memoryBytes}`);
});

Deno.test("ByteTable picks every entry at random", () => {
  const table = new ByteTable(false);
  for (let i = 0; i < 10; i++) {
    const key = sourceOf(bytesOfText(`m${i}`));
    table.find(key, 0, 2);
    table.add(key, 0, 2);
  }
  const random = new Random(5), counts = new Map<string, number>();
  for (let i = 0; i < 10_000; i++) {
    const ref = table.random(() => random.next() / 2 ** 32);
    const key = textOfBytes(table.key(ref));
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  assertEquals(counts.size, 10);
  for (const count of counts.values()) assert(count > 800 && count < 1200);
});

Deno.test("ByteTable warms the records that it will find, while it is resized, too", () => {
  const table = new ByteTable(false);
  const hashes = new Int32Array(1), refs = new Int32Array(1);
  let resizing = 0;
  for (let i = 0; i < 5000; i++) {
    const bytes = bytesOfText(`member ${i}`), source = sourceOf(bytes);
    table.find(source, 0, bytes.length);
    const made = table.add(source, 0, bytes.length);
    if (table.index.isResizing) resizing++;
    hashes[0] = table.hashOf(source.view, 0, bytes.length);
    table.warm(hashes, 1, refs);
    assertEquals(refs[0], made);
  }
  assert(resizing > 0);
});
