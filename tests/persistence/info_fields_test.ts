/** INFO persistence in the states that saving goes through, beside redis-server. */
import { assertEquals } from "@std/assert";
import { replyText } from "../support/reply_text.ts";
import {
  run,
  type ServerKind,
  startServer,
  untilLinked,
} from "../support/replication_servers.ts";
import {
  findRealRedis,
  type RealRedis,
  testBesideRedis,
} from "../support/real_redis.ts";
import { assertAlike } from "./info_rules.ts";
import {
  COPIED,
  COPYING,
  enter,
  type Fields,
  SAVING_STATES,
  SLOW_COPY,
} from "./info_states.ts";

const real = await findRealRedis();

testBesideRedis(
  real,
  "INFO persistence is as in redis-server, whatever is saved",
  async (redis) => {
    await using ours = await startServer("tsredis", redis);
    await using theirs = await startServer("redis-server", redis);
    for (const state of SAVING_STATES) {
      const [own, other] = await Promise.all([
        enter(ours, state),
        enter(theirs, state),
      ]);
      assertAlike(own, other, state.name);
    }
  },
);

testBesideRedis(
  real,
  "aof_buffer_length counts what the commands before in the same batch did",
  async (redis) => {
    const args = ["--appendonly", "yes"];
    await using ours = await startServer("tsredis", redis, ...args);
    await using theirs = await startServer("redis-server", redis, ...args);
    const [own, other] = await Promise.all(
      [ours, theirs].map(async (server) => {
        using client = await server.connect();
        await client.text("SET", "a", "1");
        const replies = await client.pipeline([
          ["SET", "a", "2"],
          ["INFO", "persistence"],
        ]);
        return replyText(replies[1]).match(/aof_(buffer|current)\w+:\d+/g);
      }),
    );
    assertEquals(own, other);
  },
);

/** The fields of a server while it makes a copy for a replica, and after that. */
async function watchCopy(
  redis: RealRedis,
  kind: ServerKind,
): Promise<Fields[]> {
  await using primary = await startServer(kind, redis);
  await using replica = await startServer(kind, redis);
  await enter(primary, SLOW_COPY);
  await run(replica, "REPLICAOF", "127.0.0.1", `${primary.port}`);
  const during = await enter(primary, COPYING);
  await enter(primary, COPIED);
  await untilLinked(replica);
  return [during, await enter(primary, COPIED)];
}

testBesideRedis(
  real,
  "INFO persistence is as in redis-server while a copy goes to a replica, and after",
  async (redis) => {
    const [ours, theirs] = await Promise.all([
      watchCopy(redis, "tsredis"),
      watchCopy(redis, "redis-server"),
    ]);
    assertAlike(ours[0], theirs[0], COPYING.name);
    assertAlike(ours[1], theirs[1], COPIED.name);
  },
);
