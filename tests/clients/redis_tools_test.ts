/** redis-cli and redis-benchmark of the real Redis. */
import { assertEquals, assertMatch } from "@std/assert";
import { findRealRedis, testBesideRedis } from "../support/real_redis.ts";
import { runToEnd } from "../support/server_process.ts";
import { sharedTsredis } from "../support/shared_server.ts";

const server = sharedTsredis();
const redis = await findRealRedis();

/** Runs redis-cli with lines as standard input; its output. */
async function cli(args: string[], stdin = ""): Promise<string> {
  const command = ["redis-cli", "-p", `${server().port}`, ...args];
  const { code, stdout, stderr } = await runToEnd(command, { stdin });
  assertEquals({ code, stderr }, { code: 0, stderr: "" });
  return stdout;
}

testBesideRedis(
  redis,
  "redis-cli runs commands from its arguments and from lines",
  async () => {
    assertEquals(await cli(["SET", "k", "v"]), "OK\n");
    assertEquals(
      await cli(
        [],
        'GET k\nSET n 10 EX 100\nINCRBY n 5\nTTL n\nMGET k n missing\nNOPE\nECHO "a b"\n',
      ),
      "v\nOK\n15\n100\nv\n15\n\n" +
        "ERR unknown command 'NOPE', with args beginning with: \n\na b\n",
    );
  },
);

testBesideRedis(
  redis,
  "redis-cli speaks RESP3 and shows its types",
  async () => {
    assertMatch(
      await cli(["-3", "--no-raw", "CONFIG", "GET", "maxmemory"]),
      /^1# "maxmemory" => "0"\n$/,
    );
    assertEquals(await cli(["-3", "--no-raw", "GET", "missing"]), "(nil)\n");
  },
);

testBesideRedis(
  redis,
  "redis-cli selects a database, scans and shows the statistics",
  async () => {
    await cli(["FLUSHALL"]);
    await cli(["-n", "5", "MSET", "a:1", "x", "a:2", "y", "b", "z"]);
    assertEquals(
      (await cli(["-n", "5", "--scan", "--pattern", "a:*"])).split("\n").sort(),
      ["", "a:1", "a:2"],
    );
    assertMatch(
      await cli(["INFO", "keyspace"]),
      /db5:keys=3,expires=0,avg_ttl=0/,
    );
  },
);

testBesideRedis(redis, "redis-cli --pipe loads protocol in bulk", async () => {
  await cli(["FLUSHALL"]);
  const commands = Array.from({ length: 5000 }, (_, i) => {
    const key = `key:${i}`;
    return `*3\r\n$3\r\nSET\r\n$${key.length}\r\n${key}\r\n$5\r\nvalue\r\n`;
  });
  assertMatch(
    await cli(["--pipe"], commands.join("")),
    /errors: 0, replies: 5000/,
  );
  assertEquals(await cli(["DBSIZE"]), "5000\n");
});

/** The default tests of redis-benchmark, and the commands that each of them uses. */
const BENCHMARKS: Record<string, string[]> = {
  ping_inline: ["ping"],
  ping_mbulk: ["ping"],
  set: ["set"],
  get: ["get"],
  incr: ["incr"],
  mset: ["mset"],
  lpush: ["lpush"],
  rpush: ["rpush"],
  lpop: ["lpop"],
  rpop: ["rpop"],
  lrange: ["lpush", "lrange"],
  sadd: ["sadd"],
  spop: ["spop"],
  hset: ["hset"],
  zadd: ["zadd"],
  zpopmin: ["zpopmin"],
};

/** Those whose commands the server has. */
async function possibleBenchmarks(): Promise<string[]> {
  using client = await server().connect();
  const names: string[] = [];
  for (const [name, commands] of Object.entries(BENCHMARKS)) {
    const reply = await client.call("COMMAND", "INFO", ...commands);
    const hasAll = reply.type === "array" &&
      reply.items.every(({ type }) => type === "array");
    if (hasAll) names.push(name);
  }
  return names;
}

for (const pipeline of ["1", "16"]) {
  testBesideRedis(
    redis,
    `redis-benchmark runs its tests with pipelines of ${pipeline}`,
    async () => {
      const names = await possibleBenchmarks();
      assertEquals(names.includes("mset"), true, names.join());
      const args = [
        "-n",
        "2000",
        "-c",
        "20",
        "-r",
        "1000",
        "-P",
        pipeline,
        "--csv",
      ];
      const command = ["redis-benchmark", "-p", `${server().port}`, ...args];
      const { code, stdout } = await runToEnd([...command, "-t", names.join()]);
      assertEquals(code, 0, stdout);
      const results = stdout.split("\n").filter((line) =>
        /^"[^"]+","\d+\.\d+",/.test(line)
      );
      assertEquals(results.length >= names.length, true, stdout);
    },
  );
}
