/** Lists beside arrays: the same random commands, on lists that cross all the sizes at which they are kept in another way. */
import { assertEquals } from "@std/assert";
import { Random } from "../../tests/fuzz/random.ts";
import { TEST_SEED } from "../../tests/fuzz/test_seed.ts";
import { CommandRunner } from "../../tests/support/command_runner.ts";
import { EncodingLimits } from "../keyspace/encoding_limits.ts";

const INTEGERS = ["0", "-1", "127", "128", "-4097", "65536", "8388608"];
const LARGE_INTEGERS = ["4294967296", "-9223372036854775808"];
const NO_INTEGERS = ["", "01", "-0", "9223372036854775808", "\r\n", "\x00\xff"];

/** Elements of which many are equal. */
function element(r: Random): string {
  switch (r.below(10)) {
    case 0:
      return r.pick(LARGE_INTEGERS);
    case 1:
      return r.pick(NO_INTEGERS);
    case 2:
      return "m".repeat(r.pick([63, 64, 125, 126, 300]));
    case 3:
      return r.oneIn(20) ? "l".repeat(r.pick([4000, 4096, 5000])) : "l";
    case 4:
      return `value ${r.below(1000)}`;
    default:
      return r.pick(INTEGERS);
  }
}

function bulk(text: string | undefined): string {
  return text === undefined ? "$-1\r\n" : `$${text.length}\r\n${text}\r\n`;
}

function array(texts: readonly string[]): string {
  return `*${texts.length}\r\n${texts.map(bulk).join("")}`;
}

/** A list at `k` and the array that it must equal. */
class Model {
  readonly runner = new CommandRunner();
  texts: string[] = [];

  constructor(private readonly r: Random) {}

  /** Runs a random command, and compares its answer. */
  step(): void {
    const { r } = this;
    const grows = this.texts.length < 3 || r.oneIn(3);
    if (grows) this.#push();
    else r.pick(CHANGES).call(this);
    r.pick(READS).call(this);
  }

  expect(words: (string | number)[], answer: string): void {
    const got = this.runner.runWords(...words.map(String));
    assertEquals([words, got], [words, answer]);
  }

