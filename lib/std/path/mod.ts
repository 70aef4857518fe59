/**
 * Stands in for `jsr:@std/path` where JSR cannot be reached: `node:path` and
 * `node:url` have the same functions, and of them only what this project uses
 * is passed on.
 *
 * @module
 */
export {
  basename,
  dirname,
  extname,
  isAbsolute,
  join,
  relative,
  resolve,
} from "node:path";
export {
  fileURLToPath as fromFileUrl,
  pathToFileURL as toFileUrl,
} from "node:url";
