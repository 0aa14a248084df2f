#!/usr/bin/env bash
# Compares ways of doing the same, and other programs with ours; prints ratios, writes bench/results.json.
#
#   scripts/bench.sh [--setup] [PART …] [options of bench.run]
#
# The other programs come into an environment of their own, bench/.venv, from requirements-bench.txt; what they need of
# the system comes by apt. --setup installs and stops. Status 4: a person has to install something first.
set -euo pipefail
cd "$(dirname "$0")/.."

say() { printf '%s\n' "$*" >&2; }

# Libraries that OpenCV's wheel for desktops, which the degradation library wants, loads from the system; and qpdf, whose
# command is one of the sides.
missing_packages() {
    command -v qpdf >/dev/null || echo qpdf
    /sbin/ldconfig -p | grep 'libGL\.so\.1 ' >/dev/null || echo libgl1
    /sbin/ldconfig -p | grep 'libglib-2\.0\.so\.0 ' >/dev/null || echo libglib2.0-0
}

install_packages() {
    local as_root=()
    if ! command -v apt-get >/dev/null || { [ "$(id -u)" -ne 0 ] && ! command -v sudo >/dev/null; }; then
        say "System packages are missing. As root, install what these Debian packages hold, then try again:"
        say "    $*"
        exit 4
    fi
    [ "$(id -u)" -eq 0 ] || as_root=(sudo)
    say "Installing system packages: $*"
    local install=("${as_root[@]}" env DEBIAN_FRONTEND=noninteractive
        apt-get -o DPkg::Lock::Timeout=300 install --yes --quiet --no-install-recommends "$@")
    if ! compgen -G '/var/lib/apt/lists/*_Packages*' >/dev/null || ! "${install[@]}" >&2; then
        "${as_root[@]}" apt-get -o DPkg::Lock::Timeout=300 update --quiet >&2
        "${install[@]}" >&2
    fi
}

install_peers() {
    local stamp
    if ! bench/.venv/bin/python -c '' 2>/dev/null || ! head -n 2 bench/.venv/bin/pip 2>/dev/null | grep -qF "$PWD/"; then
        .venv/bin/python -m venv --clear bench/.venv
    fi
    stamp=$({ bench/.venv/bin/python --version; sha256sum requirements-bench.txt; } | sha256sum | cut -d' ' -f1)
    [ "$(cat bench/.venv/.installed 2>/dev/null)" = "$stamp" ] && return
    say "Installing the other programs from requirements-bench.txt into bench/.venv"
    # The list holds everything that is needed: without a search of its own, an older pip finds no newer version either.
    PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_INPUT=1 \
        bench/.venv/bin/pip install --quiet --no-deps --require-hashes -r requirements-bench.txt >&2
    echo "$stamp" >bench/.venv/.installed
}

scripts/setup.sh
mapfile -t missing < <(missing_packages)
[ "${#missing[@]}" -eq 0 ] || install_packages "${missing[@]}"
install_peers
[ "${1:-}" = --setup ] && exit 0
exec .venv/bin/python -m bench.run "$@"
