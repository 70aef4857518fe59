/** The options of SORT and SORT_RO. */

import type { Args } from "../router/args.ts";
import { CommandError } from "../router/command_error.ts";
import { SortPattern } from "./sort_pattern.ts";

export interface SortOptions {
  isDescending: boolean;
  isAlphabetic: boolean;
  /** Elements to skip, and how many follow at most; -1 for all. */
  offset: number;
  count: number;
  by: SortPattern | undefined;
  /** BY was given a pattern that is the same for all elements. */
  isUnsorted: boolean;
  gets: SortPattern[];
  /** Argument with the key to store the result at, or 0. */
  storeIndex: number;
}

/** Reads the options from argument 2 on. @throws {CommandError} when one is wrong. */
export function readSortOptions(args: Args, mayStore: boolean): SortOptions {
  const options: SortOptions = {
    isDescending: false,
    isAlphabetic: false,
    offset: 0,
    count: -1,
    by: undefined,
    isUnsorted: false,
    gets: [],
    storeIndex: 0,
  };
  for (let i = 2; i < args.count; i++) {
    const left = args.count - i - 1;
    if (args.is(i, "asc")) options.isDescending = false;
    else if (args.is(i, "desc")) options.isDescending = true;
    else if (args.is(i, "alpha")) options.isAlphabetic = true;
    else if (args.is(i, "limit") && left >= 2) {
      options.offset = args.integer(i + 1);
      options.count = args.integer(i + 2);
      i += 2;
    } else if (mayStore && args.is(i, "store") && left >= 1) {
      options.storeIndex = ++i;
    } else if (args.is(i, "by") && left >= 1) {
      options.by = new SortPattern(args.slice(++i));
      if (!options.by.isVariable) options.isUnsorted = true;
    } else if (args.is(i, "get") && left >= 1) {
      options.gets.push(new SortPattern(args.slice(++i)));
    } else throw CommandError.syntax;
  }
  return options;
}
