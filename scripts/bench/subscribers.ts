/** Connections that are subscribed to a channel and drop what they are sent. */

const READ_BYTES = 256 * 1024;

/** Subscribes so many connections; disposing of the result closes them. */
export async function openSubscribers(
  port: number,
  count: number,
  channel: string,
): Promise<Disposable> {
  const request = new TextEncoder().encode(
    `*2\r\n$9\r\nSUBSCRIBE\r\n$${channel.length}\r\n${channel}\r\n`,
  );
  const scratch = new Uint8Array(READ_BYTES);
  const conns: Deno.TcpConn[] = [];
  for (let i = 0; i < count; i++) {
    const conn = await Deno.connect({ hostname: "127.0.0.1", port });
    conns.push(conn);
    await conn.write(request);
    // The confirmation: from now on it is subscribed.
    await conn.read(scratch);
    drain(conn, scratch);
  }
  return {
    [Symbol.dispose]: () => {
      for (const conn of conns) conn.close();
    },
  };
}

/** Reads until the connection is closed, by either side. */
async function drain(conn: Deno.TcpConn, scratch: Uint8Array): Promise<void> {
  try {
    while (await conn.read(scratch) !== null);
  } catch (error) {
    const isClosed = error instanceof Deno.errors.BadResource ||
      error instanceof Deno.errors.Interrupted ||
      error instanceof Deno.errors.ConnectionReset;
    if (!isClosed) throw error;
  }
}
