import { assert, assertEquals, assertRejects } from "@std/assert";
import {
  type IoTransport,
  listen,
  type ListenAddress,
  type Listener,
} from "./listener.ts";
import { formatAddress, type Reader, type Transport } from "./transport.ts";
import { tcpHandles } from "./transport_node_handle.ts";

/** What carries the bytes; every transport has to pass every test. */
const KINDS: { name: string; io: IoTransport; isUnix: boolean }[] = [
  { name: "Deno's TCP", io: "deno", isUnix: false },
  { name: "node's TCP handles", io: "node", isUnix: false },
  { name: "a unix socket", io: "auto", isUnix: true },
].filter(({ isUnix }) => !isUnix || Deno.build.os !== "windows") as {
  name: string;
  io: IoTransport;
  isUnix: boolean;
}[];

type Kind = (typeof KINDS)[number];

/** A listener, and both ends of as many connections as are asked for. */
class Pairs {
  readonly #accepted: Transport[] = [];
  readonly #waiting: ((transport: Transport) => void)[] = [];
  readonly #listener: Listener;
  readonly #address: ListenAddress;
  readonly #peers: Deno.Conn[] = [];
  readonly #transports: Transport[] = [];

  constructor(kind: Kind, host = "127.0.0.1") {
    this.#address = kind.isUnix
      ? { transport: "unix", path: Deno.makeTempFileSync() }
      : { transport: "tcp", host, port: 0 };
    if (kind.isUnix) Deno.removeSync(this.path);
    this.#listener = listen(this.#address, {
      onConnection: (transport) => {
        const take = this.#waiting.shift();
        if (take === undefined) this.#accepted.push(transport);
        else take(transport);
      },
      onAcceptError: (error) => {
        throw error;
      },
    }, kind.io);
  }

  get path(): string {
    return this.#address.transport === "unix" ? this.#address.path : "";
  }

  async open(): Promise<{ peer: Deno.Conn; transport: Transport }> {
    const peer = this.#address.transport === "unix"
      ? await Deno.connect({ transport: "unix", path: this.path })
      : await Deno.connect({
        hostname: this.#address.host,
        port: this.#listener.port,
      });
    this.#peers.push(peer);
    const transport = this.#accepted.shift() ??
      await new Promise<Transport>((resolve) => this.#waiting.push(resolve));
    this.#transports.push(transport);
    return { peer, transport };
  }

  [Symbol.dispose](): void {
    for (const transport of this.#transports) transport.close();
    for (const peer of this.#peers) {
      try {
        peer.close();
      } catch {
        // The test closed it.
      }
    }
    this.#listener.close();
  }
}

function eachKind(name: string, test: (kind: Kind) => Promise<void>): void {
  for (const kind of KINDS) Deno.test(`${kind.name} ${name}`, () => test(kind));
}

/** Bytes that tell where they belong. */
function pattern(length: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(length);
  for (let i = 0; i < length; i++) bytes[i] = (i * 31 + (i >> 8) * 7) & 255;
  return bytes;
}

async function writeAll(conn: Deno.Conn, bytes: Uint8Array): Promise<void> {
  for (let at = 0; at < bytes.length;) {
    at += await conn.write(bytes.subarray(at));
  }
}

function into(buffer: Uint8Array): Reader {
  return { roomBytes: buffer.length, room: () => buffer };
}

async function readExactly(
  conn: Deno.Conn,
  length: number,
): Promise<Uint8Array> {
  const bytes = new Uint8Array(length);
  for (let at = 0; at < length;) {
    const count = await conn.read(bytes.subarray(at));
    if (count === null) return bytes.subarray(0, at);
    at += count;
  }
  return bytes;
}

const PENDING = Symbol("pending");

/** What the promise came to, or PENDING when it is still open after a while. */
async function soon<T>(
  promise: Promise<T> | undefined,
): Promise<T | undefined | typeof PENDING> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const later = new Promise<typeof PENDING>((resolve) => {
    timer = setTimeout(() => resolve(PENDING), 100);
  });
  try {
    return await Promise.race([promise, later]);
  } finally {
    clearTimeout(timer);
  }
}

Deno.test("formatAddress writes addresses as CLIENT LIST does", () => {
  assertEquals(formatAddress("127.0.0.1", 6380), "127.0.0.1:6380");
  assertEquals(formatAddress("::1", 6380), "[::1]:6380");
  assertEquals(formatAddress("::ffff:10.0.0.1", 1), "10.0.0.1:1");
  assertEquals(formatAddress("::ffff:a00:1", 1), "[::ffff:a00:1]:1");
});

Deno.test("this runtime has the handles that the node transport is made of", () => {
  assertEquals(tcpHandles === undefined, Deno.build.os === "windows");
});

eachKind("carries requests and replies", async (kind) => {
  using pairs = new Pairs(kind);
  const { peer, transport } = await pairs.open();
  const buffer = new Uint8Array(100);
  for (let round = 1; round < 50; round++) {
    const request = pattern(round);
    await writeAll(peer, request);
    let length = 0;
    while (length < round) {
      length += await transport.read(into(buffer.subarray(length))) ?? round;
    }
    assertEquals(buffer.subarray(0, length), request);
    await transport.write(buffer.subarray(0, length));
    assertEquals(await readExactly(peer, round), request);
  }
});

eachKind("tells both addresses", async (kind) => {
  using pairs = new Pairs(kind);
  const { peer, transport } = await pairs.open();
  const { localAddr, remoteAddr } = peer;
  if (localAddr.transport === "tcp" && remoteAddr.transport === "tcp") {
    assertEquals(transport.remoteAddress, `127.0.0.1:${localAddr.port}`);
    assertEquals(transport.localAddress, `127.0.0.1:${remoteAddr.port}`);
  } else {
    assertEquals(transport.remoteAddress, `${pairs.path}:0`);
    assertEquals(transport.localAddress, `${pairs.path}:0`);
  }
  transport.setKeepAlive(300);
  transport.setKeepAlive(0);
});

