#!/bin/bash
# Succeeds when the server on TSREDIS_PORT answers PING. That it wants a password
# is an answer too; that it is loading is not yet one. Needs bash alone.
exec 3<>"/dev/tcp/127.0.0.1/${TSREDIS_PORT:-6380}" || exit 1
printf 'PING\r\n' >&3
IFS= read -r -t 3 reply <&3
[[ $reply == +PONG* || $reply == -NOAUTH* ]]
