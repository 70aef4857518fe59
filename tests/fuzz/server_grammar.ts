/** Productions for the connection and server commands that leave the run as it is. */
import {
  bytes,
  type Grammar,
  integerOrNot,
  junk,
  key,
  randomCase,
  value,
} from "./production.ts";
import type { Random } from "./random.ts";

/** Directives that change nothing which the run sees but encodings, with good and bad values. */
const DIRECTIVES: Record<string, string[]> = {
  "maxmemory-samples": ["5", "64", "0", "x", ""],
  "lfu-log-factor": ["10", "-1", "1x"],
  "slowlog-max-len": ["128", "0", "-1"],
  "list-max-listpack-size": ["-2", "128", "9999999999"],
  "lazyfree-lazy-user-del": ["yes", "no", "YES", "1"],
  "repl-timeout": ["60", "0", "1000000"],
  "hash-max-listpack-entries": ["512", "5"],
  "hash-max-listpack-value": ["64", "9"],
  "set-max-intset-entries": ["512", "5"],
  "zset-max-listpack-entries": ["128", "3"],
  "zset-max-listpack-value": ["64", "4"],
  "stream-node-max-entries": ["100", "3"],
  "stream-node-max-bytes": ["4096", "100"],
  "hll-sparse-max-bytes": ["3000", "100"],
  "zset-max-ziplist-entries": ["128", "1kb", "-5"],
  "maxmemory-policy": ["noeviction", "nope"],
  "databases": ["16"],
  "no-such-directive": ["1"],
};

/** Those that Redis has since 7.2. */
const NEW_DIRECTIVES: Record<string, string[]> = {
  "set-max-listpack-entries": ["128", "5"],
  "set-max-listpack-value": ["64", "3"],
};

function newDirective(r: Random): [name: string, value: string] {
  const name = r.pick(Object.keys(NEW_DIRECTIVES));
  return [randomCase(r, name), r.pick(NEW_DIRECTIVES[name])];
}

function directive(r: Random): [name: string, value: string] {
  const name = r.pick(Object.keys(DIRECTIVES));
  return [randomCase(r, name), r.pick(DIRECTIVES[name])];
}

/** Whole commands for COMMAND GETKEYS. */
function wholeCommand(r: Random): string[] {
  return r.pick([
    ["get", "a"],
    ["set", "a", "b", "GET"],
    ["mset", "a", "1", "b", "2"],
    ["mget", "a", "b"],
    ["copy", "a", "b"],
    ["object", "encoding", "a"],
    ["lcs", "a", "b"],
    ["ping", "x"],
    ["nope", "a"],
    ["config", "get", "a"],
    ["rename", "a", "b"],
    ["get", "a", "b"],
  ]);
}

