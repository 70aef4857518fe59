/** Queues made of lists, as applications use them through ioredis and node-redis. */
import { assertEquals } from "@std/assert";
import { Redis } from "ioredis";
import { createClient } from "redis";
import { sharedTsredis } from "../support/shared_server.ts";

const server = sharedTsredis();
const JOBS = 200;

Deno.test("ioredis workers share a queue, each job going to one of them", async () => {
  const port = server().port;
  const producer = new Redis({ port });
  const workers = Array.from({ length: 4 }, () => new Redis({ port }));
  try {
    await producer.flushall();
    const work = workers.map(async (worker) => {
      const done: string[] = [];
      for (;;) {
        const popped = await worker.blpop("urgent", "queue", 5);
        if (popped === null || popped[1] === "stop") return done;
        done.push(popped[1]);
      }
    });
    for (let job = 0; job < JOBS; job++) {
      await producer.rpush(job % 10 === 0 ? "urgent" : "queue", String(job));
    }
    await producer.rpush("queue", ...workers.map(() => "stop"));
    const done = (await Promise.all(work)).flat().map(Number);
    assertEquals(
      done.sort((a, b) => a - b),
      Array.from({ length: JOBS }, (_, job) => job),
    );
    assertEquals(await producer.exists("urgent", "queue"), 0);
  } finally {
    for (const client of [producer, ...workers]) client.disconnect();
  }
});

Deno.test("ioredis gets null when a pop's time is over", async () => {
  const redis = new Redis({ port: server().port });
  try {
    await redis.flushall();
    assertEquals(await redis.brpop("none", 0.05), null);
    assertEquals(await redis.blmove("none", "to", "LEFT", "RIGHT", 0.05), null);
    assertEquals(await redis.blmpop(0.05, 1, "none", "LEFT"), null);
  } finally {
    redis.disconnect();
  }
});

for (const protocol of [2, 3] as const) {
  Deno.test(`node-redis in RESP${protocol} waits for lists and moves between them`, async () => {
    const socket = { port: server().port, host: "127.0.0.1" };
    const producer = createClient({ RESP: protocol, socket });
    const worker = createClient({ RESP: protocol, socket });
    await Promise.all([producer.connect(), worker.connect()]);
    try {
      await producer.flushAll();
      const popped = worker.blPop(["a", "b"], 5);
      await producer.rPush("b", ["1", "2", "3"]);
      assertEquals({ ...await popped }, { key: "b", element: "1" });
      const moved = worker.blMove("c", "d", "LEFT", "RIGHT", 5);
      await producer.lPush("c", "x");
      assertEquals(await moved, "x");
      assertEquals(await producer.lRange("d", 0, -1), ["x"]);
      assertEquals(
        await worker.blmPop(1, ["none", "b"], "RIGHT", {
          COUNT: 5,
        }),
        ["b", ["3", "2"]],
      );
      assertEquals(await worker.brPop("none", 0.05), null);
    } finally {
      producer.destroy();
      worker.destroy();
    }
  });
}
