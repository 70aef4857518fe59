import { assertEquals } from "@std/assert";
import { ReplyDecoder } from "../../lib/resp/reply_decoder.ts";
import { bytesOf } from "./binary_text.ts";
import {
  accepts,
  ANY,
  between,
  double,
  error,
  type Expected,
  including,
  map,
  mapIncluding,
  matching,
  NULL,
  NULL_ARRAY,
  OK,
  oneOf,
  perProtocol,
  type Protocol,
  set,
  textLike,
  unordered,
  unorderedMap,
} from "./expectation.ts";

/** What is expected, in which protocol, a reply that is it, and one that is not. */
const CASES: [
  expected: Expected,
  protocol: Protocol,
  right: string,
  wrong: string,
][] = [
  ["v", 2, "$1\r\nv\r\n", "+v\r\n"],
  [1, 2, ":1\r\n", "$1\r\n1\r\n"],
  [9007199254740993n, 2, ":9007199254740993\r\n", ":9007199254740992\r\n"],
  [["a", 1], 2, "*2\r\n$1\r\na\r\n:1\r\n", "*1\r\n$1\r\na\r\n"],
  [OK, 2, "+OK\r\n", "$2\r\nOK\r\n"],
  [NULL, 2, "$-1\r\n", "*-1\r\n"],
  [NULL, 3, "_\r\n", "$-1\r\n"],
  [NULL_ARRAY, 2, "*-1\r\n", "$-1\r\n"],
  [NULL_ARRAY, 3, "_\r\n", "*-1\r\n"],
  [ANY, 2, ":1\r\n", "-ERR\r\n"],
  [error("ERR a"), 2, "-ERR a\r\n", "-ERR ab\r\n"],
  [error(/^ERR/), 2, "-ERR a\r\n", "+ERR a\r\n"],
  [matching(/^a+$/), 2, "$2\r\naa\r\n", "$2\r\nab\r\n"],
  [textLike(/a/), 2, "$1\r\na\r\n", "+a\r\n"],
  [textLike(/a/), 3, "=5\r\ntxt:a\r\n", "$1\r\na\r\n"],
  [between(1, 2), 2, ":2\r\n", ":3\r\n"],
  [double("1.5"), 2, "$3\r\n1.5\r\n", ",1.5\r\n"],
  [double("1.5"), 3, ",1.5\r\n", ",1.50\r\n"],
  [
    unordered(1, 2, 2),
    2,
    "*3\r\n:2\r\n:1\r\n:2\r\n",
    "*3\r\n:2\r\n:1\r\n:1\r\n",
  ],
  [set(1, 2), 3, "~2\r\n:2\r\n:1\r\n", "*2\r\n:1\r\n:2\r\n"],
  [set(1, 2), 2, "*2\r\n:2\r\n:1\r\n", "*2\r\n:2\r\n:2\r\n"],
  [including(1), 2, "*2\r\n:2\r\n:1\r\n", "*1\r\n:2\r\n"],
  [map(["a", 1]), 2, "*2\r\n$1\r\na\r\n:1\r\n", "*2\r\n$1\r\nb\r\n:1\r\n"],
  [map(["a", 1]), 3, "%1\r\n$1\r\na\r\n:1\r\n", "*2\r\n$1\r\na\r\n:1\r\n"],
  [
    unorderedMap([1, 2], [3, 4]),
    3,
    "%2\r\n:3\r\n:4\r\n:1\r\n:2\r\n",
    "%1\r\n:1\r\n:2\r\n",
  ],
  [
    mapIncluding([1, 2]),
    3,
    "%2\r\n:3\r\n:4\r\n:1\r\n:2\r\n",
    "%1\r\n:1\r\n:3\r\n",
  ],
  [oneOf(1, 2), 2, ":2\r\n", ":3\r\n"],
  [perProtocol(1, 2), 2, ":1\r\n", ":2\r\n"],
  [perProtocol(1, 2), 3, ":2\r\n", ":1\r\n"],
];

for (const [i, [expected, protocol, right, wrong]] of CASES.entries()) {
  Deno.test(`expectation ${i} accepts ${JSON.stringify(right)} and not ${JSON.stringify(wrong)}`, () => {
    assertEquals(accepts(expected, decode(right), protocol), true);
    assertEquals(accepts(expected, decode(wrong), protocol), false);
  });
}

function decode(wire: string) {
  const decoder = new ReplyDecoder();
  decoder.push(bytesOf(wire));
  return decoder.read()!;
}
