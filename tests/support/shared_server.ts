/** One server for all tests of a file. */
import { type ServerProcess, startTsredis } from "./server_process.ts";

/** Starts a tsredis before the first test of the calling file and ends it after the last. */
export function sharedTsredis(args: string[] = []): () => ServerProcess {
  let server: ServerProcess | undefined;
  Deno.test.beforeAll(async () => {
    server = await startTsredis({ args });
  });
  Deno.test.afterAll(() => server?.[Symbol.asyncDispose]());
  return () => {
    if (server === undefined) throw new Error("The server is not started");
    return server;
  };
}
