/** The options of the commands that search a geospatial index. */

import type { Args } from "../router/args.ts";
import { CommandError } from "../router/command_error.ts";
import type { Area } from "../types/geo_area.ts";
import type { Place } from "../types/geohash.ts";
import { readBox, readPlace, readRadius } from "./geo_arguments.ts";

const BAD_COUNT = new CommandError("ERR COUNT must be > 0");
const ANY_WITHOUT_COUNT = new CommandError(
  "ERR the ANY argument requires COUNT argument",
);

/** What is settled by a command's name. */
export interface SearchForm {
  /** Where the options begin. */
  readonly optionsIndex: number;
  /** GEOSEARCH and GEOSEARCHSTORE: what to search is said by options. */
  readonly isSearch: boolean;
  /** The key of the result, where it has a place of its own. */
  readonly storeIndex: number;
  /** Whether STORE and STOREDIST are allowed. */
  readonly mayStore: boolean;
}

/** What a command asks for. */
export interface SearchOptions {
  center: Place | undefined;
  shape: Omit<Area, "center"> | undefined;
  hasDistance: boolean;
  hasHash: boolean;
  hasPlace: boolean;
  order: "none" | "ascending" | "descending";
  /** 0 for all. */
  count: number;
  isAny: boolean;
  /** Argument with the key of the result; 0 when it is answered. */
  storeIndex: number;
  storesDistance: boolean;
  isFromMember: boolean;
  isFromPlace: boolean;
  isBox: boolean;
  isCircle: boolean;
}

/** Reads the options; `placeOf` finds the place of the member at an argument, undefined without a key. */
export function readSearchOptions(
  args: Args,
  form: SearchForm,
  placeOf: (index: number) => Place | undefined,
): SearchOptions {
  const options: SearchOptions = {
    center: undefined,
    shape: undefined,
    hasDistance: false,
    hasHash: false,
    hasPlace: false,
    order: "none",
    count: 0,
    isAny: false,
    storeIndex: form.storeIndex,
    storesDistance: false,
    isFromMember: false,
    isFromPlace: false,
    isBox: false,
    isCircle: false,
  };
  for (let i = form.optionsIndex; i < args.count;) {
    const taken = readFlag(args, i, options) ||
      readValueOption(args, i, options, form) ||
      (form.isSearch ? readShape(args, i, options, placeOf) : 0);
    if (taken === 0) throw CommandError.syntax;
    i += taken;
  }
  checkOptions(args, form, options);
  return options;
}

/** How many arguments an option without a value took. */
function readFlag(args: Args, index: number, options: SearchOptions): number {
  if (args.is(index, "withdist")) options.hasDistance = true;
  else if (args.is(index, "withhash")) options.hasHash = true;
  else if (args.is(index, "withcoord")) options.hasPlace = true;
  else if (args.is(index, "any")) options.isAny = true;
  else if (args.is(index, "asc")) options.order = "ascending";
  else if (args.is(index, "desc")) options.order = "descending";
  else return 0;
  return 1;
}

function readValueOption(
  args: Args,
  index: number,
  options: SearchOptions,
  form: SearchForm,
): number {
  const hasValue = index + 1 < args.count;
  if (hasValue && args.is(index, "count")) {
    options.count = args.integer(index + 1);
    if (options.count <= 0) throw BAD_COUNT;
    return 2;
  }
  const isDistance = args.is(index, "storedist");
  if (isDistance && form.storeIndex > 0) {
    options.storesDistance = true;
    return 1;
  }
  if (!hasValue || !form.mayStore) return 0;
  if (!isDistance && !args.is(index, "store")) return 0;
  options.storeIndex = index + 1;
  options.storesDistance = isDistance;
  return 2;
}

function readShape(
  args: Args,
  index: number,
  options: SearchOptions,
  placeOf: (index: number) => Place | undefined,
): number {
  const values = args.count - index - 1;
  if (values >= 1 && args.is(index, "frommember") && !options.isFromPlace) {
    options.center = placeOf(index + 1);
    options.isFromMember = true;
    return 2;
  }
  if (values >= 2 && args.is(index, "fromlonlat") && !options.isFromMember) {
    options.center = readPlace(args, index + 1);
    options.isFromPlace = true;
    return 3;
  }
  if (values >= 2 && args.is(index, "byradius") && !options.isBox) {
    options.shape = { ...readRadius(args, index + 1), width: 0, height: 0 };
    options.isCircle = true;
    return 3;
  }
  if (values >= 3 && args.is(index, "bybox") && !options.isCircle) {
    options.shape = readBox(args, index + 1);
    options.isBox = true;
    return 4;
  }
  return 0;
}

function checkOptions(
  args: Args,
  form: SearchForm,
  options: SearchOptions,
): void {
  const hasDetails = options.hasDistance || options.hasHash ||
    options.hasPlace;
  if (options.storeIndex > 0 && hasDetails) {
    const what = form.isSearch
      ? args.text(0).toUpperCase()
      : "STORE option in GEORADIUS";
    throw new CommandError(
      `ERR ${what} is not compatible with WITHDIST, WITHHASH and WITHCOORD options`,
    );
  }
  if (form.isSearch && !options.isFromMember && !options.isFromPlace) {
    throw new CommandError(
      `ERR exactly one of FROMMEMBER or FROMLONLAT can be specified for ${
        args.shown(0)
      }`,
    );
  }
  if (form.isSearch && !options.isCircle && !options.isBox) {
    throw new CommandError(
      `ERR exactly one of BYRADIUS and BYBOX can be specified for ${
        args.shown(0)
      }`,
    );
  }
  if (options.isAny && options.count === 0) throw ANY_WITHOUT_COUNT;
}
