#!/usr/bin/env bash
# The whole line once, both directions, on generated samples. DEMO_ROOT=dir chooses where.
set -euo pipefail
cd "$(dirname "$0")/.."

scripts/setup.sh
if [ -n "${DEMO_ROOT:-}" ]; then
    export POSTSTRASSE_ROOT="$DEMO_ROOT"
fi
exec .venv/bin/poststrasse demo "$@"
