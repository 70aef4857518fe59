/**
 * Reads a configuration: files in the form of redis.conf, standard input, and
 * the options of the command line, which are lines of the same form.
 *
 * The sources are read in that order, and for a directive that is given twice the
 * last one counts, except where lines add up (`save`,
 * `client-output-buffer-limit`, `rename-command`, `user`).
 */

import { globSync } from "node:fs";
import {
  bytesOfText,
  type ByteText,
  decodeUtf8,
  textOfBytes,
} from "../resp/byte_text.ts";
import { splitArguments } from "../resp/split_arguments.ts";
import type { Config } from "./config.ts";
import {
  ConfigurationError,
  type ConfigurationLine,
} from "./configuration_error.ts";
import { ConfigValueError } from "./directive.ts";
import {
  type DirectiveName,
  findDirective,
  IGNORED_DIRECTIVES,
  LISTED_DIRECTIVES,
} from "./directives.ts";
import { nearestName } from "./nearest_name.ts";
import { lowerCase } from "./scalar_directives.ts";
import { systemErrorText } from "./system_error_text.ts";

/** Files that may include each other in a chain. */
const INCLUDE_DEPTH_MAX = 16;

/** Keywords of lines that set no directive, for the guess at a misspelt one. */
const STATEMENT_KEYWORDS = ["include", "loadmodule", "rename-command", "user"];

/** Where the text of a configuration comes from. */
export interface ConfigurationSources {
  /** Path of a file. */
  readonly file: string | undefined;
  /** All of standard input. */
  readonly stdin: Uint8Array | undefined;
  /** Lines made of the command line's options. */
  readonly options: ByteText;
}

/** See the top of the file. One reader reads one configuration into one Config. */
export class ConfigurationReader {
  readonly #config: Config;
  /** The line that set each directive last: repeated lines and late checks need it. */
  readonly #lineOf = new Map<DirectiveName, ConfigurationLine>();
  #includeDepth = 0;

  constructor(config: Config) {
    this.#config = config;
  }

  /** @throws {ConfigurationError} when the server must not start so. */
  read(sources: ConfigurationSources): void {
    const { file, stdin, options } = sources;
    if (file !== undefined) this.#readFile(file);
    if (stdin !== undefined) this.#readLines(textOfBytes(stdin), false);
    this.#readLines(options, true);
    this.#checkTogether();
  }

  #readFile(path: string): void {
    let content: Uint8Array;
    try {
      content = Deno.readFileSync(path);
    } catch (error) {
      throw new ConfigurationError(
        undefined,
        `Fatal error, can't open config file '${path}': ${
          systemErrorText(error)
        }`,
      );
    }
    this.#readLines(textOfBytes(content), false);
  }

  #readLines(content: ByteText, isOption: boolean): void {
    const lines = content.split("\n");
    for (let index = 0; index < lines.length; index++) {
      const text = lines[index].replace(/^[ \t\r\n]+|[ \t\r\n]+$/g, "");
      if (text === "" || text.startsWith("#")) continue;
      this.#readLine({ isOption, number: index + 1, text });
    }
  }

  #readLine(line: ConfigurationLine): void {
    const words = splitText(line.text, line);
    if (words.length === 0) return;
    const keyword = lowerCase(words[0]);
    const args = words.slice(1);
    const listed = findDirective(keyword);
    if (listed === undefined) {
      this.#readStatement(keyword, args, line);
      return;
    }
    const { name, directive } = listed;
    if (!directive.isMultiArgument && args.length !== 1) {
      throw new ConfigurationError(line, "wrong number of arguments");
    }
    // `save "900 1"` is as good as `save 900 1`, while `save ""` is no save.
    const isOneText = directive.isMultiArgument && args.length === 1 &&
      args[0] !== "";
    const values = isOneText ? splitText(args[0], line) : args;
    try {
      this.#config.load(name, values, this.#lineOf.has(name));
    } catch (error) {
      if (!(error instanceof ConfigValueError)) throw error;
      throw new ConfigurationError(line, error.reason, error.suggestion);
    }
    this.#lineOf.set(name, line);
  }

  /** A line whose first word is no directive. */
  #readStatement(
    keyword: string,
    args: readonly ByteText[],
    line: ConfigurationLine,
  ): void {
    if (IGNORED_DIRECTIVES.has(keyword) && args.length === 1) return;
    if (keyword === "include" && args.length === 1) {
      this.#include(args[0], line);
    } else if (keyword === "rename-command" && args.length === 2) {
      this.#config.statements.push({ keyword, args, line });
    } else if (keyword === "user" && args.length >= 1) {
      this.#config.statements.push({ keyword, args, line });
    } else {
      throw unknownKeyword(keyword, args, line);
    }
  }

  /** Reads the files that a path or pattern names; a pattern may name none. */
  #include(given: ByteText, line: ConfigurationLine): void {
    if (this.#includeDepth === INCLUDE_DEPTH_MAX) {
      throw new ConfigurationError(
        line,
        `include goes deeper than ${INCLUDE_DEPTH_MAX} files`,
      );
    }
    const path = decodeUtf8(given);
    if (path === undefined) {
      throw new ConfigurationError(line, "argument must be valid UTF-8");
    }
    const absolute = this.#config.resolvePath(path);
    const paths = /[*?[]/.test(path) ? globSync(absolute).sort() : [absolute];
    this.#includeDepth++;
    for (const path of paths) this.#readFile(path);
    this.#includeDepth--;
  }

  /** What no single line can tell. */
  #checkTogether(): void {
    const config = this.#config;
    const logfile = config.get("logfile");
    if (logfile !== "") {
      try {
        const path = config.resolvePath(logfile);
        Deno.openSync(path, { append: true, create: true }).close();
      } catch (error) {
        throw new ConfigurationError(
          this.#lineOf.get("logfile"),
          `Can't open the log file: ${systemErrorText(error)}`,
        );
      }
    }
    if (
      config.get("cluster-enabled") && config.get("replicaof") !== undefined
    ) {
      throw new ConfigurationError(
        this.#lineOf.get("replicaof"),
        "replicaof directive not allowed in cluster mode",
      );
    }
  }
}

function splitText(text: ByteText, line: ConfigurationLine): ByteText[] {
  const words = splitArguments(bytesOfText(text));
  if (words === undefined) {
    throw new ConfigurationError(
      line,
      "Unbalanced quotes in configuration line",
    );
  }
  return words.map(textOfBytes);
}

function unknownKeyword(
  keyword: string,
  args: readonly ByteText[],
  line: ConfigurationLine,
): ConfigurationError {
  if (keyword === "loadmodule" && args.length >= 1) {
    return new ConfigurationError(
      line,
      "tsredis cannot load modules: they are native code for redis-server",
    );
  }
  if (keyword.includes(".")) {
    return new ConfigurationError(
      line,
      args.length === 0
        ? "Module config specified without value"
        : "Module Configuration detected without loadmodule directive or no ApplyConfig call: aborting",
    );
  }
  if (keyword === "sentinel") {
    return new ConfigurationError(
      line,
      "tsredis has no sentinel mode: run redis-sentinel beside it",
    );
  }
  const names = [
    ...LISTED_DIRECTIVES.map(({ listedName }) => listedName),
    ...STATEMENT_KEYWORDS,
  ];
  return new ConfigurationError(
    line,
    "Bad directive or wrong number of arguments",
    names.includes(keyword) ? undefined : nearestName(keyword, names),
  );
}
