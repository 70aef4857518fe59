/** Bytes instead of commands: inline requests, pipelines, and what breaks the protocol. */
import { error, type Expected, OK, PONG } from "../support/expectation.ts";
import type { ConformanceCase, ConformanceGroup } from "./conformance_case.ts";

/** Sends bytes and expects these replies, in order. */
function exchange(
  name: string,
  bytes: string,
  ...replies: Expected[]
): ConformanceCase {
  return {
    name,
    covers: [],
    run: async (t) => {
      await t.send(bytes);
      for (const reply of replies) await t.receive(reply);
    },
  };
}

/** Sends bytes that break the protocol: these replies, a last one that says why, then the close. */
function breach(
  name: string,
  bytes: string,
  why: string,
  ...replies: Expected[]
): ConformanceCase {
  return {
    name: `${name} is a protocol error`,
    covers: [],
    run: async (t) => {
      await t.send(bytes);
      for (const reply of replies) await t.receive(reply);
      await t.receive(error(`ERR Protocol error: ${why}`));
      await t.receiveClose();
    },
  };
}

const inline: ConformanceCase[] = [
  exchange(
    "an inline request is a line of words",
    "SET k v\r\nGET k\r\n",
    OK,
    "v",
  ),
  exchange(
    "an inline request may end in a bare LF",
    "PING\nPING hello\n",
    PONG,
    "hello",
  ),
  exchange(
    "blanks around the words of an inline request do not count",
    "  PING   a  \r\n",
    "a",
  ),
  exchange("empty lines are skipped", "\r\n\n  \r\nPING\r\n", PONG),
  exchange(
    "words of an inline request may be quoted",
    `ECHO "a b"\r\nECHO 'a b'\r\nECHO "\\x41\\n\\t\\"\\\\"\r\nECHO 'a\\'b\\n'\r\nECHO ""\r\n`,
    "a b",
    "a b",
    'A\n\t"\\',
    "a'b\\n",
    "",
  ),
  exchange(
    "an inline request keeps every byte but blanks",
    "ECHO \xff\x80\x01\r\n",
    "\xff\x80\x01",
  ),
  exchange(
    "inline requests and arrays may alternate",
    "PING\r\n*1\r\n$4\r\nPING\r\nECHO x\r\n*2\r\n$4\r\nECHO\r\n$1\r\ny\r\n",
    PONG,
    PONG,
    "x",
    "y",
  ),
];

const arrays: ConformanceCase[] = [
  exchange("an empty array is skipped", "*0\r\n*-1\r\n*-10\r\nPING\r\n", PONG),
  exchange(
    "a pipeline is answered in order",
    Array.from(
      { length: 1000 },
      (_, i) => `*2\r\n$4\r\nECHO\r\n$${`${i}`.length}\r\n${i}\r\n`,
    )
      .join(""),
    ...Array.from({ length: 1000 }, (_, i) => `${i}`),
  ),
  exchange(
    "an error within a pipeline does not stop the rest",
    "SET k v\r\nINCR k\r\nNOPE\r\nGET k\r\n",
    OK,
    error("ERR value is not an integer or out of range"),
    error("ERR unknown command 'NOPE', with args beginning with: "),
    "v",
  ),
  exchange(
    "the two bytes after a bulk string are not looked at",
    "*1\r\n$4\r\nPINGxy*1\r\n$4\r\nPING\r\n",
    PONG,
    PONG,
  ),
  exchange(
    "the LF after a line's CR is not looked at",
    "*1\rx$4\r\nPING\r\n",
    PONG,
  ),
];

