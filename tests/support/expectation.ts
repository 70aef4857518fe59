/**
 * What a test expects as a reply, written short, for both protocol versions.
 *
 * A string is a bulk string, a number or BigInt an integer, an array an array.
 * The rest has a name: `OK`, `NULL`, `error("ERR …")`, `map(…)`. A shape that
 * RESP2 cannot express is what Redis sends there instead: a map is a flat array,
 * a double a bulk string.
 */
import type { Reply } from "../../lib/resp/reply_decoder.ts";
import { quote } from "./command_text.ts";
import { payloadText, replyText } from "./reply_text.ts";

export type Protocol = 2 | 3;

/** A rule for one reply. */
export interface Rule {
  /** In failure messages. */
  text: string;
  accepts(reply: Reply, protocol: Protocol): boolean;
}

export type Expected = string | number | bigint | Expected[] | Rule;

export const OK = simple("OK");
export const PONG = simple("PONG");
export const QUEUED = simple("QUEUED");

/** The null of a missing value. */
export const NULL: Rule = {
  text: "nil",
  accepts: (reply, protocol) =>
    isNull(reply, protocol === 3 ? "resp3" : "bulk"),
};

/** The null of a missing array: another one in RESP2 only. */
export const NULL_ARRAY: Rule = {
  text: "nil-array",
  accepts: (reply, protocol) =>
    isNull(reply, protocol === 3 ? "resp3" : "array"),
};

/** Any reply that is not an error. */
export const ANY: Rule = {
  text: "any reply",
  accepts: (reply) => reply.type !== "error",
};

export function simple(text: string): Rule {
  return {
    text: `+${text}`,
    accepts: (reply) => reply.type === "simple" && payloadText(reply) === text,
  };
}

/** An error reply with this text, code included. */
export function error(text: string | RegExp): Rule {
  return {
    text: `-${text}`,
    accepts: (reply) =>
      reply.type === "error" && isLike(payloadText(reply)!, text),
  };
}

/** A bulk string that matches. */
export function matching(pattern: RegExp): Rule {
  return {
    text: `a bulk string like ${pattern}`,
    accepts: (reply) =>
      reply.type === "bulk" && pattern.test(payloadText(reply)!),
  };
}

/** A long text for people: RESP3 marks it as `txt`. */
export function textLike(pattern: RegExp): Rule {
  return {
    text: `a text like ${pattern}`,
    accepts: (reply, protocol) =>
      reply.type === (protocol === 3 ? "verbatim" : "bulk") &&
      pattern.test(payloadText(reply)!),
  };
}

/** An integer in `[least, most]`. */
export function between(least: number, most: number): Rule {
  return {
    text: `an integer in [${least}, ${most}]`,
    accepts: (reply) =>
      reply.type === "integer" && reply.value >= least && reply.value <= most,
  };
}

/** A double with this text on the wire. */
export function double(text: string): Rule {
  return {
    text: `,${text}`,
    accepts: (reply, protocol) =>
      protocol === 3
        ? reply.type === "double" && reply.text === text
        : reply.type === "bulk" && payloadText(reply) === text,
  };
}

/** An array with these elements in any order. */
export function unordered(...items: Expected[]): Rule {
  return {
    text: `in any order ${expectedText(items)}`,
    accepts: (reply, protocol) =>
      reply.type === "array" && isPermutation(reply.items, items, protocol),
  };
}

/** A set with these members in any order. */
export function set(...items: Expected[]): Rule {
  return {
    text: `set${expectedText(items)}`,
    accepts: (reply, protocol) =>
      reply.type === (protocol === 3 ? "set" : "array") &&
      isPermutation(reply.items, items, protocol),
  };
}

/** A push message with these parts; in RESP2 an array. */
export function push(...items: Expected[]): Rule {
  return {
    text: `push${expectedText(items)}`,
    accepts: (reply, protocol) =>
      reply.type === (protocol === 3 ? "push" : "array") &&
      reply.items.length === items.length &&
      items.every((item, i) => accepts(item, reply.items[i], protocol)),
  };
}

/** An array that holds at least these elements. */
export function including(...items: Expected[]): Rule {
  return {
    text: `an array including ${expectedText(items)}`,
    accepts: (reply, protocol) =>
      reply.type === "array" &&
      items.every((item) =>
        reply.items.some((found) => accepts(item, found, protocol))
      ),
  };
}

/** A map with exactly these entries in this order. */
export function map(...entries: [Expected, Expected][]): Rule {
  return mapRule(
    `{${entriesText(entries)}}`,
    (found, protocol) =>
      found.length === entries.length &&
      entries.every((entry, i) => isEntry(found[i], entry, protocol)),
  );
}

