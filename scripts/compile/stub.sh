#!/bin/sh
# wavs __VERSION__: a shell stub, and behind it, compressed, Deno __DENO__ and the program. Unpacked once, into a directory
# of its own that is named by the checksum of what is in it.
set -eu
PATH="${PATH:-}:/usr/local/bin:/usr/bin:/bin"
sum=__SUM__
user=$(id -u)
case "$0" in
  */*) self=$0 ;;
  *) self=$(command -v -- "$0") ;;
esac
parent=${PACKED_WAVS_DIRECTORY:-${CACHE_DIRECTORY:-${XDG_CACHE_HOME:-${HOME:+$HOME/.cache}}}}
parent=${parent:-${TMPDIR:-/tmp}/wavs-$user}/wavs
home="$parent/$sum"
if [ ! -x "$home/deno" ]; then
  (umask 077 && mkdir -p "$parent")
  # Whoever could write there could put another program in its place.
  if [ -z "$(find "$parent" -prune -user "$user" ! -perm -020 ! -perm -002)" ]; then
    echo "wavs: Cannot unpack into \"$parent\" because others may write there; set PACKED_WAVS_DIRECTORY to a directory of your own" >&2
    exit 1
  fi
  part=$(mktemp -d "$parent/part.XXXXXX")
  trap 'rm -rf "$part"' EXIT
  tail -c +__OFFSET__ "$self" > "$part/payload"
  if [ "$(sha256sum < "$part/payload" | cut -d ' ' -f 1)" != "$sum" ]; then
    echo "wavs: Cannot use \"$self\" because it is damaged; download it again" >&2
    exit 1
  fi
  mkdir "$part/tree"
  gzip -dc "$part/payload" | tar -xf - -C "$part/tree"
  rm "$part/payload"
  # Two that start at once unpack the same; the second finds the first's.
  mv "$part/tree" "$home" 2> /dev/null || [ -x "$home/deno" ]
  rm -rf "$part" "$home/tree"
  trap - EXIT
fi
PACKED_WAVS_EXECUTABLE=$(readlink -f -- "$self")
export PACKED_WAVS_EXECUTABLE
exec "$home/deno" run --quiet --no-config --no-remote --cached-only __FLAGS__ "$home/program/main.js" "$@"
