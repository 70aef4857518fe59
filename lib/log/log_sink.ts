/** Where log lines go: standard output or a file. A log never stops the server. */

/** Takes whole lines. */
export interface LogSink {
  write(line: Uint8Array): void;
}

/** How often a log file is checked for having been moved away by a rotation. */
const ROTATION_CHECK_INTERVAL_MS = 1000;

/** The process's standard output. */
export class StandardOutputSink implements LogSink {
  write(line: Uint8Array): void {
    try {
      writeAll(Deno.stdout, line);
    } catch {
      // Nobody reads it any more: the server is worth more than its log.
    }
  }
}

/**
 * A file that lines are appended to.
 *
 * Redis opens its log for every line, so that a rotation only has to rename the
 * file. Here it stays open, and is opened anew within a second after its name
 * belongs to another file or to none.
 */
export class FileSink implements LogSink {
  readonly #path: string;
  readonly #nowMs: () => number;
  /** The open file; `undefined` when opening it failed, and before that. */
  #file: Deno.FsFile | undefined;
  #checkedAtMs = -Infinity;

  /** @param nowMs the time, in ms. */
  constructor(path: string, nowMs: () => number) {
    this.#path = path;
    this.#nowMs = nowMs;
  }

  write(line: Uint8Array): void {
    try {
      writeAll(this.#current(), line);
    } catch {
      // The disk may be full or the directory gone; the next line tries again.
      this.close();
    }
  }

  /** Closes the file; a later line opens it again. */
  close(): void {
    this.#file?.close();
    this.#file = undefined;
  }

  #current(): Deno.FsFile {
    const nowMs = this.#nowMs();
    const isDue = Math.abs(nowMs - this.#checkedAtMs) >=
      ROTATION_CHECK_INTERVAL_MS;
    if (this.#file !== undefined && isDue && this.#isMoved(this.#file)) {
      this.close();
    }
    if (isDue) this.#checkedAtMs = nowMs;
    this.#file ??= Deno.openSync(this.#path, { append: true, create: true });
    return this.#file;
  }

  #isMoved(file: Deno.FsFile): boolean {
    try {
      const atPath = Deno.statSync(this.#path);
      const open = file.statSync();
      return atPath.ino !== open.ino || atPath.dev !== open.dev;
    } catch {
      return true;
    }
  }
}

/** A single write may take only a part. */
function writeAll(
  target: { writeSync(bytes: Uint8Array): number },
  bytes: Uint8Array,
): void {
  for (let at = 0; at < bytes.length;) {
    at += target.writeSync(bytes.subarray(at));
  }
}
