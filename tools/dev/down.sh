#!/usr/bin/env bash
# Stops what ./dev up started, servers last. What does not run is left alone.
# shellcheck source=tools/dev/sovereign.sh
. "$(dirname "${BASH_SOURCE[0]}")/sovereign.sh"

no_arguments down "$@"
lock_instance "./dev down"
clients=()
servers=()
for name in $(process_names); do
    case $name in
        etcd) ;;
        *.kube-apiserver | nats | gitea | keycloak) servers+=("$name") ;;
        # These start others: first of all.
        vcluster-standin | environment-controller-*) stop_process "$name" ;;
        *) clients+=("$name") ;;
    esac
done
[ "${#clients[@]}" = 0 ] || stop_processes "${clients[@]}"
[ "${#servers[@]}" = 0 ] || stop_processes "${servers[@]}"
stop_process etcd
step "stopped; data stay in $data"
