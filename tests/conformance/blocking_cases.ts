/** Clients that wait for sorted sets and for entries of streams: who is served, when, and with what. */
import {
  double,
  error,
  map,
  OK,
  perProtocol,
  QUEUED,
  textLike,
} from "../support/expectation.ts";
import type { ConformanceCase, ConformanceGroup } from "./conformance_case.ts";
import { waiting } from "./conversation.ts";

const STORES = [
  "ZUNIONSTORE z 1 y",
  "ZINTERSTORE z 1 y",
  "ZRANGESTORE z y 0 -1",
  "COPY y z",
  "GEOSEARCHSTORE z y FROMLONLAT 0 0 BYRADIUS 20000 km",
];

const sortedSets: ConformanceCase[] = [
  {
    name:
      "added members serve those who wait for the sorted set, in their order",
    covers: ["bzpopmin", "bzpopmax", "bzmpop"],
    async run(t) {
      const first = await waiting(t, "BZPOPMIN none z 0");
      const second = await waiting(t, "BZPOPMAX z 0", 2);
      const third = await waiting(t, "BZMPOP 0 1 z MIN COUNT 2", 3);
      await t.expect("ZADD z 1 a 2 b 3 c", 3);
      await first.receive(["z", "a", double("1")]);
      await second.receive(["z", "c", double("3")]);
      await third.receive(["z", [["b", double("2")]]]);
      await t.expect("EXISTS z", 0);
    },
  },
  {
    name: "whoever is served and waits again stands behind the others",
    covers: ["bzpopmin"],
    async run(t) {
      const first = await waiting(t, "BZPOPMIN z 0");
      const second = await waiting(t, "BZPOPMIN z 0", 2);
      await t.expect("ZADD z 1 a", 1);
      await first.receive(["z", "a", double("1")]);
      await first.start("BZPOPMIN z 0");
      await t.eventually("INFO clients", blocked(2));
      await t.expect("ZADD z 2 b", 1);
      await second.receive(["z", "b", double("2")]);
      await t.expect("ZADD z 3 c", 1);
      await first.receive(["z", "c", double("3")]);
    },
  },
  {
    name:
      "of several keys that a transaction fills, the first of the command is popped",
    since: "7.2",
    async run(t) {
      const client = await waiting(t, "BZPOPMIN x y z 0");
      await t.expect("MULTI", OK);
      for (const command of ["ZADD z 1 a", "ZADD y 2 b", "SET x v", "DEL x"]) {
        await t.expect(command, QUEUED);
      }
      await t.expect("EXEC", [1, 1, OK, 1]);
      await client.receive(["y", "b", double("2")]);
      await t.expect("ZCARD z", 1);
    },
  },
  {
    name:
      "a sorted set that is deleted and made anew in a transaction serves with what it has then",
    async run(t) {
      const client = await waiting(t, "BZPOPMIN z 0");
      await t.expect("MULTI", OK);
      for (const command of ["ZADD z 1 a", "DEL z", "ZADD z 2 b"]) {
        await t.expect(command, QUEUED);
      }
      await t.expect("EXEC", [1, 1, 1]);
      await client.receive(["z", "b", double("2")]);
      await t.expect("EXISTS z", 0);
    },
  },
  {
    name: "a key of another type serves only those who wait for that type",
    async run(t) {
      const forList = await waiting(t, "BLPOP k 0");
      const forSet = await waiting(t, "BZPOPMIN k 0", 2);
      await t.expect("SET k v", OK);
      await t.expect("DEL k", 1);
      await t.expect("ZADD k 1 a", 1);
      await forSet.receive(["k", "a", double("1")]);
      await t.expect("RPUSH k b", 1);
      await forList.receive(["k", "b"]);
    },
  },
  {
    name: "a sorted set that is stored or copied serves those who wait for it",
    since: "7.2",
    async run(t) {
      await t.expect("ZADD y 1 a", 1);
      for (const store of STORES) {
        const client = await waiting(t, "BZMPOP 0 1 z MAX");
        await t.call(store);
        await client.receive(["z", [["a", double("1")]]]);
      }
      await t.expect("DEL y", 1);
    },
  },
];

const streams: ConformanceCase[] = [
  {
    name: "an entry goes to the consumer of a group that has waited longest",
    since: "7.2",
    covers: ["xreadgroup"],
    async run(t) {
      await t.expect("XGROUP CREATE x g $ MKSTREAM", OK);
      const read = (name: string) =>
        `XREADGROUP GROUP g ${name} BLOCK 0 STREAMS x >`;
      const first = await waiting(t, read("a"));
      const second = await waiting(t, read("b"), 2);
      const reader = await waiting(t, "XREAD BLOCK 0 STREAMS x $", 3);
      await t.expect("XADD x 1 f v", "1-0");
      const entry = entryOf("1-0");
      await first.receive(entry);
      await reader.receive(entry);
      await t.expect("XADD x 2 f v", "2-0");
      await second.receive(entryOf("2-0"));
    },
  },
  {
    name: "a stream that is deleted and made anew ends the wait of its groups",
    since: "7.2",
    async run(t) {
      await t.expect("XGROUP CREATE x g $ MKSTREAM", OK);
      const client = await waiting(
        t,
        "XREADGROUP GROUP g c BLOCK 0 STREAMS x >",
      );
      await t.expect("MULTI", OK);
      await t.expect("DEL x", QUEUED);
      await t.expect("XADD x 1 f v", QUEUED);
      await t.expect("EXEC", [1, "1-0"]);
      await client.receive(error(/^NOGROUP /));
    },
  },
  {
    name: "a key of another type ends the wait of a group, not of a reader",
    since: "7.2",
    async run(t) {
      await t.expect("XGROUP CREATE x g $ MKSTREAM", OK);
      const reader = await waiting(t, "XREAD BLOCK 0 STREAMS x $");
      const group = await waiting(
        t,
        "XREADGROUP GROUP g c BLOCK 0 STREAMS x >",
        2,
      );
      await t.expect("SET x v", OK);
      await group.receive(error(/^WRONGTYPE /));
      await t.expect("DEL x", 1);
      await t.expect("XADD x 1 f v", "1-0");
      await reader.receive(entryOf("1-0"));
    },
  },
];

/** What XREAD answers: an array of pairs, in RESP3 a map. */
function entryOf(id: string) {
  const entries = [[id, ["f", "v"]]];
  return perProtocol([["x", entries]], map(["x", entries]));
}

function blocked(count: number) {
  return textLike(new RegExp(`^blocked_clients:${count}\\r$`, "m"));
}

export const group: ConformanceGroup = {
  name: "blocking sorted sets and streams",
  cases: [...sortedSets, ...streams],
};
