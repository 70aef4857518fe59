/** Finds the real redis-server that tests compare tsredis with. */
import { runToEnd } from "./server_process.ts";

export interface RealRedis {
  path: string;
  /** `7.0.15` */
  version: string;
}

/** `REDIS_SERVER`, else redis-server on PATH; `undefined` when there is none. */
export async function findRealRedis(): Promise<RealRedis | undefined> {
  const path = Deno.env.get("REDIS_SERVER") ?? "redis-server";
  try {
    const { stdout } = await runToEnd([path, "--version"]);
    const version = /v=(\d+\.\d+\.\d+)/.exec(stdout)?.[1];
    return version === undefined ? undefined : { path, version };
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

/** True when version `a` is `b` or later; missing parts count as 0. */
export function isAtLeast(a: string, b: string): boolean {
  const [left, right] = [a, b].map((version) => version.split(".").map(Number));
  for (let i = 0; i < right.length; i++) {
    if ((left[i] ?? 0) !== right[i]) return (left[i] ?? 0) > right[i];
  }
  return true;
}

/**
 * A test that needs the real redis-server. Where there is none it fails on CI,
 * which has to have one, and is ignored elsewhere with the reason in its name; so is
 * one for which the redis-server there is `unsuitable`.
 */
export function testBesideRedis(
  redis: RealRedis | undefined,
  name: string,
  fn: (redis: RealRedis, t: Deno.TestContext) => Promise<void>,
  unsuitable?: string,
): void {
  const isOnCi = Deno.env.get("CI") === "true";
  const reason = redis === undefined
    ? "no redis-server on this machine"
    : unsuitable;
  Deno.test({
    name: reason === undefined ? name : `${name} (ignored: ${reason})`,
    ignore: redis === undefined ? !isOnCi : unsuitable !== undefined,
    fn: (t) => {
      if (redis === undefined) throw new Error("CI has no redis-server");
      return fn(redis, t);
    },
  });
}

/** As `testBesideRedis`, ignored beside a Redis before 7.2, from which 7.2 differs in what `reason` says. */
export function testBesideRedis7_2(
  redis: RealRedis | undefined,
  name: string,
  reason: string,
  fn: (redis: RealRedis) => Promise<void>,
): void {
  const isOld = redis !== undefined && !isAtLeast(redis.version, "7.2");
  const unsuitable = isOld
    ? `${reason}, and this is ${redis.version}`
    : undefined;
  testBesideRedis(redis, name, fn, unsuitable);
}
