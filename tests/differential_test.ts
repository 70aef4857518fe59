/**
 * The differential test in the length that CI can afford; tests/differential.ts
 * makes long runs.
 */
import { runDifferential } from "./differential.ts";
import { TEST_SEED } from "./fuzz/test_seed.ts";
import { findRealRedis, testBesideRedis } from "./support/real_redis.ts";

const COMMAND_COUNT = 20_000;

const redis = await findRealRedis();

testBesideRedis(
  redis,
  `tsredis answers ${COMMAND_COUNT} random commands as redis-server does, seed ${TEST_SEED}`,
  async (redis) => {
    const differences = await runDifferential({
      commandCount: COMMAND_COUNT,
      seed: TEST_SEED,
      redis,
    });
    if (differences.length > 0) {
      throw new Error(`\n${differences.join("\n\n")}`);
    }
  },
);
