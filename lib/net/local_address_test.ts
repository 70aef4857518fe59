import { assertEquals } from "@std/assert";
import { isLocalAddress } from "./local_address.ts";

Deno.test("isLocalAddress knows the loopback addresses and the unix socket", () => {
  const rows: [address: string, isUnixSocket: boolean, isLocal: boolean][] = [
    ["127.0.0.1:5000", false, true],
    ["127.9.9.9:5000", false, true],
    ["[::1]:5000", false, true],
    ["/run/tsredis.sock:0", true, true],
    ["10.0.0.1:127", false, false],
    ["1127.0.0.1:1", false, false],
    ["[::1:2]:5000", false, false],
    ["[fd00::1]:5000", false, false],
  ];
  for (const [address, isUnixSocket, isLocal] of rows) {
    assertEquals(isLocalAddress(address, isUnixSocket), isLocal, address);
  }
});
