import { assertEquals } from "@std/assert";
import { digestOfValue } from "../keyspace/digest.ts";
import { bytesOfText } from "../resp/byte_text.ts";
import { CommandRunner } from "../../tests/support/command_runner.ts";

const NOW_MS = 1_700_000_000_000;

Deno.test("a field expires when its time is over, and others stay", () => {
  const runner = new CommandRunner();
  runner.run("HSET k a 1 b 2 c 3");
  assertEquals(
    runner.run("HPEXPIRE k 100 FIELDS 3 a b x"),
    "*3\r\n:1\r\n:1\r\n:-2\r\n",
  );
  assertEquals(runner.run("OBJECT ENCODING k"), "$10\r\nlistpackex\r\n");
  assertEquals(runner.run("HPTTL k FIELDS 2 a c"), "*2\r\n:100\r\n:-1\r\n");
  runner.clock.advance(99);
  assertEquals(runner.run("HGET k a"), "$1\r\n1\r\n");
  runner.clock.advance(1);
  assertEquals(runner.run("HGET k a"), "$-1\r\n");
  assertEquals(runner.run("HEXISTS k b"), ":0\r\n");
  assertEquals(runner.run("HMGET k a c"), "*2\r\n$-1\r\n$1\r\n3\r\n");
  assertEquals(runner.run("HGETALL k"), "*2\r\n$1\r\nc\r\n$1\r\n3\r\n");
  assertEquals(runner.run("HKEYS k"), "*1\r\n$1\r\nc\r\n");
  assertEquals(runner.run("HRANDFIELD k 5"), "*1\r\n$1\r\nc\r\n");
  assertEquals(
    runner.run("HSCAN k 0 NOVALUES"),
    "*2\r\n$1\r\n0\r\n*1\r\n$1\r\nc\r\n",
  );
  assertEquals(runner.run("HINCRBY k a 5"), ":5\r\n");
  assertEquals(runner.run("HTTL k FIELDS 1 a"), "*1\r\n:-1\r\n");
});

Deno.test("the conditions of HEXPIRE take a field without a time as one that expires never", () => {
  const runner = new CommandRunner();
  const expire = (condition: string, ms: number) =>
    runner.run(`HPEXPIREAT k ${NOW_MS + ms} ${condition} FIELDS 1 a`).slice(4)
      .trim();
  runner.run("HSET k a 1");
  assertEquals(expire("XX", 100), ":0");
  assertEquals(expire("GT", 100), ":0");
  assertEquals(expire("NX", 100), ":1");
  assertEquals(expire("NX", 200), ":0");
  assertEquals(expire("GT", 100), ":0");
  assertEquals(expire("GT", 300), ":1");
  assertEquals(expire("LT", 300), ":0");
  assertEquals(expire("LT", 200), ":1");
  assertEquals(expire("XX", 500), ":1");
  assertEquals(
    runner.run("HPEXPIRETIME k FIELDS 1 a"),
    `*1\r\n:${NOW_MS + 500}\r\n`,
  );
});

Deno.test("a time that is over deletes the field, and the last one the key", () => {
  const runner = new CommandRunner();
  runner.run("HSET k a 1 b 2");
  runner.takeEffects();
  runner.takeEvents();
  assertEquals(runner.run("HEXPIRE k 0 FIELDS 1 a"), "*1\r\n:2\r\n");
  assertEquals(runner.takeEffects(), ["HDEL k a"]);
  assertEquals(runner.takeEvents(), ["hdel k"]);
  assertEquals(runner.run("HEXPIREAT k 5 FIELDS 1 b"), "*1\r\n:2\r\n");
  assertEquals(runner.run("EXISTS k"), ":0\r\n");
  assertEquals(runner.takeEvents(), ["hdel k", "del k"]);
});

