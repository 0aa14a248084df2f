#!/usr/bin/env bash
# Pins the requirements again: every package with its exact version and the hashes of all its files.
# The files that come out name no index: where packages come from is the affair of the machine that installs them.
set -euo pipefail
cd "$(dirname "$0")/.."

# Pins are made with the oldest Python that counts, the 3.11.2 of Debian 12: a few packages need more there.
python=${PYTHON:-/usr/bin/python3.11}
if ! "$python" -c 'import sys; sys.exit(sys.version_info[:3] != (3, 11, 2))'; then
    echo "Pins are made with Python 3.11.2, as Debian 12 has it; $python is another. PYTHON=... names one." >&2
    exit 4
fi
export PIP_DISABLE_PIP_VERSION_CHECK=1
export CUSTOM_COMPILE_COMMAND="make pin"

tools=$(mktemp -d)
trap 'rm -rf "$tools"' EXIT
"$python" -m venv "$tools/venv"
"$tools/venv/bin/pip" install --quiet pip-tools

compile() {
    "$tools/venv/bin/pip-compile" --quiet --generate-hashes --allow-unsafe --strip-extras \
        --no-emit-index-url --no-emit-find-links --no-emit-trusted-host "$@"
}

compile "$@" --output-file requirements-build.txt requirements-build.in
compile "$@" --output-file requirements.txt pyproject.toml
compile "$@" --extra test --constraint requirements.txt --output-file requirements-test.txt pyproject.toml
# The benchmark has an environment of its own, so it need not agree with the others.
compile "$@" --output-file requirements-bench.txt requirements-bench.in
