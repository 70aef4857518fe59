/**
 * Compares the replies of two servers to one command, byte for byte but for the
 * allowances of this file, each with its reason.
 */
import type { Reply } from "../../lib/resp/reply_decoder.ts";
import { WHOLE_SCAN_COUNT } from "../fuzz/production.ts";
import type { Argument } from "./command_text.ts";
import { replyText } from "./reply_text.ts";

interface Allowance {
  reason: string;
  /** `get` or `client|id`. */
  commands: string[];
  isSame: (left: Reply, right: Reply, command: readonly Argument[]) => boolean;
}

/** Two servers get the same command within this time. */
const CLOCK_TOLERANCE_MS = 10_000;

const ALLOWANCES: Allowance[] = [
  {
    reason: "chance picks the key",
    commands: ["randomkey"],
    isSame: sameType,
  },
  {
    reason: "chance picks the field",
    commands: ["hrandfield"],
    isSame: (left, right, command) =>
      command.length === 2 ? sameType(left, right) : sameItems(left, right),
  },
  {
    reason: "the order of keys is the server's own",
    commands: ["keys"],
    isSame: sameItems,
  },
  {
    reason: "cursors and the order of keys are the server's own",
    commands: ["scan", "hscan", "sscan", "zscan"],
    isSame: sameScan,
  },
  {
    reason: "hashes and sets have no order",
    commands: [
      ...["hgetall", "hkeys", "hvals"],
      ...["smembers", "spop", "srandmember", "sinter", "sunion", "sdiff"],
    ],
    isSame: sameItems,
  },
  {
    reason: "the servers read their clocks at different moments",
    commands: ["ttl", "expiretime"],
    isSame: (left, right) => sameNumber(left, right, CLOCK_TOLERANCE_MS / 1000),
  },
  {
    reason: "the servers read their clocks at different moments",
    commands: ["pttl", "pexpiretime"],
    isSame: (left, right) => sameNumber(left, right, CLOCK_TOLERANCE_MS),
  },
  {
    reason: "the servers read their clocks at different moments",
    commands: ["httl", "hpttl", "hexpiretime", "hpexpiretime"],
    isSame: (left, right) =>
      left.type === "array" && right.type === "array" &&
      left.items.length === right.items.length &&
      left.items.every((item, i) =>
        replyText(item) === replyText(right.items[i]) ||
        sameNumber(item, right.items[i], CLOCK_TOLERANCE_MS)
      ),
  },
  {
    reason:
      "redis-server never notes when a small integer, which it shares, was used",
    commands: ["object|idletime"],
    isSame: sameType,
  },
  {
    reason:
      "redis-server shares a small integer or not, as the key came by it (COPY does not)",
    commands: ["object|refcount"],
    isSame: (left, right) => [left, right].every(isReferenceCount),
  },
  {
    reason: "they tell about this very server",
    commands: [
      "time",
      "info",
      "client|id",
      "client|info",
      "client|list",
      "hello",
      "command|count",
      "slowlog|get",
      "slowlog|len",
      "latency|doctor",
      "memory|usage",
      "memory|stats",
      "memory|doctor",
      "memory|malloc-stats",
      "lolwut",
    ],
    isSame: sameType,
  },
  {
    reason:
      "addresses, clocks and sharing are the server's own, and so is the form of a saved value",
    commands: ["debug|object"],
    isSame: (left, right) => withoutOwn(left) === withoutOwn(right),
  },
  {
    reason: "several directives come in the server's own order",
    commands: ["config|get"],
    isSame: sameItems,
  },
];

/** `undefined` when the replies agree, else both as text. */
export function replyDifference(
  command: readonly Argument[],
  left: Reply,
  right: Reply,
): string | undefined {
  if (isEqual(left, right)) return undefined;
  const leftText = replyText(left);
  const rightText = replyText(right);
  const allowance = ALLOWANCES.find(({ commands }) =>
    commands.some((name) => isCalled(command, name))
  );
  if (allowance?.isSame(left, right, command)) return undefined;
  return `tsredis: ${shortened(leftText)}\nredis:   ${shortened(rightText)}`;
}

/** Quick and exact for the usual replies; the rest is compared as text, in which every difference shows. */
function isEqual(left: Reply, right: Reply): boolean {
  if (left.type !== right.type) return false;
  if (left.type === "bulk" && right.type === "bulk") {
    return left.value.length === right.value.length &&
      left.value.every((byte, i) => byte === right.value[i]);
  }
  return replyText(left) === replyText(right);
}

function shortened(text: string): string {
  return text.length > 500
    ? `${text.slice(0, 500)}… (${text.length} characters)`
    : text;
}

function isCalled(command: readonly Argument[], name: string): boolean {
  return name.split("|").every((word, i) =>
    String(command[i]).toLowerCase() === word
  );
}

/** Errors carry their text: two errors are the same only when equal, which was checked before. */
function sameType(left: Reply, right: Reply): boolean {
  return left.type === right.type && left.type !== "error";
}

function sameNumber(left: Reply, right: Reply, tolerance: number): boolean {
  if (left.type !== "integer" || right.type !== "integer") return false;
  const [a, b] = [Number(left.value), Number(right.value)];
  return a >= 0 && b >= 0 && Math.abs(a - b) <= tolerance;
}

function sameItems(left: Reply, right: Reply): boolean {
  return sorted(left) === sorted(right);
}

function sorted(reply: Reply): string {
  if (reply.type === "array" || reply.type === "set") {
    return `${reply.type} ${reply.items.map(replyText).sort().join()}`;
  }
  if (reply.type === "map") {
    return reply.entries.flat().map(replyText).sort().join();
  }
  return replyText(reply);
}

/** What one step of several returns is the server's own choice; a step that has to return all is compared. */
function sameScan(
  left: Reply,
  right: Reply,
  command: readonly Argument[],
): boolean {
  if (left.type !== "array" || right.type !== "array") return false;
  if (left.items.length !== 2 || right.items.length !== 2) return false;
  const cursor = command[isCalled(command, "scan") ? 1 : 2];
  const isWhole = cursor === "0" && command.at(-1) === WHOLE_SCAN_COUNT;
  return isWhole
    ? replyText(left.items[0]) === replyText(right.items[0]) &&
      sameItems(left.items[1], right.items[1])
    : [left, right].every(({ items }) =>
      items[0].type === "bulk" && items[1].type === "array"
    );
}

/** 1 for a value of its own, 2 while the transaction that set it runs, or the maximum of 32 bits for a shared one. */
function isReferenceCount(reply: Reply): boolean {
  return reply.type === "integer" &&
    [1, 2, 2147483647].includes(Number(reply.value));
}

function withoutOwn(reply: Reply): string {
  return replyText(reply)
    .replace(/at:\S+ refcount:(1|2|2147483647) /, "")
    .replace(/serializedlength:\d+/, "")
    .replace(/lru:\d+ lru_seconds_idle:\d+/, "");
}
