import { assertEquals } from "@std/assert";
import { CommandRunner } from "../../tests/support/command_runner.ts";

Deno.test("A writable replica expires its own keys, not its primary's", () => {
  const runner = new CommandRunner();
  const { keyspace, replication: { localExpiry } } = runner.server.parts;
  runner.run("SET theirs v PX 100");
  runner.run("SET shared v PX 100");
  keyspace.isReplica = true;
  localExpiry.setActive(true);
  runner.run("SET own v PX 100");
  runner.run("SET lasting v PX 100");
  runner.run("PERSIST lasting");
  assertEquals(localExpiry.size, 1);
  runner.clock.advance(200);
  keyspace.tick();
  localExpiry.tick();
  assertEquals(runner.run("DBSIZE"), ":3\r\n");
  assertEquals(localExpiry.size, 0);
});

Deno.test("What a writable replica writes takes the place of a key whose time is over", () => {
  const runner = new CommandRunner();
  const { keyspace } = runner.server.parts;
  runner.run("SET counter 5 PX 100");
  keyspace.isReplica = true;
  runner.clock.advance(200);
  assertEquals(runner.run("EXISTS counter"), ":0\r\n");
  assertEquals(runner.run("DBSIZE"), ":1\r\n");
  assertEquals(runner.run("INCR counter"), ":1\r\n");
  assertEquals(runner.run("TTL counter"), ":-1\r\n");
  assertEquals(runner.run("DBSIZE"), ":1\r\n");
});

Deno.test("For the primary's commands a key is there until the primary removes it", () => {
  const runner = new CommandRunner();
  const { keyspace } = runner.server.parts;
  runner.run("SET counter 5 PX 100");
  keyspace.isReplica = keyspace.isFollowing = true;
  runner.clock.advance(200);
  assertEquals(runner.run("INCR counter"), ":6\r\n");
  keyspace.isFollowing = false;
  assertEquals(runner.run("EXISTS counter"), ":0\r\n");
});
