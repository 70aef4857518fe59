/** The form of a section of INFO: lines of `name:value` under a title. */

import type { ServerParts } from "../router/call.ts";

/** What sections are made from. */
export type InfoSource = ServerParts;

/** One line. */
export type InfoField = readonly [name: string, value: string | number];

/** One section. */
export interface InfoSection {
  /** As it is asked for, in lower case. */
  readonly name: string;
  readonly otherName?: string;
  /** As it is headed. */
  readonly title: string;
  /** Shown when no section is asked for. */
  readonly isDefault: boolean;
  /** Shown only when it is asked for by name. */
  readonly isHidden?: boolean;
  fields(source: InfoSource): Iterable<InfoField>;
}
