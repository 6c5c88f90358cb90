#!/usr/bin/env bash
# ./dev itself, without an instance: what it says to a mistyped word, what it remembers of durations, its locks, and how it shows logs.
set -uo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export CATALYST_CACHE=$work/cache CATALYST_DATA=$work/data
unset CATALYST_INSTANCE_DIR CATALYST_INSTANCE CATALYST_TEST_INSTANCE
passed=0 failed=0

check() { # SENTENCE COMMAND...
    if "${@:2}" >"$work/output" 2>&1; then passed=$((passed + 1)); else
        failed=$((failed + 1))
        printf 'FAILED %s\n' "$1"
        tail -n 8 "$work/output"
    fi
}
is() { [ "$1" = "$2" ] || { printf 'is       %s\nexpected %s\n' "$1" "$2"; return 1; }; }
# refused TEXT COMMAND...: exit code 2, and the text is in what it says.
refused() {
    local said code=0
    said=$("${@:2}" 2>&1 </dev/null) || code=$?
    is "$code" 2 && { [[ "$said" == *"$1"* ]] || { echo "$said"; return 1; }; }
}
# inside COMMAND...: with everything of ./dev at hand, in a shell of its own.
inside() { bash -c '. "$1/tools/dev/sovereign.sh"; . "$1/tools/dev/test_instance.sh"; shift; "$@"' inside "$root" "$@"; }
script() { bash -c ". '$root/tools/dev/sovereign.sh'; . '$root/tools/dev/test_instance.sh'; $1"; }

# --- words ---

helps() { # command
    is "$("$root/dev" "$1" --help | head -n 1 | cut -d' ' -f1-3)" "usage: ./dev $1" && is "$("$root/dev" help "$1")" "$("$root/dev" "$1" -h)"
}
logs_are_named() {
    mkdir -p "$work/data/local/logs"
    touch "$work/data/local/logs/"{provisioning,projector-1,projector-2}.log
    refused 'there is no log "provisoning". Did you mean "provisioning"?' "$root/dev" logs provisoning &&
        refused 'There are: projector-1, projector-2, provisioning' "$root/dev" logs && refused 'Did you mean "--json"?' "$root/dev" logs --jsno provisioning
}

check "a mistyped command is told which is near" refused 'there is no command "statsu". Did you mean "status"?' "$root/dev" statsu
check "a word that is near to nothing is told what there is" refused 'There are: up, down, status' "$root/dev" frobnicate
check "a mistyped part of the tests is told which is near" refused 'Did you mean "unit"?' "$root/dev" test unti
check "a mistyped benchmark is told which is near" refused 'Did you mean "fold"?' "$root/dev" bench fold_bench
check "the help of what is not there is told which is near" refused 'Did you mean "doctor"?' "$root/dev" help docter
check "what a command does not take is refused" refused './dev status takes nothing more, and "all" was given.' "$root/dev" status all
check "an unknown option is told which is near" refused 'Did you mean "--all"?' "$root/dev" clean --al
check "a mistyped log is told which is near, and which there are" logs_are_named
for command in up down status logs doctor test bench clean; do check "./dev $command --help says how" helps $command; done

# --- durations ---

median_counts() { is "$(script 'for ms in 1000 9000 2000 3000 2500 60000; do remember step $ms; done; remembered_ms step; cat "$(durations_file)"')" $'3000\nstep 9000 2000 3000 2500 60000'; }
others_stay() { is "$(script 'remember one 1000; remember two 2000; remember one 3000; expected_s one 9; expected_s two 9; expected_s three 9' | tail -n 3)" $'1\n2\n9'; }
damage_is_survived() {
    mkdir -p "$CATALYST_CACHE"
    printf 'bad x y\n\nhalf\n\001\002\n' >"$CATALYST_CACHE/durations"
    is "$(script 'expected_s bad 7; expected_s half 8; remember bad 4000; expected_s bad 7')" $'7\n8\n4'
}
one_unit_is_remembered() { is "$(script 'with_progress_of 4 units 1 sleep 0.4 >/dev/null; ms=$(remembered_ms units.step); [ "$ms" -ge 100 ] && [ "$ms" -lt 400 ] && echo each')" each; }
failure_is_not_remembered() { ! script 'with_progress broken 1 false' && ! script 'remembered_ms broken'; }

