#!/usr/bin/env bash
# Every check and every test. Arguments go to pytest: scripts/test.sh -m unit
#
# With CI=true a missing service or tool is a failure; otherwise its tests are skipped and say why.
set -euo pipefail
cd "$(dirname "$0")/.."

scripts/setup.sh --test
scripts/lint.sh

export PATH="$PWD/.venv/bin:$PATH"
export CI=${CI:-false}
echo "== pytest"
# Half of a run is waiting: for a file to lie still, for a process to end. A file of tests stays in one process.
exec timeout --foreground --kill-after=30 2400 python -m pytest -o faulthandler_timeout=600 --durations=25 -rs \
    --numprocesses "${TEST_PROCESSES:-auto}" --dist loadfile "$@"
