/**
 * The manifest of an append-only directory: which files hold the data, in order.
 *
 * ```
 * file appendonly.aof.2.base.rdb seq 2 type b     the data at the last rewrite
 * file appendonly.aof.1.incr.aof seq 1 type h     history: no longer needed
 * file appendonly.aof.2.incr.aof seq 2 type i     what was done since
 * ```
 *
 * There is at most one base file; increments follow it in the order of their
 * numbers. The format is that of Redis 7. It has no checksum, so what a line says is
 * compared with the file's name and with the other lines: one that was altered must
 * not silently cost a file.
 */

import { quoteArgument, splitArguments } from "../resp/split_arguments.ts";

/** Base, increment or history. */
export type AofFileType = "b" | "i" | "h";

/** A file of the directory. */
export interface AofFile {
  readonly name: string;
  readonly sequence: number;
  readonly type: AofFileType;
}

/** A manifest that cannot be read. */
export class AofManifestError extends Error {
  override readonly name = "AofManifestError";
  /** `line` is the number of the line in question, `text` its contents. */
  constructor(message: string, readonly line = 0, readonly text = "") {
    super(message);
  }
}

/** Longest line, with its end, in bytes. */
const LINE_MAX_BYTES = 1024;
/** Also said of a last line without an end, as by Redis. */
const LINE_TOO_LONG = "The AOF manifest file contains too long line";
const INCREMENT = "incr.aof";
/** How files are named: with their number and what they are at first. */
const NAME = /^(.*)\.(\d+)\.(base\.(?:rdb|aof)|incr\.aof)$/;
const NEEDS_QUOTES = /[^!-~]|["'\\]/;

/** See the top of the file; changes make a new manifest. */
export class AofManifest {
  constructor(
    readonly base: AofFile | undefined = undefined,
    readonly increments: readonly AofFile[] = [],
    readonly history: readonly AofFile[] = [],
    /** Highest numbers that were given to a base file and to an increment. */
    readonly baseSequence = base?.sequence ?? 0,
    readonly incrementSequence = lastIncrement([...history, ...increments]),
  ) {}

  /** The files that hold the data, in the order in which they are read. */
  get dataFiles(): readonly AofFile[] {
    return this.base === undefined
      ? this.increments
      : [this.base, ...this.increments];
  }

  /** With one increment more, named after `prefix`. */
  withNextIncrement(prefix: string): AofManifest {
    const sequence = this.incrementSequence + 1;
    const name = `${prefix}.${sequence}.incr.aof`;
    return new AofManifest(
      this.base,
      [...this.increments, { name, sequence, type: "i" }],
      this.history,
      this.baseSequence,
      sequence,
    );
  }

  /** With an existing file as the base. */
  withBase(name: string): AofManifest {
    const base: AofFile = { name, sequence: 1, type: "b" };
    return new AofManifest(base, this.increments, this.history);
  }

  /**
   * With a new base in place of the old one and of all increments but the last
   * `kept`, which become history.
   */
  rewritten(prefix: string, format: "rdb" | "aof", kept: number): AofManifest {
    const sequence = this.baseSequence + 1;
    const name = `${prefix}.${sequence}.base.${format}`;
    const from = this.increments.length - kept;
    const old = [
      ...(this.base === undefined ? [] : [this.base]),
      ...this.increments.slice(0, from),
    ];
    return new AofManifest(
      { name, sequence, type: "b" },
      this.increments.slice(from),
      [
        ...this.history,
        ...old.map((file) => ({ ...file, type: "h" as const })),
      ],
      sequence,
      this.incrementSequence,
    );
  }

  /** Without its history. */
  withoutHistory(): AofManifest {
    return new AofManifest(
      this.base,
      this.increments,
      [],
      this.baseSequence,
      this.incrementSequence,
    );
  }

  format(): string {
    const lines = [
      ...(this.base === undefined ? [] : [this.base]),
      ...this.history,
      ...this.increments,
    ].map(({ name, sequence, type }) => {
      const shown = NEEDS_QUOTES.test(name)
        ? quoteArgument(new TextEncoder().encode(name))
        : name;
      return `file ${shown} seq ${sequence} type ${type}\n`;
    });
    return lines.join("");
  }

  /** @throws {AofManifestError} */
  static parse(text: string): AofManifest {
    if (text === "") throw new AofManifestError("Found an empty AOF manifest");
    const lines = text.split("\n");
    const rest = lines.pop()!;
    if (rest !== "") {
      throw new AofManifestError(LINE_TOO_LONG, lines.length + 1, rest);
    }
    const files = lines.flatMap((line, index) => {
      if (line.startsWith("#")) return [];
      return [{ file: parseLine(line, index + 1), line, number: index + 1 }];
    });
    let base: AofFile | undefined;
    const increments: AofFile[] = [], history: AofFile[] = [];
    for (const { file, line, number } of files) {
      if (file.type === "h") history.push(file);
      else if (file.type === "b") {
        if (base !== undefined) {
          const message = "Found duplicate base file information";
          throw new AofManifestError(message, number, line);
        }
        base = file;
      } else {
        if (file.sequence <= (increments.at(-1)?.sequence ?? 0)) {
          const message = "Found a non-monotonic sequence number";
          throw new AofManifestError(message, number, line);
        }
        increments.push(file);
      }
    }
    checkHistory(history, increments);
    return new AofManifest(base, increments, history);
  }
}

/** What a file is by its name, if that is one that servers give, and begins with `prefix`. */
export function fileOfName(name: string, prefix?: string): AofFile | undefined {
  const found = NAME.exec(name);
  if (found === null) return undefined;
  const [, before, number, kind] = found;
  if (before !== (prefix ?? before)) return undefined;
  return {
    name,
    sequence: Number(number),
    type: kind === INCREMENT ? "i" : "b",
  };
}

/** A number is given to one increment only: a new one must not be taken for what is removed. */
function lastIncrement(files: readonly AofFile[]): number {
  const sequences = files
    .filter(({ name, type }) => type === "i" || fileOfName(name)?.type === "i")
    .map(({ sequence }) => sequence);
  return Math.max(0, ...sequences);
}

/**
 * A rewrite leaves the newest increment, unless nothing is appended any more: then
 * all of them are history, with the base that was before.
 *
 * @throws {AofManifestError} when the newest increment is history all the same
 */
function checkHistory(
  history: readonly AofFile[],
  increments: readonly AofFile[],
): void {
  const newest = increments.at(-1)?.sequence ?? 0;
  const hasBase = history.some(({ name }) => fileOfName(name)?.type !== "i");
  if (newest === 0 && hasBase) return;
  for (const { name, sequence } of history) {
    if (!name.endsWith(INCREMENT) || sequence < newest) continue;
    throw new AofManifestError(
      `Found the history file ${name}, but no newer increment`,
    );
  }
}

function parseLine(line: string, number: number): AofFile {
  const fail = (message: string) => new AofManifestError(message, number, line);
  if (line.length >= LINE_MAX_BYTES) {
    throw fail(LINE_TOO_LONG);
  }
  const trimmed = line.trim();
  const words = trimmed === "" ? undefined : splitWords(trimmed);
  if (words === undefined || words.length < 6 || words.length % 2 !== 0) {
    throw fail("Invalid AOF manifest file format");
  }
  let name = "", sequence = 0, type = "";
  for (let i = 0; i < words.length; i += 2) {
    const key = words[i].toLowerCase(), value = words[i + 1];
    if (key === "file") name = value;
    else if (key === "seq") sequence = Number.parseInt(value, 10) || 0;
    else if (key === "type") type = value.slice(0, 1);
  }
  if (/[/\\]/.test(name)) throw fail("File can't be a path, just a filename");
  if (name === "" || sequence === 0 || type === "") {
    throw fail("Invalid AOF manifest file format");
  }
  if (type !== "b" && type !== "i" && type !== "h") {
    throw fail("Unknown AOF file type");
  }
  const named = fileOfName(name);
  if (
    named !== undefined &&
    (named.sequence !== sequence || (type !== "h" && type !== named.type))
  ) throw fail("The file's name says otherwise");
  return { name, sequence, type };
}

function splitWords(line: string): string[] | undefined {
  return splitArguments(new TextEncoder().encode(line))
    ?.map((word) => new TextDecoder().decode(word));
}
