import { assertEquals } from "@std/assert";
import { Config } from "../config/config.ts";
import { ServerStats } from "../info/server_stats.ts";
import { Logger } from "../log/logger.ts";
import { BufferPool } from "../resp/buffer_pool.ts";
import { ReplyWriter } from "../resp/reply_writer.ts";
import { Client, type ClientLink, NO_LINK } from "./client.ts";
import { OutputLimits } from "./output_limits.ts";

function limitsOf(text: string): { limits: OutputLimits; stats: ServerStats } {
  const config = new Config();
  config.load("client-output-buffer-limit", text.split(" "), false);
  const log = new Logger({
    sink: { write() {} },
    level: "nothing",
    nowMs: () => 0,
    processId: 1,
  });
  const stats = new ServerStats();
  return { limits: new OutputLimits(config, stats, log), stats };
}

/** A client to which so many bytes are on their way. */
function clientWith(inFlightBytes: number): Client & { link: TestLink } {
  const link: TestLink = { ...NO_LINK, isWriting: true, inFlightBytes };
  const reply = new ReplyWriter(new BufferPool());
  return new Client(1, reply, link, 0) as Client & { link: TestLink };
}

type TestLink = ClientLink & { inFlightBytes: number };

Deno.test("OutputLimits closes nobody without limits", () => {
  const { limits } = limitsOf("normal 0 0 0");
  assertEquals(limits.isExceeded(clientWith(1e9), 1000), false);
});

Deno.test("OutputLimits closes at the hard limit at once", () => {
  const { limits, stats } = limitsOf("normal 1000 0 0");
  assertEquals(limits.isExceeded(clientWith(999), 1000), false);
  assertEquals(limits.isExceeded(clientWith(1000), 1000), true);
  assertEquals(stats.outputBufferLimitDisconnections, 1);
});

Deno.test("OutputLimits closes at the soft limit when it was passed for its seconds on end", () => {
  const { limits } = limitsOf("normal 0 1000 10");
  const client = clientWith(1000);
  assertEquals(limits.isExceeded(client, 1000), false);
  assertEquals(limits.isExceeded(client, 11000), false);
  assertEquals(limits.isExceeded(client, 11001), true);
  const relieved = clientWith(1000);
  assertEquals(limits.isExceeded(relieved, 1000), false);
  relieved.link.inFlightBytes = 10;
  assertEquals(limits.isExceeded(relieved, 9000), false);
  relieved.link.inFlightBytes = 1000;
  assertEquals(limits.isExceeded(relieved, 12000), false);
});
