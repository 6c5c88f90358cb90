#!/usr/bin/env bash
# scale.sh SERVICE N: so many replicas of a service from now on, while everything runs.
# shellcheck source=tools/dev/sovereign.sh
. "$(dirname "${BASH_SOURCE[0]}")/sovereign.sh"

[ $# -le 2 ] || misuse "./dev scale takes a service and a number, and \"$3\" was given too."
[ $# -ge 1 ] || misuse "./dev scale wants a service and a number." "There are: $(listed "${SERVICES[@]}")"
service=$1
[[ " ${SERVICES[*]} " == *" $service "* ]] || unknown service "$service" "${SERVICES[@]}"
[ $# = 2 ] || misuse "how many replicas of $service? ./dev scale $service N" "There are $(replica_count "$service")."
[[ $2 =~ ^[0-9]+$ ]] && [ "${#2}" -le 2 ] && [ "$((10#$2))" -ge 1 ] && [ "$((10#$2))" -le "$REPLICAS_MOST" ] ||
    misuse "\"$2\" is not a number of replicas: 1 to $REPLICAS_MOST."
count=$((10#$2))

lock_instance "./dev scale"
process_pid etcd >/dev/null || fail "the instance \"$CATALYST_INSTANCE\" does not run: ./dev up starts it"
before=$(replica_count "$service")
set_replica_count "$service" "$count"
# Who goes is asked nothing any more before it stops; who comes is asked when it is ready.
[ "$count" -ge "$before" ] || reload_front_door
start_replicas "$service"
replicas_ready "$service"
[ "$count" -le "$before" ] || reload_front_door
write_env_file
step "$service: $(replicas_of "$service" | tr '\n' ' ')"
