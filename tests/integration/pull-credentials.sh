#!/usr/bin/env bash
# Credentials for registries: an Organization's own and the Sovereign's, merged into every namespace of an Application, through rotation, a broken
# Secret and removal. Starts environment-controller with a configuration of its own meanwhile. Needs the environment file of ./dev up.
# shellcheck source=tests/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/../lib.sh"
first=pull-a-$stamp
second=pull-b-$stamp
shared=registry
controllers=catalyst-environment-controller
configuration=$CATALYST_TEST_INSTANCE_DIR/etc/environment-controller-1.yaml

# serve [LINES]: every replica, with lines more in its configuration.
serve() {
    local replica configuration
    for replica in $(in_instance replicas_of environment-controller); do
        configuration=$CATALYST_TEST_INSTANCE_DIR/etc/$replica.yaml
        if [ -n "${1:-}" ]; then
            (umask 077 && { cat "$configuration"; printf '%s\n' "$1"; } >"$work/$replica.yaml")
            configuration=$work/$replica.yaml
        fi
        in_instance start_service "$replica" "$configuration"
    done
}
says() { # WANTED COMMAND...
    local wanted=$1
    shift
    is "$("$@")" "$wanted"
}
pair() { printf '%s' "$1" | base64 -w0; } # user:password
# give NAMESPACE NAME [REGISTRY USER:PASSWORD]...: the Secret, made or rotated
give() {
    local namespace=$1 name=$2 config='{"auths": {}}'
    shift 2
    while [ $# -gt 0 ]; do
        config=$(jq -c --arg r "$1" --arg a "$(pair "$2")" '.auths[$r] = {auth: $a}' <<<"$config")
        shift 2
    done
    give_text "$namespace" "$name" "$config"
}
give_text() { # NAMESPACE NAME DOCKER-CONFIG
    jq -nc --arg n "$2" --arg c "$3" '{apiVersion: "v1", kind: "Secret", metadata: {name: $n}, type: "kubernetes.io/dockerconfigjson", stringData: {".dockerconfigjson": $c}}' |
        host apply --server-side --force-conflicts -n "$1" -f - >/dev/null
}
take() { host delete secret "$2" -n "$1" --ignore-not-found >/dev/null; } # NAMESPACE NAME

given() { inner acme get secret catalyst-pull -n "$1-dev" -o json; } # APPLICATION
has_none() { refuses inner acme get secret catalyst-pull -n "$1-dev"; }
# holds APPLICATION [REGISTRY USER:PASSWORD]...: just these
holds() {
    local application=$1 wanted='{}'
    shift
    while [ $# -gt 0 ]; do
        wanted=$(jq -c --arg r "$1" --arg a "$(pair "$2")" '.[$r] = {auth: $a}' <<<"$wanted")
        shift 2
    done
    is "$(given "$application" | jq -cS '.data[".dockerconfigjson"] | @base64d | fromjson | .auths')" "$(jq -cS . <<<"$wanted")"
}
gives() { inner acme get serviceaccount "${2:-default}" -n "$1-dev" -o json | jq -c '[.imagePullSecrets[]?.name]'; } # APPLICATION [ACCOUNT]
named_by_pods() { inner acme get pods -n "$1-dev" -o json | jq -c '[.items[].spec.imagePullSecrets[]?.name] | unique'; }
condition() { # TYPE: status, reason and message
    host get environment.catalyst.openova.io acme-dev -n acme -o json | jq -r --arg type "$1" '.status.conditions[] | select(.type == $type) | "\(.status) \(.reason) \(.message)"'
}
is_true() { condition "$1" | grep -q '^True '; }
runs() { is "$(state "$developer" "/applications/$1" | jq -r '.environments["acme-dev"].status')" Running; }
row() { state "$developer" "/environments/acme-dev/rows/secret/$1-dev/catalyst-pull"; }
shows_no_value() { # in what people see, and in the log
    local text secret value
    value=$(given "$1" | jq -r '.data[".dockerconfigjson"]')
    row "$1" | jq -e '.name == "catalyst-pull"' || return 1
    text=$(row "$1"; host get environment.catalyst.openova.io acme-dev -n acme -o json; log_of environment-controller)
    for secret in "${secrets[@]}"; do
        ! grep -qF -e "$secret" -e "$(pair "$secret")" -e "$value" <<<"$text" || { echo "$secret is shown"; return 1; }
    done
}
secrets=("own:$stamp-1" "own:$stamp-2" "shared:$stamp-1" "shared:$stamp-2" "hunter:$stamp")
clean_up() {
    take acme pull-credentials
    serve
    take $controllers $shared
    carry_out "$admin" "$(uninstall "$first")" >/dev/null 2>&1
    carry_out "$admin" "$(uninstall "$second")" >/dev/null 2>&1
    leave
}
trap clean_up EXIT
admin=$(sign_in ACME_ORG_ADMIN)
developer=$(sign_in ACME_ORG_DEVELOPER)

# Configuration.
cp "$configuration" "$work/usual.yaml"
{ cat "$configuration"; echo "registry: {pull_secret: $shared}"; } >"$work/registry.yaml"
{ cat "$configuration"; echo 'registry: {pull_secret: Not_A_Name}'; } >"$work/wrong.yaml"
chmod 600 "$work"/*.yaml
says_wrong() { grep -qF registry.pull_secret <<<"$("$@" 2>&1)"; }
check "a name that no Secret has is refused" says_wrong "$CATALYST_TEST_BIN/environment-controller" --config "$work/wrong.yaml" --check
check "also from the environment" says_wrong env CATALYST_REGISTRY_PULL_SECRET=Not_A_Name "$CATALYST_TEST_BIN/environment-controller" --config "$work/usual.yaml" --check
check "one that may be there is taken" "$CATALYST_TEST_BIN/environment-controller" --config "$work/registry.yaml" --check

# Nobody gives any.
check "an Application is installed" carry_out "$admin" "$(install "$first" bp-podinfo '["acme-dev"]' '{}')"
check "without credentials nothing is made" has_none "$first"
check "and its ServiceAccount gives none" says '[]' gives "$first"
check "nor is anything missing" is_true PullReady

# The Organization's own.
inner acme patch serviceaccount default -n "$first-dev" -p '{"imagePullSecrets": [{"name": "theirs"}]}' >/dev/null
give acme pull-credentials ghcr.io "${secrets[0]}" quay.io "${secrets[0]}"
check "an Organization's own reach its namespaces" within 15 holds "$first" ghcr.io "${secrets[0]}" quay.io "${secrets[0]}"
check "the ServiceAccount gives them, and what others let it give" within 5 says '["theirs","catalyst-pull"]' gives "$first"
check "so does the one that the Application brings" within 15 says '["catalyst-pull"]' gives "$first" "$first"
check "the Secret says whose it is" says "acme acme-dev $first" inner acme get secret catalyst-pull -n "$first-dev" \
    -o jsonpath='{.metadata.labels.openova\.io/organization} {.metadata.labels.openova\.io/environment} {.metadata.labels.openova\.io/application}'
check "of its values people see nothing" within 15 shows_no_value "$first"

# The Sovereign's.
check "the controller starts with the Sovereign's Secret named" serve "registry: {pull_secret: $shared}"
check "and is ready" is_ready environment-controller
check "while that is not there, the Environment waits for it by name" within 30 says "False Waiting Secret $controllers/$shared is not there" condition PullReady
check "but Applications can run there" is_true Ready
give $controllers $shared https://GHCR.io/ "${secrets[2]}" registry.example.org "${secrets[2]}"
check "both are merged, and the Organization's own wins" within 15 holds "$first" ghcr.io "${secrets[0]}" quay.io "${secrets[0]}" registry.example.org "${secrets[2]}"
check "nothing is missing any more" within 15 is_true PullReady
check "another Application is installed" carry_out "$admin" "$(install "$second" bp-podinfo '["acme-dev"]' '{}')"
check "its first pods name them" says '["catalyst-pull"]' named_by_pods "$second"

# Rotation.
give $controllers $shared https://GHCR.io/ "${secrets[3]}" registry.example.org "${secrets[3]}"
check "a rotated Secret of the Sovereign reaches every namespace" within 15 holds "$first" ghcr.io "${secrets[0]}" quay.io "${secrets[0]}" registry.example.org "${secrets[3]}"
check "the other, too" within 15 holds "$second" ghcr.io "${secrets[0]}" quay.io "${secrets[0]}" registry.example.org "${secrets[3]}"
give acme pull-credentials ghcr.io "${secrets[1]}" quay.io "${secrets[1]}"
check "so does one of the Organization" within 15 holds "$second" ghcr.io "${secrets[1]}" quay.io "${secrets[1]}" registry.example.org "${secrets[3]}"
inner acme delete secret catalyst-pull -n "$second-dev" >/dev/null

# Broken.
give_text acme pull-credentials "{\"auths\": {\"ghcr.io\": {\"auth\": \"${secrets[4]}\"}}}"
check "a broken Secret is named, with what is wrong" within 15 says \
    "False Refused Secret acme/pull-credentials: auth of its registry number 1 is not base64 of user:password" condition PullReady
check "what is right goes on, and what only it may have named stays" within 15 holds "$first" https://GHCR.io/ "${secrets[3]}" quay.io "${secrets[1]}" registry.example.org "${secrets[3]}"
check "a namespace without any gets what is right" within 15 holds "$second" https://GHCR.io/ "${secrets[3]}" registry.example.org "${secrets[3]}"
check "Applications can run there all the same" is_true Ready
check "and do" within 15 runs "$first"
check "people see nothing of what it holds" within 15 shows_no_value "$first"
give acme pull-credentials ghcr.io "${secrets[0]}"
check "mended, it counts again" within 15 holds "$first" ghcr.io "${secrets[0]}" registry.example.org "${secrets[3]}"
check "and nothing is wrong" within 15 is_true PullReady

# Removal.
take acme pull-credentials
check "without the Organization's own the Sovereign's stay" within 15 holds "$first" https://GHCR.io/ "${secrets[3]}" registry.example.org "${secrets[3]}"
take $controllers $shared
check "without any the Secret goes" within 15 has_none "$first"
check "and the ServiceAccount gives what others let it give" says '["theirs"]' gives "$first"
check "the one that the Application brings gives none" within 15 says '[]' gives "$first" "$first"
check "so it is everywhere" within 15 has_none "$second"
check "the controller starts as usual" serve
check "nothing is missing" within 30 is_true PullReady
check "the Applications run as before" within 15 runs "$second"

sum_up
