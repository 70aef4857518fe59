import { assertEquals, assertRejects } from "@std/assert";
import { textOfBytes } from "../resp/byte_text.ts";
import type { Args } from "../router/args.ts";
import { AofFormatError, readAof } from "./aof_reader.ts";

/** Notes the commands, and keeps those of an open transaction apart. */
class Recorder {
  done: string[] = [];
  #queued: string[] | undefined;

  get isInTransaction(): boolean {
    return this.#queued !== undefined;
  }

  run(args: Args): void {
    const words: string[] = [];
    for (let i = 0; i < args.count; i++) words.push(textOfBytes(args.slice(i)));
    const command = words.join(" ");
    if (command === "MULTI") this.#queued = [];
    else if (command === "EXEC") {
      this.done.push(...this.#queued!);
      this.#queued = undefined;
    } else (this.#queued ?? this.done).push(command);
  }

  onProgress(): void {}
}

function request(...words: string[]): string {
  return `*${words.length}\r\n` +
    words.map((word) => `$${word.length}\r\n${word}\r\n`).join("");
}

async function read(text: string) {
  const path = await Deno.makeTempFile();
  try {
    await Deno.writeFile(path, Uint8Array.from(text, (c) => c.charCodeAt(0)));
    using file = await Deno.open(path);
    const recorder = new Recorder();
    const end = await readAof(file, 0, recorder);
    return { ...end, done: recorder.done };
  } finally {
    await Deno.remove(path);
  }
}

const SET = request("SET", "a", "1");
const TRANSACTION = request("MULTI") + request("INCR", "a") +
  request("INCR", "b") + request("EXEC");

Deno.test("readAof runs commands and skips times", async () => {
  const text = `#TS:1\r\n${SET}#TS:2\r\n${TRANSACTION}`;
  assertEquals(await read(text), {
    done: ["SET a 1", "INCR a", "INCR b"],
    validBytes: text.length,
    isTruncated: false,
  });
  assertEquals(await read(""), { done: [], validBytes: 0, isTruncated: false });
});

Deno.test("readAof tells up to where a file is whole, wherever it is cut", async () => {
  const text = SET + TRANSACTION + SET;
  const bounds = [0, SET.length, SET.length + TRANSACTION.length];
  for (let cut = 0; cut < text.length; cut++) {
    const { validBytes, isTruncated, done } = await read(text.slice(0, cut));
    const expected = bounds.findLast((bound) => bound <= cut)!;
    assertEquals([cut, validBytes], [cut, expected]);
    assertEquals(isTruncated, cut !== expected);
    assertEquals(done.length, [0, 1, 3][bounds.indexOf(expected)]);
  }
});

Deno.test("readAof takes commands larger than what it reads at once, and many of them", async () => {
  const large = request("SET", "large", "x".repeat(3_000_000));
  const text = SET.repeat(50_000) + large + SET.repeat(3) + large;
  const { validBytes, done } = await read(text);
  assertEquals([validBytes, done.length], [text.length, 50_005]);
  assertEquals(done[50_004].length, 3_000_010);
});

Deno.test("readAof refuses what is no command, with its place", async () => {
  for (const bad of ["PING\r\n", "*0\r\n", "*x\r\n", "*1\r\n+PING\r\n", "!!"]) {
    const error = await assertRejects(() => read(SET + bad), AofFormatError);
    assertEquals(error.offset, SET.length);
  }
});