check "the middle one of the last five durations counts" median_counts
check "each step has durations of its own, and a guess until then" others_stay
check "a damaged file of durations is survived" damage_is_survived
check "a step in time says what is left" is "$(inside left_words 10 30 usual)" "10 s gone, about 20 s left"
check "a late step says that it is late" is "$(inside left_words 95 40 usual)" "longer than usual, 95 s so far (usually about 40 s)"
check "a step that this machine has not done yet is late against the guess" is "$(inside left_words 95 40 guessed)" "longer than expected, 95 s so far (expected about 40 s)"
check "of work that has a size the time of one unit is remembered" one_unit_is_remembered
log_of_a_killed_run_goes() {
    mkdir -p "$CATALYST_CACHE/logs"
    sleep 0 & wait $!
    touch "$CATALYST_CACHE/logs/step.log."{$!,$$}
    script 'with_progress step 1 true' && [ ! -e "$CATALYST_CACHE/logs/step.log.$!" ] && [ -e "$CATALYST_CACHE/logs/step.log.$$" ]
}
check "the log of a run that was killed goes, and that of one that goes on stays" log_of_a_killed_run_goes
check "what failed is not remembered" failure_is_not_remembered

# --- scripts beside each other ---

script_of_lanes() { # NAME MARK EXIT-CODE: it says when it begins and ends
    printf '#!/usr/bin/env bash\n%s\necho "begin %s" >>"%s/order"\necho "first of %s"\nsleep 2.5\necho "second of %s"\necho "end %s" >>"%s/order"\necho "1 passed, %s failed"\nexit %s\n' \
        "$2" "$1" "$work" "$1" "$1" "$1" "$work" "$3" "$3" >"$work/lanes/$1.sh"
    chmod +x "$work/lanes/$1.sh"
}
lanes_run() {
    mkdir -p "$work/lanes"
    script_of_lanes z-alone '' 0
    script_of_lanes one '# Runs beside others.' 1
    script_of_lanes two '# Runs beside others.' 0
    script_of_lanes three '# Runs beside others, but holds: people' 0
    script_of_lanes four '# Runs beside others, but holds: blueprints people' 0
    script '. "$CATALYST_ROOT/tools/dev/tally.sh"; . "$CATALYST_ROOT/tools/dev/lanes.sh"; run_scripts "'"$work"'/lanes"; echo "$passed passed, $failed failed: $failures"' >"$work/lanes.said" 2>&1
}
place() { grep -n "^$1\$" "$work/order" | cut -d: -f1; } # LINE
alone_was_first() { is "$(head -n 2 "$work/order" | tr '\n' ' ')" "begin z-alone end z-alone "; }
went_together() { [ "$(place "begin one")" -lt "$(place "end two")" ] && [ "$(place "begin two")" -lt "$(place "end one")" ]; }
went_apart() { [ "$(place "end three")" -lt "$(place "begin four")" ] || [ "$(place "end four")" -lt "$(place "begin three")" ]; }
each_in_one_piece() {
    local one
    for one in z-alone one two three four; do is "$(grep -A 1 "^first of $one\$" "$work/lanes.said" | tail -n 1)" "second of $one" || return; done
}
sum_of_lanes() { grep -q '^5 passed, 1 failed: one.sh$' "$work/lanes.said" || { cat "$work/lanes.said"; return 1; }; }
times_of_lanes() { is "$(script 'for one in z-alone one two three four; do ms=$(remembered_ms test.lanes_$one.sh); [ "$ms" -ge 2400 ] && echo $one; done' | wc -l)" 5; }

check "scripts of a folder run to their ends" lanes_run
check "one that says nothing runs alone" alone_was_first
check "those that may run beside each other do" went_together
check "those that hold the same thing do not" went_apart
check "what each says stands together" each_in_one_piece
check "the sum is that of all, and who failed is named" sum_of_lanes
check "each has its time remembered" times_of_lanes
check "every mark of a script is one that is understood" is "$(grep -h "^# Runs beside" "$root"/tests/*/*.sh | grep -vE '^# Runs beside others(\.|, but holds: [a-z ]+)$')" ""

# --- locks ---

