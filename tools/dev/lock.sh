# Who works on what. A lock is a file that says its holder: pid, start time, since when, what. To be sourced after process.sh.
# A holder that has ended holds nothing, whatever it left running, so a killed run blocks nobody; and whatever a holder starts may take its locks too:
# ./dev test runs ./dev up.
# shellcheck shell=bash

# lock_holder FILE: "pid start since what" of whoever holds it now; fails when nobody does.
lock_holder() {
    local pid start rest
    read -r pid start rest 2>/dev/null <"$1" || return 1
    [ -n "$start" ] && [ "$(started_at "$pid")" = "$start" ] && [ "$(process_state "$pid")" != Z ] && echo "$pid $start $rest"
}

is_me_or_above() { # pid
    local pid=$$
    while [ "${pid:-0}" -gt 0 ]; do
        [ "$pid" != "$1" ] || return 0
        pid=$(sed -n 's/^PPid:[[:space:]]*//p' "/proc/$pid/status" 2>/dev/null)
    done
    return 1
}

# lock_try FILE WHAT: fails when somebody else holds it.
lock_try() {
    mkdir -p "$(dirname "$1")"
    (
        flock 5
        if holder=$(lock_holder "$1"); then is_me_or_above "${holder%% *}" && exit 0 || exit 1; fi
        printf '%s %s %s %s\n' $$ "$(started_at $$)" "$(date +%H:%M)" "$2" >"$1"
    ) 5>"$1.guard"
}
lock_release() { # file
    local holder
    if holder=$(lock_holder "$1") && [ "${holder%% *}" = $$ ]; then rm -f "$1"; fi
}

# lock_words FILE: "./dev up (pid 4711, since 12:03)".
lock_words() {
    local pid since what
    read -r pid _ since what < <(lock_holder "$1" || echo "? ? ? a command that has just ended")
    echo "$what (pid $pid, since $since)"
}

# lock_wait FILE WHAT THING: waits until nobody else holds it, and says so.
lock_wait() {
    lock_try "$1" "$2" && return
    step "$(lock_words "$1") works on $3: waiting for it"
    until lock_try "$1" "$2"; do sleep 0.5; done
}

# The instance, for whoever changes it until this script ends. What is short is waited for; a run of the tests is not, which would take the best part of an hour.
lock_instance() { # what
    local file=$data.lock
    until lock_try "$file" "$1"; do
        case $(lock_holder "$file" || true) in
            *" ./dev test") fail "$(lock_words "$file") uses the instance \"$CATALYST_INSTANCE\": wait for its end, or work on another one: CATALYST_INSTANCE=NAME $1" ;;
            *) lock_wait "$file" "$1" "the instance \"$CATALYST_INSTANCE\"" ;;
        esac
    done
}

# What is built lies in the worktree: build/{name}. Two worktrees go side by side.
build_lock() { echo "$CATALYST_ROOT/build/$1.lock"; } # name
lock_build() { lock_wait "$(build_lock "$1")" "$2" "build/$1 of this worktree"; } # name what
