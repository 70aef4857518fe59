/** What `--help` and `--version` print. */

import { REDIS_COMPATIBILITY_VERSION, TSREDIS_VERSION } from "../version.ts";

/** One line about the program and what it runs on. */
export function versionText(): string {
  const { deno, v8 } = Deno.version;
  return `tsredis v=${TSREDIS_VERSION} redis=${REDIS_COMPATIBILITY_VERSION} deno=${deno} v8=${v8}`;
}

/** How to start the server. */
export const USAGE = `\
Usage: tsredis [/path/to/redis.conf] [--directive value ...] [-]
       tsredis - (read the configuration from standard input)
       tsredis -v or --version
       tsredis -h or --help

Every directive of a configuration file is an option as well; docs/CONFIG.md
lists them. Options count more than standard input, and that more than the file.

  --port <number>              TCP port (6380); 0 for none
  --bind <address> ...         addresses to listen on (all)
  --unixsocket <path>          unix socket to listen on as well
  --requirepass <password>     password that clients have to give
  --maxclients <number>        clients that may be connected at once (10000)
  --replicaof <host> <port>    be a replica of this server
  --dir <path>                 directory of the data files (.)
  --dbfilename <name>          name of the snapshot file (dump.rdb)
  --save <seconds> <changes>   when to save a snapshot; "" for never
  --loglevel <level>           debug, verbose, notice, warning or nothing
  --logfile <path>             file to log to (standard output)

Examples:
       tsredis (run the server with the defaults)
       tsredis /etc/redis/6380.conf
       tsredis --port 7777 --replicaof 127.0.0.1 8888
       tsredis /etc/redis/6380.conf --loglevel verbose
       echo 'maxmemory 128mb' | tsredis -`;
