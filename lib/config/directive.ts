/**
 * What a configuration directive is: how its arguments become a value, how the
 * value is printed, and what may be done with it. The kinds of directives are in
 * scalar_directives.ts and special_directives.ts, the table in directives.ts.
 *
 * Arguments and printed values are byte text (lib/resp/byte_text.ts).
 */

import type { ByteText } from "../resp/byte_text.ts";

/** A directive's state: the value for the program and its text for CONFIG GET. */
export interface Setting<T> {
  readonly value: T;
  /**
   * As Redis prints it. Not always computable from `value`: 64-bit integers
   * beyond 2^53 are exact here and rounded there.
   */
  readonly text: ByteText;
}

/** What a directive's parser may look at besides its arguments. */
export interface ParseContext<T> {
  /** The value until now. */
  readonly previous: T;
  /** An earlier line of the same configuration has set this directive. */
  readonly isRepeated: boolean;
}

/** One line of a rewritten configuration file. */
export interface RewrittenLine {
  /** What follows the directive's name. */
  readonly text: ByteText;
  /** Written even when the old file has no such line: it is not the default. */
  readonly isForced: boolean;
}

/** The facts about a directive that its kind does not decide. */
export interface DirectiveOptions {
  /** What it does, in a sentence, for docs/CONFIG.md. */
  readonly summary: string;
  /** What a number counts: "seconds", "percent". */
  readonly unit?: string;
  /** The second name, from older versions of Redis. */
  readonly alias?: string;
  /** False when only the start of the server sets it. */
  readonly isMutable?: boolean;
  /** CONFIG SET needs `enable-protected-configs`. */
  readonly isProtected?: boolean;
  /** CONFIG SET is refused while data are loaded. */
  readonly isFixedWhileLoading?: boolean;
  /** CONFIG GET shows it only by its full name. */
  readonly isHidden?: boolean;
  /** A secret: CONFIG SET must not show it in MONITOR and the slow log. */
  readonly isSensitive?: boolean;
  /** Setting the same value again is a change: a file behind it may differ. */
  readonly isVolatile?: boolean;
  /** False when tsredis accepts it and does nothing. */
  readonly isEffective?: boolean;
}

/** A directive whose value is a `T`. */
export interface Directive<T> {
  readonly summary: string;
  readonly unit: string | undefined;
  readonly alias: string | undefined;
  readonly isMutable: boolean;
  readonly isProtected: boolean;
  readonly isFixedWhileLoading: boolean;
  readonly isHidden: boolean;
  readonly isSensitive: boolean;
  readonly isVolatile: boolean;
  readonly isEffective: boolean;
  /** Takes several words: in a file as arguments, in CONFIG SET cut at spaces. */
  readonly isMultiArgument: boolean;
  /** The values it takes, for docs/CONFIG.md. */
  readonly accepts: string;
  readonly initial: Setting<T>;
  /** @throws {ConfigValueError} when the arguments are no value of this kind. */
  parse(args: readonly ByteText[], context: ParseContext<T>): Setting<T>;
  /** The lines that CONFIG REWRITE writes; none when the file must not name it. */
  rewrite(setting: Setting<T>): readonly RewrittenLine[];
}

/** The part of a directive that its kind decides. */
export type DirectiveKind<T> =
  & Pick<Directive<T>, "accepts" | "initial" | "parse">
  & Partial<Pick<Directive<T>, "isMultiArgument" | "rewrite">>;

/** Joins what a kind decides with what the table says. */
export function defineDirective<T>(
  kind: DirectiveKind<T>,
  options: DirectiveOptions,
): Directive<T> {
  return {
    summary: options.summary,
    unit: options.unit,
    alias: options.alias,
    isMutable: options.isMutable ?? true,
    isProtected: options.isProtected ?? false,
    isFixedWhileLoading: options.isFixedWhileLoading ?? false,
    isHidden: options.isHidden ?? false,
    isSensitive: options.isSensitive ?? false,
    isVolatile: options.isVolatile ?? false,
    isEffective: options.isEffective ?? true,
    isMultiArgument: kind.isMultiArgument ?? false,
    accepts: kind.accepts,
    initial: kind.initial,
    parse: kind.parse,
    rewrite: kind.rewrite ??
      (({ text }) => [{ text, isForced: text !== kind.initial.text }]),
  };
}

/** A value that a directive does not take, in Redis's words. */
export class ConfigValueError extends Error {
  /**
   * @param reason Redis's text, without the directive's name.
   * @param suggestion the valid value that was probably meant.
   */
  constructor(readonly reason: string, readonly suggestion?: string) {
    super(reason);
  }
}
