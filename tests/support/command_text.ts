/**
 * Commands as a person types them into redis-cli: `SET k "a b\xff" NX`.
 *
 * Quoting is redis-cli's: double quotes with `\xHH \n \r \t \b \a \\ \"`, single
 * quotes with `\'`. Results are binary text (see binary_text.ts).
 */
import { bytesOf } from "./binary_text.ts";

/** An argument of a command; strings are binary text. */
export type Argument = string | number | bigint | Uint8Array;

const ESCAPES: Record<string, string> = {
  n: "\n",
  r: "\r",
  t: "\t",
  b: "\b",
  a: "\x07",
};

/** The arguments of a typed command. @throws {SyntaxError} when a quote is not closed. */
export function splitCommand(text: string): string[] {
  const args: string[] = [];
  const tokens =
    /\s*(?:"((?:[^"\\]|\\.)*)"|'((?:[^'\\]|\\.)*)'|([^\s"']+))(?=\s|$)/gsy;
  const end = text.trimEnd().length;
  while (tokens.lastIndex < end) {
    const at = tokens.lastIndex;
    const match = tokens.exec(text);
    if (match === null) {
      throw new SyntaxError(`Cannot split ${JSON.stringify(text)} at ${at}`);
    }
    const [, double, single, plain] = match;
    args.push(plain ?? single?.replaceAll("\\'", "'") ?? unescape(double));
  }
  return args;
}

function unescape(text: string): string {
  return text.replaceAll(
    /\\(?:x([0-9a-fA-F]{2})|(.))/gs,
    (_, hex, character) => {
      if (hex !== undefined) return String.fromCharCode(parseInt(hex, 16));
      return ESCAPES[character] ?? character;
    },
  );
}

/** The opposite of {@link splitCommand}: what to type into redis-cli to repeat a command. */
export function joinCommand(args: readonly Argument[]): string {
  return args.map((arg) => quote(argumentText(arg))).join(" ");
}

function argumentText(arg: Argument): string {
  return arg instanceof Uint8Array
    ? String.fromCharCode(...arg.subarray(0, 200))
    : String(arg);
}

/** Text in double quotes with everything unprintable escaped; bare when that is as clear. */
export function quote(text: string): string {
  if (/^[\w:.*+@-]+$/.test(text)) return text;
  const escaped = text.replaceAll(/[^\x20-\x7e]|["\\]/g, (character) => {
    if (character === '"' || character === "\\") return `\\${character}`;
    return `\\x${character.charCodeAt(0).toString(16).padStart(2, "0")}`;
  });
  return `"${escaped}"`;
}

/** The request on the wire: an array of bulk strings. */
export function encodeCommand(args: readonly Argument[]): Uint8Array {
  const parts: Uint8Array[] = [bytesOf(`*${args.length}\r\n`)];
  for (const arg of args) {
    const bytes = arg instanceof Uint8Array ? arg : bytesOf(String(arg));
    parts.push(bytesOf(`$${bytes.length}\r\n`), bytes, CR_LF);
  }
  return concat(parts);
}

/** Several commands, one after the other. */
export function encodeCommands(
  commands: readonly (readonly Argument[])[],
): Uint8Array {
  return concat(commands.map(encodeCommand));
}

const CR_LF = bytesOf("\r\n");

function concat(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(
    parts.reduce((length, part) => length + part.length, 0),
  );
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
