/** Actions that the configuration opens to nobody, everybody or this machine. */

import type { Client } from "../net/client.ts";
import { isLocalAddress } from "../net/local_address.ts";

/** Values of the `enable-…` directives. */
export type ProtectedAction = "no" | "yes" | "local";

/** Whether the client may do what the directive protects. */
export function isActionAllowed(
  action: ProtectedAction,
  { link }: Client,
): boolean {
  return action === "yes" ||
    (action === "local" &&
      isLocalAddress(link.remoteAddress, link.isUnixSocket));
}