# holding FILE: a process that holds the lock until it is killed; its pid is in $holder.
holding() {
    bash -c ". '$root/tools/dev/sovereign.sh'; lock_try '$1' './dev test'; touch '$1.held'; exec sleep 600" &
    holder=$!
    until [ -e "$1.held" ]; do sleep 0.05; done
}
let_go() { kill -KILL "$holder" 2>/dev/null; wait "$holder" 2>/dev/null; }
second_is_kept_out() {
    local code=0
    holding "$work/a.lock"
    inside lock_try "$work/a.lock" second && code=1
    inside lock_words "$work/a.lock" | grep -q "^./dev test (pid $holder, since [0-9:]*)$" || code=1
    let_go
    return "$code"
}
killed_run_blocks_nobody() {
    holding "$work/b.lock"
    let_go
    inside lock_try "$work/b.lock" second
}
later_process_is_not_the_holder() {
    echo "$$ 1 12:00 ./dev test" >"$work/c.lock"
    inside lock_try "$work/c.lock" second
}
child_takes_it() { script "lock_try '$work/d.lock' './dev test'; bash -c '. \"$root/tools/dev/sovereign.sh\"; lock_try \"$work/d.lock\" \"./dev up\"' && is=1; lock_holder '$work/d.lock' | grep -q './dev test'"; }
let_go_is_free() { script "lock_try '$work/e.lock' one; lock_release '$work/e.lock'; lock_holder '$work/e.lock'" && return 1; inside lock_try "$work/e.lock" two; }
commands_keep_away() { # from the instance that tests use
    local said code=0
    holding "$work/data/busy.lock"
    said=$(CATALYST_INSTANCE=busy "$root/dev" down 2>&1) && code=1
    [[ "$said" == *"uses the instance \"busy\": wait for its end, or work on another one: CATALYST_INSTANCE=NAME ./dev down"* ]] || { echo "$said"; code=1; }
    let_go
    return "$code"
}
chosen() { inside eval 'use_instance "$CATALYST_DATA/test"; choose_instance >/dev/null; echo "$CATALYST_INSTANCE"'; }
second_tests_have_their_own() {
    local name
    holding "$work/data/test.lock"
    name=$(chosen)
    let_go
    is "$name" test-2 && is "$(chosen)" test
}
instance_of_a_person_is_left_alone() {
    mkdir -p "$work/data/test/run"
    is "$(chosen)" test-2 || return
    touch "$work/data/test/made-by-test"
    is "$(chosen)" test
}

check "who comes second does not get the lock, and is told who has it" second_is_kept_out
check "a run that was killed blocks nobody" killed_run_blocks_nobody
check "a later process with the same number is not the holder" later_process_is_not_the_holder
check "what a holder starts may take its lock, which stays the holder's" child_takes_it
check "what was let go is free" let_go_is_free
check "no command touches the instance that tests use" commands_keep_away
check "two runs of the tests have an instance each" second_tests_have_their_own
check "tests never take the instance that somebody made to work with" instance_of_a_person_is_left_alone

# --- logs ---

shown() { jq -Rr -f "$root/tools/dev/logs.jq"; }
check "our lines are shown as time, level, message and what else they say" is \
    "$(shown <<<'{"time":"2026-11-29T21:00:00.123Z","level":"info","service":"billing","message":"it is counted","organization":"acme","count":3,"text":"a b"}')" \
    '11-29 21:00:00.123Z info    it is counted organization=acme count=3 text="a b"'
check "so are those of Flux" is "$(shown <<<'{"level":"error","ts":"2026-11-29T21:00:00.123456Z","msg":"no","object":{"name":"x"}}')" \
    '11-29 21:00:00.123Z error   no object={"name":"x"}'
check "what is no such line stays as it is" is "$(printf '%s\n' 'plain: {' '[1]' '{"a":1}' '' | shown)" $'plain: {\n[1]\n{"a":1}'
check "nothing in a log steers the terminal" is "$(printf '{"message":"a\\u001b[2Jb"}\nc\033[2Jd\n' | shown)" $'a\xef\xbf\xbd[2Jb\nc\xef\xbf\xbd[2Jd'

# --- files of others ---

check "the copied module files hold no sentences of others" is "$(cat "$root"/tools/peers/*/go.mod | grep '//' | grep -vE '// indirect$' | grep -v "^// Brings helm-controller's module")" ""

echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
