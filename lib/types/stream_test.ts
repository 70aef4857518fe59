import { assert, assertEquals } from "@std/assert";
import { argsOf } from "../../tests/support/args_of.ts";
import { Random } from "../../tests/fuzz/random.ts";
import { EncodingLimits } from "../keyspace/encoding_limits.ts";
import { textOfBytes } from "../resp/byte_text.ts";
import { Stream } from "./stream.ts";
import { StreamCursor } from "./stream_cursor.ts";
import { MAX_ID, MIN_ID, StreamId } from "./stream_id.ts";

const TEXTS = [
  "",
  "a",
  "field",
  "0",
  "-1",
  "127",
  "128",
  "-4096",
  "-4097",
  "32768",
  "-8388609",
  "2147483648",
  "9007199254740993",
  "-9223372036854775808",
  "9223372036854775808",
  "01",
  "x".repeat(63),
  "x".repeat(64),
  "x".repeat(130),
  "x".repeat(5000),
];

interface Entry {
  id: StreamId;
  texts: string[];
}

function append(
  stream: Stream,
  limits: EncodingLimits,
  { id, texts }: Entry,
): void {
  const textBytes = texts.reduce((sum, text) => sum + text.length, 0);
  const args = argsOf("skipped", ...texts);
  stream.append(id, args, 1, texts.length / 2, textBytes, limits);
}

function read(
  stream: Stream,
  first: StreamId,
  last: StreamId,
  isReverse: boolean,
): [string, string[]][] {
  const cursor = new StreamCursor(), found: [string, string[]][] = [];
  cursor.start(stream, first, last, isReverse);
  while (cursor.next()) {
    const texts: string[] = [];
    // Some are not read to the end: the next entry must be found all the same.
    const isRead = found.length % 3 !== 2;
    for (let left = isRead ? cursor.pairCount : 1; left > 0; left--) {
      cursor.readPair();
      texts.push(
        textOfBytes(cursor.field.slice()),
        textOfBytes(cursor.value.slice()),
      );
    }
    found.push([cursor.id.toString(), texts]);
  }
  return found;
}

function expected(
  entries: Entry[],
  first: StreamId,
  last: StreamId,
  isReverse: boolean,
): [string, string[]][] {
  const found = entries.filter(({ id }) =>
    id.compare(first) >= 0 && id.compare(last) <= 0
  );
  if (isReverse) found.reverse();
  return found.map(({ id, texts }, index) => [
    id.toString(),
    index % 3 === 2 ? texts.slice(0, 2) : texts,
  ]);
}

function nextId(random: Random, before: StreamId): StreamId {
  const id = before.copy();
  if (random.oneIn(3)) {
    const ms = BigInt(id.ms) + BigInt(random.oneIn(9) ? 1 << 30 : 1);
    // A number that may be lower than that of the block's first entry.
    return StreamId.of(ms, random.oneIn(2) ? 0 : random.below(1 << 30));
  }
  for (let count = random.between(1, 3); count > 0; count--) id.increment();
  return id;
}

function randomEntry(random: Random, before: StreamId): Entry {
  const pairs = random.oneIn(4) ? random.between(1, 4) : 2;
  const texts: string[] = [];
  for (let i = 0; i < pairs; i++) {
    texts.push(random.oneIn(3) ? random.pick(TEXTS) : `f${i}`);
    texts.push(random.pick(TEXTS));
  }
  return { id: nextId(random, before), texts };
}

/** The stream of the same blocks, through their dumped form. */
function reloaded(stream: Stream): Stream {
  const loaded = new Stream();
  for (const block of stream.blocks) {
    assert(loaded.addListpack(block.id, block.toListpack()));
  }
  return loaded;
}

