#!/usr/bin/env bash
# Installs what the tests need and the machine lacks: Chromium, Java and Node
# from Debian's packages, the rest from npm by .ci/package-lock.json.
set -eu
cd "$(dirname "$0")"

packages=()
command -v chromium >/dev/null || packages+=(chromium)
command -v java >/dev/null || packages+=(default-jre-headless)
command -v npm >/dev/null || packages+=(nodejs npm)
command -v git >/dev/null || packages+=(git)
if [ ${#packages[@]} -gt 0 ]; then
  command -v apt-get >/dev/null || { echo "install these by hand: ${packages[*]}" >&2; exit 1; }
  as_root=()
  [ "$(id -u)" -eq 0 ] || as_root=(sudo)
  echo "installing ${packages[*]}"
  "${as_root[@]}" apt-get update -qq
  DEBIAN_FRONTEND=noninteractive "${as_root[@]}" apt-get install -y -qq --no-install-recommends "${packages[@]}" >/dev/null
fi

# The lock file's own sum says whether what is installed is what it names.
sum=$(sha256sum package-lock.json | cut -d' ' -f1)
if [ "$(cat node_modules/.sum 2>/dev/null)" != "$sum" ]; then
  npm ci --ignore-scripts --no-audit --no-fund --loglevel=error
  echo "$sum" > node_modules/.sum
fi
