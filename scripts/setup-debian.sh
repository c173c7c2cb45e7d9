#!/usr/bin/env bash
# Install the programs of Debian that tests need and that are not here: a browser, a pooler, and
# what makes certificates. It takes root and apt; elsewhere those tests are skipped, or fail with
# PRAXIS_CI, and say what to do.
set -euo pipefail
wanted=()
has() {
    for name in "$@"; do
        if command -v "$name" >/dev/null || [ -x "/usr/sbin/$name" ]; then
            return 0
        fi
    done
    return 1
}
has "${PRAXIS_CHROMIUM:-chromium}" chromium-browser google-chrome google-chrome-stable ||
    wanted+=(chromium)
has pgbouncer || wanted+=(pgbouncer)
has openssl || wanted+=(openssl)
if [ ${#wanted[@]} = 0 ]; then
    exit 0
fi
if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then
    echo "no ${wanted[*]} here, and no root or apt: the tests that want them will say so" >&2
    exit 0
fi
apt-get update -qq
DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${wanted[@]}" >/dev/null