Deno.test("times of fields are passed on as moments", () => {
  const runner = new CommandRunner();
  runner.run("HSET k a 1 b 2 c 3");
  runner.takeEffects();
  runner.run("HEXPIRE k 10 FIELDS 3 a x b");
  runner.run("HPERSIST k FIELDS 2 a c");
  runner.run("HEXPIRE k 10 XX FIELDS 1 c");
  runner.run("HGETEX k EX 20 FIELDS 2 b x");
  runner.run("HGETEX k PERSIST FIELDS 2 b c");
  runner.run("HGETEX k FIELDS 1 b");
  runner.run("HGETDEL k FIELDS 2 a x");
  runner.run("HSETEX k PX 5 FIELDS 1 d 4");
  runner.run("HSETEX k KEEPTTL FIELDS 1 d 5");
  assertEquals(runner.takeEffects(), [
    `HPEXPIREAT k ${NOW_MS + 10_000} FIELDS 2 a b`,
    "HPERSIST k FIELDS 1 a",
    `HPEXPIREAT k ${NOW_MS + 20_000} FIELDS 1 b`,
    "HPERSIST k FIELDS 1 b",
    "HDEL k a",
    `HSETEX k PXAT ${NOW_MS + 5} FIELDS 1 d 4`,
    "HSETEX k KEEPTTL FIELDS 1 d 5",
  ]);
  assertEquals(runner.run("HPTTL k FIELDS 1 d"), "*1\r\n:5\r\n");
});

Deno.test("HSET takes a field's time away, HINCRBY and COPY keep it", () => {
  const runner = new CommandRunner();
  runner.run("HSET k a 1 b 2");
  runner.run("HPEXPIRE k 1000 FIELDS 2 a b");
  runner.run("HSET k a 5");
  runner.run("HINCRBY k b 5");
  runner.run("COPY k l");
  runner.run("RENAME k m");
  for (const key of ["l", "m"]) {
    assertEquals(
      runner.run(`HPTTL ${key} FIELDS 2 a b`),
      "*2\r\n:-1\r\n:1000\r\n",
    );
  }
});

Deno.test("fields whose time is over are removed by and by", () => {
  const runner = new CommandRunner();
  const { keyspace } = runner.server.parts;
  const fields = Array.from({ length: 1000 }, (_, i) => `f${i}`);
  runner.runWords("HSET", "k", ...fields.flatMap((field) => [field, "v"]));
  runner.runWords("HPEXPIRE", "k", "10", "FIELDS", "1000", ...fields);
  runner.run("HPEXPIRE k 500 FIELDS 1 f7");
  runner.run("HSET other a 1 b 2");
  runner.run("HPEXPIRE other 10 FIELDS 1 a");
  runner.run("RENAME other renamed");
  runner.takeEvents();
  runner.clock.advance(20);
  keyspace.tick();
  for (let i = 0; i < 10; i++) keyspace.fieldExpiry.run();
  assertEquals(runner.run("HLEN k"), ":1\r\n");
  assertEquals(runner.run("HLEN renamed"), ":1\r\n");
  assertEquals(
    new Set(runner.takeEvents()),
    new Set([
      "hexpired k",
      "hexpired renamed",
    ]),
  );
  runner.clock.advance(1000);
  keyspace.tick();
  for (let i = 0; i < 10; i++) keyspace.fieldExpiry.run();
  assertEquals(runner.run("EXISTS k"), ":0\r\n");
  assertEquals(runner.takeEvents(), ["hexpired k", "del k"]);
  assertEquals(keyspace.fieldExpiry.size, 0);
  const effects = runner.takeEffects();
  assertEquals(effects.at(-1), "HDEL k f7");
  assertEquals(effects.includes("HDEL renamed a"), true);
});

Deno.test("HSETEX sets all fields or none", () => {
  const runner = new CommandRunner();
  assertEquals(runner.run("HSETEX k FXX FIELDS 1 a 1"), ":0\r\n");
  assertEquals(runner.run("HSETEX k FNX EX 9 FIELDS 2 a 1 b 2"), ":1\r\n");
  assertEquals(runner.run("HSETEX k FNX FIELDS 2 b 3 c 3"), ":0\r\n");
  assertEquals(runner.run("HSETEX k FXX FIELDS 2 a 3 b 3"), ":1\r\n");
  assertEquals(runner.run("HTTL k FIELDS 2 a b"), "*2\r\n:-1\r\n:-1\r\n");
  assertEquals(runner.run("HSETEX k PXAT 1 FIELDS 1 a 3"), ":1\r\n");
  assertEquals(runner.run("HKEYS k"), "*1\r\n$1\r\nb\r\n");
});

