/**
 * The differential test in the length that CI can afford; tests/differential.ts
 * makes long runs. `DIFFERENTIAL_SEED` repeats a run.
 */
import { runDifferential } from "./differential.ts";
import { findRealRedis, testBesideRedis } from "./support/real_redis.ts";

const COMMAND_COUNT = 20_000;

const given = Deno.env.get("DIFFERENTIAL_SEED");
const seed = given === undefined
  ? crypto.getRandomValues(new Uint32Array(1))[0]
  : Number(given);
const redis = await findRealRedis();

testBesideRedis(
  redis,
  `tsredis answers ${COMMAND_COUNT} random commands as redis-server does, seed ${seed}`,
  async (redis) => {
    const differences = await runDifferential({
      commandCount: COMMAND_COUNT,
      seed,
      redis,
    });
    if (differences.length > 0) {
      throw new Error(`\n${differences.join("\n\n")}`);
    }
  },
);