const breaches: ConformanceCase[] = [
  breach("a negative bulk length", "*1\r\n$-1\r\n", "invalid bulk length"),
  breach(
    "a bulk length that is no number",
    "*1\r\n$x\r\n",
    "invalid bulk length",
  ),
  breach("an empty bulk length", "*1\r\n$\r\n", "invalid bulk length"),
  breach(
    "a bulk length above 512 MB",
    "*1\r\n$536870913\r\n",
    "invalid bulk length",
  ),
  breach("a bulk length with a sign", "*1\r\n$+4\r\n", "invalid bulk length"),
  breach(
    "a bulk length with a leading zero",
    "*1\r\n$04\r\n",
    "invalid bulk length",
  ),
  breach(
    "a word where a bulk string is due",
    "*1\r\nfoo\r\n",
    "expected '$', got 'f'",
  ),
  breach(
    "an integer where a bulk string is due",
    "*2\r\n$4\r\nECHO\r\n:1\r\n",
    "expected '$', got ':'",
  ),
  breach(
    "a blank where a bulk string is due",
    "*1\r\n PING\r\n",
    "expected '$', got ' '",
  ),
  breach(
    "an array count that is no number",
    "*x\r\n",
    "invalid multibulk length",
  ),
  breach("an empty array count", "*\r\n", "invalid multibulk length"),
  breach(
    "an array count above 2^31-1",
    "*2147483648\r\n",
    "invalid multibulk length",
  ),
  breach("an array count with a blank", "* 1\r\n", "invalid multibulk length"),
  breach("an unclosed quote", 'SET "k v\r\n', "unbalanced quotes in request"),
  breach(
    "a quote within a word",
    'SET "k"v\r\n',
    "unbalanced quotes in request",
  ),
  breach(
    "an unclosed single quote",
    "SET 'k\r\n",
    "unbalanced quotes in request",
  ),
  breach(
    "64 KB without a line end",
    "x".repeat(65_537),
    "too big inline request",
  ),
  breach(
    "64 KB of array count",
    `*${"1".repeat(65_537)}`,
    "too big mbulk count string",
  ),
  breach(
    "64 KB of bulk length",
    `*1\r\n$${"1".repeat(65_537)}`,
    "too big bulk count string",
  ),
  breach(
    "a broken request after whole ones",
    "SET k v\r\n*2\r\n$3\r\nGET\r\n$1\r\nk\r\n*1\r\nbroken\r\nPING\r\n",
    "expected '$', got 'b'",
    OK,
    "v",
  ),
  {
    name: "a broken request keeps those before it done",
    covers: [],
    run: async (t) => {
      const other = await t.other();
      await other.send("SET k v\r\n*1\r\n$-9\r\n");
      await other.receive(OK);
      await other.receive(error("ERR Protocol error: invalid bulk length"));
      await other.receiveClose();
      await t.expect("GET k", "v");
    },
  },
];

const limits: ConformanceCase[] = [
  ...["POST / HTTP/1.1", "Host: localhost"].map((line): ConformanceCase => ({
    name: `a request of a web browser, ${line}, is cut off without a reply`,
    covers: [],
    run: async (t) => {
      await t.send(`${line}\r\nSET k stolen\r\n`);
      await t.receiveClose();
      await (await t.other()).expect("EXISTS k", 0);
    },
  })),
  {
    name: "a bulk string may be as long as proto-max-bulk-len, not longer",
    config: { "proto-max-bulk-len": "1048576" },
    covers: ["strlen"],
    run: async (t) => {
      await t.expect(["SET", "k", "x".repeat(1_048_576)], OK);
      await t.expect("STRLEN k", 1_048_576);
      await t.send("*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$1048577\r\n");
      await t.receive(error("ERR Protocol error: invalid bulk length"));
      await t.receiveClose();
    },
  },
  {
    name: "before authentication only few and short arguments are read",
    config: { requirepass: "secret" },
    covers: [],
    run: async (t) => {
      const many = await t.stranger();
      await many.send("*11\r\n");
      await many.receive(
        error("ERR Protocol error: unauthenticated multibulk length"),
      );
      await many.receiveClose();
      const long = await t.stranger();
      await long.send("*2\r\n$4\r\nAUTH\r\n$16385\r\n");
      await long.receive(
        error("ERR Protocol error: unauthenticated bulk length"),
      );
      await long.receiveClose();
      const neither = await t.stranger();
      await neither.send(
        `*10\r\n${"$1\r\nx\r\n".repeat(9)}$16384\r\n${"y".repeat(16384)}\r\n`,
      );
      await neither.receive(
        error(/^ERR unknown command 'x', with args beginning with: /),
      );
    },
  },
];

export const group: ConformanceGroup = {
  name: "protocol",
  cases: [...inline, ...arrays, ...breaches, ...limits],
};
