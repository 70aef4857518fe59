import { assertEquals } from "@std/assert";
import { join } from "@std/path";

const SCRIPT = join(import.meta.dirname!, "healthcheck.sh");

async function check(port: number): Promise<boolean> {
  const { success } = await new Deno.Command("bash", {
    args: [SCRIPT],
    env: { TSREDIS_PORT: `${port}` },
    stdout: "null",
    stderr: "null",
  }).output();
  return success;
}

/** What the health check says of a server that answers this to everything. */
async function checkServerThatAnswers(answer: string): Promise<boolean> {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const served = listener.accept().then(async (conn) => {
    await conn.read(new Uint8Array(64));
    await conn.write(new TextEncoder().encode(answer));
    conn.close();
  });
  const isHealthy = await check(listener.addr.port);
  await served;
  return isHealthy;
}

Deno.test("the health check accepts PONG and the want of a password alone", async () => {
  const answers = {
    "+PONG\r\n": true,
    "-NOAUTH Authentication required.\r\n": true,
    "-LOADING Redis is loading the dataset in memory\r\n": false,
    "HTTP/1.1 400 Bad Request\r\n": false,
    "": false,
  };
  for (const [answer, isHealthy] of Object.entries(answers)) {
    assertEquals(await checkServerThatAnswers(answer), isHealthy, answer);
  }
});

Deno.test("the health check fails where nobody listens", async () => {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr;
  listener.close();
  assertEquals(await check(port), false);
});
