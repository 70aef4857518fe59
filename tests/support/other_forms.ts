/** Forms of values that are read and never written. */
import { DUMPED_LISTPACK_SET, DUMPED_STREAM_7_2 } from "./dump_payloads.ts";

/** Version and checksum, behind a payload. */
const FOOTER_BYTES = 10;

/** What redis-server 2.4 to 7.2 writes and tsredis does not: a type number and a value each. */
export const OTHER_FORMS = [
  // Text score.
  "\x03\x02\x01a\x031.5\x01b\xfe",
  // Zipmap.
  "\x09\x0c\x02\x01a\x01\x00b\x01c\x01\x00d\xff",
  // Ziplists: list, sorted set, hash, quicklist.
  ...["\x0a", "\x0c", "\x0d", "\x0e\x01"].map((head) =>
    `${head}\x10\x10\x00\x00\x00\x0d\x00\x00\x00\x02\x00\x00\x01a\x03\xf2\xff`
  ),
  DUMPED_LISTPACK_SET.slice(0, -FOOTER_BYTES),
  DUMPED_STREAM_7_2.slice(0, -FOOTER_BYTES),
];
