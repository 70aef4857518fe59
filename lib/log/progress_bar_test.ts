import { assertEquals } from "@std/assert";
import { ProgressBar } from "./progress_bar.ts";

Deno.test("a progress bar is drawn over itself, and leaves nothing", () => {
  let written = "";
  const bar = new ProgressBar({
    writeSync(bytes) {
      written += new TextDecoder().decode(bytes);
      return bytes.length;
    },
  });
  bar.clear();
  assertEquals(written, "");
  bar.show(0.1, "10.0 %");
  bar.show(1.5, "full");
  assertEquals(
    written,
    `\r[###${"-".repeat(27)}] 10.0 %\x1b[K\r[${"#".repeat(30)}] full\x1b[K`,
  );
  written = "";
  bar.clear();
  bar.clear();
  assertEquals(written, "\r\x1b[K");
});
