/** Actions that the configuration opens to nobody, everybody or this machine. */

import type { Client } from "../net/client.ts";

/** Values of the `enable-…` directives. */
export type ProtectedAction = "no" | "yes" | "local";

/** Whether the client may do what the directive protects. */
export function isActionAllowed(
  action: ProtectedAction,
  client: Client,
): boolean {
  return action === "yes" || (action === "local" && isLocal(client));
}

/** Whether the client is on this machine. */
function isLocal({ link }: Client): boolean {
  return link.isUnixSocket || link.remoteAddress.startsWith("127.") ||
    link.remoteAddress.startsWith("[::1]:");
}
