/**
 * The command line, in redis-server's form:
 *
 * ```
 * tsredis [file] [--directive value …]… [-]
 * ```
 *
 * Options become lines as they would stand in the file, so that both go through
 * one reader. Which words belong to an option follows redis-server: the first
 * word behind `--name` is its value even when it begins with `--`, the next such
 * word is a new option; `"--name value"` in one word is fine.
 */

import { bytesOfText, type ByteText, encodeUtf8 } from "../resp/byte_text.ts";
import { quoteArgument, splitArguments } from "../resp/split_arguments.ts";
import { lowerCase } from "./scalar_directives.ts";

/** What the user asked for. */
export type CommandLine =
  | { readonly action: "help" }
  | { readonly action: "version" }
  | StartCommand;

/** Start a server. */
export interface StartCommand {
  readonly action: "start";
  /** The path of the configuration file. */
  readonly file: string | undefined;
  readonly readsStdin: boolean;
  /** The options as lines of a configuration. */
  readonly options: ByteText;
}

/** Sorts the words of the command line, without looking at their meaning. */
export function parseCommandLine(words: readonly string[]): CommandLine {
  if (words[0] === "--help" || words[0] === "-h") return { action: "help" };
  if (words[0] === "--version" || words[0] === "-v") {
    return { action: "version" };
  }
  const hasFile = words.length > 0 && !words[0].startsWith("-");
  const options = new OptionLines();
  let readsStdin = false;
  for (let index = hasFile ? 1 : 0; index < words.length; index++) {
    const isAtEdge = index === 0 || index === words.length - 1;
    if (words[index] === "-" && isAtEdge) readsStdin = true;
    else options.add(encodeUtf8(words[index]), words[index + 1]);
  }
  return {
    action: "start",
    file: hasFile ? words[0] : undefined,
    readsStdin,
    options: options.text,
  };
}

/** Builds the lines out of the words. */
class OptionLines {
  text: ByteText = "";
  /** The last option has a value, so `--word` begins another one. */
  #isComplete = true;

  /** @param next the word behind this one; `undefined` at the end. */
  add(word: ByteText, next: string | undefined): void {
    if (!this.#isComplete || !word.startsWith("--")) {
      this.text += quoteArgument(bytesOfText(word)) + " ";
      this.#isComplete = true;
      return;
    }
    if (this.text !== "") this.text += "\n";
    this.text += word.slice(2) + " ";
    const hasValueInside = splitArguments(bytesOfText(word))?.length !== 1;
    // An empty list of save points is easily made by a script that joins words.
    const isEmptySave = lowerCase(word) === "--save" &&
      (next === undefined || next.startsWith("--"));
    if (isEmptySave) this.text += '""';
    this.#isComplete = hasValueInside || isEmptySave;
  }
}