/** A map with these entries in any order. */
export function unorderedMap(...entries: [Expected, Expected][]): Rule {
  return mapRule(
    `in any order {${entriesText(entries)}}`,
    (found, protocol) =>
      found.length === entries.length &&
      entries.every((entry) =>
        found.some((candidate) => isEntry(candidate, entry, protocol))
      ),
  );
}

/** A map with at least these entries. */
export function mapIncluding(...entries: [Expected, Expected][]): Rule {
  return mapRule(
    `a map including {${entriesText(entries)}}`,
    (found, protocol) =>
      entries.every((entry) =>
        found.some((candidate) => isEntry(candidate, entry, protocol))
      ),
  );
}

/** One of several replies, where Redis leaves the choice open. */
export function oneOf(...choices: Expected[]): Rule {
  return {
    text: `one of ${expectedText(choices)}`,
    accepts: (reply, protocol) =>
      choices.some((choice) => accepts(choice, reply, protocol)),
  };
}

/** Different replies in the two protocols. */
export function perProtocol(resp2: Expected, resp3: Expected): Rule {
  return {
    text: `in RESP2 ${expectedText(resp2)}, in RESP3 ${expectedText(resp3)}`,
    accepts: (reply, protocol) =>
      accepts(protocol === 3 ? resp3 : resp2, reply, protocol),
  };
}

/** A reply that a function judges. */
export function satisfying(
  text: string,
  judge: (reply: Reply) => boolean,
): Rule {
  return { text, accepts: judge };
}

export function accepts(
  expected: Expected,
  reply: Reply,
  protocol: Protocol,
): boolean {
  if (typeof expected === "string") {
    return reply.type === "bulk" && payloadText(reply) === expected;
  }
  if (Array.isArray(expected)) {
    return reply.type === "array" && reply.items.length === expected.length &&
      expected.every((item, i) => accepts(item, reply.items[i], protocol));
  }
  if (typeof expected === "object") return expected.accepts(reply, protocol);
  return reply.type === "integer" && BigInt(reply.value) === BigInt(expected);
}

/** @throws {Error} when the reply is not the expected one; `what` says which. */
export function expectReply(
  reply: Reply,
  expected: Expected,
  protocol: Protocol,
  what: string,
): void {
  if (accepts(expected, reply, protocol)) return;
  throw new Error(
    `${what}\n  expected: ${expectedText(expected)}\n  answered: ${
      replyText(reply)
    }`,
  );
}

export function expectedText(expected: Expected): string {
  if (typeof expected === "string") {
    return `"${quote(expected).replace(/^"|"$/g, "")}"`;
  }
  if (Array.isArray(expected)) {
    return `[${expected.map(expectedText).join(", ")}]`;
  }
  return typeof expected === "object" ? expected.text : `:${expected}`;
}

function isNull(reply: Reply, form: "bulk" | "array" | "resp3"): boolean {
  return reply.type === "null" && reply.form === form;
}

function isLike(text: string, expected: string | RegExp): boolean {
  return typeof expected === "string" ? text === expected : expected.test(text);
}

function isPermutation(
  found: Reply[],
  expected: Expected[],
  protocol: Protocol,
): boolean {
  const rest = [...found];
  for (const item of expected) {
    const at = rest.findIndex((candidate) =>
      accepts(item, candidate, protocol)
    );
    if (at < 0) return false;
    rest.splice(at, 1);
  }
  return rest.length === 0;
}

function mapRule(
  text: string,
  judge: (entries: [Reply, Reply][], protocol: Protocol) => boolean,
): Rule {
  return {
    text,
    accepts(reply, protocol) {
      const entries = entriesOf(reply, protocol);
      return entries !== undefined && judge(entries, protocol);
    },
  };
}

function entriesOf(
  reply: Reply,
  protocol: Protocol,
): [Reply, Reply][] | undefined {
  if (protocol === 3) return reply.type === "map" ? reply.entries : undefined;
  if (reply.type !== "array" || reply.items.length % 2 !== 0) return undefined;
  const { items } = reply;
  return Array.from(
    { length: items.length / 2 },
    (_, i) => [items[2 * i], items[2 * i + 1]],
  );
}

function isEntry(
  found: [Reply, Reply],
  entry: [Expected, Expected],
  protocol: Protocol,
): boolean {
  return accepts(entry[0], found[0], protocol) &&
    accepts(entry[1], found[1], protocol);
}

function entriesText(entries: [Expected, Expected][]): string {
  return entries.map(([key, value]) =>
    `${expectedText(key)} => ${expectedText(value)}`
  ).join(", ");
}
