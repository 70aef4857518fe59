import { assertEquals } from "@std/assert";
import { nearestName } from "./nearest_name.ts";

const NAMES = ["port", "maxclients", "maxmemory", "save", "slaveof"];

Deno.test("nearestName finds the name with the fewest edits", () => {
  assertEquals(nearestName("prot", NAMES), "port");
  assertEquals(nearestName("maxclints", NAMES), "maxclients");
  assertEquals(nearestName("max-memory", NAMES), "maxmemory");
  assertEquals(nearestName("slave", NAMES), "save");
});

Deno.test("nearestName guesses nothing when every name is far", () => {
  assertEquals(nearestName("invalid", NAMES), undefined);
  assertEquals(nearestName("", NAMES), undefined);
  assertEquals(nearestName("x".repeat(1_000_000), NAMES), undefined);
});
