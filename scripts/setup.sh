#!/usr/bin/env bash
# Installs what is missing to run the line, and with --test what its tests need as well.
#
#   scripts/setup.sh [--test]
#
# System packages come by apt, Python packages by pip into .venv, each with its exact version and hash. Nothing is
# installed twice and root is asked for only when a system package is missing. Status 4: a person has to install
# something first; what, and how, is the last thing printed.
set -euo pipefail
cd "$(dirname "$0")/.."

scope=run
case "${1:-}" in
    "") ;;
    --test) scope=test ;;
    *) echo "usage: scripts/setup.sh [--test]" >&2; exit 2 ;;
esac

say() { printf '%s\n' "$*" >&2; }

find_python() {
    local candidate
    for candidate in python3.11 python3; do
        if command -v "$candidate" >/dev/null \
            && "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
            command -v "$candidate"
            return
        fi
    done
    return 1
}

# Which Debian packages are missing. A tool that is there counts, whichever way it came.
missing_packages() {
    local python
    if python=$(find_python); then
        [ -x .venv/bin/python ] || "$python" -c 'import ensurepip, venv' 2>/dev/null || echo python3-venv
    else
        echo python3 python3-venv
    fi
    command -v tesseract >/dev/null || echo tesseract-ocr
    has_language deu || echo tesseract-ocr-deu
    has_language osd || echo tesseract-ocr-osd
    has_liberation || echo fonts-liberation2
    has_time_zones || echo tzdata
    [ "$scope" = test ] || return 0
    command -v redis-server >/dev/null || echo redis-server
    compgen -G '/usr/lib/postgresql/*/bin/initdb' >/dev/null || command -v initdb >/dev/null || echo postgresql
    command -v chromium >/dev/null || echo chromium
    command -v javac >/dev/null || echo default-jdk-headless
    [ -e /usr/share/java/jaxb-api.jar ] || echo libjaxb-java
    command -v pdftotext >/dev/null || echo poppler-utils
    command -v gs >/dev/null || echo ghostscript
    command -v qpdf >/dev/null || echo qpdf
}

has_language() {
    compgen -G "/usr/share/tesseract-ocr/*/tessdata/$1.traineddata" >/dev/null && return
    command -v tesseract >/dev/null && tesseract --list-langs 2>/dev/null | grep -qx "$1"
}

# Release 2 of the fonts, by its name in Debian 12 or that from Debian 13 on; release 1 had a narrow kind.
has_liberation() {
    [ -e /usr/share/fonts/truetype/liberation2/LiberationSans-Regular.ttf ] && return
    [ -e /usr/share/fonts/truetype/liberation/LiberationSans-Regular.ttf ] \
        && ! compgen -G '/usr/share/fonts/truetype/liberation/LiberationSansNarrow-*' >/dev/null
}

# The clock of cut-offs is that of a zone, by its name; a bare Debian knows none.
has_time_zones() {
    [ -e /usr/share/zoneinfo/Europe/Berlin ]
}

install_packages() {
    local as_root=()
    if ! command -v apt-get >/dev/null; then
        say "This is not a Debian system. Please install what these Debian packages hold, then try again:"
        say "    $*"
        exit 4
    fi
    if [ "$(id -u)" -ne 0 ]; then
        if ! command -v sudo >/dev/null; then
            say "System packages are missing and only root may install them. As root, run this, then try again:"
            say "    apt-get update && apt-get install --no-install-recommends $*"
            exit 4
        fi
        as_root=(sudo)
    fi
    say "Installing system packages: $*"
    local install=("${as_root[@]}" env DEBIAN_FRONTEND=noninteractive
        apt-get -o DPkg::Lock::Timeout=300 install --yes --quiet --no-install-recommends "$@")
    # The lists of a machine may be missing or old: then they are fetched before, or the packages tried once more.
    if ! compgen -G '/var/lib/apt/lists/*_Packages*' >/dev/null || ! "${install[@]}" >&2; then
        "${as_root[@]}" apt-get -o DPkg::Lock::Timeout=300 update --quiet >&2
        "${install[@]}" >&2
    fi
}

make_environment() {
    local python
    python=$(find_python) || { say "Python 3.11 or newer is missing. Please install it, then try again."; exit 4; }
    # An environment that was moved here, or whose Python is gone, cannot be used any more.
    if ! .venv/bin/python -c '' 2>/dev/null || ! head -n 2 .venv/bin/pip 2>/dev/null | grep -qF "$PWD/.venv/"; then
        say "Making the virtual environment .venv with $("$python" --version)"
        "$python" -m venv --clear .venv
    fi
}

# What was installed last, as a hash over everything that says what to install.
wanted_stamp() {
    {
        .venv/bin/python --version
        sha256sum requirements*.txt pyproject.toml scripts/setup.sh
    } | sha256sum | cut -d' ' -f1
}

install_environment() {
    local requirements=requirements.txt
    [ "$scope" = test ] && requirements=requirements-test.txt
    local stamp
    stamp=$(wanted_stamp)
    if [ "$(cat ".venv/.installed-$scope" 2>/dev/null)" = "$stamp" ]; then
        return
    fi
    say "Installing Python packages from $requirements"
    export PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_INPUT=1
    # What builds comes first and is pinned as well; so nothing is fetched behind the hashes' back. The lists hold
    # everything that is needed: without a search of its own, an older pip finds no version that the list lacks.
    .venv/bin/pip install --quiet --require-hashes -r requirements-build.txt >&2
    .venv/bin/pip install --quiet --no-deps --require-hashes --no-build-isolation -r "$requirements" >&2
    .venv/bin/pip install --quiet --no-deps --no-build-isolation --editable . >&2
    # Whoever has the test's packages has the others too.
    echo "$stamp" >.venv/.installed-run
    [ "$scope" = run ] || echo "$stamp" >.venv/.installed-test
}

mapfile -t missing < <(missing_packages)
if [ "${#missing[@]}" -gt 0 ]; then
    read -ra missing <<<"${missing[*]}"
    install_packages "${missing[@]}"
fi
make_environment
install_environment
# As the installer does for every package but one that stays where it is: no process has to translate its modules anew.
.venv/bin/python -m compileall -q -j 1 pipeline workers console >&2
