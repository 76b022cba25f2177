#!/usr/bin/env bash
# Installs what the tests need and the machine lacks: browsers, Java, Node, poppler, two web servers, a mail server, PostgreSQL,
# filter lists and fonts from Debian's packages, the rest from npm by .ci/package-lock.json.
set -eu
cd "$(dirname "$0")"

packages=()
command -v chromium-headless-shell >/dev/null || packages+=(chromium-headless-shell)
command -v firefox-esr >/dev/null || command -v firefox >/dev/null || packages+=(firefox-esr)
command -v java >/dev/null || packages+=(default-jre-headless)
command -v npm >/dev/null || packages+=(nodejs npm)
command -v git >/dev/null || packages+=(git)
command -v pdftotext >/dev/null || packages+=(poppler-utils)
PATH=$PATH:/usr/sbin command -v nginx >/dev/null || packages+=(nginx-light)
command -v caddy >/dev/null || packages+=(caddy)
[ -e /usr/lib/python3/dist-packages/aiosmtpd/smtp.py ] || packages+=(python3-aiosmtpd)
# Tests start a server of their own, whether or not Debian's runs.
ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || packages+=(postgresql)
# The lists that browsers' blockers go by, as current as the package.
ls /usr/share/mozilla/extensions/*/uBlock0@raymondhill.net/assets/thirdparties/easylist/easylist.txt >/dev/null 2>&1 || packages+=(webext-ublock-origin-firefox)
fonts=$(fc-list : family 2>/dev/null || true)
grep -q '^Inter' <<<"$fonts" || packages+=(fontconfig fonts-inter)
grep -q '^Liberation Serif' <<<"$fonts" || packages+=(fonts-liberation)
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
