import { assertEquals } from "@std/assert";
import { commandOf, highestPrefix, type Leftovers } from "./numbered_writes.ts";

/** What the first `count` commands leave. */
function leftoversOf(count: number): Leftovers {
  const strings = new Map<string, string>(), list: string[] = [];
  for (let number = 1; number <= count; number++) {
    for (const [name, key, value] of commandOf("w", number)) {
      if (name === "SET") strings.set(`${key}`, `${value}`);
      else if (name === "RPUSH") list.push(`${value}`);
    }
  }
  const text = (key: string) => strings.get(`${key}:w`) ?? "";
  return { odd: text("odd"), left: text("left"), right: text("right"), list };
}

Deno.test("highestPrefix finds how many commands there were", () => {
  for (let count = 0; count < 50; count++) {
    assertEquals(highestPrefix(leftoversOf(count), 50), count);
  }
});

Deno.test("highestPrefix refuses what no prefix leaves", () => {
  const whole = leftoversOf(20);
  const broken: Leftovers[] = [
    { ...whole, odd: "17" },
    { ...whole, left: "14" },
    { ...whole, left: "14", right: "14" },
    { ...whole, list: whole.list.slice(1) },
    { ...whole, list: ["4", "8", "16", "20"] },
    { ...whole, list: [] },
  ];
  for (const leftovers of broken) {
    assertEquals(highestPrefix(leftovers, 50), undefined);
  }
  assertEquals(highestPrefix(whole, 19), undefined);
});
