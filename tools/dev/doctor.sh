#!/usr/bin/env bash
# Looks at the machine, what was fetched and built, and the instance; says what is wrong and what helps.
# shellcheck source=tools/dev/sovereign.sh
. "$(dirname "${BASH_SOURCE[0]}")/sovereign.sh"

no_arguments doctor "$@"
wrong=0
good() { printf 'ok     %s\n' "$1"; }
bad() { wrong=$((wrong + 1)); printf 'WRONG  %s\n       %s\n' "$1" "$2"; }
# check WHAT HELP COMMAND...
check() {
    local what=$1 help=$2
    shift 2
    if "$@" >/dev/null 2>&1; then good "$what"; else bad "$what" "$help"; fi
}
megabytes_free() { [ "$(df -Pm "$(dirname "$1")" | awk 'NR == 2 { print $4 }')" -ge "$2" ]; }
megabytes_available() { [ "$(awk '/^MemAvailable/ { print int($2 / 1024) }' /proc/meminfo)" -ge "$1" ]; }

machine() {
    check "packages and tools" "bash tools/dev/packages.sh check says which" bash "$CATALYST_ROOT/tools/dev/packages.sh" check
    check "1 GB of disk for data" "free some space near $data" megabytes_free "$data" 1024
    check "at least 1 GB of memory to spare" "the local Sovereign takes about 4 GB in all" megabytes_available 1024
    local program
    for program in kubectl etcd kustomize nats-server kube-apiserver kube-controller-manager kube-scheduler kwok source-controller kustomize-controller gitea; do
        check "$program" "./dev up fetches or builds it" test -x "$(peer "$program")"
    done
    check "Keycloak" "./dev up fetches it" test -x "$peers/keycloak-$PIN_KEYCLOAK/bin/kc.sh"
    for program in $(program_targets); do check "$program is built" "./dev up builds it" test -x "$CATALYST_BIN/$program"; done
}

instance() {
    local name
    [ -d "$data/run" ] || { bad "instance $CATALYST_INSTANCE" "./dev up makes it"; return; }
    for name in $(process_names); do check "$name runs" "./dev up starts it; ./dev logs $name says why it ended" process_pid "$name"; done
    for name in $(all_replicas); do
        check "$name is ready" "./dev logs $name" http_ok "http://127.0.0.1:$(replica_admin_port "$name")/readyz"
    done
    check "the spine answers" "./dev logs nats" http_ok "http://127.0.0.1:$(port NATS_MONITOR)/healthz"
    check "Gitea answers" "./dev logs gitea" http_ok "$(gitea_url)/api/healthz"
    check "Keycloak answers" "./dev logs keycloak" http_ok "$(keycloak_issuer | sed "s|$(public_url)/auth|$(keycloak_url)|")"
    check "the front door answers" "./dev logs front-door" http_ok "$(public_url)/"
    objects
}

# Objects of Catalyst and Flux on the management cluster that are not ready, each with its own reason. A policy that cannot be
# enforced is worth knowing, but nothing stands still for it.
objects() {
    local found
    found=$(not_ready_objects sovereigns,organizations,environments,applications,blueprints,gitrepositories,kustomizations,helmreleases)
    if [ -z "$found" ]; then good "every object is ready"; else bad "objects that are not ready" "${found//$'\n'/$'\n       '}"; fi
    not_ready_objects environmentpolicies | sed 's/^/note   /'
}
not_ready_objects() { # kinds
    host_kubectl get "$1" -A -o json 2>&1 | jq -r '.items[] | . as $o |
        .status.conditions[]? | select(.type == "Ready" and .status != "True") | "\($o.kind) \($o.metadata.name): \(.message)"' 2>&1
}

machine
instance
[ "$wrong" = 0 ] && say "nothing is wrong" || { say "$wrong things are wrong"; exit 1; }
