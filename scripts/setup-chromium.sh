#!/usr/bin/env bash
# Install Debian's Chromium for the browser tests, unless there is a browser. It takes root and
# apt; elsewhere the tests are skipped, or fail with PRAXIS_CI, and say what to do.
set -euo pipefail
for name in "${PRAXIS_CHROMIUM:-chromium}" chromium-browser google-chrome google-chrome-stable; do
    if command -v "$name" >/dev/null; then
        exit 0
    fi
done
if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then
    echo "no Chromium here, and no root or apt to install it with: the browser tests will say so" >&2
    exit 0
fi
apt-get update -qq
DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends chromium >/dev/null
