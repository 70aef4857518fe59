import { assertEquals } from "@std/assert";
import { BufferPool } from "../resp/buffer_pool.ts";
import { ReplyWriter } from "../resp/reply_writer.ts";
import { Client, type ClientLink, GATE_NO_TOUCH, NO_LINK } from "./client.ts";
import { clientLine, clientMemoryBytes } from "./client_line.ts";

const LINK: ClientLink = {
  ...NO_LINK,
  remoteAddress: "127.0.0.1:1000",
  localAddress: "127.0.0.1:6380",
  queryBufferBytes: 1024,
  queryPendingBytes: 26,
};

function makeClient(link: Partial<ClientLink> = {}): Client {
  const reply = new ReplyWriter(new BufferPool());
  return new Client(7, reply, { ...LINK, ...link }, 1000);
}

function field(client: Client, name: string): string {
  const fields = new URLSearchParams(
    clientLine(client, 2000).replaceAll(" ", "&"),
  );
  return fields.get(name)!;
}

Deno.test("clientLine has the fields of Redis 7.2 in their order", () => {
  const client = makeClient();
  const objectsBytes = clientMemoryBytes(client) - LINK.queryBufferBytes;
  assertEquals(
    clientLine(client, 66_999),
    "id=7 addr=127.0.0.1:1000 laddr=127.0.0.1:6380 fd=-1 name= age=65 idle=65 " +
      "flags=N db=0 sub=0 psub=0 ssub=0 multi=-1 qbuf=26 qbuf-free=998 " +
      "argv-mem=0 multi-mem=0 rbs=0 rbp=0 obl=0 oll=0 omem=0 " +
      `tot-mem=${
        objectsBytes + 1024
      } events=r cmd=NULL user=default redir=-1 ` +
      "resp=2 lib-name= lib-ver=",
  );
});

Deno.test("clientLine tells what is special about a client", () => {
  const client = makeClient({ isUnixSocket: true, isWriting: true });
  client.isMonitor = client.isParked = client.isClosing = true;
  client.isEvictionExempt = true;
  client.setGate(GATE_NO_TOUCH, true);
  client.reply.protocol = 3;
  assertEquals(field(client, "flags"), "ObcUeT");
  assertEquals(field(client, "events"), "rw");
  assertEquals(field(client, "resp"), "3");
});

Deno.test("clientLine counts output that waits in memory", () => {
  const client = makeClient({ inFlightBytes: 500 });
  const before = clientMemoryBytes(client);
  client.reply.bulkLent(new Uint8Array(40_000));
  assertEquals(field(client, "omem"), "40500");
  assertEquals(
    clientMemoryBytes(client) - before,
    40_000 + client.reply.capacityBytes,
  );
});
