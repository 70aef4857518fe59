/** The operating system's own words for an error, as C's `strerror` has them. */

/**
 * The text of an error that Deno threw for a system call ("No such file or
 * directory"), without what Deno adds; the message of any other error.
 */
export function systemErrorText(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const system = /^(.*?) \(os error \d+\)/.exec(error.message);
  if (system !== null) return system[1];
  // node:fs puts it as "EACCES: permission denied, access '/path'".
  const node = /^E[A-Z0-9]+: ([^,]+), /.exec(error.message);
  if (node === null) return error.message;
  return node[1][0].toUpperCase() + node[1].slice(1);
}
