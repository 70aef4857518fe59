import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import {
  type IoTransport,
  listen,
  type ListenAddress,
  type Listener,
  ListenError,
  type ListenEvents,
} from "./listener.ts";

const IO_TRANSPORTS: IoTransport[] = ["deno", "node"];
const isWindows = Deno.build.os === "windows";

/** Sends back what comes. */
const ECHO: ListenEvents = {
  async onConnection(transport) {
    const buffer = new Uint8Array(100);
    const reader = { roomBytes: 100, room: () => buffer };
    for (;;) {
      const length = await transport.read(reader);
      if (length === null) break;
      await transport.write(buffer.subarray(0, length));
    }
    transport.close();
  },
  onAcceptError(error) {
    throw error;
  },
};

/** Fails when no answer comes within five seconds. */
async function assertEchoes(peer: Deno.Conn): Promise<void> {
  const deadline = setTimeout(() => peer.close(), 5_000);
  const request = new TextEncoder().encode("PING");
  await peer.write(request);
  const reply = new Uint8Array(10);
  assertEquals(await peer.read(reply), request.length);
  clearTimeout(deadline);
  peer.close();
}

/** Runs it with a listener on a free port of `host`. */
async function withTcp(
  io: IoTransport,
  host: string,
  run: (listener: Listener) => Promise<void>,
): Promise<void> {
  const listener = listen({ transport: "tcp", host, port: 0 }, ECHO, io);
  try {
    await run(listener);
  } finally {
    listener.close();
    // The pending accept ends.
    await new Promise((resolve) => setTimeout(resolve));
  }
}

function hasIpv6(): boolean {
  try {
    Deno.listen({ hostname: "::1", port: 0 }).close();
    return true;
  } catch {
    return false;
  }
}

for (const io of IO_TRANSPORTS) {
  Deno.test(`${io} listens on one address, on all and on a name`, async () => {
    for (const host of ["127.0.0.1", "*", "localhost"]) {
      await withTcp(io, host, async (listener) => {
        assert(listener.port > 0);
        const hostname = host === "*" ? "127.0.0.1" : host;
        await assertEchoes(
          await Deno.connect({ hostname, port: listener.port }),
        );
      });
    }
  });

  Deno.test({
    name: `${io} takes IPv4 on the socket for all IPv6 addresses`,
    ignore: !hasIpv6(),
    async fn() {
      await withTcp(io, "::*", async ({ port }) => {
        await assertEchoes(await Deno.connect({ hostname: "::1", port }));
        await assertEchoes(await Deno.connect({ hostname: "127.0.0.1", port }));
      });
      await withTcp(io, "::1", async ({ port }) => {
        await assertEchoes(await Deno.connect({ hostname: "::1", port }));
      });
    },
  });

  Deno.test(`${io} says which address it cannot have, in Redis's words`, async () => {
    await withTcp(io, "127.0.0.1", ({ port }) => {
      const address: ListenAddress = { transport: "tcp", host: "*", port };
      const error = assertThrows(
        () => listen(address, ECHO, io),
        ListenError,
        "bind: Address already in use",
      );
      assertEquals(error.code, "EADDRINUSE");
      assertEquals(error.address, address);
      assertEquals(
        error.description,
        "Warning: Could not create server TCP listening socket " +
          `*:${port}: bind: Address already in use`,
      );
      return Promise.resolve();
    });
    // Set aside for examples (RFC 5737): no machine has it.
    const error = assertThrows(
      () => listen({ transport: "tcp", host: "192.0.2.1", port: 0 }, ECHO, io),
      ListenError,
      "bind: Cannot assign requested address",
    );
    assertEquals(error.code, "EADDRNOTAVAIL");
  });

  Deno.test(`${io} takes the port again at once after it was closed`, async () => {
    let port = 0;
    await withTcp(io, "127.0.0.1", async (listener) => {
      port = listener.port;
      await assertEchoes(await Deno.connect({ port }));
    });
    listen({ transport: "tcp", host: "127.0.0.1", port }, ECHO, io).close();
  });

  Deno.test(`${io} leaves accepted connections open when it closes`, async () => {
    let peer: Deno.Conn | undefined, port = 0;
    await withTcp(io, "127.0.0.1", async (listener) => {
      port = listener.port;
      peer = await Deno.connect({ port });
      await peer.write(new Uint8Array(1));
      assertEquals(await peer.read(new Uint8Array(1)), 1);
    });
    await assertRejects(() => Deno.connect({ port }));
    await assertEchoes(peer!);
  });

  Deno.test(`${io} closes a connection that nobody can take up, and goes on`, async () => {
    const errors: Error[] = [];
    let count = 0;
    const listener = listen({ transport: "tcp", host: "127.0.0.1", port: 0 }, {
      onConnection(transport) {
        if (count++ === 0) throw new Error("no room");
        ECHO.onConnection(transport);
      },
      onAcceptError: (error) => errors.push(error),
    }, io);
    const refused = await Deno.connect({ port: listener.port });
    assertEquals(await refused.read(new Uint8Array(1)), null);
    refused.close();
    await assertEchoes(await Deno.connect({ port: listener.port }));
    assertEquals(errors.map(({ message }) => message), ["no room"]);
    listener.close();
    await new Promise((resolve) => setTimeout(resolve));
  });

  Deno.test({
    name: `${io} goes on accepting after it ran out of descriptors`,
    ignore: isWindows,
    async fn() {
      const directory = await Deno.makeTempDir();
      const server = startWithDescriptors(64, io, directory);
      try {
        const port = Number(await readLine(server.stdout));
        const peers: Deno.Conn[] = [];
        while (peers.length < 100) peers.push(await Deno.connect({ port }));
        // Long enough for the server to run into the limit.
        await new Promise((resolve) => setTimeout(resolve, 500));
        for (const peer of peers) peer.close();
        await assertEchoes(await Deno.connect({ port }));
      } finally {
        server.kill("SIGKILL");
        await server.status;
        await Deno.remove(directory, { recursive: true });
      }
    },
  });
}

