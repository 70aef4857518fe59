/**
 * Sends keys to another server, and finds out which of them have arrived.
 *
 * ```
 * → AUTH …, SELECT db, RESTORE key ttl payload …      ← a line for each
 * ```
 *
 * A kept connection may have been closed by the other side since it was used last.
 * So when one breaks before anything was heard, all is sent once more over a new one.
 */

import { BufferPool } from "../resp/buffer_pool.ts";
import { bytesOfText } from "../resp/byte_text.ts";
import { ReplyWriter } from "../resp/reply_writer.ts";
import { type TargetConnection, TargetTimeout } from "./target_connection.ts";
import type { TargetPool } from "./target_pool.ts";

/** What is to be sent, and where to. */
export interface TransferRequest {
  readonly host: string;
  readonly port: number;
  readonly database: bigint;
  readonly timeoutMs: number;
  /** User, if one is named, and password. */
  readonly credentials: readonly Uint8Array[];
  /** The commands, each with its arguments, in the order of the keys. */
  readonly commands: readonly (readonly Uint8Array[])[];
}

/** What has become of it. */
export interface TransferResult {
  /** For each of the commands, whether the target has done it. */
  readonly arrived: readonly boolean[];
  /** What to answer; undefined when all has arrived. */
  readonly error: string | undefined;
}

const CANNOT_CONNECT = "IOERR error or timeout connecting to the client";
const CANNOT_WRITE = "IOERR error or timeout writing to target instance";
const CANNOT_READ = "IOERR error or timeout reading to target instance";

/** See the top of the file. Never rejects. */
export async function transfer(
  pool: TargetPool,
  request: TransferRequest,
): Promise<TransferResult> {
  const first = await tryOnce(pool, request);
  return first ?? await tryOnce(pool, request, true) ??
    { arrived: [], error: CANNOT_READ };
}

/** One attempt; undefined when another one is worth it, which `isLast` rules out. */
async function tryOnce(
  pool: TargetPool,
  request: TransferRequest,
  isLast = false,
): Promise<TransferResult | undefined> {
  const { host, port, timeoutMs } = request;
  let target: TargetConnection;
  try {
    target = await pool.acquire(host, port, timeoutMs);
  } catch (error) {
    return { arrived: [], error: connectError(error) };
  }
  const mayRetry = (error: unknown) =>
    !isLast && !(error instanceof TargetTimeout);
  const isSelecting = target.database !== request.database;
  try {
    await target.write(encode(request, isSelecting), timeoutMs);
  } catch (error) {
    pool.discard(target);
    return mayRetry(error) ? undefined : { arrived: [], error: CANNOT_WRITE };
  }
  const replies: string[] = [];
  let failure: unknown;
  const prefixed = Number(request.credentials.length > 0) + Number(isSelecting);
  try {
    while (replies.length < prefixed + request.commands.length) {
      replies.push(await target.line(timeoutMs));
    }
  } catch (error) {
    failure = error;
    pool.discard(target);
    if (replies.length <= prefixed && mayRetry(error)) return undefined;
  }
  const result = judge(replies, prefixed, failure !== undefined);
  target.database = result.error === undefined ? request.database : undefined;
  pool.release(host, port, target);
  return result;
}

/**
 * As in Redis, which does not wait for the connection before it writes: only an
 * unknown name and silence are noticed earlier than that.
 */
function connectError(error: unknown): string {
  const isUnknownName = error instanceof Error && error.name === "Error";
  return isUnknownName || error instanceof TargetTimeout
    ? CANNOT_CONNECT
    : CANNOT_WRITE;
}

/** Nothing has arrived of which the target did not say so after it let us in and selected the database. */
function judge(
  replies: readonly string[],
  prefixed: number,
  isBroken: boolean,
): TransferResult {
  const answers = replies.slice(prefixed);
  // What does not answer as a server of this kind has taken nothing.
  const isError = (reply: string) => !reply.startsWith("+");
  const refusal = replies.slice(0, prefixed).find(isError);
  const arrived = answers.map((answer) =>
    refusal === undefined && !isError(answer)
  );
  const error = answers.length === 0
    ? undefined
    : refusal ?? answers.find(isError);
  if (error !== undefined) {
    return {
      arrived,
      error: `ERR Target instance replied with error: ${
        error.replace(/^-/, "")
      }`,
    };
  }
  return { arrived, error: isBroken ? CANNOT_READ : undefined };
}

function encode(request: TransferRequest, isSelecting: boolean): Uint8Array {
  const { credentials, database, commands } = request;
  const out = new ReplyWriter(new BufferPool());
  const add = (words: readonly Uint8Array[]) => {
    out.array(words.length);
    for (const word of words) out.bulk(word);
  };
  if (credentials.length > 0) add([bytesOfText("AUTH"), ...credentials]);
  if (isSelecting) {
    add([bytesOfText("SELECT"), bytesOfText(String(database))]);
  }
  for (const words of commands) add(words);
  const { buffer, length } = out.takeOutput();
  return buffer.bytes.subarray(0, length);
}
