/** A file that is only appended to: the seam between the append-only file and the disk. */

/** See the top of the file. Every method may throw what the system answers. */
export interface AppendFile {
  /** Length when it was opened, in bytes. */
  readonly initialLength: number;
  /** Appends, at least one byte; answers how many the system took. */
  write(bytes: Uint8Array): number;
  /** Cuts the file off behind `length` bytes. */
  truncate(length: number): void;
  /** Resolves when everything written is on the disk. */
  sync(): Promise<void>;
  close(): void;
}

/** Opens a file to append to; makes it when there is none. */
export function openAppendFile(path: string): AppendFile {
  const file = Deno.openSync(path, { append: true, create: true });
  return {
    initialLength: file.statSync().size,
    write: (bytes) => file.writeSync(bytes),
    truncate: (length) => file.truncateSync(length),
    sync: () => file.syncData(),
    close: () => file.close(),
  };
}
