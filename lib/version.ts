/** The versions that the server tells about itself, said once. */

/** The version of tsredis. */
export const TSREDIS_VERSION = "0.1.0";

/** The release of Redis whose behaviour tsredis has: `redis_version` in INFO. */
export const REDIS_COMPATIBILITY_VERSION = "7.2.6";
