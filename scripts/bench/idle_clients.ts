/** Memory of ten thousand clients that said one thing and are silent since. */
import { type Contestant, sleep, startServer } from "./contestant.ts";
import type { Row } from "./measurement.ts";

const CLIENTS = 10_000;
const CONNECTS_AT_ONCE = 100;
/** Lets the server notice that they are idle. */
const SETTLE_MS = 10_000;
const MEGABYTE = 1_000_000;
const PING = new TextEncoder().encode("*1\r\n$4\r\nPING\r\n");

/** The growth of resident memory from no client to all of them. */
export async function measureIdleClients(
  suite: string,
  context: { readonly ours: Contestant; readonly reference: Contestant },
): Promise<Row[]> {
  return [{
    suite,
    name: `RSS of ${CLIENTS} idle clients`,
    unit: "MB",
    ours: await measureOne(suite, context.ours),
    reference: await measureOne(suite, context.reference),
    target: { ratioAtMost: 3 },
  }];
}

async function measureOne(
  suite: string,
  contestant: Contestant,
): Promise<number> {
  console.error(`${suite}: ${contestant.name}`);
  const server = await startServer(contestant, {
    options: ["--maxclients", `${CLIENTS + 100}`],
  });
  const clients: Deno.TcpConn[] = [];
  try {
    await sleep(1000);
    const before = server.residentBytes();
    while (clients.length < CLIENTS) {
      const wave = Array.from(
        { length: CONNECTS_AT_ONCE },
        () => connectAndPing(server.port),
      );
      clients.push(...await Promise.all(wave));
    }
    await sleep(SETTLE_MS);
    return (server.residentBytes() - before) / MEGABYTE;
  } finally {
    for (const client of clients) client.close();
    await server.stop();
  }
}

async function connectAndPing(port: number): Promise<Deno.TcpConn> {
  const conn = await Deno.connect({ hostname: "127.0.0.1", port });
  await conn.write(PING);
  const reply = new Uint8Array(64);
  const count = await conn.read(reply) ?? 0;
  const text = new TextDecoder().decode(reply.subarray(0, count));
  if (text !== "+PONG\r\n") throw new Error(`PING answered ${text}`);
  return conn;
}
