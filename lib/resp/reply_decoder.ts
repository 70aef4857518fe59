/**
 * Decodes replies, RESP2 and RESP3, from bytes that arrive in pieces of any size.
 *
 * Used wherever tsredis reads what a server answered: its own links to other
 * servers, Lua (which decodes what the ReplyWriter wrote) and the tests. It does
 * not decode requests; `request_decoder.ts` does.
 *
 * A reply is one line (`<type byte><text>\r\n`), a line and a payload (`$`, `=`,
 * `!`), or a line and the replies that it announces (`*`, `~`, `%`, `>`, `|`).
 * Work done on a partial reply is kept: open aggregates wait on a stack of our
 * own (a deeply nested reply cannot overflow the call stack), the search for a
 * line end goes on where it stopped, and a payload is copied once, when whole.
 *
 * The decoder is as strict as Redis is in writing: an integer with a plus sign or
 * a leading zero, or a line that ends in a bare LF, means that the stream is out
 * of step. So equal trees come from equal bytes.
 * {@link https://redis.io/docs/latest/develop/reference/protocol-spec/}
 */

/** One decoded reply. Payloads are copies: they stay valid for ever. */
export type Reply =
  | { type: "simple"; value: Uint8Array }
  /** `-` line or, with `isBulk`, RESP3's `!` payload. */
  | { type: "error"; value: Uint8Array; isBulk: boolean }
  /** A BigInt exactly when a number could not hold the integer. */
  | { type: "integer"; value: number | bigint }
  | { type: "bulk"; value: Uint8Array }
  /** `$-1`, `*-1` or RESP3's `_`. */
  | { type: "null"; form: "bulk" | "array" | "resp3" }
  | { type: "array" | "set" | "push"; items: Reply[] }
  | { type: "map"; entries: [Reply, Reply][] }
  /** `text` is what was on the wire: servers format floats differently. */
  | { type: "double"; value: number; text: string }
  | { type: "bigNumber"; value: bigint }
  | { type: "boolean"; value: boolean }
  /** `format` is three characters, `txt` or `mkd`. */
  | { type: "verbatim"; format: string; value: Uint8Array }
  /** Metadata that stands before a reply. */
  | { type: "attribute"; entries: [Reply, Reply][]; reply: Reply };

/** What broken bytes throw; the link they came from can only be closed. */
export class ReplyDecodeError extends Error {
  override name = "ReplyDecodeError";
}

/** Longest line, without its type byte and line end. Error texts are the longest lines that servers send. */
const LINE_LENGTH_BYTES_MAX = 1 << 20;
/** Longest payload: above the default proto-max-bulk-len (512 MiB), so that a raised one still passes. */
const PAYLOAD_LENGTH_BYTES_MAX = 2 ** 31 - 1;
/** Most elements that an aggregate may announce; nothing is allocated for them in advance. */
const ELEMENTS_MAX = 2 ** 31 - 1;
/** Deepest nesting. Lua scripts can return about 8,000 levels. */
const DEPTH_MAX = 10_000;
/** Size of the buffer of a decoder at rest. */
const BUFFER_LENGTH_BYTES_MIN = 4096;

/** Digits of the largest 64-bit integer. */
const INT64_DIGITS_MAX = 19;

const CR = 0x0d;
const LF = 0x0a;
const MINUS = 0x2d;
const DIGIT_0 = 0x30;
const DIGIT_9 = 0x39;

type AggregateType = "array" | "set" | "push" | "map" | "attribute";
type PayloadType = "bulk" | "verbatim" | "bulkError";

/** An aggregate whose elements are still arriving. */
interface OpenAggregate {
  type: AggregateType;
  items: Reply[];
  /** Elements that make it complete. A map counts keys and values; an attribute also the reply after it. */
  itemCount: number;
}

const AGGREGATES: Record<string, AggregateType> = {
  "*": "array",
  "~": "set",
  ">": "push",
  "%": "map",
  "|": "attribute",
};

const PAYLOADS: Record<string, PayloadType> = {
  "$": "bulk",
  "=": "verbatim",
  "!": "bulkError",
};

/** What reading a line answers when the line only announces more. */
const MORE_TO_READ = Symbol("more to read");

const asciiDecoder = new TextDecoder();

/** Feed it with {@link ReplyDecoder.push}, then take replies with {@link ReplyDecoder.read} until it has none. */
export class ReplyDecoder {
  /** Received bytes; `push` grows and compacts it. */
  #buffer = new Uint8Array(BUFFER_LENGTH_BYTES_MIN);
  /** First byte not yet decoded. */
  #start = 0;
  /** One past the last byte received. */
  #end = 0;
  /** No CR LF begins between `#start` and here: the search goes on here. */
  #searched = 0;
  /** Payload whose line was read and whose bytes are awaited; `undefined` between payloads. */
  #payload: { type: PayloadType; lengthBytes: number } | undefined;
  /** Aggregates under construction, outermost first; empty between replies. */
  #open: OpenAggregate[] = [];

