import { assert, assertEquals } from "@std/assert";
import { bytesOfText, textOfBytes } from "../resp/byte_text.ts";
import { BufferPool } from "../resp/buffer_pool.ts";
import { ReplyWriter } from "../resp/reply_writer.ts";
import { Random } from "../../tests/fuzz/random.ts";
import { TEST_SEED } from "../../tests/fuzz/test_seed.ts";
import { EncodingLimits } from "../keyspace/encoding_limits.ts";
import { List } from "./list.ts";
import { listpackEntryBytes } from "./list_encoding.ts";
import { LISTPACK_EMPTY_BYTES } from "./list_encoding.ts";

function textsOf(list: List): string[] {
  return [...list.values()].map(textOfBytes);
}

function repliesOf(write: (reply: ReplyWriter) => void): string {
  const reply = new ReplyWriter(new BufferPool());
  write(reply);
  const { buffer, length, lent } = reply.takeOutput();
  let text = "", from = 0;
  for (const { at, bytes } of lent) {
    text += textOfBytes(buffer.bytes.subarray(from, at)) + textOfBytes(bytes);
    from = at;
  }
  return text + textOfBytes(buffer.bytes.subarray(from, length));
}

function bulk(text: string): string {
  return `$${text.length}\r\n${text}\r\n`;
}

/** Mostly short elements from a small universe, at times long ones of every kind. */
function element(r: Random): string {
  switch (r.below(12)) {
    case 0:
      return String(r.between(-5000, 5000));
    case 1:
      return "m".repeat(r.between(60, 1100));
    case 2:
      return r.oneIn(4) ? "l".repeat(r.between(3990, 40_000)) : "";
    default:
      return r.pick(["a", "bb", "ccc", "\r\n", "$3\r\nfoo\r\n", "0"]);
  }
}

/** One random change of a list and of the array that it must equal. */
function change(r: Random, list: List, model: string[]): void {
  const text = element(r), bytes = bytesOfText(`xx${text}`);
  const args = [bytes, 2, text.length] as const;
  const index = model.length === 0 ? 0 : r.below(model.length);
  const count = r.oneIn(6)
    ? r.between(0, Math.min(model.length, r.oneIn(30) ? Infinity : 6))
    : Math.min(1, model.length);
  switch (model.length === 0 ? r.below(4) : r.below(12)) {
    case 0:
    case 1:
      list.pushHead(...args);
      model.unshift(text);
      return;
    case 2:
    case 3:
      list.pushTail(...args);
      model.push(text);
      return;
    case 4:
      list.dropHead(count);
      model.splice(0, count);
      return;
    case 5:
    case 6:
      list.dropTail(count);
      model.length -= count;
      return;
    case 7:
      list.set(index, ...args);
      model[index] = text;
      return;
    case 8:
      list.seek(index);
      list.insertAt(list.foundChunk, list.foundAt, ...args);
      model.splice(index, 0, text);
      return;
    case 9:
      list.seek(index);
      list.insertAt(
        list.foundChunk,
        list.foundChunk.after(list.foundAt),
        ...args,
      );
      model.splice(index + 1, 0, text);
      return;
    case 10:
      list.seek(index);
      list.removeAt(list.foundChunk, list.foundAt);
      model.splice(index, 1);
      return;
    default:
      removeSome(r, list, model);
  }
}

function removeSome(r: Random, list: List, model: string[]): void {
  const text = element(r), bytes = bytesOfText(text);
  const isFromTail = r.oneIn(2);
  const most = r.oneIn(3) ? Infinity : r.between(1, 5);
  let removed = 0;
  for (let n = 0, length = model.length; n < length && removed < most; n++) {
    const at = isFromTail ? length - 1 - n : n - removed;
    if (model[at] !== text) continue;
    model.splice(at, 1);
    removed++;
  }
  const answer = list.remove(bytes, 0, bytes.length, most, isFromTail);
  assertEquals(answer, removed);
}

function checkReplies(r: Random, list: List, model: string[]): void {
  assertEquals(list.length, model.length);
  if (model.length === 0) return;
  const start = r.below(model.length);
  const count = r.between(1, model.length - start);
  assertEquals(
    repliesOf((reply) => list.replyRange(reply, start, count)),
    model.slice(start, start + count).map(bulk).join(""),
  );
  assertEquals(
    repliesOf((reply) => list.replyTailReversed(reply, count)),
    model.slice(-count).reverse().map(bulk).join(""),
  );
  list.seek(start);
  assertEquals(textOfBytes(list.found()), model[start]);
  list.seekTail();
  assertEquals(textOfBytes(list.found()), model.at(-1));
}

const limits = new EncodingLimits();

for (let round = 0; round < 12; round++) {
  Deno.test(`a list does what an array does, round ${round}, seed ${TEST_SEED}`, () => {
    const r = new Random(TEST_SEED + round), list = new List();
    const model: string[] = [];
    for (let step = 0; step < 3000; step++) {
      change(r, list, model);
      if (step % 20 === 0) checkReplies(r, list, model);
      if (step % 100 === 0) {
        assertEquals(textsOf(list), model);
        list.isQuicklist = true;
        list.noteShrinking(limits);
        assertEquals(list.isQuicklist, listpackBytesOf(model) > 4096);
        assertEquals(textsOf(list.copy()), model);
        assert(list.capacityBytes >= list.byteCount - 12 * model.length);
      }
    }
  });
}

function listpackBytesOf(model: string[]): number {
  return model.reduce((sum, text) => {
    const bytes = bytesOfText(text);
    return sum + listpackEntryBytes(bytes, 0, bytes.length);
  }, LISTPACK_EMPTY_BYTES);
}

Deno.test("listpackEntryBytes knows the sizes of integers and strings", () => {
  for (
    const [text, length] of [
      ["0", 2],
      ["127", 2],
      ["128", 3],
      ["-1", 3],
      ["4095", 3],
      ["-4097", 4],
      ["32768", 5],
      ["8388608", 6],
      ["2147483648", 10],
      ["-9223372036854775808", 10],
      ["9223372036854775808", 21],
      ["", 2],
      ["01", 4],
      ["x".repeat(63), 65],
      ["x".repeat(64), 67],
      ["x".repeat(125), 128],
      ["x".repeat(126), 130],
      ["x".repeat(4096), 4103],
    ] as const
  ) {
    const bytes = bytesOfText(text);
    assertEquals(
      [text, listpackEntryBytes(bytes, 0, bytes.length)],
      [text, length],
    );
  }
});

Deno.test("removing elements that are chunks by themselves leaves none out", () => {
  const large = bytesOfText("l".repeat(5000));
  for (const isFromTail of [false, true]) {
    const list = new List();
    for (let i = 0; i < 20; i++) {
      list.pushTail(bytesOfText(String(i)), 0, String(i).length);
      list.pushTail(large, 0, large.length);
    }
    assertEquals(list.remove(large, 0, large.length, 15, isFromTail), 15);
    assertEquals(list.remove(large, 0, large.length, Infinity, isFromTail), 5);
    assertEquals(textsOf(list), Array.from({ length: 20 }, (_, i) => `${i}`));
  }
});

Deno.test("a list takes little more memory than its elements", () => {
  for (const count of [50, 100, 200, 400, 1000, 5000]) {
    const list = new List(), bytes = bytesOfText("0123456789abcdef");
    for (let i = 0; i < count; i++) list.pushTail(bytes, 0, bytes.length);
    assert(
      list.capacityBytes < 1.6 * list.byteCount,
      `${list.capacityBytes} bytes for ${list.byteCount}`,
    );
  }
});
