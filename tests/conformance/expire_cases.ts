/** Expiry: setting, reading, removing it, and what happens when it comes. */
import {
  between,
  error,
  NULL,
  OK,
  satisfying,
} from "../support/expectation.ts";
import type { ConformanceCase, ConformanceGroup } from "./conformance_case.ts";
import { wait } from "./conversation.ts";
import {
  BAD_EXPIRY,
  FAR_MS,
  FAR_SECONDS,
  NOT_AN_INTEGER,
  pttlOf,
  ttlOf,
} from "./expected_replies.ts";

const NOT_WITH_NX = error(
  "ERR NX and XX, GT or LT options at the same time are not compatible",
);
const NOT_TOGETHER = error(
  "ERR GT and LT options at the same time are not compatible",
);

/** The four commands, each with a far moment as argument and in milliseconds. */
const EXPIRE_COMMANDS = ["EXPIRE", "PEXPIRE", "EXPIREAT", "PEXPIREAT"];

/** The argument that makes a command expire a key `seconds` after 2100-01-01, or from now. */
function timeFor(command: string, seconds: number): number {
  const scale = command.startsWith("P") ? 1000 : 1;
  return (command.endsWith("AT") ? FAR_SECONDS + seconds : seconds) * scale;
}

const setting: ConformanceCase[] = [
  {
    name:
      "EXPIRE, PEXPIRE, EXPIREAT and PEXPIREAT set an expiry that all readers agree on",
    steps: [
      ["SET k v", OK],
      ["EXPIRE k 100", 1],
      ["TTL k", ttlOf(100)],
      ["PTTL k", pttlOf(100_000)],
      ["PEXPIRE k 200000", 1],
      ["TTL k", ttlOf(200)],
      [`EXPIREAT k ${FAR_SECONDS}`, 1],
      ["EXPIRETIME k", FAR_SECONDS],
      ["PEXPIRETIME k", FAR_SECONDS * 1000],
      [`PEXPIREAT k ${FAR_MS}`, 1],
      ["PEXPIRETIME k", FAR_MS],
      ["EXPIRETIME k", FAR_SECONDS],
    ],
  },
  {
    name: "EXPIRETIME and TTL round to the nearest second",
    steps: [
      ["SET k v", OK],
      [`PEXPIREAT k ${FAR_SECONDS * 1000 + 499}`, 1],
      ["EXPIRETIME k", FAR_SECONDS],
      [`PEXPIREAT k ${FAR_SECONDS * 1000 + 500}`, 1],
      ["EXPIRETIME k", FAR_SECONDS + 1],
      ["PEXPIRE k 10400", 1],
      ["TTL k", between(9, 10)],
    ],
  },
  {
    name: "the last moment of 64 bits is a moment as any other",
    steps: [
      ["SET k v", OK],
      ["PEXPIREAT k 9223372036854775807", 1],
      ["PEXPIRETIME k", 9223372036854775807n],
      ["EXPIRETIME k", 9223372036854776],
      ["GET k", "v"],
    ],
  },
  {
    name: "readers answer -2 for a missing key and -1 for one without expiry",
    steps: ["TTL", "PTTL", "EXPIRETIME", "PEXPIRETIME"].flatMap((command) => [
      [`${command} missing`, -2] as const,
      ["SET k v", OK] as const,
      [`${command} k`, -1] as const,
    ]),
  },
  {
    name: "PERSIST removes an expiry",
    steps: [
      ["PERSIST k", 0],
      ["SET k v EX 100", OK],
      ["PERSIST k", 1],
      ["TTL k", -1],
      ["PERSIST k", 0],
    ],
  },
  ...EXPIRE_COMMANDS.map((command): ConformanceCase => ({
    name: `${command} of a missing key answers 0`,
    steps: [[`${command} missing ${timeFor(command, 100)}`, 0]],
  })),
  ...EXPIRE_COMMANDS.map((command): ConformanceCase => ({
    name: `${command} with a moment that is not after now deletes the key`,
    steps: [
      ["SET k v", OK],
      [`${command} k ${command.endsWith("AT") ? 1 : 0}`, 1],
      ["EXISTS k", 0],
      ["SET k v EX 100", OK],
      [`${command} k -1`, 1],
      ["EXISTS k", 0],
    ],
  })),
];

const conditions = EXPIRE_COMMANDS.flatMap(
  (command) => [...conditionCases(command), ...refusalCases(command)],
);

