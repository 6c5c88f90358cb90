# How many replicas of each service this instance runs, and what they are called: SERVICE-1, SERVICE-2, … To be sourced after instance.sh.
# shellcheck shell=bash disable=SC2154

REPLICAS_EACH=2  # unless ./dev scale said otherwise
REPLICAS_MOST=16 # of one service; a machine is out of memory before

replica_count() { # SERVICE
    local count
    count=$(sed -n "s/^$1=//p" "$data/replicas.env" 2>/dev/null | tail -n 1)
    echo "${count:-$REPLICAS_EACH}"
}
set_replica_count() { # SERVICE COUNT
    { grep -v "^$1=" "$data/replicas.env" 2>/dev/null || true; echo "$1=$2"; } >"$data/replicas.env.new"
    mv "$data/replicas.env.new" "$data/replicas.env"
}
replicas_of() { seq -f "$1-%.0f" "$(replica_count "$1")"; } # SERVICE
all_replicas() {
    local service
    for service in "${SERVICES[@]}"; do replicas_of "$service"; done
}
service_of() { sed -E 's/-[0-9]+$//' <<<"$1"; } # REPLICA
# What runs beyond those: after a smaller number, or from when a service had no number.
surplus_replicas() { # SERVICE
    local name
    for name in $(process_names "$1"); do
        [ "$(service_of "$name")" != "$1" ] || replicas_of "$1" | grep -qxF -- "$name" || echo "$name"
    done
}
replica_port() { port "$(tr 'a-z-' 'A-Z_' <<<"$1")"; }
replica_admin_port() { port "$(tr 'a-z-' 'A-Z_' <<<"$1")_ADMIN"; }
