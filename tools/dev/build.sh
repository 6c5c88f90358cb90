# Builds the project's own programs and the console. To be sourced.
# shellcheck shell=bash disable=SC2154

# Targets of ./dev up: services and tools that this checkout has. Tests are built by ./dev test.
program_targets() {
    local folder
    for folder in "$CATALYST_ROOT"/services/*/ "$CATALYST_ROOT"/tools/standin/*/; do
        if [ -f "$folder/main.c" ]; then basename "$folder"; fi
    done
    echo catalyst-keys
}

# Always: a folder that got its main.c since is a new target.
configure() { # preset
    with_progress "configuring build/$1" 2 env -C "$CATALYST_ROOT" cmake --preset "$1" -DCATALYST_SYSROOT="$CATALYST_SYSROOT"
}

# How many of its steps ninja would run now. Asks with the folder locked. A dry run of the file as it is ends with the question whether CMake has to
# run again, which is asked each time: hence the copy, which nothing makes.
steps_to_build() { # preset targets...
    local folder=$CATALYST_ROOT/build/$1
    cp "$folder/build.ninja" "$folder/count.ninja"
    ninja -C "$folder" -f count.ninja -n "${@:2}" 2>/dev/null | grep -c '^\[' || true
    rm -f "$folder/count.ninja"
}
STEP_MS=800 # of compiling one file, until this machine has shown its own

# build_preset PRESET LABEL TARGETS...: configured and locked by the caller.
build_preset() {
    local targets=()
    [ "$#" -le 2 ] || targets=(--target "${@:3}")
    with_progress_of "$(steps_to_build "$1" "${@:3}")" "$2" $STEP_MS cmake --build "$CATALYST_ROOT/build/$1" -j "$(nproc)" "${targets[@]}"
}

build_programs() {
    local targets
    [ "$CATALYST_BIN" = "$CATALYST_ROOT/build/release/bin" ] || { step "programs are taken from $CATALYST_BIN"; return; }
    lock_build release "./dev up"
    configure release
    mapfile -t targets < <(program_targets)
    build_preset release "building the programs" "${targets[@]}"
    lock_release "$(build_lock release)"
}

build_console() {
    lock_build console "./dev up"
    build_console_alone
    lock_release "$(build_lock console)"
}
build_console_alone() {
    local folder=$CATALYST_ROOT/services/console stamp=$CATALYST_ROOT/build/console.stamp sum
    [ -f "$folder/package.json" ] || { step "services/console has no package.json yet: the front door shows a page that says so"; return; }
    sum=$(cd "$folder" && find . -path ./node_modules -prune -o -path ./dist -prune -o -type f -print0 | sort -z | xargs -0 cat | cksum)
    [ -d "$folder/dist" ] && [ "$(cat "$stamp" 2>/dev/null)" = "$sum" ] && return
    if [ ! -d "$folder/node_modules" ] || [ "$folder/package-lock.json" -nt "$folder/node_modules" ]; then
        with_progress "fetching the console's libraries" 30 env -C "$folder" npm ci --no-audit --no-fund
    fi
    with_progress "building the console" 20 env -C "$folder" npm run build
    mkdir -p "$CATALYST_ROOT/build"
    echo "$sum" >"$stamp"
}
