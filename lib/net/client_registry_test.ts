import { assertEquals } from "@std/assert";
import { CommandRunner } from "../../tests/support/command_runner.ts";
import { ClientRegistry } from "./client_registry.ts";

Deno.test("ClientRegistry knows the strictest pause, and ends each by itself", () => {
  const clients = new ClientRegistry();
  const modes: (string | undefined)[] = [];
  clients.onPauseChange = (mode) => modes.push(mode);
  clients.pause(Infinity, "write", "shutdown");
  clients.pause(100, "all");
  clients.pause(50, "write");
  clients.endPauses(99);
  assertEquals(clients.pauseMode, "all");
  clients.endPauses(100);
  assertEquals(clients.pauseMode, "write");
  clients.unpause();
  clients.unpause("failover");
  assertEquals(clients.pauseMode, "write");
  clients.unpause("shutdown");
  assertEquals(modes, ["write", "all", "all", "write", undefined]);
});

Deno.test("ClientRegistry lets a client go on only when no pause holds it", () => {
  const runner = new CommandRunner();
  const { clients } = runner.server.parts;
  const writer = runner.newClient();
  clients.pause(Infinity, "write", "failover");
  clients.pause(Infinity, "all");
  assertEquals(runner.runAs(writer, "SET k v"), "");
  clients.unpause();
  assertEquals(runner.run("GET k"), "$-1\r\n");
  assertEquals(runner.runAs(writer, "SET k v"), "");
  assertEquals(writer.isParked, true);
  clients.unpause("failover");
  assertEquals(writer.isParked, false);
  assertEquals(runner.runAs(writer, "SET k v"), "+OK\r\n");
});
