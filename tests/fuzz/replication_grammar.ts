/** Productions for what a primary without replicas answers. */
import { type Grammar, integerOrNot, junk } from "./production.ts";

export const replicationGrammar: Grammar = {
  role: { make: () => [] },
  wait: {
    isExact: true,
    make: (r) => [
      r.pick(["0", "-1", "x", ""]),
      r.pick(["0", "1", "-1", "x", "1.5", "9223372036854775807"]),
    ],
  },
  waitaof: {
    isExact: true,
    since: "7.2",
    make: (r) => [
      r.pick(["0", "1", "2", "-1", "x", ""]),
      r.pick(["0", "-1", "x", ""]),
      r.pick(["0", "1", "-1", "x", "1.5", "9223372036854775807"]),
    ],
  },
  replicaof: {
    make: (r) => r.pick([["NO", "ONE"], ["no", "one"], ["localhost", "x"]]),
  },
  slaveof: {
    make: (r) => r.pick([["NO", "ONE"], ["localhost", "65536"]]),
  },
  replconf: {
    isExact: true,
    make: (r) => [
      r.pick([
        "listening-port",
        "ip-address",
        "capa",
        "rdb-only",
        "rdb-filter-only",
        "nope",
      ]),
      r.oneIn(2) ? integerOrNot(r) : junk(r),
    ],
  },
  failover: {
    make: (r) =>
      r.pick([
        [],
        ["ABORT"],
        ["TO", "a", "1"],
        ["TO", "a", "x"],
        ["TIMEOUT", "0"],
        ["FORCE"],
      ]),
  },
};
