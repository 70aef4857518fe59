/**
 * What a command did, for those who must do it again: the append-only file and
 * the replicas.
 *
 * By default a command that changed something is passed on as it came. A handler
 * whose words would mean something else later or elsewhere (a relative time, a
 * random choice) says instead what to pass on.
 */

import { bytesOfText } from "../resp/byte_text.ts";

/** One command to pass on, as its arguments. */
export type Effect = readonly Uint8Array[];

/** The effects that the running command named. */
export class Effects {
  /** Whether anybody listens; without, nothing needs to be made. */
  isWanted = false;
  /** True when the handler's effects stand for the command, or it shall not be passed on. */
  isReplaced = false;
  readonly list: Effect[] = [];

  /** Passes this on in the command's place; called again, this too. */
  replaceWith(...args: readonly (Uint8Array | string)[]): void {
    if (!this.isWanted) return;
    this.isReplaced = true;
    this.list.push(
      args.map((arg) =>
        typeof arg === "string" ? bytesOfText(arg) : arg.slice()
      ),
    );
  }

  /** Passes nothing on. */
  suppress(): void {
    this.isReplaced = true;
  }

  /** Makes ready for the next command. */
  reset(): void {
    this.isReplaced = false;
    this.list.length = 0;
  }
}
