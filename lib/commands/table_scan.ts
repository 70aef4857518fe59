/** HSCAN and SSCAN: how a scan goes through a table, and through what is no table. */

import type { ReplyWriter } from "../resp/reply_writer.ts";
import { globMatch } from "../types/glob.ts";
import type { ByteTable } from "../types/byte_table.ts";
import type { Elements } from "../types/elements.ts";
import { SCAN_END, type ScanOptions } from "./scan_arguments.ts";

/** Answers one element; how many items that were, 0 for an element left out. */
export type AnswerElement = (elements: Elements, at: number) => number;

/**
 * Answers a step of a scan through a table. As with SCAN, the cursor is a bound in
 * the order of hashes, which growing and shrinking does not change.
 */
export function scanTable(
  reply: ReplyWriter,
  table: ByteTable,
  cursor: number,
  { count, pattern }: ScanOptions,
  answer: AnswerElement,
): void {
  const refs: number[] = [];
  const next = cursor === SCAN_END
    ? SCAN_END
    : table.index.walk(cursor, count, (ref) => refs.push(ref));
  reply.array(2);
  reply.bulkText(next === SCAN_END ? "0" : String(next));
  const mark = reply.beginDeferred();
  let items = 0;
  for (const ref of refs) {
    if (pattern !== undefined && !globMatch(pattern, table.key(ref))) continue;
    items += answer(table, ref);
  }
  reply.endDeferred(mark, items);
}

/** Answers everything at once: a collection that is small needs no steps. */
export function scanWhole(
  reply: ReplyWriter,
  elements: Elements,
  { pattern }: ScanOptions,
  answer: AnswerElement,
): void {
  reply.array(2);
  reply.bulkText("0");
  const mark = reply.beginDeferred();
  let items = 0;
  for (let at = elements.first(); at !== 0; at = elements.next(at)) {
    if (pattern !== undefined && !globMatch(pattern, elements.key(at))) {
      continue;
    }
    items += answer(elements, at);
  }
  reply.endDeferred(mark, items);
}

/** Answers the scan of a key that is not there. */
export function scanNothing(reply: ReplyWriter): void {
  reply.array(2);
  reply.bulkText("0");
  reply.array(0);
}
