/** Telling this machine's own clients from others. */

/**
 * Whether a client at this address is on this machine, as Redis decides it: the
 * unix socket, 127.x.x.x and ::1.
 *
 * @param address `host:port`, an IPv6 host in brackets.
 */
export function isLocalAddress(
  address: string,
  isUnixSocket: boolean,
): boolean {
  return isUnixSocket ||
    /^(127\.|\[::1\]:)/.test(address);
}
