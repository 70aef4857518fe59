/**
 * The notation in which definitions describe a command's arguments, and the
 * argument tree that COMMAND DOCS makes of it.
 *
 * It is the notation of the Redis documentation:
 *
 * ```
 * word              an argument, `key` or `unix-time-seconds`
 * TOKEN, "="        a fixed word; before an argument, it introduces that one
 * [x]               optional             <x | y>, [x | y]   one of several
 * (x y)             a block              [x y]              an optional block
 * x [x ...]         one or more; after blocks and choices, `[...]` will do
 * TOKEN x [TOKEN x ...]                  the token is repeated, too
 * ```
 *
 * What the documentation knows and does not print stands in braces behind an
 * item, words separated by spaces, in any order:
 *
 * ```
 * {name}      its name, when it is not the word itself: blocks and choices need one
 * {6.2.0}     the release that brought it; {-2.8.12} the one that deprecated it
 * {:integer}  its type, when its name does not say it
 * {#1}        its key specification, when the keys are not in their order
 * ```
 *
 * So SET is `key value [NX | XX]{condition 2.6.12} [GET]{6.2.0} …`. Without braces
 * and parentheses it is what people read ({@link plainSyntax}).
 */

/** Types of arguments, as COMMAND DOCS prints them. */
export type ArgumentType =
  | "string"
  | "integer"
  | "double"
  | "key"
  | "pattern"
  | "unix-time"
  | "pure-token"
  | "oneof"
  | "block";

/** One argument, or several that belong together. */
export interface ArgumentDoc {
  name: string;
  type: ArgumentType;
  /** Absent for choices and blocks. */
  displayText?: string;
  /** Index in the command's key specifications. */
  keySpecIndex?: number;
  /** The fixed word itself, or the one that introduces the argument. */
  token?: string;
  since?: string;
  deprecatedSince?: string;
  isOptional: boolean;
  isMultiple: boolean;
  /** Each repetition begins with the token again. */
  isMultipleToken: boolean;
  /** Parts of a block, or what can be chosen from. */
  arguments?: ArgumentDoc[];
}

/** Types that follow from names; all other arguments are strings. */
const TYPE_OF_NAME: ReadonlyMap<string, ArgumentType> = new Map([
  ...entries(
    "key",
    "destination destkey dst key key1 key2 keys newkey source sourcekey src storedistkey storekey",
  ),
  ...entries("pattern", "pattern by-pattern get-pattern"),
  ...entries("unix-time", "unix-time-seconds unix-time-milliseconds"),
  ...entries(
    "double",
    "height latitude longitude radius score width",
  ),
  ...entries(
    "integer",
    "bit bits client-id cluster-bus-port config-epoch count cursor db decrement destination-db end-slot " +
      "entries-added entries-read entriesread frequency increment index index1 index2 len limit milliseconds " +
      "min-match-len ms num-matches numkeys numlocal numreplicas offset port protover rank seconds slot " +
      "start-slot timeout ttl version weight",
  ),
]);

function entries(type: ArgumentType, names: string): [string, ArgumentType][] {
  return names.split(" ").map((name) => [name, type]);
}

/** The syntax as people read it. */
export function plainSyntax(syntax: string): string {
  return syntax.replace(/\{[^}]*\}/g, "").replace(/[()]/g, "");
}

/**
 * The argument tree of a syntax.
 *
 * @throws {Error} when the notation is broken: definitions are our own.
 */
export function parseSyntax(syntax: string): ArgumentDoc[] {
  return new SyntaxParser(syntax).parse();
}

/** Quoted words, braces, brackets, dots, bars, and words. */
const PIECES = /"[^"]*"|\{[^}]*\}|\.\.\.|[[\]<>()|]|[^\s[\]<>()|{}]+/g;
const TOKEN = /^[A-Z][A-Z0-9_-]*$|^"/;
const CLOSING = /^[\])>|]$/;

class SyntaxParser {
  readonly #pieces: readonly string[];
  #at = 0;
  #keys = 0;

  constructor(private readonly syntax: string) {
    this.#pieces = syntax.match(PIECES) ?? [];
  }

