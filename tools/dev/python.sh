#!/usr/bin/env bash
# Prints the path of a Python that has what a requirements file pins; makes it first, in the cache, when it is not there.
# usage: python.sh REQUIREMENTS
# shellcheck source=tools/dev/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

requirements=$1
folder=$CATALYST_CACHE/python/$(sha256sum <"$requirements" | cut -c 1-16)
if [ ! -x "$folder/bin/python" ]; then
    # Beside its place first, so that an interrupted run leaves nothing that looks whole.
    rm -rf "$folder.new"
    mkdir -p "${folder%/*}" "$CATALYST_CACHE/logs"
    python3 -m venv "$folder.new" >&2 || fail "python3's venv is missing: install python3-venv"
    "$folder.new/bin/python" -m pip install --quiet --disable-pip-version-check -r "$requirements" >"$CATALYST_CACHE/logs/python.log" 2>&1 ||
        { tail -n 20 "$CATALYST_CACHE/logs/python.log" >&2; fail "what $requirements names cannot be installed"; }
    mv "$folder.new" "$folder"
fi
echo "$folder/bin/python"