Deno.test("wrong counts, times and options of fields are refused", () => {
  const runner = new CommandRunner();
  runner.run("HSET k a 1");
  const missing =
    "-ERR Mandatory argument FIELDS is missing or not at the right position\r\n";
  const mismatch =
    "-ERR The `numfields` parameter must match the number of arguments\r\n";
  const cases: [string, string][] = [
    ["HEXPIRE k 1 FIELD 1 a", missing],
    ["HEXPIRE k 1 NX NX FIELDS 1 a", missing],
    ["HEXPIRE k 1 FIELDS 2 a", mismatch],
    [
      "HEXPIRE k 1 FIELDS 0 a",
      "-ERR Parameter `numFields` should be greater than 0\r\n",
    ],
    [
      "HTTL k FIELDS 0 a",
      "-ERR Number of fields must be a positive integer\r\n",
    ],
    ["HTTL k FIELDS 2 a", mismatch],
    ["HEXPIRE k -1 FIELDS 1 a", "-ERR invalid expire time, must be >= 0\r\n"],
    [
      "HPEXPIREAT k 70368744177664 FIELDS 1 a",
      "-ERR invalid expire time in 'hpexpireat' command\r\n",
    ],
    [
      "HEXPIRE k x FIELDS 1 a",
      "-ERR value is not an integer or out of range\r\n",
    ],
    ["HGETEX k KEEPTTL FIELDS 1 a", missing],
  ];
  for (const [command, reply] of cases) {
    assertEquals(runner.run(command), reply, command);
  }
  assertEquals(runner.run("HTTL k FIELDS 1 a"), "*1\r\n:-1\r\n");
});

Deno.test("HSETEX refuses what Redis 8 refuses", () => {
  const runner = new CommandRunner();
  const times =
    "-ERR Only one of EX, PX, EXAT, PXAT or KEEPTTL arguments can be specified\r\n";
  const conditions =
    "-ERR Only one of FXX or FNX arguments can be specified\r\n";
  const arity = "-ERR wrong number of arguments for 'hsetex' command\r\n";
  const cases: [string, string][] = [
    [
      "HSETEX k EX 1 PX 1 FIELDS 1 a 1",
      times,
    ],
    [
      "HSETEX k KEEPTTL KEEPTTL FIELDS 1 a 1",
      times,
    ],
    [
      "HSETEX k FXX FNX FIELDS 1 a 1",
      conditions,
    ],
    ["HSETEX k NX FIELDS 1 a 1", "-ERR unknown argument: NX\r\n"],
    ["HSETEX k EXAT 1 1 a 1", "-ERR unknown argument: 1\r\n"],
    [
      "HSETEX k FNX FXX a EX",
      conditions,
    ],
    [
      "HSETEX k EX FIELDS 1 a 1",
      "-ERR value is not an integer or out of range\r\n",
    ],
    [
      "HSETEX k EX 281474976710656 1 a 1",
      "-ERR invalid expire time in 'hsetex' command\r\n",
    ],
    [
      "HSETEX k FNX EX 9 KEEPTTL",
      times,
    ],
    [
      "HSETEX k FNX EX 9 PX",
      times,
    ],
    ["HSETEX k FIELDS x a 1", "-ERR invalid number of fields\r\n"],
    ["HSETEX k FIELDS 0 a 1", "-ERR invalid number of fields\r\n"],
    [
      "HSETEX k FIELDS 2 a 1 b",
      arity,
    ],
    [
      "HSETEX k FIELDS 1 a 1 FNX",
      arity,
    ],
  ];
  for (const [command, reply] of cases) {
    assertEquals(runner.run(command), reply, command);
  }
  assertEquals(runner.run("EXISTS k"), ":0\r\n");
});