  parse(): ArgumentDoc[] {
    const items = this.#items();
    if (this.#at < this.#pieces.length) this.#fail("closed without being open");
    return items;
  }

  /** A sequence of items, up to what closes it. */
  #items(): ArgumentDoc[] {
    const items: ArgumentDoc[] = [];
    while (this.#at < this.#pieces.length && !CLOSING.test(this.#peek())) {
      if (items.length > 0 && this.#skipRepetition()) {
        const last = items[items.length - 1];
        last.isMultiple = true;
        last.isMultipleToken = this.#isTokenRepeated;
      } else items.push(this.#item());
    }
    return items;
  }

  #isTokenRepeated = false;

  /** Passes over `[… ...]` and notes whether it begins with a token; false when there is none. */
  #skipRepetition(): boolean {
    if (this.#peek() !== "[") return false;
    let depth = 0, end = this.#at;
    do {
      const piece = this.#pieces[end++];
      if (piece === "[") depth++;
      else if (piece === "]") depth--;
    } while (depth > 0 && end < this.#pieces.length);
    if (this.#pieces[end - 2] !== "...") return false;
    this.#isTokenRepeated = TOKEN.test(this.#pieces[this.#at + 1]);
    this.#at = end;
    return true;
  }

  /** One item with its notes. */
  #item(): ArgumentDoc {
    const piece = this.#next();
    let item: ArgumentDoc;
    if (piece === "[") item = this.#optional();
    else if (piece === "<") item = this.#choice(this.#alternatives(">"));
    else if (piece === "(") {
      item = group("block", this.#items());
      this.#expect(")");
    } else if (TOKEN.test(piece)) return this.#tokenItem(piece);
    else item = argument(piece);
    this.#notes(item);
    return item;
  }

  /** A token by itself, or with the argument that it introduces. */
  #tokenItem(piece: string): ArgumentDoc {
    const token = piece.startsWith('"') ? piece.slice(1, -1) : piece;
    const next = this.#peek();
    const isAlone = next === undefined || CLOSING.test(next) ||
      next === "[" || next.startsWith("{") || TOKEN.test(next);
    if (!isAlone) return { ...this.#item(), token };
    const item = argument(token.toLowerCase());
    item.type = "pure-token";
    item.token = token;
    this.#notes(item);
    item.displayText = item.name;
    return item;
  }

  /** What brackets hold: an item, a block or a choice, which becomes optional. */
  #optional(): ArgumentDoc {
    const alternatives = this.#alternatives("]");
    const first = alternatives[0];
    const item = alternatives.length > 1
      ? this.#choice(alternatives)
      : first.length === 1
      ? first[0]
      : group("block", first);
    item.isOptional = true;
    return item;
  }

  #choice(alternatives: ArgumentDoc[][]): ArgumentDoc {
    return group(
      "oneof",
      alternatives.map((items) => {
        if (items.length !== 1) this.#fail("a choice needs ( ) around several");
        return items[0];
      }),
    );
  }

  #alternatives(closing: string): ArgumentDoc[][] {
    const alternatives = [this.#items()];
    while (this.#peek() === "|") {
      this.#at++;
      alternatives.push(this.#items());
    }
    this.#expect(closing);
    return alternatives;
  }

  /** Reads what braces say about an item, and completes it. */
  #notes(item: ArgumentDoc): void {
    let type: ArgumentType | undefined;
    if (this.#peek()?.startsWith("{")) {
      for (const note of this.#next().slice(1, -1).split(" ")) {
        if (/^-\d/.test(note)) item.deprecatedSince = note.slice(1);
        else if (/^\d/.test(note)) item.since = note;
        else if (note.startsWith(":")) type = note.slice(1) as ArgumentType;
        else if (note.startsWith("#")) {
          item.keySpecIndex = Number(note.slice(1));
        } else item.name = note;
      }
    }
    if (item.type === "string") {
      item.type = type ?? TYPE_OF_NAME.get(item.name) ?? "string";
      if (item.type === "key") item.keySpecIndex ??= this.#keys++;
    }
    if (item.name === "") this.#fail("a block or choice needs a {name}");
  }

  #peek(): string {
    return this.#pieces[this.#at];
  }

  #next(): string {
    return this.#pieces[this.#at++];
  }

  #expect(piece: string): void {
    if (this.#next() !== piece) this.#fail(`${piece} is missing`);
  }

  #fail(reason: string): never {
    throw new Error(`syntax "${this.syntax}": ${reason}`);
  }
}

function argument(name: string): ArgumentDoc {
  return {
    name,
    type: "string",
    displayText: name,
    isOptional: false,
    isMultiple: false,
    isMultipleToken: false,
  };
}

function group(
  type: "oneof" | "block",
  parts: ArgumentDoc[],
): ArgumentDoc {
  return {
    name: "",
    type,
    isOptional: false,
    isMultiple: false,
    isMultipleToken: false,
    arguments: parts,
  };
}
