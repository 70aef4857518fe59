/** A disk on which chosen steps fail; everything else really happens. */
import {
  type AppendFile,
  type Disk,
  type NewFile,
  SYSTEM_DISK,
} from "../../lib/persistence/disk.ts";

/**
 * How a step fails: it is `refused`; it is `done` all the same; or of a write, only
 * a part is done (`short`), which is like `refused` for all else.
 */
export type FaultKind = "refused" | "done" | "short";

/** See the top of the file. */
export class FaultyDisk implements Disk {
  /** Steps so far, and what the one that failed first was. */
  steps = 0;
  failedStep = "";

  /**
   * @param faultAt number of the step that fails, from 1 on.
   * @param isLasting whether all later ones fail, too, until `heal`.
   */
  constructor(
    private faultAt = Infinity,
    readonly kind: FaultKind = "refused",
    private isLasting = false,
  ) {}

  get hasFailed(): boolean {
    return this.failedStep !== "";
  }

  /** From now on, all steps fail, until `heal`. */
  failFromNowOn(): void {
    this.faultAt = this.steps + 1;
    this.isLasting = true;
  }

  heal(): void {
    this.faultAt = Infinity;
  }

  openToAppend(path: string, isNew: boolean): AppendFile {
    const file = this.#do(
      `open ${path}`,
      () => SYSTEM_DISK.openToAppend(path, isNew),
    );
    return {
      initialLength: file.initialLength,
      write: (bytes) => {
        const isFailing = this.#isFailing(`write to ${path}`);
        if (!isFailing) return file.write(bytes);
        if (this.kind === "refused") throw fault("No space left on device", 28);
        const taken = this.kind === "short" ? bytes.length >> 1 : bytes.length;
        // What is short is told, and only the next write fails.
        if (taken > 0) return file.write(bytes.subarray(0, taken));
        throw fault("No space left on device", 28);
      },
      truncate: (length) =>
        this.#do(`truncate ${path}`, () => file.truncate(length)),
      sync: () => this.#later(`sync ${path}`, () => file.sync()),
      close: () => file.close(),
    };
  }

  create(path: string): NewFile {
    const file = this.#do(`create ${path}`, () => SYSTEM_DISK.create(path));
    const part = (bytes: Uint8Array) =>
      bytes.subarray(0, this.kind === "short" ? bytes.length >> 1 : 0);
    return {
      write: async (bytes) => {
        if (!this.#isFailing(`write to ${path}`)) {
          return await file.write(bytes);
        }
        await file.write(part(bytes));
        throw fault("No space left on device", 28);
      },
      writeNow: (bytes) => {
        if (!this.#isFailing(`write to ${path}`)) return file.writeNow(bytes);
        file.writeNow(part(bytes));
        throw fault("No space left on device", 28);
      },
      sync: () => this.#later(`sync ${path}`, () => file.sync()),
      syncNow: () => this.#do(`sync ${path}`, () => file.syncNow()),
      close: () => file.close(),
    };
  }

  rename(from: string, to: string): void {
    this.#do(`rename ${from}`, () => SYSTEM_DISK.rename(from, to));
  }

  remove(path: string): void {
    this.#do(`remove ${path}`, () => SYSTEM_DISK.remove(path));
  }

  truncate(path: string, length: number): void {
    this.#do(`truncate ${path}`, () => SYSTEM_DISK.truncate(path, length));
  }

  makeDirectory(path: string): void {
    this.#do(`mkdir ${path}`, () => SYSTEM_DISK.makeDirectory(path));
  }

  flushDirectory(path: string): void {
    this.#do(`flush ${path}`, () => SYSTEM_DISK.flushDirectory(path));
  }

  #do<T>(step: string, work: () => T): T {
    if (!this.#isFailing(step)) return work();
    if (this.kind === "done") work();
    throw fault("Input/output error", 5);
  }

  async #later(step: string, work: () => Promise<void>): Promise<void> {
    if (!this.#isFailing(step)) return await work();
    throw fault("Input/output error", 5);
  }

  #isFailing(step: string): boolean {
    const number = ++this.steps;
    if (number < this.faultAt) return false;
    if (number > this.faultAt && !this.isLasting) return false;
    if (this.failedStep === "") this.failedStep = step;
    return true;
  }
}

function fault(text: string, code: number): Error {
  return new Error(`${text} (os error ${code})`);
}