Deno.test("a field whose time is over goes when it is asked for, the last one with the key", () => {
  const runner = new CommandRunner();
  const { stats } = runner.server.parts.keyspace;
  runner.run("HSET k a 1 b 2 c 3 d 4 e 5 f 6 g 7");
  runner.run("HPEXPIRE k 5 FIELDS 7 a b c d e f g");
  runner.clock.advance(10);
  runner.takeEffects();
  runner.takeEvents();
  assertEquals(runner.run("HLEN k"), ":7\r\n");
  assertEquals(runner.run("HGET k a"), "$-1\r\n");
  assertEquals(runner.run("HMGET k b b x"), "*3\r\n$-1\r\n$-1\r\n$-1\r\n");
  assertEquals(runner.run("HEXISTS k c"), ":0\r\n");
  assertEquals(runner.run("HSTRLEN k d"), ":0\r\n");
  assertEquals(runner.run("HGETEX k PX 9 FIELDS 1 e"), "*1\r\n$-1\r\n");
  assertEquals(runner.run("HLEN k"), ":2\r\n");
  assertEquals(runner.run("HINCRBY k f 1"), ":1\r\n");
  assertEquals(runner.run("HDEL k f"), ":1\r\n");
  assertEquals(runner.run("HSETEX k FXX FIELDS 1 g 1"), ":0\r\n");
  assertEquals(runner.run("EXISTS k"), ":0\r\n");
  assertEquals(stats.expiredFields, 7);
  assertEquals(runner.takeEffects(), [
    ...["HDEL k a", "HDEL k b", "HDEL k c", "HDEL k d", "HDEL k e"],
    ...["MULTI", "HDEL k f", "HINCRBY k f 1", "EXEC", "HDEL k f", "HDEL k g"],
  ]);
  assertEquals(runner.takeEvents(), [
    ...Array(6).fill("hexpired k"),
    ...["hincrby k", "hdel k", "hexpired k", "del k"],
  ]);
});

Deno.test("HRANDFIELD and SORT remove what is over, too", () => {
  const runner = new CommandRunner();
  runner.run("RPUSH l 1");
  for (const key of ["h1", "h2"]) {
    runner.run(`HSET ${key} f 1 g 2`);
    runner.run(`HPEXPIRE ${key} 5 FIELDS 1 f`);
  }
  runner.clock.advance(10);
  runner.takeEffects();
  assertEquals(runner.run("SORT l GET h*->f"), "*1\r\n$-1\r\n");
  assertEquals(runner.run("HRANDFIELD h2 5"), "*1\r\n$1\r\ng\r\n");
  assertEquals(runner.takeEffects(), ["HDEL h1 f", "HDEL h2 f"]);
  runner.run("HPEXPIRE h2 5 FIELDS 1 g");
  runner.clock.advance(10);
  assertEquals(runner.run("HRANDFIELD h2"), "$-1\r\n");
  assertEquals(runner.run("EXISTS h2"), ":0\r\n");
});

Deno.test("HINCRBYFLOAT keeps the time on replicas, too", () => {
  const runner = new CommandRunner();
  runner.run("HSET k a 1 b 1");
  runner.run("HPEXPIRE k 5 FIELDS 1 a");
  runner.takeEffects();
  runner.run("HINCRBYFLOAT k a 0.5");
  runner.run("HINCRBYFLOAT k b 0.5");
  assertEquals(runner.takeEffects(), [
    "HSETEX k KEEPTTL FIELDS 1 a 1.5",
    "HSET k b 1.5",
  ]);
});

Deno.test("for the primary's commands a field is there until the primary removes it", () => {
  const runner = new CommandRunner(), { keyspace } = runner.server.parts;
  runner.run("HSET k a 1");
  runner.run("HPEXPIRE k 5 FIELDS 1 a");
  keyspace.isReplica = keyspace.isFollowing = true;
  runner.clock.advance(10);
  assertEquals(runner.run("HINCRBY k a 1"), ":2\r\n");
  keyspace.isFollowing = false;
  assertEquals(runner.run("HGET k a"), "$-1\r\n");
  assertEquals(runner.run("HLEN k"), ":1\r\n");
});

Deno.test("the digest of a hash tells which of its fields expire, as in Redis 7.4", () => {
  const runner = new CommandRunner(), { database } = runner;
  const digest = () =>
    digestOfValue(database, database.peekKey(bytesOfText("k")));
  runner.run("HSET k a 1 b 2");
  const without = digest();
  runner.run("HEXPIRE k 100 FIELDS 1 a");
  const first = digest();
  runner.run("HEXPIRE k 200 FIELDS 1 a");
  assertEquals(digest(), first);
  runner.run("HEXPIRE k 100 FIELDS 1 b");
  assertEquals(new Set([without, first, digest()]).size, 3);
  runner.run("HPERSIST k FIELDS 2 a b");
  assertEquals(digest(), without);
});
