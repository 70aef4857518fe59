/**
 * What Redis 7.2 knows about the commands that tsredis has: one line each.
 *
 *   name arity flags first-key last-key key-step ACL-categories tips
 *
 * Lists are sorted and joined by commas, `-` is none. COMMAND INFO has to answer
 * this, and the arity cases are made from it.
 */
const LINES = `
ping -1 fast 0 0 0 @connection,@fast request_policy:all_shards,response_policy:all_succeeded
echo 2 fast,loading,stale 0 0 0 @connection,@fast -
quit -1 allow_busy,fast,loading,no_auth,noscript,stale 0 0 0 @connection,@fast -
select 2 fast,loading,stale 0 0 0 @connection,@fast -
hello -1 allow_busy,fast,loading,no_auth,noscript,stale 0 0 0 @connection,@fast -
reset 1 allow_busy,fast,loading,no_auth,noscript,stale 0 0 0 @connection,@fast -
auth -2 allow_busy,fast,loading,no_auth,noscript,stale 0 0 0 @connection,@fast -
client -2 - 0 0 0 @slow -
client|getname 2 loading,noscript,stale 0 0 0 @connection,@slow -
client|help 2 loading,stale 0 0 0 @connection,@slow -
client|id 2 loading,noscript,stale 0 0 0 @connection,@slow -
client|info 2 loading,noscript,stale 0 0 0 @connection,@slow nondeterministic_output
client|kill -3 admin,loading,noscript,stale 0 0 0 @admin,@connection,@dangerous,@slow -
client|list -2 admin,loading,noscript,stale 0 0 0 @admin,@connection,@dangerous,@slow nondeterministic_output
client|no-evict 3 admin,loading,noscript,stale 0 0 0 @admin,@connection,@dangerous,@slow -
client|no-touch 3 loading,noscript,stale 0 0 0 @connection,@slow -
client|pause -3 admin,loading,noscript,stale 0 0 0 @admin,@connection,@dangerous,@slow -
client|reply 3 loading,noscript,stale 0 0 0 @connection,@slow -
client|setinfo 4 loading,noscript,stale 0 0 0 @connection,@slow request_policy:all_nodes,response_policy:all_succeeded
client|setname 3 loading,noscript,stale 0 0 0 @connection,@slow request_policy:all_nodes,response_policy:all_succeeded
client|tracking -3 loading,noscript,stale 0 0 0 @connection,@slow -
client|caching 3 loading,noscript,stale 0 0 0 @connection,@slow -
client|getredir 2 loading,noscript,stale 0 0 0 @connection,@slow -
client|trackinginfo 2 loading,noscript,stale 0 0 0 @connection,@slow -
client|unpause 2 admin,loading,noscript,stale 0 0 0 @admin,@connection,@dangerous,@slow -
command -1 loading,stale 0 0 0 @connection,@slow nondeterministic_output_order
command|count 2 loading,stale 0 0 0 @connection,@slow -
command|docs -2 loading,stale 0 0 0 @connection,@slow nondeterministic_output_order
command|getkeys -3 loading,stale 0 0 0 @connection,@slow -
command|getkeysandflags -3 loading,stale 0 0 0 @connection,@slow -
command|help 2 loading,stale 0 0 0 @connection,@slow -
command|info -2 loading,stale 0 0 0 @connection,@slow nondeterministic_output_order
command|list -2 loading,stale 0 0 0 @connection,@slow nondeterministic_output_order
info -1 loading,stale 0 0 0 @dangerous,@slow nondeterministic_output,request_policy:all_shards,response_policy:special
config -2 - 0 0 0 @slow -
config|get -3 admin,loading,noscript,stale 0 0 0 @admin,@dangerous,@slow -
config|help 2 loading,stale 0 0 0 @slow -
config|resetstat 2 admin,loading,noscript,stale 0 0 0 @admin,@dangerous,@slow request_policy:all_nodes,response_policy:all_succeeded
config|rewrite 2 admin,loading,noscript,stale 0 0 0 @admin,@dangerous,@slow request_policy:all_nodes,response_policy:all_succeeded
config|set -4 admin,loading,noscript,stale 0 0 0 @admin,@dangerous,@slow request_policy:all_nodes,response_policy:all_succeeded
dbsize 1 fast,readonly 0 0 0 @fast,@keyspace,@read request_policy:all_shards,response_policy:agg_sum
flushdb -1 write 0 0 0 @dangerous,@keyspace,@slow,@write request_policy:all_shards,response_policy:all_succeeded
flushall -1 write 0 0 0 @dangerous,@keyspace,@slow,@write request_policy:all_shards,response_policy:all_succeeded
swapdb 3 fast,write 0 0 0 @dangerous,@fast,@keyspace,@write -
time 1 fast,loading,stale 0 0 0 @fast nondeterministic_output
debug -2 admin,loading,noscript,stale 0 0 0 @admin,@dangerous,@slow -
migrate -6 movablekeys,write 3 3 1 @dangerous,@keyspace,@slow,@write nondeterministic_output
waitaof 4 noscript 0 0 0 @connection,@slow request_policy:all_shards,response_policy:agg_min
wait 3 - 0 0 0 @connection,@slow request_policy:all_shards,response_policy:agg_min
shutdown -1 admin,allow_busy,loading,no_multi,noscript,stale 0 0 0 @admin,@dangerous,@slow -
slowlog -2 - 0 0 0 @slow -
slowlog|get -2 admin,loading,stale 0 0 0 @admin,@dangerous,@slow nondeterministic_output,request_policy:all_nodes
slowlog|help 2 loading,stale 0 0 0 @slow -
slowlog|len 2 admin,loading,stale 0 0 0 @admin,@dangerous,@slow nondeterministic_output,request_policy:all_nodes,response_policy:agg_sum
slowlog|reset 2 admin,loading,stale 0 0 0 @admin,@dangerous,@slow request_policy:all_nodes,response_policy:all_succeeded
latency -2 - 0 0 0 @slow -
latency|doctor 2 admin,loading,noscript,stale 0 0 0 @admin,@dangerous,@slow nondeterministic_output,request_policy:all_nodes,response_policy:special
latency|graph 3 admin,loading,noscript,stale 0 0 0 @admin,@dangerous,@slow nondeterministic_output,request_policy:all_nodes,response_policy:special
latency|help 2 loading,stale 0 0 0 @slow -
latency|histogram -2 admin,loading,noscript,stale 0 0 0 @admin,@dangerous,@slow nondeterministic_output,request_policy:all_nodes,response_policy:special
latency|history 3 admin,loading,noscript,stale 0 0 0 @admin,@dangerous,@slow nondeterministic_output,request_policy:all_nodes,response_policy:special
latency|latest 2 admin,loading,noscript,stale 0 0 0 @admin,@dangerous,@slow nondeterministic_output,request_policy:all_nodes,response_policy:special
latency|reset -2 admin,loading,noscript,stale 0 0 0 @admin,@dangerous,@slow request_policy:all_nodes,response_policy:agg_sum
monitor 1 admin,loading,noscript,stale 0 0 0 @admin,@dangerous,@slow -
memory -2 - 0 0 0 @slow -
memory|doctor 2 - 0 0 0 @slow nondeterministic_output,request_policy:all_shards,response_policy:special
memory|help 2 loading,stale 0 0 0 @slow -
memory|malloc-stats 2 - 0 0 0 @slow nondeterministic_output,request_policy:all_shards,response_policy:special
memory|purge 2 - 0 0 0 @slow request_policy:all_shards,response_policy:all_succeeded
memory|stats 2 - 0 0 0 @slow nondeterministic_output,request_policy:all_shards,response_policy:special
memory|usage -3 readonly 2 2 1 @read,@slow -
lolwut -1 fast,readonly 0 0 0 @fast,@read -
set -3 denyoom,write 1 1 1 @slow,@string,@write -
get 2 fast,readonly 1 1 1 @fast,@read,@string -
getset 3 denyoom,fast,write 1 1 1 @fast,@string,@write -
getdel 2 fast,write 1 1 1 @fast,@string,@write -
getex -2 fast,write 1 1 1 @fast,@string,@write -
setnx 3 denyoom,fast,write 1 1 1 @fast,@string,@write -
setex 4 denyoom,write 1 1 1 @slow,@string,@write -
psetex 4 denyoom,write 1 1 1 @slow,@string,@write -
mset -3 denyoom,write 1 -1 2 @slow,@string,@write request_policy:multi_shard,response_policy:all_succeeded
msetnx -3 denyoom,write 1 -1 2 @slow,@string,@write -
mget -2 fast,readonly 1 -1 1 @fast,@read,@string request_policy:multi_shard
append 3 denyoom,fast,write 1 1 1 @fast,@string,@write -
strlen 2 fast,readonly 1 1 1 @fast,@read,@string -
getrange 4 readonly 1 1 1 @read,@slow,@string -
substr 4 readonly 1 1 1 @read,@slow,@string -
setrange 4 denyoom,write 1 1 1 @slow,@string,@write -
incr 2 denyoom,fast,write 1 1 1 @fast,@string,@write -
decr 2 denyoom,fast,write 1 1 1 @fast,@string,@write -
incrby 3 denyoom,fast,write 1 1 1 @fast,@string,@write -
decrby 3 denyoom,fast,write 1 1 1 @fast,@string,@write -
incrbyfloat 3 denyoom,fast,write 1 1 1 @fast,@string,@write -
lcs -3 readonly 1 2 1 @read,@slow,@string -
type 2 fast,readonly 1 1 1 @fast,@keyspace,@read -
keys 2 readonly 0 0 0 @dangerous,@keyspace,@read,@slow nondeterministic_output_order,request_policy:all_shards
scan -2 readonly 0 0 0 @keyspace,@read,@slow nondeterministic_output,request_policy:special,response_policy:special
del -2 write 1 -1 1 @keyspace,@slow,@write request_policy:multi_shard,response_policy:agg_sum
unlink -2 fast,write 1 -1 1 @fast,@keyspace,@write request_policy:multi_shard,response_policy:agg_sum
exists -2 fast,readonly 1 -1 1 @fast,@keyspace,@read request_policy:multi_shard,response_policy:agg_sum
expire -3 fast,write 1 1 1 @fast,@keyspace,@write -
pexpire -3 fast,write 1 1 1 @fast,@keyspace,@write -
expireat -3 fast,write 1 1 1 @fast,@keyspace,@write -
pexpireat -3 fast,write 1 1 1 @fast,@keyspace,@write -
ttl 2 fast,readonly 1 1 1 @fast,@keyspace,@read nondeterministic_output
pttl 2 fast,readonly 1 1 1 @fast,@keyspace,@read nondeterministic_output
expiretime 2 fast,readonly 1 1 1 @fast,@keyspace,@read -
pexpiretime 2 fast,readonly 1 1 1 @fast,@keyspace,@read -
persist 2 fast,write 1 1 1 @fast,@keyspace,@write -
rename 3 write 1 2 1 @keyspace,@slow,@write -
renamenx 3 fast,write 1 2 1 @fast,@keyspace,@write -
copy -3 denyoom,write 1 2 1 @keyspace,@slow,@write -
move 3 fast,write 1 1 1 @fast,@keyspace,@write -
randomkey 1 readonly 0 0 0 @keyspace,@read,@slow nondeterministic_output,request_policy:all_shards,response_policy:special
touch -2 fast,readonly 1 -1 1 @fast,@keyspace,@read request_policy:multi_shard,response_policy:agg_sum
object -2 - 0 0 0 @slow -
object|encoding 3 readonly 2 2 1 @keyspace,@read,@slow nondeterministic_output
object|freq 3 readonly 2 2 1 @keyspace,@read,@slow nondeterministic_output
object|help 2 loading,stale 0 0 0 @keyspace,@slow -
object|idletime 3 readonly 2 2 1 @keyspace,@read,@slow nondeterministic_output
object|refcount 3 readonly 2 2 1 @keyspace,@read,@slow nondeterministic_output
xadd -5 denyoom,fast,write 1 1 1 @fast,@stream,@write nondeterministic_output
xlen 2 fast,readonly 1 1 1 @fast,@read,@stream -
xrange -4 readonly 1 1 1 @read,@slow,@stream -
xrevrange -4 readonly 1 1 1 @read,@slow,@stream -
xdel -3 fast,write 1 1 1 @fast,@stream,@write -
xtrim -4 write 1 1 1 @slow,@stream,@write nondeterministic_output
xsetid -3 denyoom,fast,write 1 1 1 @fast,@stream,@write -
xread -4 blocking,movablekeys,readonly 0 0 0 @blocking,@read,@slow,@stream -
xinfo -2 - 0 0 0 @slow -
xinfo|consumers 4 readonly 2 2 1 @read,@slow,@stream nondeterministic_output
xinfo|groups 3 readonly 2 2 1 @read,@slow,@stream -
xinfo|help 2 loading,stale 0 0 0 @slow,@stream -
xinfo|stream -3 readonly 2 2 1 @read,@slow,@stream -
xgroup -2 - 0 0 0 @slow -
xgroup|create -5 denyoom,write 2 2 1 @slow,@stream,@write -
xgroup|createconsumer 5 denyoom,write 2 2 1 @slow,@stream,@write -
xgroup|delconsumer 5 write 2 2 1 @slow,@stream,@write -
xgroup|destroy 4 write 2 2 1 @slow,@stream,@write -
xgroup|help 2 loading,stale 0 0 0 @slow,@stream -
xgroup|setid -5 write 2 2 1 @slow,@stream,@write -
xreadgroup -7 blocking,movablekeys,write 0 0 0 @blocking,@slow,@stream,@write -
xack -4 fast,write 1 1 1 @fast,@stream,@write -
xpending -3 readonly 1 1 1 @read,@slow,@stream nondeterministic_output
xclaim -6 fast,write 1 1 1 @fast,@stream,@write nondeterministic_output
xautoclaim -6 fast,write 1 1 1 @fast,@stream,@write nondeterministic_output
subscribe -2 loading,noscript,pubsub,stale 0 0 0 @pubsub,@slow -
unsubscribe -1 loading,noscript,pubsub,stale 0 0 0 @pubsub,@slow -
psubscribe -2 loading,noscript,pubsub,stale 0 0 0 @pubsub,@slow -
punsubscribe -1 loading,noscript,pubsub,stale 0 0 0 @pubsub,@slow -
ssubscribe -2 loading,noscript,pubsub,stale 1 -1 1 @pubsub,@slow -
sunsubscribe -1 loading,noscript,pubsub,stale 1 -1 1 @pubsub,@slow -
publish 3 fast,loading,pubsub,stale 0 0 0 @fast,@pubsub -
spublish 3 fast,loading,pubsub,stale 1 1 1 @fast,@pubsub -
pubsub -2 - 0 0 0 @slow -
pubsub|channels -2 loading,pubsub,stale 0 0 0 @pubsub,@slow -
pubsub|help 2 loading,stale 0 0 0 @slow -
pubsub|numpat 2 loading,pubsub,stale 0 0 0 @pubsub,@slow -
pubsub|numsub -2 loading,pubsub,stale 0 0 0 @pubsub,@slow -
pubsub|shardchannels -2 loading,pubsub,stale 0 0 0 @pubsub,@slow -
pubsub|shardnumsub -2 loading,pubsub,stale 0 0 0 @pubsub,@slow -
multi 1 allow_busy,fast,loading,noscript,stale 0 0 0 @fast,@transaction -
exec 1 loading,noscript,skip_slowlog,stale 0 0 0 @slow,@transaction -
discard 1 allow_busy,fast,loading,noscript,stale 0 0 0 @fast,@transaction -
watch -2 allow_busy,fast,loading,noscript,stale 1 -1 1 @fast,@transaction -
unwatch 1 allow_busy,fast,loading,noscript,stale 0 0 0 @fast,@transaction -
hset -4 denyoom,fast,write 1 1 1 @fast,@hash,@write -
hsetnx 4 denyoom,fast,write 1 1 1 @fast,@hash,@write -
hmset -4 denyoom,fast,write 1 1 1 @fast,@hash,@write -
hget 3 fast,readonly 1 1 1 @fast,@hash,@read -
hmget -3 fast,readonly 1 1 1 @fast,@hash,@read -
hgetall 2 readonly 1 1 1 @hash,@read,@slow nondeterministic_output_order
hkeys 2 readonly 1 1 1 @hash,@read,@slow nondeterministic_output_order
hvals 2 readonly 1 1 1 @hash,@read,@slow nondeterministic_output_order
hlen 2 fast,readonly 1 1 1 @fast,@hash,@read -
hstrlen 3 fast,readonly 1 1 1 @fast,@hash,@read -
hexists 3 fast,readonly 1 1 1 @fast,@hash,@read -
hdel -3 fast,write 1 1 1 @fast,@hash,@write -
hincrby 4 denyoom,fast,write 1 1 1 @fast,@hash,@write -
hincrbyfloat 4 denyoom,fast,write 1 1 1 @fast,@hash,@write -
hrandfield -2 readonly 1 1 1 @hash,@read,@slow nondeterministic_output
hscan -3 readonly 1 1 1 @hash,@read,@slow nondeterministic_output
sadd -3 denyoom,fast,write 1 1 1 @fast,@set,@write -
srem -3 fast,write 1 1 1 @fast,@set,@write -
sismember 3 fast,readonly 1 1 1 @fast,@read,@set -
smismember -3 fast,readonly 1 1 1 @fast,@read,@set -
smembers 2 readonly 1 1 1 @read,@set,@slow nondeterministic_output_order
scard 2 fast,readonly 1 1 1 @fast,@read,@set -
spop -2 fast,write 1 1 1 @fast,@set,@write nondeterministic_output
srandmember -2 readonly 1 1 1 @read,@set,@slow nondeterministic_output
smove 4 fast,write 1 2 1 @fast,@set,@write -
sinter -2 readonly 1 -1 1 @read,@set,@slow nondeterministic_output_order
sintercard -3 movablekeys,readonly 0 0 0 @read,@set,@slow -
sinterstore -3 denyoom,write 1 -1 1 @set,@slow,@write -
sunion -2 readonly 1 -1 1 @read,@set,@slow nondeterministic_output_order
sunionstore -3 denyoom,write 1 -1 1 @set,@slow,@write -
sdiff -2 readonly 1 -1 1 @read,@set,@slow nondeterministic_output_order
sdiffstore -3 denyoom,write 1 -1 1 @set,@slow,@write -
sscan -3 readonly 1 1 1 @read,@set,@slow nondeterministic_output
zadd -4 denyoom,fast,write 1 1 1 @fast,@sortedset,@write -
zincrby 4 denyoom,fast,write 1 1 1 @fast,@sortedset,@write -
zcard 2 fast,readonly 1 1 1 @fast,@read,@sortedset -
zcount 4 fast,readonly 1 1 1 @fast,@read,@sortedset -
zlexcount 4 fast,readonly 1 1 1 @fast,@read,@sortedset -
zscore 3 fast,readonly 1 1 1 @fast,@read,@sortedset -
zmscore -3 fast,readonly 1 1 1 @fast,@read,@sortedset -
zrank -3 fast,readonly 1 1 1 @fast,@read,@sortedset -
zrevrank -3 fast,readonly 1 1 1 @fast,@read,@sortedset -
zrange -4 readonly 1 1 1 @read,@slow,@sortedset -
zrangestore -5 denyoom,write 1 2 1 @slow,@sortedset,@write -
zrevrange -4 readonly 1 1 1 @read,@slow,@sortedset -
zrangebyscore -4 readonly 1 1 1 @read,@slow,@sortedset -
zrevrangebyscore -4 readonly 1 1 1 @read,@slow,@sortedset -
zrangebylex -4 readonly 1 1 1 @read,@slow,@sortedset -
zrevrangebylex -4 readonly 1 1 1 @read,@slow,@sortedset -
zrem -3 fast,write 1 1 1 @fast,@sortedset,@write -
zremrangebyrank 4 write 1 1 1 @slow,@sortedset,@write -
zremrangebyscore 4 write 1 1 1 @slow,@sortedset,@write -
zremrangebylex 4 write 1 1 1 @slow,@sortedset,@write -
zpopmin -2 fast,write 1 1 1 @fast,@sortedset,@write -
zpopmax -2 fast,write 1 1 1 @fast,@sortedset,@write -
zmpop -4 movablekeys,write 0 0 0 @slow,@sortedset,@write -
bzpopmin -3 blocking,fast,write 1 -2 1 @blocking,@fast,@sortedset,@write -
bzpopmax -3 blocking,fast,write 1 -2 1 @blocking,@fast,@sortedset,@write -
bzmpop -5 blocking,movablekeys,write 0 0 0 @blocking,@slow,@sortedset,@write -
zrandmember -2 readonly 1 1 1 @read,@slow,@sortedset nondeterministic_output
zunion -3 movablekeys,readonly 0 0 0 @read,@slow,@sortedset -
zinter -3 movablekeys,readonly 0 0 0 @read,@slow,@sortedset -
zdiff -3 movablekeys,readonly 0 0 0 @read,@slow,@sortedset -
zunionstore -4 denyoom,movablekeys,write 1 1 1 @slow,@sortedset,@write -
zinterstore -4 denyoom,movablekeys,write 1 1 1 @slow,@sortedset,@write -
zdiffstore -4 denyoom,movablekeys,write 1 1 1 @slow,@sortedset,@write -
zintercard -3 movablekeys,readonly 0 0 0 @read,@slow,@sortedset -
zscan -3 readonly 1 1 1 @read,@slow,@sortedset nondeterministic_output
geoadd -5 denyoom,write 1 1 1 @geo,@slow,@write -
geopos -2 readonly 1 1 1 @geo,@read,@slow -
geodist -4 readonly 1 1 1 @geo,@read,@slow -
geohash -2 readonly 1 1 1 @geo,@read,@slow -
geosearch -7 readonly 1 1 1 @geo,@read,@slow -
geosearchstore -8 denyoom,write 1 2 1 @geo,@slow,@write -
georadius -6 denyoom,movablekeys,write 1 1 1 @geo,@slow,@write -
georadius_ro -6 readonly 1 1 1 @geo,@read,@slow -
georadiusbymember -5 denyoom,movablekeys,write 1 1 1 @geo,@slow,@write -
georadiusbymember_ro -5 readonly 1 1 1 @geo,@read,@slow -
`;

/** Commands whose line was different, or that did not exist, before 7.2. */
const CHANGED_IN_7_2 = new Set([
  "client|no-touch",
  "client|setinfo",
  "client|setname",
  "command|getkeys",
  "command|getkeysandflags",
  "config|resetstat",
  "config|rewrite",
  "latency|reset",
  "msetnx",
  "randomkey",
  "scan",
  "zrank",
  "zrevrank",
  "bzpopmin",
  "bzpopmax",
  "wait",
  "waitaof",
]);

export interface CommandFacts {
  name: string;
  /** First Redis version of which the line is true, where that matters. */
  since: string | undefined;
  /** As Redis counts: with the name; negative means at least so many. */
  arity: number;
  /** The whole line. */
  line: string;
}

export const COMMAND_FACTS: CommandFacts[] = LINES.trim().split("\n").map(
  (line) => {
    const [name, arity] = line.split(" ");
    const since = CHANGED_IN_7_2.has(name) ? "7.2" : undefined;
    return { name, since, arity: Number(arity), line };
  },
);