for (const seed of [1, 2, 3, 4]) {
  Deno.test(`Stream does what a sorted array of entries does (seed ${seed})`, () => {
    const random = new Random(seed), limits = new EncodingLimits();
    limits.streamNodeMaxEntries = random.pick([0, 3, 20]);
    let stream = new Stream(), model: Entry[] = [], added = 0;
    let kept: [Stream, Entry[]] | undefined;
    let top = StreamId.of(random.pick([1n, (1n << 53n) - 2n, 1n << 62n]), 5);
    for (let step = 0; step < 1500; step++) {
      const action = random.below(20);
      if (action < 12) {
        const entry = randomEntry(random, top);
        top = entry.id;
        append(stream, limits, entry);
        model.push(entry);
        added++;
      } else if (action < 16 && model.length > 0) {
        const [{ id }] = model.splice(random.below(model.length), 1);
        assert(stream.delete(id));
        assertEquals(stream.delete(id), false);
        assertEquals(stream.has(id), false);
      } else if (action === 16 && model.length > 0) {
        const length = random.between(model.length >> 1, model.length);
        const removed = stream.trim(length, MIN_ID, false, 0);
        assertEquals(removed, model.length - length);
        model = model.slice(removed);
      } else if (action === 17 && model.length > 0) {
        const { id } = model[random.below(Math.min(5, model.length))];
        const after = model.filter((entry) => entry.id.compare(id) >= 0);
        assertEquals(
          stream.trim(Infinity, id, false, 0),
          model.length - after.length,
        );
        model = after;
      } else if (action === 18) {
        // A copy is not changed by what is done to the other side.
        if (kept !== undefined) {
          assertEquals(
            read(kept[0], MIN_ID, MAX_ID, false),
            expected(kept[1], MIN_ID, MAX_ID, false),
          );
        }
        const copy = stream.copy();
        kept = random.oneIn(2) ? [copy, [...model]] : [stream, [...model]];
        if (kept[0] === stream) stream = copy;
      }
      assertEquals(stream.length, model.length);
      assertEquals(stream.entriesAdded, added);
      assertEquals(
        stream.firstId.toString(),
        model.length === 0 ? "0-0" : model[0].id.toString(),
      );
      if (step % 25 === 0) compare(random, stream, model);
    }
    compare(random, reloaded(stream), model);
  });
}

function compare(random: Random, stream: Stream, model: Entry[]): void {
  const bound = () =>
    model.length === 0 || random.oneIn(4)
      ? random.pick([MIN_ID, MAX_ID])
      : model[random.below(model.length)].id;
  const first = bound(), last = bound();
  for (const isReverse of [false, true]) {
    assertEquals(
      read(stream, first, last, isReverse),
      expected(model, first, last, isReverse),
    );
  }
}

Deno.test("Stream.trim of whole blocks stops at a limit and before a part", () => {
  const stream = new Stream(), limits = new EncodingLimits();
  limits.streamNodeMaxEntries = 10;
  for (let ms = 1; ms <= 100; ms++) {
    append(stream, limits, { id: StreamId.of(ms, 0), texts: ["f", "v"] });
  }
  assertEquals(stream.blocks.length, 10);
  assertEquals(stream.trim(75, MIN_ID, true, 0), 20);
  assertEquals(stream.trim(0, MIN_ID, true, 25), 20);
  assertEquals(stream.trim(Infinity, StreamId.of(65, 0), true, 0), 20);
  assertEquals([stream.length, stream.firstId.toString()], [40, "61-0"]);
});

Deno.test("Stream takes no damaged block", () => {
  const stream = new Stream(), limits = new EncodingLimits();
  for (let ms = 1; ms <= 5; ms++) {
    append(stream, limits, {
      id: StreamId.of(ms, 0),
      texts: ms % 2 === 0 ? ["f", "v"] : ["g", "1", "h", "2"],
    });
  }
  const [block] = stream.blocks, whole = block.toListpack();
  assert(new Stream().addListpack(block.id, whole));
  for (let length = 0; length < whole.length; length++) {
    assertEquals(
      new Stream().addListpack(block.id, whole.slice(0, length)),
      false,
    );
  }
});
