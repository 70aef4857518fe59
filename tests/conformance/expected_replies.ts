/** Replies that many conformance cases expect. */
import {
  between,
  error,
  type Rule,
  satisfying,
} from "../support/expectation.ts";
import { payloadText } from "../support/reply_text.ts";

export const SYNTAX = error("ERR syntax error");
export const NOT_AN_INTEGER = error(
  "ERR value is not an integer or out of range",
);
export const NOT_A_FLOAT = error("ERR value is not a valid float");
export const NO_SUCH_KEY = error("ERR no such key");
export const DB_OUT_OF_RANGE = error("ERR DB index is out of range");

export function BAD_EXPIRY(command: string): Rule {
  return error(`ERR invalid expire time in '${command}' command`);
}

export function WRONG_ARITY(command: string): Rule {
  return error(`ERR wrong number of arguments for '${command}' command`);
}

/** A moment far in the future: 2100-01-01. */
export const FAR_SECONDS = 4102444800;
export const FAR_MS = 4102444800123;

/** The TTL of a key that was set to expire this many seconds from a moment ago. */
export function ttlOf(seconds: number): Rule {
  return between(seconds - 5, seconds);
}

/** As {@link ttlOf} in milliseconds. */
export function pttlOf(milliseconds: number): Rule {
  return between(milliseconds - 5_000, milliseconds);
}

/** What `<command> HELP` answers: its first and last lines are the same for all commands. */
export function helpOf(command: string): Rule {
  const first =
    `${command} <subcommand> [<arg> [value] [opt] ...]. Subcommands are:`;
  return satisfying(`the help of ${command}`, (reply) => {
    if (
      reply.type !== "array" ||
      reply.items.some((line) => line.type !== "simple")
    ) return false;
    const lines = reply.items.map(payloadText);
    return lines[0] === first && lines.at(-2) === "HELP" &&
      lines.at(-1) === "    Print this help.";
  });
}
