/**
 * Fills a server with keys, pipelined, under the names that redis-benchmark
 * reads back with `-r`: a prefix and twelve digits. Every reply is checked.
 */

/** What to write. */
export interface LoadPlan {
  /** `key:` or `counter:`, as redis-benchmark has it. */
  readonly prefix: string;
  /** Numbers of the keys: from `first`, `count` of them, in order. */
  readonly first?: number;
  readonly count: number;
  /** The length of each value. */
  readonly valueBytes: (index: number) => number;
  /** What values consist of: `x` unless told; `1` makes counters. */
  readonly filler?: string;
  /** Commands per round trip; fewer when they get larger than the buffer. */
  readonly batch?: number;
  /** Told how long each round trip took. */
  readonly onBatch?: (elapsedMs: number) => void;
}

const DIGITS = 12;
const BUFFER_BYTES = 1 << 18;
const REPLY_BUFFER_BYTES = 1 << 16;
const DEFAULT_BATCH = 1000;
const OK_REPLY = new TextEncoder().encode("+OK\r\n");
const ZERO = 0x30;

/** Writes all keys of the plan, or throws when a reply is not +OK. */
export async function loadKeys(port: number, plan: LoadPlan): Promise<void> {
  using conn = await Deno.connect({ hostname: "127.0.0.1", port });
  conn.setNoDelay(true);
  const first = plan.first ?? 0;
  const batchMax = plan.batch ?? DEFAULT_BATCH;
  const replies = new Uint8Array(REPLY_BUFFER_BYTES);
  const encoder = new SetEncoder(plan.prefix, plan.filler ?? "x");
  for (let index = first; index < first + plan.count;) {
    let commands = 0;
    encoder.clear();
    while (
      commands < batchMax && index < first + plan.count && !encoder.isFull
    ) {
      encoder.add(index, plan.valueBytes(index));
      commands++;
      index++;
    }
    const startedMs = performance.now();
    await Promise.all([
      writeAll(conn, encoder.bytes),
      expectOk(conn, commands, replies),
    ]);
    plan.onBatch?.(performance.now() - startedMs);
  }
}

/** Writes SET commands into one buffer that is used again and again. */
class SetEncoder {
  #buffer = new Uint8Array(BUFFER_BYTES);
  #length = 0;
  readonly #head: Uint8Array;
  readonly #text = new TextEncoder();

  readonly #filler: number;

  constructor(prefix: string, filler: string) {
    this.#filler = filler.charCodeAt(0);
    const keyLength = prefix.length + DIGITS;
    this.#head = this.#text.encode(
      `*3\r\n$3\r\nSET\r\n$${keyLength}\r\n${prefix}`,
    );
  }

  get bytes(): Uint8Array {
    return this.#buffer.subarray(0, this.#length);
  }

  get isFull(): boolean {
    return this.#length >= BUFFER_BYTES / 2;
  }

  clear(): void {
    this.#length = 0;
  }

  add(index: number, valueBytes: number): void {
    const neededBytes = this.#length + this.#head.length + valueBytes + 64;
    if (neededBytes > this.#buffer.length) {
      const grown = new Uint8Array(neededBytes * 2);
      grown.set(this.bytes);
      this.#buffer = grown;
    }
    const buffer = this.#buffer;
    buffer.set(this.#head, this.#length);
    let end = this.#length + this.#head.length + DIGITS;
    let rest = index;
    for (let at = end - 1; at >= end - DIGITS; at--) {
      buffer[at] = ZERO + rest % 10;
      rest = Math.floor(rest / 10);
    }
    end += this.#text.encodeInto(
      `\r\n$${valueBytes}\r\n`,
      buffer.subarray(end),
    ).written;
    buffer.fill(this.#filler, end, end + valueBytes);
    end += valueBytes;
    buffer[end] = 0x0d;
    buffer[end + 1] = 0x0a;
    this.#length = end + 2;
  }
}

async function writeAll(conn: Deno.TcpConn, bytes: Uint8Array): Promise<void> {
  for (let sent = 0; sent < bytes.length;) {
    sent += await conn.write(bytes.subarray(sent));
  }
}

async function expectOk(
  conn: Deno.TcpConn,
  replies: number,
  buffer: Uint8Array,
): Promise<void> {
  const expectedBytes = replies * OK_REPLY.length;
  for (let received = 0; received < expectedBytes;) {
    const count = await conn.read(buffer);
    if (count === null) throw new Error("the server closed the connection");
    for (let index = 0; index < count; index++) {
      if (buffer[index] !== OK_REPLY[(received + index) % OK_REPLY.length]) {
        const text = new TextDecoder().decode(buffer.subarray(0, count));
        throw new Error(`SET answered ${JSON.stringify(text.slice(0, 200))}`);
      }
    }
    received += count;
  }
}

/** Sends one command of words without blanks; gives the raw reply's first line. */
export async function runCommand(port: number, line: string): Promise<string> {
  using conn = await Deno.connect({ hostname: "127.0.0.1", port });
  await writeAll(conn, new TextEncoder().encode(`${line}\r\n`));
  const buffer = new Uint8Array(1 << 16);
  let text = "";
  while (!text.includes("\r\n")) {
    const count = await conn.read(buffer);
    if (count === null) throw new Error("the server closed the connection");
    text += new TextDecoder().decode(buffer.subarray(0, count));
  }
  return text.slice(0, text.indexOf("\r\n"));
}
