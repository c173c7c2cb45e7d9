#!/usr/bin/env bash
# Make $VENV with $PYTHON and install Praxis into it, editable, with the dependency groups named
# on the command line. Prefers uv, installed from PyPI into that virtualenv; works with plain pip.
set -euo pipefail
: "${PYTHON:=python3}" "${VENV:=.venv}"
target=".[postgres,embedded]"

"$PYTHON" - <<'PY' || exit 1
import sys
if sys.version_info < (3, 11):
    sys.exit(f"Praxis needs Python 3.11 or newer; this is {sys.version.split()[0]}. "
             "Name another one: make PYTHON=python3.12 …")
PY

[ -x "$VENV/bin/python" ] || "$PYTHON" -m venv "$VENV"
if "$VENV/bin/python" -m pip install --quiet uv 2>/dev/null \
    && "$VENV/bin/uv" pip install --quiet --python "$VENV/bin/python" -e "$target" "$@"; then
    exit 0
fi
echo "uv is not to be had here: installing with pip, which takes longer" >&2
"$VENV/bin/python" -m pip install --quiet --upgrade "pip>=25.1"  # the first that knows --group
"$VENV/bin/python" -m pip install --quiet -e "$target" "$@"
