/**
 * The runtime's own TCP handles, the ones that `node:net` is made of.
 *
 * `net.Socket` puts a pair of streams on top of a handle: a buffer, an event and
 * a request object for each read and write. A server of many small requests pays
 * for that and needs none of it, so it takes the handles as they are. They are
 * not a documented interface. So nothing here is taken on trust:
 * {@linkcode tcpHandles} is undefined unless everything used has the expected
 * shape, and the server then stays with `Deno.listen`.
 */

import process from "node:process";

/** A TCP socket: either one that listens, or one end of a connection. */
export interface TcpHandle {
  /** Called with the outcome (0 or a negative error) when a connection waits for `accept`. */
  onconnection?: (status: number) => void;
  /** Called after each read; {@linkcode TcpHandles.readLength} tells its outcome. */
  onread?: () => void;
  /** Tells the handle its own object, which then lives until `close`. */
  setHandle(handle: TcpHandle): void;
  /** These and the following answer 0, or a negative error number. */
  bindWithFlags(host: string, port: number, flags: number): number;
  bind6(host: string, port: number, flags: number): number;
  /** Starts listening; called again, looks for waiting connections. */
  listen(backlog: number): number;
  accept(client: TcpHandle): number;
  /** Where reads go, from the next one on, until told otherwise. */
  useUserBuffer(buffer: Uint8Array): void;
  readStart(): number;
  readStop(): number;
  /**
   * Sends at once what the system takes. With something left,
   * {@linkcode TcpHandles.isWriteQueued} is true, `request.oncomplete` follows,
   * and `bytes` must stay as they are until then.
   */
  writeBuffer(request: WriteRequest, bytes: Uint8Array): number;
  setNoDelay(isOn: boolean): number;
  setKeepAlive(isOn: boolean, seconds: number): number;
  getsockname(out: Partial<SocketName>): number;
  getpeername(out: Partial<SocketName>): number;
  close(): void;
}

/** Outlives the write that it is used for. */
export interface WriteRequest {
  oncomplete(status: number): void;
}

export interface SocketName {
  address: string;
  port: number;
}

/** What the runtime offers. */
export interface TcpHandles {
  /** A handle that may listen. */
  createServer(): TcpHandle;
  /** A handle to `accept` into. */
  createSocket(): TcpHandle;
  /** Inside `onread`: bytes read, or a negative error number, end of stream among them. */
  readLength(): number;
  /** Right after `writeBuffer`: whether a part of it is still to be sent. */
  isWriteQueued(): boolean;
}

/** As `process.binding` gives them. */
interface TcpBinding {
  TCP: { new (type: number): TcpHandle; prototype: TcpHandle };
  constants: { SOCKET: number; SERVER: number };
}

interface StreamBinding {
  /** Outcome of the latest read or write of any handle. */
  streamBaseState: Int32Array;
  kReadBytesOrError: number;
  kLastWriteWasAsync: number;
}

const HANDLE_METHODS = [
  "setHandle",
  "bindWithFlags",
  "bind6",
  "listen",
  "accept",
  "useUserBuffer",
  "readStart",
  "readStop",
  "writeBuffer",
  "setNoDelay",
  "setKeepAlive",
  "getsockname",
  "getpeername",
  "close",
] as const satisfies readonly (keyof TcpHandle)[];

/** The runtime's TCP handles; undefined when this runtime has others. */
export const tcpHandles: TcpHandles | undefined = findTcpHandles();

function findTcpHandles(): TcpHandles | undefined {
  // Windows has handles of its own kind, on which nothing here was measured.
  if (Deno.build.os === "windows") return undefined;
  let tcp: TcpBinding, stream: StreamBinding;
  try {
    const { binding } = process as unknown as {
      binding(name: string): unknown;
    };
    tcp = binding("tcp_wrap") as TcpBinding;
    stream = binding("stream_wrap") as StreamBinding;
    if (!hasExpectedShape(tcp, stream)) return undefined;
  } catch {
    return undefined;
  }
  const { TCP, constants: { SERVER, SOCKET } } = tcp;
  const { streamBaseState, kReadBytesOrError, kLastWriteWasAsync } = stream;
  return {
    createServer: () => new TCP(SERVER),
    createSocket: () => new TCP(SOCKET),
    readLength: () => streamBaseState[kReadBytesOrError],
    isWriteQueued: () => streamBaseState[kLastWriteWasAsync] !== 0,
  };
}

function hasExpectedShape(tcp: TcpBinding, stream: StreamBinding): boolean {
  const { prototype } = tcp.TCP;
  return HANDLE_METHODS.every((name) =>
    typeof prototype[name] === "function"
  ) &&
    Number.isInteger(tcp.constants.SERVER) &&
    Number.isInteger(tcp.constants.SOCKET) &&
    stream.streamBaseState instanceof Int32Array &&
    Number.isInteger(stream.kReadBytesOrError) &&
    Number.isInteger(stream.kLastWriteWasAsync);
}
