import { assertEquals } from "@std/assert";
import { humanBytes, percentOf, ratio } from "./number_format.ts";

Deno.test("humanBytes uses the largest unit that fits", () => {
  const expected: [number, string][] = [
    [0, "0B"],
    [1023, "1023B"],
    [1024, "1.00K"],
    [1578648, "1.51M"],
    [25276502016, "23.54G"],
    [2 ** 40, "1.00T"],
    [2 ** 60, "1024.00P"],
  ];
  for (const [bytes, text] of expected) assertEquals(humanBytes(bytes), text);
});

Deno.test("percentOf and ratio have two decimals and no division by zero", () => {
  assertEquals(percentOf(1, 3), "33.33%");
  assertEquals(percentOf(1, 0), "0.00%");
  assertEquals(ratio(3, 2), "1.50");
  assertEquals(ratio(3, 0), "0.00");
});