function conditionCases(command: string): ConformanceCase[] {
  const at = (seconds: number) => timeFor(command, seconds);
  return [
    {
      name: `${command} NX sets only the first expiry, XX only a later one`,
      steps: [
        ["SET k v", OK],
        [`${command} k ${at(1000)} XX`, 0],
        ["TTL k", -1],
        [`${command} k ${at(1000)} NX`, 1],
        [`${command} k ${at(5000)} NX`, 0],
        [`${command} k ${at(5000)} xx`, 1],
        [`${command} k ${at(4000)} XX XX`, 1],
      ],
    },
    {
      name: `${command} GT only lengthens; no expiry counts as infinite`,
      steps: [
        ["SET k v", OK],
        [`${command} k ${at(1000)} GT`, 0],
        [`${command} k ${at(1000)}`, 1],
        [`${command} k ${at(500)} GT`, 0],
        [`${command} k ${at(2000)} gt`, 1],
        [`${command} k ${at(3000)} XX GT`, 1],
        ["PERSIST k", 1],
        [`${command} k ${at(3000)} XX GT`, 0],
      ],
    },
    {
      name: `${command} LT only shortens; no expiry counts as infinite`,
      steps: [
        ["SET k v", OK],
        [`${command} k ${at(1000)} LT`, 1],
        [`${command} k ${at(2000)} LT`, 0],
        [`${command} k ${at(500)} lt`, 1],
        [`${command} k ${at(400)} LT XX`, 1],
        ["PERSIST k", 1],
        [`${command} k ${at(400)} LT XX`, 0],
      ],
    },
  ];
}

function refusalCases(command: string): ConformanceCase[] {
  const at = (seconds: number) => timeFor(command, seconds);
  return [
    {
      name: `${command} refuses conditions that exclude each other`,
      steps: [
        ["SET k v", OK],
        [`${command} k ${at(100)} NX XX`, NOT_WITH_NX],
        [`${command} k ${at(100)} NX GT`, NOT_WITH_NX],
        [`${command} k ${at(100)} LT NX`, NOT_WITH_NX],
        [`${command} k ${at(100)} GT LT`, NOT_TOGETHER],
        [`${command} k ${at(100)} BAD`, error("ERR Unsupported option BAD")],
        [`${command} k ${at(100)} NX ""`, error("ERR Unsupported option ")],
        [`${command} k x BAD`, error("ERR Unsupported option BAD")],
        ["TTL k", -1],
      ],
    },
    {
      name: `${command} refuses a time that is no integer or too large`,
      steps: [
        [`${command} k x`, NOT_AN_INTEGER],
        [`${command} k 1.5`, NOT_AN_INTEGER],
        [`${command} k 9223372036854775808`, NOT_AN_INTEGER],
        ["SET k v", OK],
        ...tooLarge(command).map((time) =>
          [
            `${command} k ${time}`,
            BAD_EXPIRY(command.toLowerCase()),
          ] as const
        ),
        ["TTL k", -1],
      ],
    },
  ];
}

/** Times that overflow 64 bits of milliseconds since 1970. */
function tooLarge(command: string): string[] {
  if (command === "PEXPIREAT") return [];
  if (command === "PEXPIRE") return ["9223372036854775807"];
  return ["9223372036854775807", "9223372036854776", "-9223372036854775808"];
}

const passing: ConformanceCase[] = [
  {
    name: "a key is gone for every command once its moment has come",
    covers: ["get", "pexpire"],
    run: async (t) => {
      await t.expect("MSET a 1 b 2 c 3", OK);
      for (const key of ["a", "b", "c"]) await t.expect(`PEXPIRE ${key} 20`, 1);
      await wait(40);
      await t.expect("GET a", NULL);
      await t.expect("EXISTS a b c", 0);
      await t.expect("TTL b", -2);
      await t.expect("RENAME b x", error("ERR no such key"));
      await t.expect("SETNX c new", 1);
      await t.expect("TTL c", -1);
    },
  },
  {
    name: "expired keys vanish by themselves",
    needsDebug: true,
    covers: ["debug", "dbsize"],
    run: async (t) => {
      await t.expect("DEBUG SET-ACTIVE-EXPIRE 0", OK);
      for (let i = 0; i < 50; i++) await t.expect(`SET key:${i} v PX 1`, OK);
      await wait(20);
      await t.expect("DBSIZE", 50);
      await t.expect("DEBUG SET-ACTIVE-EXPIRE 1", OK);
      await t.eventually("DBSIZE", 0);
    },
  },
  {
    name: "PTTL counts down",
    covers: ["pttl"],
    run: async (t) => {
      await t.expect("SET k v PX 10000", OK);
      await wait(50);
      await t.expect("PTTL k", between(5_000, 9_960));
    },
  },
  {
    name: "a counter keeps the moment at which it expires",
    covers: ["incr", "append", "setrange"],
    run: async (t) => {
      await t.expect("SET k 1", OK);
      await t.expect(`PEXPIREAT k ${FAR_MS}`, 1);
      await t.expect("INCR k", 2);
      await t.expect("APPEND k 0", 2);
      await t.expect("SETRANGE k 0 3", 2);
      await t.expect("PEXPIRETIME k", FAR_MS);
    },
  },
  {
    name: "TIME answers the seconds and microseconds of now",
    steps: [[
      "TIME",
      satisfying("the time", (reply) => {
        if (reply.type !== "array" || reply.items.length !== 2) return false;
        const [seconds, microseconds] = reply.items.map((item) =>
          item.type === "bulk"
            ? Number(new TextDecoder().decode(item.value))
            : NaN
        );
        return Math.abs(seconds - Date.now() / 1000) < 60 &&
          microseconds >= 0 && microseconds < 1e6;
      }),
    ]],
  },
];

export const group: ConformanceGroup = {
  name: "expire",
  cases: [...setting, ...conditions, ...passing],
};
