import { assertEquals } from "@std/assert";
import { bytesOfText } from "../resp/byte_text.ts";
import {
  ID_AUTO_SEQ,
  ID_EDGES,
  ID_TEXT_BYTES,
  MAX_ID,
  NOT_ID,
  OPEN_ID,
  parseStreamId,
  StreamId,
  WHOLE_ID,
} from "./stream_id.ts";

const TOP = (1n << 64n) - 1n;
/** Around every place where a half or a double ends. */
const PARTS = [
  0n,
  1n,
  (1n << 31n) - 1n,
  1n << 31n,
  (1n << 32n) - 1n,
  1n << 32n,
  (1n << 53n) - 1n,
  (1n << 53n) + 1n,
  1n << 63n,
  TOP - 1n,
  TOP,
];

function parse(
  text: string,
  allowed = 0,
  seqMissing = false,
): [found: number, text: string] {
  const bytes = bytesOfText(`xx${text}yy`), id = new StreamId();
  const found = parseStreamId(bytes, 2, text.length, id, seqMissing, allowed);
  return [found, found === NOT_ID ? "" : id.toString()];
}

Deno.test("StreamId compares, counts up and down, and prints as 128 bits do", () => {
  const written = new Uint8Array(ID_TEXT_BYTES);
  for (const ms of PARTS) {
    for (const seq of PARTS) {
      const id = StreamId.of(ms, seq), whole = (ms << 64n) | seq;
      assertEquals(id.toString(), `${ms}-${seq}`);
      const length = id.write(written, 0);
      assertEquals(written.slice(0, length), bytesOfText(`${ms}-${seq}`));
      for (const other of PARTS) {
        const difference = whole - ((other << 64n) | ms);
        assertEquals(
          id.compare(StreamId.of(other, ms)),
          difference === 0n ? 0 : difference < 0n ? -1 : 1,
        );
      }
      const next = (whole + 1n) & ((1n << 128n) - 1n);
      const up = id.copy();
      assertEquals(up.increment(), next !== 0n);
      assertEquals(up.toString(), `${next >> 64n}-${next & TOP}`);
      assertEquals(up.decrement(), next !== 0n);
      assertEquals(up.compare(id), 0);
      assertEquals(id.isZero, whole === 0n);
      assertEquals(id.isMax, id.compare(MAX_ID) === 0);
      assertEquals(id.hasMaxSeq, seq === TOP);
    }
  }
});

Deno.test("parseStreamId reads moments, whole and open IDs and edges", () => {
  assertEquals(parse("5"), [WHOLE_ID, "5-0"]);
  assertEquals(parse("5", 0, true), [WHOLE_ID, `5-${TOP}`]);
  assertEquals(parse("5-7"), [WHOLE_ID, "5-7"]);
  assertEquals(parse(`${TOP}-${TOP}`), [WHOLE_ID, `${TOP}-${TOP}`]);
  assertEquals(parse("5-*", ID_AUTO_SEQ), [OPEN_ID, "5-0"]);
  assertEquals(parse("-", ID_EDGES), [WHOLE_ID, "0-0"]);
  assertEquals(parse("+", ID_EDGES), [WHOLE_ID, `${TOP}-${TOP}`]);
});

Deno.test("parseStreamId takes what strtoull takes", () => {
  assertEquals(parse("007-01"), [WHOLE_ID, "7-1"]);
  assertEquals(parse("+5- 6"), [WHOLE_ID, "5-6"]);
  assertEquals(parse("5-6\x007"), [WHOLE_ID, "5-6"]);
});

Deno.test("parseStreamId refuses the rest", () => {
  const refused = [
    "",
    "-",
    "+",
    "*",
    "x",
    "5-",
    "-5",
    "5-6-7",
    "5-*",
    "5--6",
    "5.0",
    `${TOP + 1n}`,
    `5-${TOP + 1n}`,
    "1".repeat(128),
  ];
  for (const text of refused) assertEquals(parse(text), [NOT_ID, ""], text);
});
