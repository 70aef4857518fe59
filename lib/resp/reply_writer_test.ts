import { assert, assertEquals } from "@std/assert";
import { BufferPool } from "./buffer_pool.ts";
import { bytesOfText, textOfBytes } from "./byte_text.ts";
import { ReplyWriter } from "./reply_writer.ts";

/** What `write` sends, in both protocols. */
function replies(
  write: (reply: ReplyWriter) => void,
): [resp2: string, resp3: string] {
  const [resp2, resp3] = ([2, 3] as const).map((protocol) => {
    const reply = new ReplyWriter(new BufferPool());
    reply.protocol = protocol;
    write(reply);
    return sent(reply);
  });
  return [resp2, resp3];
}

/** Everything that the writer hands over, windows in their places. */
function sent(reply: ReplyWriter): string {
  const { buffer: { bytes: buffer }, length, lent } = reply.takeOutput();
  let text = "", from = 0;
  for (const { at, bytes } of lent) {
    text += textOfBytes(buffer.subarray(from, at)) + textOfBytes(bytes);
    from = at;
  }
  return text + textOfBytes(buffer.subarray(from, length));
}

const SHAPES: [string, (reply: ReplyWriter) => void, string, string][] = [
  ["ok", (reply) => reply.ok(), "+OK\r\n", "+OK\r\n"],
  ["null", (reply) => reply.null(), "$-1\r\n", "_\r\n"],
  ["null array", (reply) => reply.nullArray(), "*-1\r\n", "_\r\n"],
  ["map", (reply) => reply.map(2), "*4\r\n", "%2\r\n"],
  ["set", (reply) => reply.set(2), "*2\r\n", "~2\r\n"],
  ["push", (reply) => reply.push(3), "*3\r\n", ">3\r\n"],
  ["true", (reply) => reply.boolean(true), ":1\r\n", "#t\r\n"],
  ["double", (reply) => reply.double(1.5), "$3\r\n1.5\r\n", ",1.5\r\n"],
  [
    "infinity",
    (reply) => reply.double(-Infinity),
    "$4\r\n-inf\r\n",
    ",-inf\r\n",
  ],
  ["big number", (reply) => reply.bigNumber("12"), "$2\r\n12\r\n", "(12\r\n"],
  [
    "verbatim text",
    (reply) => reply.verbatim("txt", bytesOfText("hi")),
    "$2\r\nhi\r\n",
    "=6\r\ntxt:hi\r\n",
  ],
  [
    "empty bulk",
    (reply) => reply.bulk(new Uint8Array(0)),
    "$0\r\n\r\n",
    "$0\r\n\r\n",
  ],
  [
    "error",
    (reply) => reply.error("ERR a\r\nb"),
    "-ERR a  b\r\n",
    "-ERR a  b\r\n",
  ],
];

for (const [name, write, resp2, resp3] of SHAPES) {
  Deno.test(`ReplyWriter writes ${name} in RESP2 and RESP3`, () => {
    assertEquals(replies(write), [resp2, resp3]);
  });
}

Deno.test("ReplyWriter writes integers of every length", () => {
  const numbers = [0, -0, 7, -7];
  for (let digits = 1; digits <= 15; digits++) {
    numbers.push(
      10 ** digits - 1,
      10 ** digits,
      -(10 ** digits),
      1 - 10 ** digits,
    );
  }
  numbers.push(2147483647, 2147483648, -2147483648, 2 ** 53, -(2 ** 53));
  for (const number of numbers) {
    assertEquals(
      replies((reply) => reply.integer(number))[0],
      `:${number === 0 ? 0 : number}\r\n`,
    );
  }
  assertEquals(
    replies((reply) => reply.bigint(-(2n ** 63n)))[0],
    ":-9223372036854775808\r\n",
  );
});

Deno.test("ReplyWriter copies bulk strings of every length, also from words", () => {
  const words = new Int32Array(1024);
  const bytes = new Uint8Array(words.buffer);
  for (let i = 0; i < bytes.length; i++) bytes[i] = 33 + i % 90;
  for (let length = 0; length < 600; length++) {
    const expected = `$${length}\r\n${
      textOfBytes(bytes.subarray(8, 8 + length))
    }\r\n`;
    const [fromBytes] = replies((reply) => reply.bulkRange(bytes, 8, length));
    const [fromWords] = replies((reply) =>
      reply.bulkWords(words, bytes, 2, length)
    );
    assertEquals(fromBytes, expected);
    assertEquals(fromWords, expected);
  }
});

Deno.test("ReplyWriter grows over many replies and keeps every byte", () => {
  const [text] = replies((reply) => {
    for (let i = 0; i < 20000; i++) reply.bulkText(String(i));
  });
  let expected = "";
  for (let i = 0; i < 20000; i++) {
    expected += `$${String(i).length}\r\n${i}\r\n`;
  }
  assertEquals(text, expected);
});

Deno.test("ReplyWriter puts the length of a deferred aggregate before its elements", () => {
  const [resp2, resp3] = replies((reply) => {
    reply.ok();
    const outer = reply.beginDeferred();
    reply.integer(1);
    const inner = reply.beginDeferred();
    reply.integer(2);
    reply.integer(3);
    reply.endDeferred(inner, 1, "map");
    reply.endDeferred(outer, 2);
    reply.ok();
  });
  assertEquals(resp2, "+OK\r\n*2\r\n:1\r\n*2\r\n:2\r\n:3\r\n+OK\r\n");
  assertEquals(resp3, "+OK\r\n*2\r\n:1\r\n%1\r\n:2\r\n:3\r\n+OK\r\n");
});

Deno.test("ReplyWriter sends lent values in their places, deferred or not", () => {
  const large = bytesOfText("L".repeat(40000));
  const reply = new ReplyWriter(new BufferPool());
  const mark = reply.beginDeferred();
  reply.integer(1);
  reply.bulkLent(large);
  reply.integer(2);
  reply.endDeferred(mark, 3);
  assertEquals(reply.pendingBytes, reply.length + 40000);
  assertEquals(
    sent(reply),
    `*3\r\n:1\r\n$40000\r\n${"L".repeat(40000)}\r\n:2\r\n`,
  );
  assertEquals(reply.pendingBytes, 0);
});

Deno.test("ReplyWriter takes back what was written since a mark, lent values too", () => {
  const reply = new ReplyWriter(new BufferPool());
  reply.ok();
  const mark = reply.length;
  reply.bulkLent(bytesOfText("L".repeat(40000)));
  reply.integer(1);
  reply.truncate(mark);
  assertEquals(reply.pendingBytes, 5);
  assertEquals(sent(reply), "+OK\r\n");
});

Deno.test("ReplyWriter holds no buffer while it has nothing to say", () => {
  const pool = new BufferPool();
  const reply = new ReplyWriter(pool);
  assertEquals(reply.takeOutput().buffer.bytes.length, 0);
  reply.ok();
  const first = reply.takeOutput().buffer;
  pool.release(first);
  reply.ok();
  assert(
    reply.takeOutput().buffer === first,
    "the buffer that was given back is used again",
  );
});

Deno.test("BufferPool keeps a few large buffers, and none that is larger still", () => {
  const pool = new BufferPool(1024);
  const large = pool.acquire(5000);
  assertEquals(large.bytes.length, 8192);
  pool.release(large);
  assert(pool.acquire(1024) !== large);
  assert(pool.acquire(4097) === large, "it is used again");
  const huge = pool.acquire(8193);
  assertEquals(huge.bytes.length, 8193);
  pool.release(huge);
  assert(pool.acquire(8193) !== huge);
});
