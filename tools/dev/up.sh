#!/usr/bin/env bash
# Starts the local Sovereign. May be interrupted and run again at any time: each step sees what is done already.
# shellcheck source=tools/dev/sovereign.sh
. "$(dirname "${BASH_SOURCE[0]}")/sovereign.sh"

get_everything() {
    bash "$CATALYST_ROOT/tools/dev/packages.sh" install
    bash "$CATALYST_ROOT/tools/dev/programs.sh"
    bash "$CATALYST_ROOT/tools/dev/peers.sh"
    build_programs
    build_console
}

start_peers() {
    start_keycloak
    start_gitea
    start_spine
    start_host_cluster
    gitea_ready
    spine_ready
}
fill_gitea() {
    prepare_gitea
    seed_blueprints
}
fill_host() {
    prepare_host
    prepare_flux
    seed_config
}
fill_keycloak() {
    keycloak_ready
    prepare_keycloak
}
start_own() {
    write_env_file
    start_services
    start_standins
    services_ready
    start_front_door
    front_door_ready
}

# What the seed asked for and is not ready, a line each. What people made or deleted since does not keep a start from ending.
not_ready() {
    local organization environment
    for organization in $(seeded_organizations); do
        object_is_ready organization "$organization" || continue
        for environment in $(seeded_environments "$organization"); do object_is_ready environment "$environment" -n "$organization" || true; done
    done
}
# object_is_ready KIND NAME [-n NAMESPACE]: else prints why; fails when it is being deleted or is gone.
object_is_ready() {
    local object
    object=$(host_kubectl get "$1.catalyst.openova.io" "$2" "${@:3}" -o json 2>/dev/null) || { object_is_awaited "$@"; return; }
    jq -e '.metadata.deletionTimestamp | not' <<<"$object" >/dev/null || return 1
    jq -r 'select([.status.conditions[]? | select(.type == "Ready" and .status == "True")] == []) |
        "\(.kind) \(.metadata.name): \([.status.conditions[]? | select(.type == "Ready") | .message] | first // "nothing is known of it yet")"' <<<"$object"
}
# In Git and not yet on the cluster?
object_is_awaited() {
    local path=organizations/$2.yaml branch=main
    [ "$1" = organization ] || { path=environments/$2.yaml; branch=org/$4; }
    if gitea_has "/repos/system/catalyst-config/contents/$path?ref=$branch"; then say "$1 $2: Flux has not applied it yet"; else return 1; fi
}
# What is written in their status may be from before this start: the clusters have to answer too.
vclusters_answer() {
    local name
    for name in $(host_kubectl get helmreleases -A -l catalyst.openova.io/vcluster=true -o jsonpath='{.items[*].metadata.name}'); do
        http_ok --cacert "$data/clusters/$name/pki/ca.crt" "https://127.0.0.1:$(port "${name//-/_}_API")/readyz" 2>/dev/null || return 1
    done
}
blueprints_registered() {
    ! has_program blueprint-controller || [ "$(host_kubectl get blueprints.catalyst.openova.io -o name | wc -l)" -ge "$(seeded_blueprints | wc -l)" ]
}
all_ready() { [ -z "$(not_ready)" ] && blueprints_registered && vclusters_answer; }
wait_for_objects() {
    has_program environment-controller || return 0
    local end=$((SECONDS + 240)) said=0
    until all_ready; do
        if [ "$SECONDS" -ge "$end" ]; then
            not_ready >&2
            blueprints_registered || warn "not every Blueprint is registered: ./dev logs blueprint-controller"
            vclusters_answer || warn "not every vcluster answers: ./dev logs vcluster-standin"
            fail "the first Organizations are not ready in time: ./dev logs environment-controller"
        fi
        if [ $((SECONDS - said)) -ge 15 ]; then
            said=$SECONDS
            step "    waiting for: $({ not_ready; echo "Blueprints and clusters"; } | sed -n 1p)"
        fi
        sleep 0.5
    done
}

print_address() {
    local person user groups
    say
    say "Catalyst: $(public_url)"
    say
    printf '%-8s %-52s %s\n' user groups password
    for person in "${PEOPLE[@]}"; do
        read -r user groups _ <<<"$person"
        printf '%-8s %-52s %s\n' "$user" "$groups" "$(cat "$data/secrets/user-$user.password")"
    done
    say
    say "Pods are simulated on this machine: they are scheduled, start, fail and end as objects, and nothing runs in them (docs/local.md)."
    say "Stop: ./dev down    What runs: ./dev status    Data: $data"
}

# What there is to do: all of it, starting what lies there, or looking that it runs.
kind_of_start() {
    if [ ! -e "$data/keycloak/realm.cksum" ]; then echo new; elif process_pid etcd >/dev/null; then echo again; else echo stopped; fi
}

no_arguments up "$@"
lock_instance "./dev up"
make_folders
kind=$(kind_of_start)
get_everything
phase 6 start_peers "starting etcd, Kubernetes, Flux, Gitea, the spine and Keycloak"
phase 6 fill_gitea "making Gitea's accounts, repositories and Blueprints"
phase 4 fill_host "filling the management cluster from Git"
phase 6 fill_keycloak "making Keycloak's realm"
phase 3 start_own "starting the services and the front door"
phase 25 wait_for_objects "waiting for the first Organizations and their clusters"
run_phases "up.$kind"
print_address