/** An echo server of its own, which prints its port. */
function startWithDescriptors(
  limit: number,
  io: IoTransport,
  directory: string,
): Deno.ChildProcess {
  const main = `${directory}/main.ts`;
  Deno.writeTextFileSync(
    main,
    `import { listen } from "${import.meta.resolve("./listener.ts")}";
    // The runtime needs descriptors for signals, and panics when it gets none.
    Deno.addSignalListener("SIGUSR2", () => {});
    const listener = listen({ transport: "tcp", host: "127.0.0.1", port: 0 }, {
      async onConnection(transport) {
        const buffer = new Uint8Array(100);
        const reader = { roomBytes: 100, room: () => buffer };
        for (;;) {
          const length = await transport.read(reader);
          if (length === null) break;
          await transport.write(buffer.subarray(0, length));
        }
        transport.close();
      },
      onAcceptError() {},
    }, "${io}");
    console.log(listener.port);`,
  );
  return new Deno.Command("sh", {
    args: [
      "-c",
      `ulimit -n ${limit} && exec "$0" run -A "$1"`,
      Deno.execPath(),
      main,
    ],
    stdout: "piped",
  }).spawn();
}

async function readLine(stream: ReadableStream<Uint8Array>): Promise<string> {
  let text = "";
  for await (const chunk of stream) {
    text += new TextDecoder().decode(chunk);
    if (text.includes("\n")) break;
  }
  return text.trimEnd();
}

Deno.test({
  name: "a unix socket has the permissions asked for, and goes when it closes",
  ignore: isWindows,
  async fn() {
    const directory = await Deno.makeTempDir();
    const path = `${directory}/socket`;
    const listener = listen({ transport: "unix", path, mode: 0o740 }, ECHO);
    assertEquals(listener.port, 0);
    assertEquals(Deno.statSync(path).mode! & 0o777, 0o740);
    await assertEchoes(await Deno.connect({ transport: "unix", path }));
    listener.close();
    assertThrows(() => Deno.lstatSync(path), Deno.errors.NotFound);
    await Deno.remove(directory, { recursive: true });
  },
});

Deno.test({
  name: "a unix socket replaces a dead one, and leaves other files alone",
  ignore: isWindows,
  async fn() {
    const directory = await Deno.makeTempDir();
    const path = `${directory}/socket`;
    const killed = new Deno.Command(Deno.execPath(), {
      args: [
        "eval",
        `Deno.listen({ transport: "unix", path: ${JSON.stringify(path)} });
         Deno.kill(Deno.pid, "SIGKILL");`,
      ],
    });
    await killed.output();
    assertEquals(Deno.lstatSync(path).isSocket, true);
    const listener = listen({ transport: "unix", path }, ECHO);
    await assertEchoes(await Deno.connect({ transport: "unix", path }));
    listener.close();

    await Deno.writeTextFile(path, "mine");
    const error = assertThrows(
      () => listen({ transport: "unix", path }, ECHO),
      ListenError,
    );
    assertEquals(
      error.description,
      "Failed opening Unix socket: bind: Address already in use",
    );
    assertEquals(await Deno.readTextFile(path), "mine");
    await Deno.remove(directory, { recursive: true });
  },
});