export const serverGrammar: Grammar = {
  ping: { make: (r) => r.some([value(r)]) },
  echo: { make: (r) => [value(r)] },
  // Redis 7.0 sets the name even when an option after it is wrong.
  hello: {
    isExact: true,
    make: (r) => [
      r.pick(["2", "2", "3", "3", "4", "x", ""]),
      ...r.oneIn(4) ? ["SETNAME", r.pick(["me", "a b", ""])] : [],
      ...r.oneIn(8) ? ["AUTH", "default", "x"] : [],
    ],
  },
  // Not with a wrong user: Redis 7.2 forgets that reply when others before it are not yet sent.
  auth: {
    weight: 0.2,
    isExact: true,
    make: (r) => r.pick([["x"], ["default", "x"], ["a", "b", "c"]]),
  },
  reset: { weight: 0.2, make: () => [] },
  time: { weight: 0.2, make: () => [] },
  info: { weight: 0.2, make: (r) => r.some(["keyspace", "nope", "server"]) },
  "client|id": { weight: 0.2, make: () => [] },
  "client|getname": { make: () => [] },
  "client|setname": {
    make: (r) => [r.pick(["me", "you", "a b", "", "\n", "\xff"])],
  },
  "client|setinfo": {
    since: "7.2",
    weight: 0.5,
    make: (
      r,
    ) => [
      r.pick(["LIB-NAME", "lib-ver", "BAD"]),
      r.pick(["x", "1.2", "a b", ""]),
    ],
  },
  "client|info": { weight: 0.2, make: () => [] },
  "client|list": {
    weight: 0.5,
    make: (r) =>
      r.pick([["TYPE", "nope"], ["TYPE", "pubsub"], ["ID", "x"], ["ID"], [
        "BAD",
      ]]),
  },
  "client|kill": {
    weight: 0.5,
    make: (r) =>
      r.pick([["ID", "x"], ["ID", "0"], ["TYPE", "nope"], ["USER", "nobody"], [
        "1:2",
      ], [
        "ADDR",
        "127.0.0.1:1",
        "SKIPME",
        r.pick(["yes", "maybe"]),
      ]]),
  },
  "client|no-evict": {
    weight: 0.5,
    make: (r) => [r.pick(["on", "OFF", "maybe"])],
  },
  "client|no-touch": {
    since: "7.2",
    weight: 0.5,
    make: (r) => [r.pick(["on", "OFF", "maybe"])],
  },
  "client|reply": { weight: 0.5, make: (r) => [r.pick(["ON", "maybe"])] },
  "client|pause": {
    weight: 0.2,
    make: (r) => [r.pick(["0", "-1", "x"]), ...r.some(["WRITE", "BAD"])],
  },
  "client|unpause": { weight: 0.2, make: () => [] },
  "command|count": { weight: 0.2, make: () => [] },
  "command|getkeys": { since: "7.2", make: wholeCommand },
  "command|getkeysandflags": { since: "7.2", make: wholeCommand },
  "command|info": {
    since: "7.2",
    weight: 0.5,
    make: (r) =>
      r.repeat(
        2,
        () => r.pick(["get", "SET", "copy", "config|get", "nope", "lcs"]),
      ),
  },
  "command|list": {
    weight: 0.2,
    isExact: true,
    make: (r) => ["FILTERBY", ...r.some(["NOPE", "PATTERN"])],
  },
  "config|get": { make: (r) => [directive(r)[0].toLowerCase()] },
  "config|set": [
    { make: (r) => r.repeat(r.between(1, 2), () => directive(r)).flat() },
    { since: "7.2", weight: 0.3, make: newDirective },
  ],
  "config|resetstat": { weight: 0.1, make: () => [] },
  "config|rewrite": { weight: 0.1, make: () => [] },
  "debug|object": { weight: 0.5, make: (r) => [key(r)] },
  "debug|sleep": { weight: 0.1, make: () => ["0"] },
  "debug|aof-flush-sleep": { weight: 0.1, make: () => ["0"] },
  "debug|digest": { weight: 0.5, make: () => [] },
  "debug|digest-value": { make: (r) => [key(r), key(r)] },
  "debug|protocol": {
    since: "7.2",
    weight: 0.5,
    make: (
      r,
    ) => [
      r.pick([
        "string",
        "double",
        "bignum",
        "map",
        "set",
        "attrib",
        "null",
        "true",
        "nope",
      ]),
    ],
  },
  "slowlog|get": {
    weight: 0.2,
    make: (r) => [r.pick(["-1", "-2", "x", "0"])],
  },
  "slowlog|len": { weight: 0.1, make: () => [] },
  "slowlog|reset": { weight: 0.1, make: () => [] },
  "latency|latest": { weight: 0.1, make: () => [] },
  "latency|history": { weight: 0.1, make: () => ["command"] },
  "latency|reset": { weight: 0.1, make: (r) => r.some(["command", "x"]) },
  "latency|graph": { weight: 0.1, make: () => ["x"] },
  "latency|doctor": { weight: 0.1, make: () => [] },
  "latency|histogram": { weight: 0.1, isExact: true, make: () => ["nope"] },
  "memory|usage": {
    weight: 0.5,
    make: (r) => [key(r), ...r.some(["SAMPLES", integerOrNot(r)])],
  },
  "memory|stats": { weight: 0.1, make: () => [] },
  "memory|doctor": { weight: 0.1, make: () => [] },
  "memory|purge": { weight: 0.1, make: () => [] },
  "memory|malloc-stats": { weight: 0.1, make: () => [] },
  lolwut: {
    isExact: true,
    weight: 0.1,
    make: (r) => ["VERSION", r.pick(["1", "5", "x"])],
  },
  shutdown: {
    weight: 0.1,
    isExact: true,
    make: (r) => r.pick([["ABORT"], ["BAD"], ["SAVE", "NOSAVE"]]),
  },
  nope: { weight: 0.5, make: (r) => r.repeat(r.below(5), () => junk(r)) },
  "client|nope": { weight: 0.1, make: (r) => [integerOrNot(r)] },
  [`no\r\n${"x".repeat(150)}`]: {
    weight: 0.1,
    make: (r) => [bytes(r, 200), "\r\n\x00"],
  },
};
