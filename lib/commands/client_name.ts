/** Texts that a client gives itself. CLIENT LIST prints them, where spaces separate fields. */

import { type ByteText } from "../resp/byte_text.ts";
import type { Args } from "../router/args.ts";
import { CommandError } from "../router/command_error.ts";

/** Visible ASCII. */
const ALLOWED = /^[!-~]*$/;

/** The text of an argument, or `undefined` when CLIENT LIST could not show it. */
export function clientAttribute(
  args: Args,
  index: number,
): ByteText | undefined {
  const text = args.text(index);
  return ALLOWED.test(text) ? text : undefined;
}

/**
 * A client's name.
 *
 * @throws {CommandError} `ERR Client names cannot contain spaces, newlines or special characters.`
 */
export function clientName(args: Args, index: number): ByteText {
  const name = clientAttribute(args, index);
  if (name !== undefined) return name;
  throw new CommandError(
    "ERR Client names cannot contain spaces, newlines or special characters.",
  );
}
