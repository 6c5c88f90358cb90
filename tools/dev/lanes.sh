# Runs test scripts beside each other on one instance, and those that need it for themselves alone. To be sourced after tally.sh.
# shellcheck shell=bash disable=SC2154

# A script runs alone, unless a line of its own says otherwise:
#   # Runs beside others.
#   # Runs beside others, but holds: THING...
# Of those that hold the same thing only one runs at a time. A script that stops peers, starts services anew, or measures or changes what all Organizations
# share says nothing.
MARK='Runs beside others'
LANES=3 # most of a script is waiting for Flux
SCRIPT_S=60 # of one script, until this machine has shown its own

runs_beside() { grep -q "^# $MARK[.,]" "$1"; }                         # SCRIPT
held_by() { sed -n "s/^# $MARK, but holds: \(.*\)$/\1/p" "$1"; }       # SCRIPT: the things
book_key() { echo "test.$(key_of "$(basename "$(dirname "$1")")/$(basename "$1")")"; } # SCRIPT

declare -A lane=() # of each script that runs: the process that leads its group
declare -A held=() # things that running scripts hold
lane_logs=''

# run_scripts FOLDER: first those that run alone, in the order of their names, then the others.
run_scripts() {
    local script others=()
    for script in "$1"/*.sh; do
        [ -x "$script" ] || continue
        if runs_beside "$script"; then others+=("$script"); else run_alone "$script"; fi
    done
    run_beside "${others[@]}"
}
run_alone() { timed "$(book_key "$1")" $SCRIPT_S "$(basename "$1")" run_program "$(basename "$1")" "$1"; } # SCRIPT

# run_beside SCRIPT...: what each says is shown when it has ended.
run_beside() {
    local waiting=()
    [ $# -gt 0 ] || return 0
    mapfile -t waiting < <(longest_first "$@")
    lane_logs=$(mktemp -d)
    while [ "${#waiting[@]}" -gt 0 ] || [ "${#lane[@]}" -gt 0 ]; do
        begin_what_fits
        end_what_has_ended
        sleep 0.2
    done
    rm -rf "$lane_logs"
}
longest_first() { # SCRIPT...
    local script
    for script in "$@"; do echo "$(expected_s "$(book_key "$script")" $SCRIPT_S) $script"; done | sort -s -k 1,1nr | cut -d' ' -f2-
}
begin_what_fits() { # out of waiting, which is the caller's
    local script left=()
    for script in "${waiting[@]}"; do
        if [ "${#lane[@]}" -lt $LANES ] && is_free "$script"; then begin_lane "$script"; else left+=("$script"); fi
    done
    waiting=("${left[@]}")
}
is_free() { # SCRIPT
    local thing
    for thing in $(held_by "$1"); do [ -z "${held[$thing]:-}" ] || return 1; done
}
# A group of its own, so that an interrupted run ends it. Names that scripts make have the second in them.
begin_lane() { # SCRIPT
    local thing name
    name=$(basename "$1")
    for thing in $(held_by "$1"); do held[$thing]=$1; done
    step "$name begins, beside ${#lane[@]} more"
    set -m
    timed "$(book_key "$1")" $SCRIPT_S "$name" record "$1" "$lane_logs/$name" </dev/null &
    set +m
    lane[$!]=$1
    sleep 1
}
record() { # SCRIPT LOG
    local code=0
    "$1" >"$2" 2>&1 || code=$?
    echo "$code" >"$2.code"
}
end_what_has_ended() {
    local pid
    for pid in "${!lane[@]}"; do kill -0 "$pid" 2>/dev/null || end_lane "$pid"; done
}
end_lane() { # PROCESS
    local script=${lane[$1]} name thing
    name=$(basename "$script")
    unset "lane[$1]"
    for thing in $(held_by "$script"); do unset "held[$thing]"; done
    step "$name:"
    show_program "$name" "$lane_logs/$name"
}
end_lanes() { # what an interrupted run leaves
    local pid
    for pid in "${!lane[@]}"; do kill -TERM -- "-$pid" 2>/dev/null || true; done
    for pid in "${!lane[@]}"; do wait "$pid" 2>/dev/null || true; done
    [ -z "$lane_logs" ] || rm -rf "$lane_logs"
}