  /** Bytes received and not yet decoded. */
  get bufferedBytes(): number {
    return this.#end - this.#start;
  }

  /** Adds received bytes. They are copied: the caller may reuse its chunk. */
  push(chunk: Uint8Array): void {
    if (this.#end + chunk.length > this.#buffer.length) {
      this.#makeRoom(chunk.length);
    }
    this.#buffer.set(chunk, this.#end);
    this.#end += chunk.length;
  }

  /**
   * The next whole reply, or `undefined` when more bytes are needed.
   *
   * @throws {ReplyDecodeError} when the bytes are no RESP, or pass a bound of this file.
   */
  read(): Reply | undefined {
    for (;;) {
      const reply = this.#payload === undefined
        ? this.#readLine()
        : this.#readPayload();
      if (reply === undefined) return undefined;
      if (reply === MORE_TO_READ) continue;
      const whole = this.#close(reply);
      if (whole !== undefined) return whole;
    }
  }

  /** Moves the undecoded bytes to the front, into a larger buffer if they and `chunkLength` more do not fit. */
  #makeRoom(chunkLength: number): void {
    const needed = this.bufferedBytes + chunkLength;
    let capacity = this.#buffer.length;
    while (capacity < needed) capacity *= 2;
    // A buffer that one large reply made big is given back when little is left in it.
    if (needed <= BUFFER_LENGTH_BYTES_MIN) capacity = BUFFER_LENGTH_BYTES_MIN;
    const rest = this.#buffer.subarray(this.#start, this.#end);
    if (capacity === this.#buffer.length) {
      this.#buffer.copyWithin(0, this.#start, this.#end);
    } else {
      this.#buffer = new Uint8Array(capacity);
      this.#buffer.set(rest);
    }
    this.#searched -= this.#start;
    this.#end -= this.#start;
    this.#start = 0;
  }

  /** Offset of the CR that ends the line at `#start`, or -1 when it has not arrived. */
  #findLineEnd(): number {
    const last = this.#end - 1;
    for (let at = this.#searched; at < last; at++) {
      if (this.#buffer[at] === CR && this.#buffer[at + 1] === LF) return at;
    }
    this.#searched = Math.max(this.#searched, last);
    if (this.#searched - this.#start > LINE_LENGTH_BYTES_MAX) {
      fail("line too long");
    }
    return -1;
  }

  #readLine(): Reply | typeof MORE_TO_READ | undefined {
    const end = this.#findLineEnd();
    if (end < 0) return undefined;
    const type = String.fromCharCode(this.#buffer[this.#start]);
    const from = this.#start + 1;
    const aggregate = AGGREGATES[type];
    const payload = PAYLOADS[type];
    let reply: Reply | typeof MORE_TO_READ;
    if (payload !== undefined) {
      reply = this.#openPayload(payload, from, end);
    } else if (aggregate !== undefined) {
      reply = this.#openAggregate(aggregate, from, end);
    } else {
      reply = decodeLine(type, this.#buffer.slice(from, end));
    }
    this.#start = this.#searched = end + 2;
    return reply;
  }

  #openPayload(
    type: PayloadType,
    from: number,
    end: number,
  ): Reply | typeof MORE_TO_READ {
    const lengthBytes = Number(parseInteger(this.#buffer, from, end));
    if (lengthBytes === -1 && type === "bulk") {
      return { type: "null", form: "bulk" };
    }
    if (lengthBytes < 0 || lengthBytes > PAYLOAD_LENGTH_BYTES_MAX) {
      fail("invalid payload length");
    }
    this.#payload = { type, lengthBytes };
    return MORE_TO_READ;
  }

  #openAggregate(
    type: AggregateType,
    from: number,
    end: number,
  ): Reply | typeof MORE_TO_READ {
    const count = Number(parseInteger(this.#buffer, from, end));
    if (count === -1 && type === "array") {
      return { type: "null", form: "array" };
    }
    if (count < 0 || count > ELEMENTS_MAX) fail("invalid element count");
    const itemCount = type === "map"
      ? count * 2
      : type === "attribute"
      ? count * 2 + 1
      : count;
    const aggregate: OpenAggregate = { type, items: [], itemCount };
    if (itemCount === 0) return buildAggregate(aggregate);
    if (this.#open.length === DEPTH_MAX) fail("nested too deeply");
    this.#open.push(aggregate);
    return MORE_TO_READ;
  }

  #readPayload(): Reply | undefined {
    const { type, lengthBytes } = this.#payload!;
    const end = this.#start + lengthBytes;
    if (end + 2 > this.#end) return undefined;
    if (this.#buffer[end] !== CR || this.#buffer[end + 1] !== LF) {
      fail("payload does not end in CR LF");
    }
    const value = this.#buffer.slice(this.#start, end);
    this.#payload = undefined;
    this.#start = this.#searched = end + 2;
    if (type === "bulk") return { type, value };
    if (type === "bulkError") return { type: "error", value, isBulk: true };
    if (value.length < 4 || value[3] !== 0x3a) {
      fail("verbatim string without a format");
    }
    return {
      type,
      format: asciiDecoder.decode(value.subarray(0, 3)),
      value: value.subarray(4),
    };
  }

  /** Puts a decoded reply into the aggregate that waits for it; returns the outermost one once it is whole. */
  #close(decoded: Reply): Reply | undefined {
    let reply = decoded;
    for (let depth = this.#open.length; depth > 0; depth--) {
      const parent = this.#open[depth - 1];
      parent.items.push(reply);
      if (parent.items.length < parent.itemCount) return undefined;
      this.#open.pop();
      reply = buildAggregate(parent);
    }
    return reply;
  }
}

function fail(what: string): never {
  throw new ReplyDecodeError(`Invalid reply: ${what}`);
}

function buildAggregate({ type, items }: OpenAggregate): Reply {
  if (type === "map") return { type, entries: pairs(items, items.length) };
  if (type === "attribute") {
    return {
      type,
      entries: pairs(items, items.length - 1),
      reply: items[items.length - 1],
    };
  }
  return { type, items };
}

function pairs(items: Reply[], length: number): [Reply, Reply][] {
  const entries: [Reply, Reply][] = [];
  for (let i = 0; i < length; i += 2) entries.push([items[i], items[i + 1]]);
  return entries;
}

/** Decodes a reply that is one line; `line` is without type byte and line end. */
function decodeLine(type: string, line: Uint8Array): Reply {
  switch (type) {
    case "+":
      return { type: "simple", value: line };
    case "-":
      return { type: "error", value: line, isBulk: false };
    case ":":
      return { type: "integer", value: parseInteger(line, 0, line.length) };
    case ",":
      return parseDouble(asciiDecoder.decode(line));
    case "(":
      return {
        type: "bigNumber",
        value: parseBigNumber(asciiDecoder.decode(line)),
      };
    case "#":
      if (line.length !== 1 || (line[0] !== 0x74 && line[0] !== 0x66)) {
        fail("boolean is not t or f");
      }
      return { type: "boolean", value: line[0] === 0x74 };
    case "_":
      if (line.length !== 0) fail("null with content");
      return { type: "null", form: "resp3" };
    default:
      return fail(`unknown type byte ${JSON.stringify(type)}`);
  }
}

/** Canonical decimal integer of `bytes[from, end)`; a BigInt when a number cannot hold it exactly. */
function parseInteger(
  bytes: Uint8Array,
  from: number,
  end: number,
): number | bigint {
  const isNegative = bytes[from] === MINUS;
  const first = isNegative ? from + 1 : from;
  let value = 0;
  for (let i = first; i < end; i++) {
    const byte = bytes[i];
    if (byte < DIGIT_0 || byte > DIGIT_9) fail("not an integer");
    value = value * 10 + (byte - DIGIT_0);
  }
  const digitCount = end - first;
  const isPadded = bytes[first] === DIGIT_0 && (isNegative || digitCount > 1);
  if (digitCount === 0 || digitCount > INT64_DIGITS_MAX || isPadded) {
    fail("not an integer");
  }
  if (value <= Number.MAX_SAFE_INTEGER) return isNegative ? -value : value;
  const exact = BigInt(asciiDecoder.decode(bytes.subarray(from, end)));
  if (BigInt.asIntN(64, exact) !== exact) fail("integer out of 64 bits");
  return exact;
}

function parseBigNumber(text: string): bigint {
  return /^-?\d+$/.test(text) ? BigInt(text) : fail("not a big number");
}

function parseDouble(text: string): Reply {
  const special: Record<string, number> = {
    inf: Infinity,
    "-inf": -Infinity,
    nan: NaN,
    "-nan": NaN,
  };
  const value = special[text] ??
    (/^-?\d+(\.\d*)?(e[-+]?\d+)?$/i.test(text)
      ? Number(text)
      : fail("not a double"));
  return { type: "double", value, text };
}
