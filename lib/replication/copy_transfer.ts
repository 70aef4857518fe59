/**
 * Receives a full copy of the primary's data into a file.
 *
 * ```
 * $<length>\r\n<bytes>                 from a file of the primary's
 * $EOF:<40 characters>\r\n<bytes><the same 40 characters>   while it is made
 * ```
 *
 * The primary sends nothing behind a copy of the second form until it is told that
 * the copy was loaded, so the mark is the last that comes.
 */

import { bytesOfText } from "../resp/byte_text.ts";
import type { LinkReader } from "./link_reader.ts";

const MARK_BYTES = 40;
const PIECE_MAX_BYTES = 256 * 1024;

/** How far a transfer is, for INFO. */
export interface TransferProgress {
  /** Length of the copy; 0 when it is not known, -1 before the primary has begun. */
  totalBytes: number;
  readBytes: number;
}

/** The primary sent something else than a copy. */
export class TransferError extends Error {
  override readonly name = "TransferError";
}

/** Receives a copy into a new file; answers whether a mark ended it. @throws {TransferError} */
export async function receiveCopy(
  reader: LinkReader,
  path: string,
  progress: TransferProgress,
  log: (line: string) => void,
): Promise<boolean> {
  const head = await copyHead(reader);
  const mark = /^\$EOF:(.{40})$/.exec(head)?.[1];
  const length = /^\$(\d+)$/.exec(head)?.[1];
  using file = await Deno.open(path, {
    write: true,
    createNew: true,
    mode: 0o644,
  });
  if (mark !== undefined) {
    progress.totalBytes = 0;
    log("receiving streamed RDB from master with EOF to disk");
    await receiveUntil(reader, file, bytesOfText(mark), progress);
    return true;
  }
  if (length === undefined) {
    throw new TransferError(
      `Bad protocol from MASTER, the first byte is not '$' (we received '${head}'), are you sure the host and port are right?`,
    );
  }
  progress.totalBytes = Number(length);
  log(`receiving ${length} bytes from master to disk`);
  while (progress.readBytes < progress.totalBytes) {
    const left = progress.totalBytes - progress.readBytes;
    const piece = await reader.some(Math.min(left, PIECE_MAX_BYTES));
    progress.readBytes += piece.length;
    await writeAll(file, piece);
  }
  return false;
}

async function copyHead(reader: LinkReader): Promise<string> {
  while (true) {
    const line = await reader.line();
    // Empty lines show only that the primary is there.
    if (line === "") continue;
    if (line.startsWith("-")) {
      throw new TransferError(
        `MASTER aborted replication with an error: ${line.slice(1)}`,
      );
    }
    return line;
  }
}

async function receiveUntil(
  reader: LinkReader,
  file: Deno.FsFile,
  mark: Uint8Array,
  progress: TransferProgress,
): Promise<void> {
  const tail = new Uint8Array(MARK_BYTES);
  while (true) {
    const piece = await reader.some(PIECE_MAX_BYTES);
    progress.readBytes += piece.length;
    if (piece.length >= MARK_BYTES) tail.set(piece.subarray(-MARK_BYTES));
    else {
      tail.copyWithin(0, piece.length);
      tail.set(piece, MARK_BYTES - piece.length);
    }
    const isEnd = tail.every((byte, i) => byte === mark[i]);
    await writeAll(file, piece);
    if (!isEnd) continue;
    await file.truncate(progress.readBytes - MARK_BYTES);
    return;
  }
}

async function writeAll(file: Deno.FsFile, bytes: Uint8Array): Promise<void> {
  for (let at = 0; at < bytes.length;) {
    at += await file.write(bytes.subarray(at));
  }
}
