# How long steps take on this machine. It is remembered in the cache, so that what ./dev says of the time left is learnt. To be sourced after lib.sh.
# shellcheck shell=bash

# A line for each step: its key, then its last durations in milliseconds, the newest last. For work that has a size, of one unit of it.
durations_file() { echo "$CATALYST_CACHE/durations"; }
REMEMBERED=5   # durations of a step: enough for one that was odd not to count
SAID_EVERY_S=15

now_ms() { echo $((${EPOCHREALTIME//[^0-9]/} / 1000)); }

# remembered_ms KEY: the median of what is remembered; fails when nothing is.
remembered_ms() {
    awk -v key="$1" '$1 == key {
        for (i = 2; i <= NF; i++) if ($i ~ /^[0-9]+$/) held[++count] = $i + 0
        for (i = 2; i <= count; i++) for (j = i; j > 1 && held[j - 1] > held[j]; j--) { other = held[j]; held[j] = held[j - 1]; held[j - 1] = other }
    } END { if (!count) exit 1; print held[int((count + 1) / 2)] }' "$(durations_file)" 2>/dev/null
}

# remember KEY MILLISECONDS
remember() {
    local file
    file=$(durations_file)
    mkdir -p "$CATALYST_CACHE"
    (
        flock 5
        { cat "$file" 2>/dev/null || true; } | awk -v key="$1" -v last="$2" -v most="$REMEMBERED" '
            $1 != key { print; next }
            { for (i = (NF > most ? NF - most + 2 : 2); i <= NF; i++) before = before " " $i }
            END { print key before " " last }' >"$file.new"
        mv "$file.new" "$file"
    ) 5>"$file.lock"
}

# expected_s KEY SECONDS: what it took here, else the guess.
expected_s() {
    local known
    if known=$(remembered_ms "$1"); then echo $(((known + 999) / 1000)); else echo "$2"; fi
}

# left_words SPENT EXPECTED usual|guessed: of a step that goes on.
left_words() {
    if [ "$1" -lt "$2" ]; then
        echo "$1 s gone, about $(($2 - $1)) s left"
    elif [ "$3" = usual ]; then
        echo "longer than usual, $1 s so far (usually about $2 s)"
    else
        echo "longer than expected, $1 s so far (expected about $2 s)"
    fi
}
usual_or_guessed() { if remembered_ms "$1" >/dev/null; then echo usual; else echo guessed; fi; } # key

key_of() { echo "${1//[^A-Za-z0-9.-]/_}"; }

# timed KEY SECONDS LABEL COMMAND...: runs it in this shell, and says so while it is late. The guess counts until this machine has done it once.
timed() {
    local key=$1 label=$3 expected started watcher
    expected=$(expected_s "$1" "$2")
    started=$(now_ms)
    shift 3
    say_when_late "$label" "$expected" "$(usual_or_guessed "$key")" &
    watcher=$!
    "$@"
    kill "$watcher" 2>/dev/null || true
    wait "$watcher" 2>/dev/null || true
    remember "$key" $(($(now_ms) - started))
}
# Ends by itself with the shell that started it. What it sleeps with holds nobody's output open.
say_when_late() {
    local began=$SECONDS spent
    while kill -0 $$ 2>/dev/null; do
        sleep 1 >/dev/null 2>&1 </dev/null
        spent=$((SECONDS - began))
        if [ "$spent" -gt "$2" ] && [ $(((spent - $2) % SAID_EVERY_S)) = 1 ]; then step "    $1: $(left_words "$spent" "$2" "$3")"; fi
    done
}

# with_progress LABEL SECONDS COMMAND...: runs it with its output in a log, says every 15 s how long it still takes, or that it is late.
with_progress() { progress "$(key_of "$1")" 1 "$1" $(($2 * 1000)) "${@:3}"; }
# with_progress_of UNITS LABEL MILLISECONDS-EACH COMMAND...: the same for work whose size is known: what is remembered is the time of one unit.
with_progress_of() { progress "$(key_of "$2").step" "$@"; }

# A run that was killed leaves its log with its process's number.
drop_logs_of_killed() { # log
    local file
    for file in "$1".[0-9]*; do
        if [ -e "$file" ] && ! kill -0 "${file##*.}" 2>/dev/null; then rm -f "$file"; fi
    done
}

progress() { # key units label milliseconds-each command...
    local key=$1 units=$2 label=$3 each expected known started log pid spent said=0
    known=$(usual_or_guessed "$1")
    each=$(remembered_ms "$1") || each=$4
    expected=$(((each * units + 999) / 1000))
    shift 4
    mkdir -p "$CATALYST_CACHE/logs"
    log=$CATALYST_CACHE/logs/$(key_of "$label").log
    drop_logs_of_killed "$log"
    step "$label (about $((expected > 0 ? expected : 1)) s)"
    started=$(now_ms)
    "$@" >"$log.$$" 2>&1 &
    pid=$!
    while kill -0 "$pid" 2>/dev/null; do
        sleep 0.2
        spent=$((($(now_ms) - started) / 1000))
        if [ $((spent - said)) -ge "$SAID_EVERY_S" ]; then
            said=$spent
            step "    $label: $(left_words "$spent" "$expected" "$known")"
        fi
    done
    # Of its own while it runs: another worktree may do the same.
    mv "$log.$$" "$log"
    wait "$pid" || { tail -n 25 "$log" >&2; fail "$label failed; its log is $log"; }
    [ "$units" = 0 ] || remember "$key" $((($(now_ms) - started) / units))
}
