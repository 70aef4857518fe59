import { assertEquals } from "@std/assert";
import { Config } from "../config/config.ts";
import { ServerStats } from "../info/server_stats.ts";
import { Client, type ClientLink } from "../net/client.ts";
import { ClientRegistry } from "../net/client_registry.ts";
import { BufferPool } from "../resp/buffer_pool.ts";
import { bytesOfText } from "../resp/byte_text.ts";
import { ReplyWriter } from "../resp/reply_writer.ts";
import { Authentication } from "./authentication.ts";

class World {
  readonly config = new Config();
  readonly clients = new ClientRegistry();
  readonly stats = new ServerStats();
  readonly authentication = new Authentication(
    this.config,
    this.clients,
    this.stats,
  );

  setPassword(password: string): void {
    this.config.set([["requirepass", password]], {
      mayChangeProtected: false,
      isLoading: false,
    });
  }

  connect(): Client {
    const reply = new ReplyWriter(new BufferPool());
    const client = new Client(
      this.clients.nextId(),
      reply,
      {} as ClientLink,
      0,
    );
    this.clients.add(client);
    this.authentication.begin(client);
    return client;
  }

  authenticate(client: Client, user: string, password: string): boolean {
    return this.authentication.authenticate(
      client,
      bytesOfText(user),
      bytesOfText(password),
    );
  }
}

Deno.test("without a password everybody is the default user, whatever password they give", () => {
  const world = new World();
  const client = world.connect();
  assertEquals(client.isAuthenticated, true);
  assertEquals(world.authenticate(client, "default", "anything"), true);
  assertEquals(world.authenticate(client, "nobody", "anything"), false);
});

Deno.test("with a password a client has to give it, byte for byte", () => {
  const world = new World();
  world.setPassword("s\x00cret");
  const client = world.connect();
  assertEquals(client.isAuthenticated, false);
  for (const wrong of ["", "s", "s\x00cret ", "S\x00cret"]) {
    assertEquals(world.authenticate(client, "default", wrong), false);
  }
  assertEquals(world.authenticate(client, "other", "s\x00cret"), false);
  assertEquals(client.isAuthenticated, false);
  assertEquals(world.stats.accessDeniedAuth, 5);
  assertEquals(world.authenticate(client, "default", "s\x00cret"), true);
  assertEquals(client.isAuthenticated, true);
});

Deno.test("clients that are connected stay in when a password is set", () => {
  const world = new World();
  const client = world.connect();
  world.setPassword("secret");
  assertEquals(client.isAuthenticated, true);
});

Deno.test("a client that never gave a password is let in while there is none, and out again", () => {
  const world = new World();
  world.setPassword("one");
  const waiting = world.connect(), known = world.connect();
  world.authenticate(known, "default", "one");
  world.setPassword("");
  assertEquals([waiting, known].map((client) => client.isAuthenticated), [
    true,
    true,
  ]);
  world.setPassword("two");
  assertEquals([waiting, known].map((client) => client.isAuthenticated), [
    false,
    true,
  ]);
});
