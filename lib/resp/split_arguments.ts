/**
 * Splitting a line into arguments, with quotes, as an inline command and a line
 * of a configuration file are written; and the quoting that reverses it.
 *
 * ```
 * set key "two words\n\x00"     'single quotes: only \' is an escape'
 * ```
 *
 * A closing quote has to be followed by a blank or the end. The line ends at
 * its first zero byte, as it does for Redis, whose parser reads C strings.
 */

const TAB = 0x09;
const NEWLINE = 0x0a;
const CARRIAGE_RETURN = 0x0d;
const SPACE = 0x20;
const DOUBLE_QUOTE = 0x22;
const SINGLE_QUOTE = 0x27;
const BACKSLASH = 0x5c;
const LOWER_X = 0x78;

/** The bytes that `\n`, `\r`, `\t`, `\b` and `\a` stand for in double quotes. */
const ESCAPES: ReadonlyMap<number, number> = new Map([
  [0x6e, NEWLINE],
  [0x72, CARRIAGE_RETURN],
  [0x74, TAB],
  [0x62, 0x08],
  [0x61, 0x07],
]);

/** The same table read the other way, for {@link quoteArgument}. */
const ESCAPE_LETTERS: ReadonlyMap<number, string> = new Map(
  [...ESCAPES].map(([letter, byte]) => [byte, String.fromCharCode(letter)]),
);

/** Where the reader of an argument stands: the bytes so far and the position. */
interface Cursor {
  readonly line: Uint8Array;
  /** The next byte to read. */
  at: number;
  /** The argument so far; never longer than the line, so it has its size. */
  readonly argument: Uint8Array;
  length: number;
}

/**
 * The arguments of a line, each a copy; none for a blank line; `undefined` when
 * a quote is not closed, or is closed in the middle of a word.
 */
export function splitArguments(line: Uint8Array): Uint8Array[] | undefined {
  const end = line.indexOf(0);
  const cursor: Cursor = {
    line: end < 0 ? line : line.subarray(0, end),
    at: 0,
    argument: new Uint8Array(line.length),
    length: 0,
  };
  const found: Uint8Array[] = [];
  while (true) {
    while (isBlank(cursor.line[cursor.at])) cursor.at++;
    if (cursor.at >= cursor.line.length) return found;
    cursor.length = 0;
    if (!readArgument(cursor)) return undefined;
    found.push(cursor.argument.slice(0, cursor.length));
  }
}

/**
 * The argument in double quotes and in printable ASCII, so that
 * {@link splitArguments} reads the same bytes back.
 */
export function quoteArgument(argument: Uint8Array): string {
  let quoted = '"';
  for (const byte of argument) {
    const letter = ESCAPE_LETTERS.get(byte);
    if (letter !== undefined) quoted += "\\" + letter;
    else if (byte === BACKSLASH || byte === DOUBLE_QUOTE) {
      quoted += "\\" + String.fromCharCode(byte);
    } else if (byte >= SPACE && byte <= 0x7e) {
      quoted += String.fromCharCode(byte);
    } else quoted += "\\x" + byte.toString(16).padStart(2, "0");
  }
  return quoted + '"';
}

/** Reads one argument; false when its quotes do not fit. */
function readArgument(cursor: Cursor): boolean {
  const { line } = cursor;
  while (cursor.at < line.length) {
    const byte = line[cursor.at++];
    // Only these end a bare word: \v and \f are blanks before it, not in it.
    if (
      byte === SPACE || byte === NEWLINE || byte === CARRIAGE_RETURN ||
      byte === TAB
    ) return true;
    if (byte === DOUBLE_QUOTE) return readDoubleQuoted(cursor);
    if (byte === SINGLE_QUOTE) return readSingleQuoted(cursor);
    cursor.argument[cursor.length++] = byte;
  }
  return true;
}

/** Reads up to the closing `"`, which also ends the argument. */
function readDoubleQuoted(cursor: Cursor): boolean {
  const { line } = cursor;
  while (cursor.at < line.length) {
    let byte = line[cursor.at++];
    if (byte === DOUBLE_QUOTE) return isArgumentEnd(cursor);
    if (byte === BACKSLASH && cursor.at < line.length) {
      const escaped = line[cursor.at++];
      const code = escaped === LOWER_X ? hexByteAt(line, cursor.at) : undefined;
      if (code !== undefined) cursor.at += 2;
      byte = code ?? ESCAPES.get(escaped) ?? escaped;
    }
    cursor.argument[cursor.length++] = byte;
  }
  return false;
}

/** Reads up to the closing `'`, which also ends the argument. */
function readSingleQuoted(cursor: Cursor): boolean {
  const { line } = cursor;
  while (cursor.at < line.length) {
    let byte = line[cursor.at++];
    if (byte === SINGLE_QUOTE) return isArgumentEnd(cursor);
    if (byte === BACKSLASH && line[cursor.at] === SINGLE_QUOTE) {
      byte = SINGLE_QUOTE;
      cursor.at++;
    }
    cursor.argument[cursor.length++] = byte;
  }
  return false;
}

function isArgumentEnd(cursor: Cursor): boolean {
  return cursor.at >= cursor.line.length || isBlank(cursor.line[cursor.at]);
}

/** C's `isspace`: space, \t, \n, \v, \f, \r. */
function isBlank(byte: number | undefined): boolean {
  return byte === SPACE ||
    (byte !== undefined && byte >= TAB && byte <= CARRIAGE_RETURN);
}

/** The byte that two hexadecimal digits spell, `undefined` if they are none. */
function hexByteAt(line: Uint8Array, at: number): number | undefined {
  const high = hexDigit(line[at]);
  const low = hexDigit(line[at + 1]);
  return high === undefined || low === undefined ? undefined : high * 16 + low;
}

function hexDigit(byte: number | undefined): number | undefined {
  if (byte === undefined) return undefined;
  if (byte >= 0x30 && byte <= 0x39) return byte - 0x30;
  const lower = byte | 0x20;
  return lower >= 0x61 && lower <= 0x66 ? lower - 0x61 + 10 : undefined;
}
