/** The file that tells other programs the server's process ID. */

import { systemErrorText } from "./config/system_error_text.ts";
import type { Logger } from "./log/logger.ts";

/** Writes the file; a failure is logged and does not stop the server. */
export function writePidFile(
  path: string,
  processId: number,
  log: Logger,
): void {
  try {
    Deno.writeTextFileSync(path, `${processId}\n`);
  } catch (error) {
    log.warning(`Failed to write PID file: ${systemErrorText(error)}`);
  }
}

/** Removes the file, if it is there. */
export function removePidFile(path: string, log: Logger): void {
  log.notice("Removing the pid file.");
  try {
    Deno.removeSync(path);
  } catch {
    // It was never written, or somebody else has removed it.
  }
}
