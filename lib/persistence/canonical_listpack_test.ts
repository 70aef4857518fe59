import { assertEquals } from "@std/assert";
import { bytesOfText } from "../resp/byte_text.ts";
import { PackedList } from "../types/packed_list.ts";
import { isCanonicalListpack } from "./canonical_listpack.ts";
import { ListpackReader } from "./listpack_reader.ts";
import { ListpackBuilder } from "./listpack_builder.ts";
import { RdbReader } from "./rdb_reader.ts";

/** Elements of every encoding, those at its bounds, and texts that are nearly integers. */
const ELEMENTS = [0, 127, 128, -1, 4095, 4096, -4096, -4097, 32767, 32768]
  .concat(-32768, -32769, 8388607, 8388608, -8388608, -8388609, 2147483647)
  .map(String)
  .concat("", "text", "-", "-0", "01", "1.5", "1e3", "a".repeat(63))
  .concat("b".repeat(64), "c".repeat(125));

function listpackOf(texts: readonly string[]): Uint8Array {
  const builder = new ListpackBuilder();
  builder.begin();
  for (const text of texts) builder.add(bytesOfText(text));
  builder.end();
  return builder.bytes.slice(0, builder.length);
}

function readerOf(listpack: Uint8Array): RdbReader {
  const length = listpack.length;
  const reader = RdbReader.ofBytes(
    Uint8Array.of(0x80, 0, 0, length >> 8, length & 255, ...listpack),
  );
  reader.string();
  return reader;
}

/** What a list of the same elements, added one by one, is; undefined when the listpack is damaged. */
function addedOneByOne(reader: RdbReader): Uint8Array | undefined {
  const list = new PackedList();
  try {
    const cursor = new ListpackReader().begin(reader);
    while (cursor.next()) {
      list.pushTail(cursor.bytes, cursor.at, cursor.length);
    }
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
  list.seal();
  return list.toBytes();
}

Deno.test("isCanonicalListpack holds for what this server writes", () => {
  const listpack = listpackOf(ELEMENTS);
  assertEquals(isCanonicalListpack(readerOf(listpack)), true);
});

Deno.test("isCanonicalListpack leaves to others what is long, wide or written in another way", () => {
  const other = (...bytes: number[]) =>
    readerOf(Uint8Array.of(bytes.length + 7, 0, 0, 0, 1, 0, ...bytes, 255));
  assertEquals(isCanonicalListpack(other(0x05, 1)), true);
  // The integer 5 as a text, in 13, 16, 24 and 32 bits; and a short text with a long head.
  assertEquals(isCanonicalListpack(other(0x81, 0x35, 2)), false);
  assertEquals(isCanonicalListpack(other(0xc0, 5, 2)), false);
  assertEquals(isCanonicalListpack(other(0xf1, 5, 0, 3)), false);
  assertEquals(isCanonicalListpack(other(0xf2, 5, 0, 0, 4)), false);
  assertEquals(isCanonicalListpack(other(0xf3, 5, 0, 0, 0, 5)), false);
  assertEquals(isCanonicalListpack(other(0xe0, 1, 0x61, 3)), false);
  const long = listpackOf(["d".repeat(126)]);
  assertEquals(isCanonicalListpack(readerOf(long)), false);
  const wide = listpackOf(["2147483648"]);
  assertEquals(isCanonicalListpack(readerOf(wide)), false);
});

Deno.test("a listpack with any byte changed is canonical only if its bytes are those of a list of its elements", () => {
  const listpack = listpackOf(ELEMENTS);
  let taken = 0;
  for (let at = 0; at < listpack.length; at++) {
    for (let value = at % 7; value < 256; value += 7) {
      const changed = listpack.slice();
      changed[at] = value;
      const reader = readerOf(changed);
      if (!isCanonicalListpack(reader)) continue;
      taken++;
      const expected = addedOneByOne(reader);
      assertEquals(changed.subarray(4, changed.length - 1), expected);
    }
  }
  // Most texts may be any others.
  assertEquals(taken > 7000, true, `${taken} were canonical`);
});
