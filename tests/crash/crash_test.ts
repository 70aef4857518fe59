/** The crash harness in the length that CI can afford; tests/crash/crash.ts makes long runs. */
import { assert, assertEquals } from "@std/assert";
import { TEST_SEED } from "../fuzz/test_seed.ts";
import { runCrashes } from "./crash.ts";
import type { CrashMode } from "./disturbance.ts";

const KILLS = 5;
const MODES: readonly CrashMode[] = ["always", "everysec", "rdb"];

for (const mode of MODES) {
  Deno.test({
    name:
      `what was promised is there after ${KILLS} kills, ${mode}, seed ${TEST_SEED}`,
    ignore: Deno.build.os === "windows",
    fn: async () => {
      const { kills, violations } = await runCrashes({
        mode,
        kills: KILLS,
        seed: TEST_SEED,
      });
      assertEquals(violations, []);
      // Some rounds kill more than once.
      assert(kills >= KILLS);
    },
  });
}
