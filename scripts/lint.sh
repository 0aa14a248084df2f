#!/usr/bin/env bash
# Style, types and layers; everything is looked at before the first complaint ends the run.
set -uo pipefail
cd "$(dirname "$0")/.."
PATH="$PWD/.venv/bin:$PATH"

failed=()
check() {
    printf '== %s\n' "$*"
    "$@" || failed+=("$*")
}

check ruff check .
check ruff format --check .
check mypy
check lint-imports
if [ "${#failed[@]}" -gt 0 ]; then
    printf 'not clean: %s\n' "${failed[@]}"
    exit 1
fi
