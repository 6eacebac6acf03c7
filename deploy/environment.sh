#!/bin/sh
# Makes .venv from a pinned requirements file, compiles the translations and the program; does nothing when all is as it should be.
# Usage, from the project's folder: deploy/environment.sh [requirements file]
set -eu

requirements=${1:-requirements.txt}
python=.venv/bin/python
stamp=.venv/.installed-${requirements%.txt}

is_new_enough() { "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; }

find_python() {
    for candidate in ${PYTHON:-python3 python3.11 python3.12 python3.13 python3.14}; do
        if is_new_enough "$candidate"; then
            command -v "$candidate"
            return
        fi
    done
    echo "Python 3.11 or newer is needed and was not found. On Debian 12: apt-get install python3 python3-venv" >&2
    exit 1
}

make_venv() {
    found=$(find_python)
    if ! "$found" -c 'import ensurepip, venv' 2>/dev/null; then
        echo "Python's venv module is missing. On Debian: apt-get install python3-venv" >&2
        exit 1
    fi
    echo "Making .venv with $("$found" --version)"
    "$found" -m venv --clear .venv
}

install() {
    echo "Installing the packages pinned in $requirements"
    if command -v uv >/dev/null 2>&1 && uv pip install --quiet --compile-bytecode --python "$python" --require-hashes -r "$requirements"; then
        return
    fi
    "$python" -m pip install --quiet --disable-pip-version-check --require-hashes -r "$requirements"
}

compile_translations() {
    find hotline/translations -name '*.po' 2>/dev/null | while IFS= read -r catalogue; do
        compiled=${catalogue%.po}.mo
        if [ ! -e "$compiled" ] || [ "$catalogue" -nt "$compiled" ]; then
            "$python" -m babel.messages.frontend --quiet compile -i "$catalogue" -o "$compiled"
        fi
    done
}

is_new_enough "$python" || make_venv
wanted=$(sha256sum <"$requirements")
if [ "$(cat "$stamp" 2>/dev/null)" != "$wanted" ]; then
    install
    echo "$wanted" >"$stamp"
fi
compile_translations
"$python" -m compileall -q app.py hotline deploy migrations # once, not again in each process that starts
