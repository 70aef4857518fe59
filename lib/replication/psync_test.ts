import { assertEquals, assertMatch } from "@std/assert";
import { Backlog } from "./backlog.ts";
import { refusalOfPsync } from "./psync.ts";
import { ReplicationHistory } from "./replication_history.ts";

/** A history of 1000 bytes, the last 400 of which are kept. */
function historyOf1000(): { history: ReplicationHistory; backlog: Backlog } {
  const history = new ReplicationHistory();
  const backlog = new Backlog(16384, 600, () => Infinity);
  backlog.append(new Uint8Array(400), 0, 400);
  history.offset = 1000;
  return { history, backlog };
}

Deno.test("PSYNC goes on from every byte that the backlog has, and from its end", () => {
  const { history, backlog } = historyOf1000();
  const ask = (next: number) =>
    refusalOfPsync({ id: history.id, next }, history, backlog, "r:1");
  for (const next of [601, 602, 800, 1000, 1001]) {
    assertEquals(ask(next), undefined, `from ${next}`);
  }
  for (const next of [-1, 0, 1, 600, 1002]) {
    assertMatch(ask(next)!, /for lack of backlog/, `from ${next}`);
  }
});

Deno.test("PSYNC without a backlog, or with another id, is refused", () => {
  const { history, backlog } = historyOf1000();
  assertMatch(
    refusalOfPsync({ id: history.id, next: 1001 }, history, undefined, "r")!,
    /for lack of backlog/,
  );
  assertMatch(
    refusalOfPsync({ id: "f".repeat(40), next: 700 }, history, backlog, "r")!,
    /Replication ID mismatch/,
  );
  assertMatch(
    refusalOfPsync({ id: "?", next: -1 }, history, backlog, "r")!,
    /^Full resync requested/,
  );
});

Deno.test("PSYNC with the id before a promotion is good up to the promotion", () => {
  const { history, backlog } = historyOf1000();
  const oldId = history.id;
  history.branch();
  backlog.append(new Uint8Array(50), 0, 50);
  history.offset += 50;
  const ask = (id: string, next: number) =>
    refusalOfPsync({ id, next }, history, backlog, "r");
  assertEquals(history.previousId, oldId);
  assertEquals(history.previousEnd, 1001);
  assertEquals(ask(oldId.toUpperCase(), 1001), undefined);
  assertEquals(ask(oldId, 900), undefined);
  assertMatch(ask(oldId, 1002)!, /up to 1001/);
  assertEquals(ask(history.id, 1051), undefined);
});

Deno.test("A history that begins anew is continued by nobody", () => {
  const { history, backlog } = historyOf1000();
  const oldId = history.id;
  history.renew();
  assertMatch(
    refusalOfPsync({ id: oldId, next: 1001 }, history, backlog, "r")!,
    /mismatch/,
  );
  assertEquals(history.previousId, "0".repeat(40));
  assertEquals(history.previousEnd, -1);
});
