import { assertEquals } from "@std/assert";
import { createHash } from "node:crypto";
import { sha1 } from "./sha1.ts";

Deno.test("sha1 is that of node:crypto for every length around its blocks", () => {
  const out = new Uint8Array(20);
  for (const length of [...Array(200).keys(), 1023, 1024, 1025, 5000]) {
    const data = crypto.getRandomValues(new Uint8Array(length));
    sha1(data, out);
    const expected = createHash("sha1").update(data).digest("hex");
    assertEquals([length, out.toHex()], [length, expected]);
  }
});
