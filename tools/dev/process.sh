# Ordinary processes with pid files, each in a session of its own. To be sourced after instance.sh.
# shellcheck shell=bash disable=SC2154

# When a process started, in clock ticks after boot: tells a process from a later one with the same pid.
started_at() { sed -E 's/^.*\) //' "/proc/$1/stat" 2>/dev/null | cut -d' ' -f20; }

process_pid() { # name -> pid, when it is alive and still the program that was started
    local pid start
    read -r pid start _ 2>/dev/null <"$data/run/$1.pid" || return 1
    [ -n "$start" ] && [ "$(started_at "$pid")" = "$start" ] && [ "$(process_state "$pid")" != Z ] && echo "$pid"
}

process_state() { sed -E 's/^.*\) //' "/proc/$1/stat" 2>/dev/null | cut -d' ' -f1; }

# kill(2) returns before the process has ended. One that is on its way out (SIGKILL pends, or PF_EXITING of linux/sched.h is set) still has its ports.
process_is_ending() { # pid
    local flags pending
    flags=$(sed -E 's/^.*\) //' "/proc/$1/stat" 2>/dev/null | cut -d' ' -f7)
    pending=$(sed -n 's/^ShdPnd:[[:space:]]*//p' "/proc/$1/status" 2>/dev/null)
    [ $((${flags:-4} & 4)) != 0 ] || [ $((0x${pending:-0} & 0x100)) != 0 ]
}
# Its first thread may be a zombie while others still hold what was open.
process_is_gone() { # pid
    local threads=(/proc/"$1"/task/*)
    [ ! -e "/proc/$1/stat" ] || { [ "$(process_state "$1")" = Z ] && [ "${#threads[@]}" -le 1 ]; }
}

# What a process was started from; when it changes, the process is started anew.
fingerprint() { # program command-line... ; $FINGERPRINT_FILES: more files that count
    local program=$1
    {
        printf '%s\0' "$@"
        stat -L -c '%i %Y %s' "$(command -v "$program")" 2>/dev/null
        # shellcheck disable=SC2086
        [ -z "${FINGERPRINT_FILES:-}" ] || cat $FINGERPRINT_FILES
    } | cksum | cut -d' ' -f1
}

# start_process NAME COMMAND...: nothing happens when it runs already and was started in the same way.
start_process() {
    local name=$1 print pid
    shift
    print=$(fingerprint "$@")
    if pid=$(process_pid "$name") && process_is_ending "$pid"; then wait_until "the end of $name" 20 process_is_gone "$pid"; fi
    if pid=$(process_pid "$name"); then
        [ "$(cut -d' ' -f3 "$data/run/$name.pid")" = "$print" ] && return 0
        step "$name changed: starting it anew"
        stop_process "$name"
    fi
    trim_log "$data/logs/$name.log"
    (
        close_other_files
        exec setsid "$@" >>"$data/logs/$name.log" 2>&1 </dev/null
    ) &
    pid=$!
    echo "$pid $(started_at "$pid") $print" >"$data/run/$name.pid"
    disown "$pid" 2>/dev/null || true
}

# reload_process NAME COMMAND...: what was started so reads its configuration anew, and counts as started from it.
reload_process() {
    local name=$1 pid
    shift
    pid=$(process_pid "$name") || return 0
    kill -HUP "$pid"
    echo "$pid $(started_at "$pid") $(fingerprint "$@")" >"$data/run/$name.pid"
}

close_other_files() {
    local file
    for file in /proc/self/fd/*; do
        file=${file##*/}
        if [ "$file" -gt 2 ]; then eval "exec $file>&-" 2>/dev/null || true; fi
    done
}

trim_log() {
    if [ -f "$1" ] && [ "$(stat -c %s "$1")" -gt $((64 * 1024 * 1024)) ]; then mv "$1" "$1.1"; fi
}

signal_process() { # name signal
    local pid
    pid=$(process_pid "$1") || return 0
    kill -s "$2" "$pid" 2>/dev/null || true
}

stop_process() { # name [seconds]
    local name=$1 end=$((SECONDS + ${2:-20})) pid
    pid=$(process_pid "$name") || { rm -f "$data/run/$name.pid"; return 0; }
    kill -TERM "$pid" 2>/dev/null || true
    while process_pid "$name" >/dev/null; do
        if [ "$SECONDS" -ge "$end" ]; then
            warn "$name did not stop in time and was killed"
            kill -KILL -- "-$pid" 2>/dev/null || kill -KILL "$pid" 2>/dev/null || true
            sleep 0.2
            break
        fi
        sleep 0.05
    done
    # What a process started belongs to its session: shells around a Java program, for instance.
    kill -KILL -- "-$pid" 2>/dev/null || true
    rm -f "$data/run/$name.pid"
}

# stop_processes NAMES...: all told at once, then waited for.
stop_processes() {
    local name
    for name in "$@"; do signal_process "$name" TERM; done
    for name in "$@"; do stop_process "$name"; done
}

process_names() { # [prefix]
    local file
    for file in "$data"/run/"${1:-}"*.pid; do
        [ -e "$file" ] || continue
        file=${file##*/}
        echo "${file%.pid}"
    done
}

# process_ready NAME SECONDS COMMAND...: waits until the command succeeds; says why when the process has died.
process_ready() {
    local name=$1 end=$((SECONDS + $2))
    shift 2
    until "$@" >/dev/null 2>&1; do
        process_pid "$name" >/dev/null || { tail -n 15 "$data/logs/$name.log" >&2; fail "$name has ended; its log is $data/logs/$name.log"; }
        [ "$SECONDS" -lt "$end" ] || { tail -n 15 "$data/logs/$name.log" >&2; fail "$name is not ready in time; its log is $data/logs/$name.log"; }
        sleep 0.1
    done
}
