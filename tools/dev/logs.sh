#!/usr/bin/env bash
# logs.sh NAME [-f] [--json]: NAME is a process, or the beginning of several processes' names.
# shellcheck source=tools/dev/sovereign.sh
. "$(dirname "${BASH_SOURCE[0]}")/sovereign.sh"

LINES_SHOWN=200
follow=()
name=
json=''
for argument in "$@"; do
    case $argument in
        -f) follow=(-F) ;;
        --json) json=yes ;;
        -*) unknown option "$argument" -f --json ;;
        *)
            [ -z "$name" ] || misuse "./dev logs takes one name, and \"$name\" and \"$argument\" were given." "The beginning of names shows several: ./dev logs projector"
            name=$argument
            ;;
    esac
done

names=()
for file in "$data"/logs/*.log; do
    [ ! -e "$file" ] || names+=("$(basename "$file" .log)")
done
[ "${#names[@]}" -gt 0 ] || fail "the instance \"$CATALYST_INSTANCE\" has no logs yet: ./dev up makes it"
[ -n "$name" ] || misuse "./dev logs wants a name." "There are: $(listed "${names[@]}")"

files=()
for known in "${names[@]}"; do
    # One that is called exactly so is the one that was meant.
    if [ "$known" = "$name" ]; then files=("$data/logs/$known.log"); break; fi
    [[ "$known" != "$name"* ]] || files+=("$data/logs/$known.log")
done
[ "${#files[@]}" -gt 0 ] || unknown log "$name" "${names[@]}"

[ -z "$json" ] || exec tail -n "$LINES_SHOWN" "${follow[@]}" "${files[@]}"
tail -n "$LINES_SHOWN" "${follow[@]}" "${files[@]}" | jq -Rr --unbuffered -f "$CATALYST_ROOT/tools/dev/logs.jq"
