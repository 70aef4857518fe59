/**
 * Brings the names in a directory to the disk, which makes a renaming last. Where
 * directories cannot be opened, renaming has to do.
 */
export function flushDirectory(path: string): void {
  if (Deno.build.os === "windows") return;
  using directory = Deno.openSync(path);
  directory.syncSync();
}
