import { assertEquals } from "@std/assert";
import { ReplyDecoder } from "../../lib/resp/reply_decoder.ts";
import { bytesOf } from "./binary_text.ts";
import { replyDifference } from "./reply_difference.ts";

function isSame(command: string, left: string, right: string): boolean {
  const [a, b] = [left, right].map((wire) => {
    const decoder = new ReplyDecoder();
    decoder.push(bytesOf(wire));
    return decoder.read()!;
  });
  return replyDifference(command.split(" "), a, b) === undefined;
}

const SAME: [command: string, left: string, right: string][] = [
  ["GET k", "$1\r\nv\r\n", "$1\r\nv\r\n"],
  ["KEYS *", "*2\r\n+a\r\n+b\r\n", "*2\r\n+b\r\n+a\r\n"],
  [
    "Config Get x",
    "%2\r\n+a\r\n:1\r\n+b\r\n:2\r\n",
    "%2\r\n+b\r\n:2\r\n+a\r\n:1\r\n",
  ],
  ["TTL k", ":1000\r\n", ":1001\r\n"],
  ["RANDOMKEY", "$1\r\na\r\n", "$1\r\nb\r\n"],
  ["SCAN 5", "*2\r\n$1\r\n0\r\n*0\r\n", "*2\r\n$1\r\n7\r\n*0\r\n"],
  ["OBJECT REFCOUNT k", ":1\r\n", ":2147483647\r\n"],
  [
    "DEBUG OBJECT k",
    "+Value at:0x1 refcount:1 encoding:int lru:1 lru_seconds_idle:2\r\n",
    "+Value at:0x2 refcount:1 encoding:int lru:3 lru_seconds_idle:4\r\n",
  ],
];

const DIFFERENT: [command: string, left: string, right: string][] = [
  ["GET k", "$1\r\nv\r\n", "$1\r\nw\r\n"],
  ["GET k", "$-1\r\n", "*-1\r\n"],
  ["GET k", "$2\r\nOK\r\n", "+OK\r\n"],
  ["GET k", "-ERR a\r\n", "-ERR b\r\n"],
  ["MGET a b", "*2\r\n+a\r\n+b\r\n", "*2\r\n+b\r\n+a\r\n"],
  ["KEYS *", "*1\r\n+a\r\n", "*2\r\n+a\r\n+a\r\n"],
  ["TTL k", ":1000\r\n", ":2000\r\n"],
  ["TTL k", ":-1\r\n", ":-2\r\n"],
  ["RANDOMKEY", "$1\r\na\r\n", "$-1\r\n"],
  ["INFO", "-ERR a\r\n", "-ERR b\r\n"],
  [
    "SCAN 0 COUNT 10000",
    "*2\r\n$1\r\n0\r\n*1\r\n+a\r\n",
    "*2\r\n$1\r\n0\r\n*1\r\n+b\r\n",
  ],
  ["OBJECT REFCOUNT k", ":1\r\n", ":3\r\n"],
  [
    "DEBUG OBJECT k",
    "+Value at:0x1 refcount:1 encoding:int\r\n",
    "+Value at:0x1 refcount:1 encoding:raw\r\n",
  ],
];

for (const [command, left, right] of SAME) {
  Deno.test(`replyDifference allows for ${command}: ${JSON.stringify([left, right])}`, () => {
    assertEquals(isSame(command, left, right), true);
  });
}

for (const [command, left, right] of DIFFERENT) {
  Deno.test(`replyDifference sees for ${command}: ${JSON.stringify([left, right])}`, () => {
    assertEquals(isSame(command, left, right), false);
  });
}
