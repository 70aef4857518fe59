/** Sends commands of any kind to a server, without waiting for one reply before the next command. */

/** Bytes that leave in one write. */
const CHUNK_BYTES = 1 << 16;
/** What the last reply ends with. */
const END = "end of the commands\r\n";
const LINE_FEED = 10, MINUS = 45;

/** As many digits as redis-benchmark puts in place of `__rand_int__`. */
export function digits(index: number): string {
  return `${index}`.padStart(12, "0");
}

/** Sends the words that `commandAt` gives for 0, 1 and so on; throws when one of them is refused. */
export async function sendCommands(
  port: number,
  count: number,
  commandAt: (index: number) => readonly string[],
): Promise<void> {
  using conn = await Deno.connect({ hostname: "127.0.0.1", port });
  await Promise.all([
    writeCommands(conn, count, commandAt),
    readToEnd(conn, () => {}),
  ]);
}

/** The whole reply to one command, as it comes. */
export async function askFor(
  port: number,
  words: readonly string[],
): Promise<string> {
  using conn = await Deno.connect({ hostname: "127.0.0.1", port });
  await writeCommands(conn, 1, () => words);
  const decoder = new TextDecoder();
  let text = "";
  await readToEnd(conn, (bytes) => text += decoder.decode(bytes));
  return text;
}

async function writeCommands(
  conn: Deno.TcpConn,
  count: number,
  commandAt: (index: number) => readonly string[],
): Promise<void> {
  const encoder = new TextEncoder();
  let text = "";
  for (let index = 0; index < count; index++) {
    text += encodeCommand(commandAt(index));
    if (text.length < CHUNK_BYTES) continue;
    await writeAll(conn, encoder.encode(text));
    text = "";
  }
  text += encodeCommand(["ECHO", END.trimEnd()]);
  await writeAll(conn, encoder.encode(text));
}

function encodeCommand(words: readonly string[]): string {
  let text = `*${words.length}\r\n`;
  for (const word of words) text += `$${word.length}\r\n${word}\r\n`;
  return text;
}

async function writeAll(conn: Deno.TcpConn, bytes: Uint8Array): Promise<void> {
  for (let sent = 0; sent < bytes.length;) {
    sent += await conn.write(bytes.subarray(sent));
  }
}

/** Reads up to the reply that is the end. None of the replies may have a line that begins with `-`. */
async function readToEnd(
  conn: Deno.TcpConn,
  onBytes: (bytes: Uint8Array) => void,
): Promise<void> {
  const buffer = new Uint8Array(CHUNK_BYTES), decoder = new TextDecoder();
  let tail = "", isLineStart = true;
  while (!tail.endsWith(END)) {
    const count = await conn.read(buffer);
    if (count === null) throw new Error("the server closed the connection");
    const bytes = buffer.subarray(0, count);
    for (let at = 0; at < count; at++) {
      if (isLineStart && bytes[at] === MINUS) {
        throw new Error(decoder.decode(bytes.subarray(at)));
      }
      isLineStart = bytes[at] === LINE_FEED;
    }
    onBytes(bytes);
    const last = bytes.subarray(Math.max(0, count - END.length));
    tail = (tail + decoder.decode(last)).slice(-END.length);
  }
}
