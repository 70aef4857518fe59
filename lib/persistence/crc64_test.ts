import { assert, assertEquals } from "@std/assert";
import { bytesOfText } from "../resp/byte_text.ts";
import { Crc64 } from "./crc64.ts";

Deno.test("Crc64 of the usual nine digits is the published check value", () => {
  const crc = new Crc64();
  crc.update(bytesOfText("123456789"));
  assertEquals(crc.hex, "e9c6d914c4b8d9ca");
});

Deno.test("Crc64 does not depend on how the bytes are cut", () => {
  const bytes = Uint8Array.from({ length: 1000 }, (_, i) => (i * 7919) >> 3);
  const whole = new Crc64();
  whole.update(bytes);
  for (let cut = 0; cut <= 40; cut++) {
    const parts = new Crc64();
    parts.update(bytes, 0, cut);
    parts.update(bytes.subarray(cut), 0);
    assertEquals(parts.hex, whole.hex);
  }
  const view = new DataView(new ArrayBuffer(8));
  whole.write(view, 0);
  assert(whole.isAt(view, 0));
  view.setUint8(3, view.getUint8(3) ^ 1);
  assert(!whole.isAt(view, 0));
});
