#!/usr/bin/env bash
# Compares ways of doing the same; prints ratios, writes bench/results.json.
set -euo pipefail
cd "$(dirname "$0")/.."

scripts/setup.sh
exec .venv/bin/python -m bench.run "$@"
