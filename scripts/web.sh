#!/usr/bin/env bash
# Builds the desk into web/dist, which the binary embeds. Does nothing when nothing has changed.
set -euo pipefail
cd "$(dirname "$0")/../web"

fingerprint() {
  find index.html package.json package-lock.json vite.config.ts tsconfig.json public src -type f -print0 |
    LC_ALL=C sort -z | xargs -0 sha256sum | sha256sum | cut -c1-16
}

lock="$(sha256sum package-lock.json | cut -c1-16)"
if [ ! -e "node_modules/.lock-$lock" ]; then
  npm ci --no-audit --no-fund --loglevel=error
  touch "node_modules/.lock-$lock"
fi
now="$(fingerprint)"
if [ ! -e dist/index.html ] || [ "$(cat node_modules/.built 2>/dev/null)" != "$now" ]; then
  npx vue-tsc --noEmit
  npx vite build --logLevel warn
  echo "$now" > node_modules/.built
fi
