#!/usr/bin/env bash
# Each service with a wrong configuration: it does not start, says why in one line that names what is wrong, and exits with another code than 0.
# Needs the environment file of ./dev up.
# shellcheck source=tests/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/../lib.sh"

# stays_down SERVICE FILE WORDS: the words stand in the one line of standard error
stays_down() {
    local code
    timeout 20 "$CATALYST_TEST_BIN/$1" --config "$2" >"$work/out" 2>"$work/error"
    code=$?
    [ "$code" != 0 ] && [ "$code" != 124 ] || { echo "exit code $code"; cat "$work/error"; return 1; }
    is "$(wc -l <"$work/error")" 1 || { cat "$work/error"; return 1; }
    grep -qF -- "$3" "$work/error" || { cat "$work/error"; return 1; }
}
for service in $(services); do
    good=$CATALYST_TEST_INSTANCE_DIR/etc/$service.yaml
    [ -f "$good" ] || good=$CATALYST_TEST_INSTANCE_DIR/etc/$service-1.yaml
    # Other ports than those of the service that runs.
    sed 's/^listen:.*/listen: 127.0.0.1:0/; s/^admin:.*/admin: 127.0.0.1:0/' "$good" >"$work/good.yaml"
    { cat "$work/good.yaml"; echo 'colour: red'; } >"$work/unknown.yaml"
    { cat "$work/good.yaml"; echo 'workers: many'; } >"$work/type.yaml"
    sed -E 's|^(spine: .*credentials: )[^},]*|\1/nowhere/spine.creds|' "$work/good.yaml" >"$work/secret.yaml"
    { cat "$work/good.yaml"; echo 'spine: [unclosed'; } >"$work/syntax.yaml"
    sed '/^spine:/d' "$work/good.yaml" >"$work/less.yaml"
    check "$service: a field that is unknown is named" stays_down "$service" "$work/unknown.yaml" colour
    check "$service: a value of a wrong type is named" stays_down "$service" "$work/type.yaml" workers
    check "$service: a file that is named and not there is named" stays_down "$service" "$work/secret.yaml" /nowhere/spine.creds
    check "$service: YAML that is broken is told" stays_down "$service" "$work/syntax.yaml" "$work/syntax.yaml"
    check "$service: a section that is needed and missing is named" stays_down "$service" "$work/less.yaml" spine.
    check "$service: a configuration that is not there is named" stays_down "$service" "$work/nothing.yaml" "$work/nothing.yaml"
done
sum_up
