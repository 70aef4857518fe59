import { Redis } from "ioredis";

/** Runs a test with two ioredis connections to an emptied server. */
export async function withRedisPair(
  port: number,
  test: (redis: Redis, other: Redis) => Promise<void>,
): Promise<void> {
  const connect = () => new Redis({ port, maxRetriesPerRequest: 2 });
  const redis = connect(), other = connect();
  try {
    await redis.flushall();
    await test(redis, other);
  } finally {
    redis.disconnect();
    other.disconnect();
  }
}
