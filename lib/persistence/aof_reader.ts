/**
 * Reads an append-only file command by command.
 *
 * A file consists of RESP requests and of lines with a time, `#TS:1700000000`.
 * The last command may be cut off, which is what the end of a process in the
 * middle of a write leaves; everything before it is good.
 */

import { Args, ARGS_SLACK_BYTES } from "../router/args.ts";
import { RequestDecoder, type RequestState } from "../resp/request_decoder.ts";

const CHUNK_BYTES = 1024 * 1024;
/** How long commands are run before others get a turn. */
const TURN_MS = 20;
const STAR = 42, HASH = 35;

/** A file that is no append-only file from some byte on. */
export class AofFormatError extends Error {
  override readonly name = "AofFormatError";
  /** @param reason why what stands there cannot be run; undefined when it is no command. */
  constructor(readonly offset: number, readonly reason?: string) {
    super(`${reason ?? "bad file format"} at offset ${offset}`);
  }
}

/** A command that the server does not know. */
export class UnknownCommandError extends Error {
  override readonly name = "UnknownCommandError";
}

/** Who takes the commands. */
export interface AofTarget {
  /** Runs a command; `args` is valid during the call. @throws {UnknownCommandError} */
  run(args: Args): void;
  /** Whether a transaction has begun whose end has not come yet. */
  readonly isInTransaction: boolean;
  /** Told now and then how many bytes have been read. */
  onProgress(offset: number): void;
}

/** How a file ended. */
export interface AofEnd {
  /** Everything up to here has been run, whole transactions only. */
  readonly validBytes: number;
  /** Whether bytes follow there that are no whole command or transaction. */
  readonly isTruncated: boolean;
}

/**
 * Runs all commands of an open file from its present position, `offset`, on.
 *
 * @throws {AofFormatError} where something stands that is no command.
 */
export async function readAof(
  file: Deno.FsFile,
  offset: number,
  target: AofTarget,
): Promise<AofEnd> {
  const decoder = new RequestDecoder(), args = new Args();
  const state = new FileState();
  let validBytes = offset, turnStartMs = performance.now();
  for (;;) {
    state.makeRoom();
    const length = await file.read(state.room());
    if (length === null) break;
    state.end += length;
    while (state.start < state.end) {
      decoder.decode(state);
      if (decoder.frameCount === 0 && decoder.error === "") break;
      const validFrame = runFrames(decoder, state, args, target, offset);
      if (validFrame >= 0) validBytes = offset + decoder.ends[validFrame];
      if (decoder.error !== "") throw new AofFormatError(offset + state.start);
      if (performance.now() - turnStartMs > TURN_MS) {
        target.onProgress(offset + state.start);
        await new Promise((resolve) => setTimeout(resolve));
        turnStartMs = performance.now();
      }
    }
    offset += state.dropDone();
  }
  const [type] = state.buffer;
  if (state.end > 0 && type !== STAR && type !== HASH) {
    throw new AofFormatError(offset);
  }
  const isTruncated = state.end > 0 || target.isInTransaction;
  return { validBytes, isTruncated };
}

/** Runs the decoded frames; answers the last one behind which no transaction was open, or -1. */
function runFrames(
  decoder: RequestDecoder,
  state: FileState,
  args: Args,
  target: AofTarget,
  offset: number,
): number {
  args.offsets = decoder.offsets;
  args.lengths = decoder.lengths;
  let valid = -1;
  for (let frame = 0; frame < decoder.frameCount; frame++) {
    const type = state.buffer[state.start];
    const isCommand = type === STAR && decoder.counts[frame] > 0;
    if (!isCommand && type !== HASH) {
      throw new AofFormatError(offset + state.start);
    }
    if (isCommand) {
      args.bytes = state.buffer;
      args.view = state.view;
      args.base = decoder.bases[frame];
      args.count = decoder.counts[frame];
      args.firstKeyHash = -1;
      try {
        target.run(args);
      } catch (error) {
        if (!(error instanceof UnknownCommandError)) throw error;
        throw new AofFormatError(offset + state.start, error.message);
      }
      if (args.isTaken) {
        // A command has kept the memory: what follows goes on in a copy.
        state.copyBuffer();
        args.isTaken = false;
      }
    }
    state.start = decoder.ends[frame];
    if (!target.isInTransaction) valid = frame;
  }
  return valid;
}

/** The part of the file that is in memory. */
class FileState implements RequestState {
  buffer = new Uint8Array(CHUNK_BYTES + ARGS_SLACK_BYTES);
  view = new DataView(this.buffer.buffer);
  start = 0;
  end = 0;
  neededBytes = 0;
  readonly isAuthenticated = true;
  partial: RequestState["partial"] = undefined;

  /** Makes the buffer larger when one command does not fit. */
  makeRoom(): void {
    const capacity = this.buffer.length - ARGS_SLACK_BYTES;
    if (this.end < capacity) return;
    this.#use(new Uint8Array(capacity * 2 + ARGS_SLACK_BYTES));
  }

  room(): Uint8Array {
    return this.buffer.subarray(
      this.end,
      this.buffer.length - ARGS_SLACK_BYTES,
    );
  }

  /** Moves what is left to the front; answers how many bytes were before it. */
  dropDone(): number {
    const done = this.start;
    if (done > 0) this.buffer.copyWithin(0, done, this.end);
    this.end -= done;
    this.start = 0;
    return done;
  }

  copyBuffer(): void {
    this.#use(new Uint8Array(this.buffer.length));
  }

  #use(buffer: Uint8Array<ArrayBuffer>): void {
    buffer.set(this.buffer.subarray(0, this.end));
    this.buffer = buffer;
    this.view = new DataView(buffer.buffer);
  }
}