eachKind("keeps the order whatever the size of the reads", async (kind) => {
  using pairs = new Pairs(kind);
  const { peer, transport } = await pairs.open();
  const sent = pattern(3_000_000), got = new Uint8Array(sent.length);
  const sending = writeAll(peer, sent);
  const sizes = [1, 7, 900, 5_000, 32_767, 32_768, 70_000, 262_144];
  let at = 0;
  for (let step = 0; at < got.length; step++) {
    const size = Math.min(sizes[step % sizes.length], got.length - at);
    const length = await transport.read(into(got.subarray(at, at + size)));
    assert(length !== null && length > 0 && length <= size);
    at += length;
    // Bytes come while nobody reads.
    if (step % 3 === 0) await new Promise((resolve) => setTimeout(resolve));
  }
  await sending;
  assertEquals(got, sent);
});

eachKind("writes all to a peer that reads slowly", async (kind) => {
  using pairs = new Pairs(kind);
  const { peer, transport } = await pairs.open();
  const sent = pattern(20_000_000);
  const writing = transport.write(sent);
  assertEquals(await soon(writing), PENDING);
  assertEquals(await readExactly(peer, sent.length), sent);
  await writing;
  const more = pattern(5);
  await transport.write(more);
  assertEquals(await readExactly(peer, 5), more);
});

eachKind("reads while a write waits for the peer", async (kind) => {
  using pairs = new Pairs(kind);
  const { peer, transport } = await pairs.open();
  const writing = transport.write(pattern(20_000_000));
  const buffer = new Uint8Array(10);
  for (const size of [1, 2, 3]) {
    await writeAll(peer, pattern(size));
    assertEquals(await transport.read(into(buffer)), size);
  }
  transport.close();
  await assertRejects(async () => await writing);
});

eachKind("answers a peer that has shut its write side", async (kind) => {
  using pairs = new Pairs(kind);
  const { peer, transport } = await pairs.open();
  await writeAll(peer, pattern(10));
  await peer.closeWrite();
  const buffer = new Uint8Array(100);
  assertEquals(await transport.read(into(buffer)), 10);
  assertEquals(await transport.read(into(buffer)), null);
  assertEquals(await transport.read(into(buffer)), null);
  const reply = pattern(1_000_000);
  const writing = transport.write(reply);
  assertEquals(await readExactly(peer, reply.length), reply);
  await writing;
  transport.close();
  assertEquals(await peer.read(buffer), null);
});

eachKind("hands out what came before the end of the stream", async (kind) => {
  using pairs = new Pairs(kind);
  const { peer, transport } = await pairs.open();
  const buffer = new Uint8Array(4);
  await writeAll(peer, pattern(4));
  assertEquals(await transport.read(into(buffer)), 4);
  await writeAll(peer, pattern(6));
  peer.close();
  await new Promise((resolve) => setTimeout(resolve, 20));
  assertEquals(await transport.read(into(buffer)), 4);
  assertEquals(await transport.read(into(buffer)), 2);
  assertEquals(await transport.read(into(buffer)), null);
});

eachKind("ends the read when the peer breaks off", async (kind) => {
  using pairs = new Pairs(kind);
  const { peer, transport } = await pairs.open();
  const reading = transport.read(into(new Uint8Array(10)));
  await transport.write(pattern(10));
  // Closing with unread bytes resets the connection.
  peer.close();
  assertEquals(await reading, null);
  await assertRejects(async () => {
    for (let round = 0; round < 100; round++) {
      await transport.write(pattern(100_000));
    }
  });
  assertEquals(await transport.read(into(new Uint8Array(10))), null);
});

eachKind("fails a waiting write when the peer breaks off", async (kind) => {
  using pairs = new Pairs(kind);
  const { peer, transport } = await pairs.open();
  const writing = transport.write(pattern(20_000_000));
  assertEquals(await soon(writing), PENDING);
  peer.close();
  await assertRejects(async () => await writing);
});

eachKind("ends a waiting read when it is closed", async (kind) => {
  using pairs = new Pairs(kind);
  const { peer, transport } = await pairs.open();
  for (const size of [10, 100_000]) {
    const reading = transport.read(into(new Uint8Array(size)));
    if (size === 10) {
      await writeAll(peer, pattern(3));
      assertEquals(await reading, 3);
      continue;
    }
    assertEquals(await soon(reading), PENDING);
    transport.close();
    assertEquals(await reading, null);
  }
  transport.close();
  assertEquals(await transport.read(into(new Uint8Array(10))), null);
  await assertRejects(async () => await transport.write(pattern(1)));
  transport.setKeepAlive(300);
  assertEquals(await peer.read(new Uint8Array(10)), null);
});

eachKind("serves 1,000 connections at once", async (kind) => {
  using pairs = new Pairs(kind);
  const ends = [];
  for (let i = 0; i < 1_000; i++) ends.push(await pairs.open());
  for (const { transport } of ends) {
    (async () => {
      const buffer = new Uint8Array(100);
      for (;;) {
        const length = await transport.read(into(buffer));
        if (length === null) break;
        await transport.write(buffer.subarray(0, length));
      }
    })();
  }
  await Promise.all(ends.map(async ({ peer }, i) => {
    for (let round = 0; round < 5; round++) {
      const request = pattern(10 + i % 50);
      await writeAll(peer, request);
      assertEquals(await readExactly(peer, request.length), request);
    }
  }));
});
