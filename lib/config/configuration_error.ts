/** Why a server did not start: its configuration, and where in it. */

import { type ByteText, decodeUtf8 } from "../resp/byte_text.ts";
import { TSREDIS_VERSION } from "../version.ts";

/** A line of the configuration. */
export interface ConfigurationLine {
  /** The line comes from the command line, where lines have no numbers. */
  readonly isOption: boolean;
  /** Counts from 1. */
  readonly number: number;
  /** Without blanks around it. */
  readonly text: ByteText;
}

/**
 * The message is complete, as it goes to standard error: for a file in Redis's
 * lines, for the command line in one line.
 */
export class ConfigurationError extends Error {
  /**
   * @param line where the mistake is; `undefined` when it is not in a line.
   * @param reason Redis's text for it.
   * @param suggestion the valid name that was probably meant.
   */
  constructor(
    readonly line: ConfigurationLine | undefined,
    readonly reason: string,
    suggestion?: string,
  ) {
    const guess = suggestion === undefined
      ? ""
      : `; did you mean '${suggestion}'?`;
    super(describe(line, reason + guess));
  }
}

function describe(line: ConfigurationLine | undefined, reason: string): string {
  if (line === undefined) return `tsredis: ${reason}`;
  const text = decodeUtf8(line.text) ?? line.text;
  if (line.isOption) return `tsredis: bad option '${text}': ${reason}`;
  return `
*** FATAL CONFIG FILE ERROR (tsredis ${TSREDIS_VERSION}) ***
Reading the configuration file, at line ${line.number}
>>> '${text}'
${reason}`;
}
