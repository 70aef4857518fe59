/**
 * Runs every conformance case, in RESP2 and RESP3, against tsredis and, when
 * `REDIS_ADDR` (`host:port`) is given, against that real Redis too, so that the
 * expectations are checked themselves. The real server's databases are EMPTIED.
 */
import { findGroups } from "./groups.ts";
import type { ConformanceCase } from "./conformance_case.ts";
import { Conversation } from "./conversation.ts";
import { isAtLeast } from "../support/real_redis.ts";
import { expectReply, type Protocol } from "../support/expectation.ts";
import { payloadText } from "../support/reply_text.ts";
import { type Address, RespClient } from "../support/resp_client.ts";
import { type ServerProcess, startTsredis } from "../support/server_process.ts";

interface Target {
  name: string;
  /** Known once the server runs, that is inside a test. */
  address: () => Address;
  /** Why a case cannot run there; `undefined` when it can. */
  reasonToSkip: (testCase: ConformanceCase) => string | undefined;
}

let tsredis: ServerProcess;

Deno.test.beforeAll(async () => {
  tsredis = await startTsredis({ args: ["--enable-debug-command", "yes"] });
});

Deno.test.afterAll(() => tsredis[Symbol.asyncDispose]());

const groups = await findGroups();
const targets: Target[] = [
  {
    name: "tsredis",
    address: () => tsredis.address,
    reasonToSkip: () => undefined,
  },
  ...await realTargets(),
];

for (const target of targets) {
  for (const group of groups) {
    for (const testCase of group.cases) {
      for (const protocol of protocolsOf(testCase)) {
        const name =
          `${target.name}, RESP${protocol}: ${group.name}: ${testCase.name}`;
        const reason = target.reasonToSkip(testCase);
        Deno.test({
          name: reason === undefined ? name : `${name} (skipped: ${reason})`,
          ignore: reason !== undefined,
          fn: () => runCase(target.address(), testCase, protocol),
        });
      }
    }
  }
}

function protocolsOf(testCase: ConformanceCase): Protocol[] {
  return testCase.protocol === undefined ? [2, 3] : [testCase.protocol];
}

async function runCase(
  address: Address,
  testCase: ConformanceCase,
  protocol: Protocol,
): Promise<void> {
  using control = await RespClient.connect(address);
  await control.text("FLUSHALL");
  using conversation = await Conversation.open(address, protocol);
  const restore = await configure(control, testCase.config ?? {});
  try {
    for (const [command, expected] of testCase.steps ?? []) {
      await conversation.expect(command, expected);
    }
    await testCase.run?.(conversation);
  } finally {
    await restore();
  }
}

/** Sets directives; the function that it answers sets them back. */
async function configure(
  control: RespClient,
  config: Record<string, string>,
): Promise<() => Promise<void>> {
  const before: string[] = [];
  for (const name of Object.keys(config)) {
    const reply = await control.call("CONFIG", "GET", name);
    expectReply(
      reply,
      [name, { text: "a value", accepts: () => true }],
      2,
      `CONFIG GET ${name}`,
    );
    if (reply.type === "array") before.push(name, payloadText(reply.items[1])!);
  }
  if (before.length === 0) return async () => {};
  await control.text("CONFIG", "SET", ...Object.entries(config).flat());
  return async () => {
    await control.text("CONFIG", "SET", ...before);
  };
}

async function realTargets(): Promise<Target[]> {
  const text = Deno.env.get("REDIS_ADDR");
  if (text === undefined) return [];
  const at = text.lastIndexOf(":");
  const address = {
    hostname: text.slice(0, at),
    port: Number(text.slice(at + 1)),
  };
  using client = await RespClient.connect(address);
  const info = await client.text("INFO", "server");
  const version = /redis_version:(\S+)/.exec(info)![1];
  const debug = await client.call("DEBUG", "SET-ACTIVE-EXPIRE", "1");
  const reasonToSkip = ({ since, needsDebug }: ConformanceCase) => {
    if (since !== undefined && !isAtLeast(version, since)) {
      return `new in ${since}`;
    }
    if (needsDebug && debug.type === "error") return "the server forbids DEBUG";
    return undefined;
  };
  return [{ name: `redis ${version}`, address: () => address, reasonToSkip }];
}
