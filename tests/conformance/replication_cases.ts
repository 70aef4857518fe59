/** What a primary without replicas answers; tests/replication has servers that follow each other. */
import {
  ANY,
  between,
  error,
  OK,
  QUEUED,
  textLike,
} from "../support/expectation.ts";
import type { ConformanceGroup } from "./conformance_case.ts";
import { NOT_AN_INTEGER, SYNTAX, WRONG_ARITY } from "./expected_replies.ts";

const NOT_POSITIVE = error("ERR value is out of range, must be positive");

export const group: ConformanceGroup = {
  name: "replication",
  cases: [
    {
      name: "ROLE of a primary has its offset and no replicas",
      steps: [
        ["ROLE", ["master", between(0, 2 ** 53), []]],
        ["ROLE x", WRONG_ARITY("role")],
      ],
    },
    {
      name: "REPLICAOF NO ONE on a primary changes nothing",
      steps: [
        ["REPLICAOF NO ONE", OK],
        ["SLAVEOF no One", OK],
        ["INFO replication", textLike(/role:master\r\nconnected_slaves:0\r\n/)],
      ],
    },
    {
      name: "REPLICAOF wants a port",
      steps: [
        ["REPLICAOF localhost x", error("ERR Invalid master port")],
        ["REPLICAOF localhost -1", error("ERR Invalid master port")],
        ["SLAVEOF localhost 65536", error("ERR Invalid master port")],
        ["REPLICAOF localhost", WRONG_ARITY("replicaof")],
      ],
    },
    {
      name: "WAIT for no replica, or in a transaction, answers at once",
      steps: [
        ["SET k v", OK],
        ["WAIT 0 0", 0],
        ["WAIT -1 1000", 0],
        ["MULTI", OK],
        ["WAIT 3 0", QUEUED],
        ["EXEC", [0]],
      ],
    },
    {
      name: "WAIT for replicas that are not there ends with its time",
      steps: [["WAIT 1 30", 0]],
    },
    {
      name: "WAIT checks its numbers",
      since: "7.2",
      steps: [
        ["WAIT x 0", NOT_AN_INTEGER],
        ["WAIT 1 x", error("ERR timeout is not an integer or out of range")],
        ["WAIT 1 0.5", error("ERR timeout is not an integer or out of range")],
        ["WAIT 1 -1", error("ERR timeout is negative")],
        [
          "WAIT 1 9223372036854775807",
          error("ERR timeout is out of range"),
        ],
        ["WAIT 1", WRONG_ARITY("wait")],
      ],
    },
    {
      name: "WAITAOF for nothing, or in a transaction, answers at once",
      since: "7.2",
      steps: [
        ["SET k v", OK],
        ["WAITAOF 0 0 0", [0, 0]],
        ["MULTI", OK],
        ["WAITAOF 0 3 0", QUEUED],
        ["EXEC", [[0, 0]]],
        ["WAITAOF 0 1 30", [0, 0]],
      ],
    },
    {
      name: "WAITAOF checks its numbers, and whether there is a file",
      since: "7.2",
      steps: [
        [
          "WAITAOF 2 0 0",
          error("ERR value is out of range, value must between 0 and 1"),
        ],
        [
          "WAITAOF -1 0 0",
          error("ERR value is out of range, value must between 0 and 1"),
        ],
        ["WAITAOF x 0 0", NOT_AN_INTEGER],
        ["WAITAOF 0 x 0", NOT_POSITIVE],
        ["WAITAOF 0 -1 0", NOT_POSITIVE],
        ["WAITAOF 0 0 -1", error("ERR timeout is negative")],
        [
          "WAITAOF 0 0 x",
          error("ERR timeout is not an integer or out of range"),
        ],
        [
          "WAITAOF 1 0 0",
          error(
            "ERR WAITAOF cannot be used when numlocal is set but appendonly is disabled.",
          ),
        ],
        ["WAITAOF 1 0", WRONG_ARITY("waitaof")],
      ],
    },
    {
      name: "WAITAOF is ended by CLIENT UNBLOCK",
      since: "7.2",
      async run(t) {
        const id = (await t.text("CLIENT ID")).replace(":", "");
        const other = await t.other();
        await t.start("WAITAOF 0 1 0");
        await other.eventually(`CLIENT UNBLOCK ${id}`, 1);
        await t.receive([0, 0]);
      },
      covers: ["waitaof", "client|unblock"],
    },
    {
      name: "WAIT is ended by CLIENT UNBLOCK",
      async run(t) {
        const id = (await t.text("CLIENT ID")).replace(":", "");
        const other = await t.other();
        await t.start("WAIT 1 0");
        await other.eventually(`CLIENT UNBLOCK ${id}`, 1);
        await t.receive(0);
      },
      covers: ["wait", "client|unblock"],
    },
    {
      name: "REPLCONF takes what a replica tells of itself",
      steps: [
        ["REPLCONF", OK],
        ["REPLCONF listening-port 1234 ip-address 10.1.1.1", OK],
        ["REPLCONF capa eof capa psync2 capa something", OK],
        ["REPLCONF rdb-only 1 rdb-only 0", OK],
        ["REPLCONF rdb-filter-only functions", OK],
        ["REPLCONF rdb-filter-only ''", OK],
      ],
    },
    {
      name: "REPLCONF refuses what it does not know",
      steps: [
        ["REPLCONF capa", SYNTAX],
        ["REPLCONF x y", error("ERR Unrecognized REPLCONF option: x")],
        ["REPLCONF listening-port x", NOT_AN_INTEGER],
        [
          "REPLCONF rdb-only 2",
          error("ERR value is out of range, value must between 0 and 1"),
        ],
        [
          "REPLCONF rdb-filter-only keys",
          error("ERR Unsupported rdb-filter-only option: keys"),
        ],
        [
          "REPLCONF rdb-filter-only '\"'",
          error("ERR Missing rdb-filter-only values"),
        ],
        [
          ["REPLCONF", "ip-address", "x".repeat(256)],
          error(
            "ERR REPLCONF ip-address provided by replica instance is too long: 256 bytes",
          ),
        ],
      ],
    },
    {
      name: "REPLCONF ACK and GETACK are not answered",
      async run(t) {
        await t.start("REPLCONF ACK 5");
        await t.start("REPLCONF GETACK *");
        await t.expect("ECHO next", "next");
      },
      covers: ["replconf"],
    },
    {
      name:
        "PSYNC and SYNC are refused in a transaction, PSYNC without a number",
      steps: [
        ["PSYNC ? x", NOT_AN_INTEGER],
        ["PSYNC ?", WRONG_ARITY("psync")],
        [
          "PSYNC x 1 FAILOVER",
          error("ERR PSYNC FAILOVER can't be sent to a master."),
        ],
        ["MULTI", OK],
        ["SYNC", error("ERR Command not allowed inside a transaction")],
        ["DISCARD", OK],
        ["MULTI", OK],
        ["PSYNC ? -1", error("ERR Command not allowed inside a transaction")],
        ["EXEC", error(/^EXECABORT /)],
      ],
    },
    {
      name: "FAILOVER needs replicas",
      steps: [
        ["FAILOVER", error("ERR FAILOVER requires connected replicas.")],
        ["FAILOVER ABORT", error("ERR No failover in progress.")],
        ["FAILOVER TO localhost", SYNTAX],
        ["FAILOVER TO localhost x", NOT_AN_INTEGER],
        ["FAILOVER FORCE FORCE", SYNTAX],
        [
          "FAILOVER TIMEOUT 0",
          error("ERR FAILOVER timeout must be greater than 0"),
        ],
        ["FAILOVER TIMEOUT x", NOT_AN_INTEGER],
        [
          "FAILOVER TO localhost 1 FORCE",
          error("ERR FAILOVER requires connected replicas."),
        ],
      ],
    },
    {
      name: "Writes are refused while there are too few replicas",
      config: { "min-replicas-to-write": "1" },
      steps: [
        [
          "SET k v",
          error("NOREPLICAS Not enough good replicas to write."),
        ],
        ["GET k", ANY],
        ["MULTI", OK],
        ["SET k v", error("NOREPLICAS Not enough good replicas to write.")],
        ["EXEC", error(/^EXECABORT /)],
        [
          "INFO replication",
          textLike(/connected_slaves:0\r\nmin_slaves_good_slaves:0\r\n/),
        ],
      ],
    },
  ],
};
