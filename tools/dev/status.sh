#!/usr/bin/env bash
# What runs, with pid and memory.
# shellcheck source=tools/dev/sovereign.sh
. "$(dirname "${BASH_SOURCE[0]}")/sovereign.sh"

no_arguments status "$@"
[ -d "$data/run" ] || { say "there is no instance \"$CATALYST_INSTANCE\": ./dev up makes it"; exit 1; }
total=0
stopped=0
for name in $(process_names); do
    if pid=$(process_pid "$name"); then
        # A process and what it started share a session.
        memory=$(ps -o rss= -g "$pid" | awk '{ sum += $1 } END { print int(sum / 1024) }')
        total=$((total + memory))
        printf '%-48s running  pid %-8s %5s MB\n' "$name" "$pid" "$memory"
    else
        stopped=$((stopped + 1))
        printf '%-48s stopped\n' "$name"
    fi
done
say "$total MB in all; $(public_url)"
[ "$stopped" = 0 ]
