const DEFAULT_SEED = 1;

/**
 * The seed of every random test: the same in each run, so that none fails by
 * chance over what a change did not cause. `TSREDIS_TEST_SEED` sets another, or
 * with `random` a fresh one for each file; the names of the tests show it.
 */
export const TEST_SEED = chosenSeed(Deno.env.get("TSREDIS_TEST_SEED"));

function chosenSeed(text: string | undefined): number {
  if (text === undefined) return DEFAULT_SEED;
  if (text === "random") return crypto.getRandomValues(new Uint32Array(1))[0];
  if (/^\d{1,10}$/.test(text)) return Number(text);
  throw new Error(
    `TSREDIS_TEST_SEED is neither a number nor "random": ${text}`,
  );
}
