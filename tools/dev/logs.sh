#!/usr/bin/env bash
# logs.sh NAME [-f]: NAME may be the beginning of several processes' names.
# shellcheck source=tools/dev/sovereign.sh
. "$(dirname "${BASH_SOURCE[0]}")/sovereign.sh"

follow=()
name=
for argument in "$@"; do
    case $argument in
        -f) follow=(-F) ;;
        *) name=$argument ;;
    esac
done
mapfile -t files < <(compgen -G "$data/logs/$name*.log")
if [ -z "$name" ] || [ "${#files[@]}" = 0 ]; then
    say "usage: ./dev logs NAME [-f]; names:" >&2
    for file in "$data"/logs/*.log; do basename "$file" .log >&2; done
    exit 2
fi
exec tail -n 200 "${follow[@]}" "${files[@]}"