  #push(): void {
    const { r, texts } = this;
    const many = Array.from(
      { length: r.oneIn(8) ? r.between(1, 200) : 1 },
      () => element(r),
    );
    if (r.oneIn(2)) {
      texts.unshift(...many.toReversed());
      this.expect(["LPUSH", "k", ...many], `:${texts.length}\r\n`);
    } else {
      texts.push(...many);
      this.expect(["RPUSH", "k", ...many], `:${texts.length}\r\n`);
    }
  }

  pop(): void {
    const { r, texts } = this, isHead = r.oneIn(2);
    const name = isHead ? "LPOP" : "RPOP";
    if (r.oneIn(2)) {
      const text = isHead ? texts.shift() : texts.pop();
      return this.expect([name, "k"], bulk(text));
    }
    const count = Math.min(texts.length, r.pick([1, 2, 5, 40, 200]));
    const popped = isHead
      ? texts.splice(0, count)
      : texts.splice(texts.length - count).toReversed();
    this.expect([name, "k", count], array(popped));
  }

  set(): void {
    const { r, texts } = this, index = r.below(texts.length);
    const text = texts[index] = element(r);
    const asked = r.oneIn(2) ? index : index - texts.length;
    this.expect(["LSET", "k", asked, text], "+OK\r\n");
    this.expect(
      ["LSET", "k", texts.length, text],
      "-ERR index out of range\r\n",
    );
  }

  insert(): void {
    const { r, texts } = this;
    const pivot = r.oneIn(2) ? r.pick(texts) : element(r), text = element(r);
    const at = texts.indexOf(pivot), isAfter = r.oneIn(2);
    if (at >= 0) texts.splice(isAfter ? at + 1 : at, 0, text);
    this.expect(
      ["LINSERT", "k", isAfter ? "AFTER" : "BEFORE", pivot, text],
      `:${at < 0 ? -1 : texts.length}\r\n`,
    );
  }

  remove(): void {
    const { r } = this, text = element(r), count = r.between(-3, 3);
    const most = count === 0 ? Infinity : Math.abs(count);
    const ordered = count < 0 ? this.texts.toReversed() : this.texts;
    let removed = 0;
    const kept = ordered.filter((it) => it !== text || removed++ >= most);
    removed = ordered.length - kept.length;
    this.texts = count < 0 ? kept.toReversed() : kept;
    this.expect(["LREM", "k", count, text], `:${removed}\r\n`);
  }

  trim(): void {
    const { r, texts } = this;
    const start = r.oneIn(3) ? r.below(texts.length) : 0;
    const stop = r.oneIn(3) ? r.between(-texts.length, -1) : -1;
    this.texts = texts.slice(start, texts.length + stop + 1);
    this.expect(["LTRIM", "k", start, stop], "+OK\r\n");
  }

  move(): void {
    const { r, texts } = this;
    const isFromHead = r.oneIn(2), isToHead = r.oneIn(2);
    const text = (isFromHead ? texts.shift() : texts.pop())!;
    const isRotation = r.oneIn(2);
    if (isRotation && isToHead) texts.unshift(text);
    else if (isRotation) texts.push(text);
    const [from, to] = [isFromHead, isToHead].map((isHead) =>
      isHead ? "LEFT" : "RIGHT"
    );
    const target = isRotation ? "k" : "other";
    this.expect(["LMOVE", "k", target, from, to], bulk(text));
    if (isRotation) return;
    this.expect([isToHead ? "LPOP" : "RPOP", target], bulk(text));
  }

  rename(): void {
    const { runner } = this;
    const key = "n".repeat(this.r.pick([1, 100, 8192, 9000]));
    const copies = this.texts.length > 0;
    assertEquals(runner.run(`COPY k ${key}`), `:${copies ? 1 : 0}\r\n`);
    if (!copies) return;
    this.expect(["PEXPIRE", key, 60_000], ":1\r\n");
    this.expect(["LLEN", key], `:${this.texts.length}\r\n`);
    this.expect(["RENAME", key, "k"], "+OK\r\n");
    this.expect(["PERSIST", "k"], ":1\r\n");
  }

  readAll(): void {
    this.expect(["LRANGE", "k", 0, -1], array(this.texts));
  }

  readRange(): void {
    const { r, texts } = this, start = r.between(0, texts.length);
    const stop = start + r.between(0, 9);
    this.expect(
      ["LRANGE", "k", start, stop],
      array(texts.slice(start, stop + 1)),
    );
  }

  readOne(): void {
    const { r, texts } = this, index = r.between(0, texts.length);
    this.expect(["LINDEX", "k", index], bulk(texts[index]));
    this.expect(["LINDEX", "k", -index - 1], bulk(texts.at(-index - 1)));
    this.expect(["LLEN", "k"], `:${texts.length}\r\n`);
  }

  find(): void {
    const { r } = this, isFromTail = r.oneIn(2);
    const text = element(r), most = r.oneIn(2) ? 0 : r.between(1, 50);
    const places = this.texts.flatMap((it, index) => it === text ? [index] : [])
      .filter((index) => {
        const seen = isFromTail ? this.texts.length - 1 - index : index;
        return most === 0 || seen < most;
      });
    if (isFromTail) places.reverse();
    const words = ["LPOS", "k", text, "RANK", isFromTail ? -1 : 1];
    this.expect(
      [...words, "COUNT", 0, "MAXLEN", most],
      `*${places.length}\r\n${places.map((it) => `:${it}\r\n`).join("")}`,
    );
  }
}

const { pop, set, insert, remove, trim, move, rename } = Model.prototype;
const CHANGES = [pop, set, insert, remove, trim, move, rename];
const { readAll, readRange, readOne, find } = Model.prototype;
const READS = [readAll, readRange, readOne, find];

for (let round = 0; round < 10; round++) {
  const size = [-2, -2, -1, 20, -5][round % 5];
  Deno.test(`list commands do what an array does, list-max-listpack-size ${size}, round ${round}, seed ${TEST_SEED}`, () => {
    const model = new Model(new Random(TEST_SEED + round));
    const { limits } = model.runner.server.parts.keyspace;
    assertEquals(new EncodingLimits().listMaxListpackSize, -2);
    limits.listMaxListpackSize = size;
    for (let step = 0; step < 1500; step++) model.step();
    model.readAll();
  });
}
