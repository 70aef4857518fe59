#!/bin/sh
# tsredis: this script, the program and its runtime in one file. The first start
# unpacks them into a private directory; every start then becomes the runtime.
# (How this file is made, and the words between @: scripts/self_extracting.ts.)
set -u
script_bytes=@SCRIPT_BYTES@
program_bytes=@PROGRAM_BYTES@
runtime_bytes=@RUNTIME_BYTES@
hash=@HASH@

fail() {
  echo "tsredis: $1" >&2
  exit 1
}

# claim DIRECTORY: makes it, and fails unless it is this user's alone.
claim() {
  (umask 077 && mkdir -p "$1") 2>/dev/null || return 1
  [ -d "$1" ] && [ ! -L "$1" ] && [ -O "$1" ] && [ -w "$1" ] || return 1
  case $(ls -ld "$1") in
    "drwx------ "* | drwx------[.@]*) return 0 ;;
  esac
  return 1
}

place=
for base in "${XDG_CACHE_HOME:-}" "${HOME:+$HOME/.cache}"; do
  case $base in /*) ;; *) continue ;; esac
  (umask 077 && mkdir -p "$base") 2>/dev/null
  [ -O "$base" ] && claim "$base/tsredis" && claim "$base/tsredis/$hash" &&
    place=$base/tsredis/$hash && break
done
if [ -z "$place" ]; then
  base=${TMPDIR:-/tmp}/tsredis-$(id -u)
  claim "$base" && claim "$base/$hash" && place=$base/$hash
fi
[ -n "$place" ] || fail "no private directory to unpack into: set XDG_CACHE_HOME to one"

# unpack FILE MODE SKIP LENGTH: the file appears whole or not at all.
unpack() {
  [ -f "$place/$1" ] && return 0
  new=$(mktemp "$place/$1.XXXXXX") || fail "cannot write to $place"
  trap 'rm -f "$new"' EXIT
  trap 'exit 1' HUP INT TERM
  tail -c "+$(($3 + 1))" "$0" | head -c "$4" | gzip -dc >"$new" ||
    fail "cannot unpack into $place: disk full, or this file is damaged"
  chmod "$2" "$new" && mv -f "$new" "$place/$1" || fail "cannot write to $place"
  trap - EXIT HUP INT TERM
}

unpack tsredis.js 400 "$script_bytes" "$program_bytes"
unpack tsredis 500 "$((script_bytes + program_bytes))" "$runtime_bytes"

export DENO_DIR="$place/cache" DENO_NO_UPDATE_CHECK=1
exec "$place/tsredis" run --quiet --allow-all --no-config --no-lock --no-npm   --no-remote --v8-flags=@V8_FLAGS@ "$place/tsredis.js" "$@"
