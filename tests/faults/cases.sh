# What is struck, and the points of operations at which it is. Everything that is chosen comes from the seed. To be sourced after lib.sh.
# shellcheck shell=bash disable=SC2154

# A service is struck as one replica of it, and as all of them at once.
TARGETS_OF_SERVICES=()
for service in "${SERVICES[@]}"; do TARGETS_OF_SERVICES+=($(replicas_of "$service") "$service"); done
PEERS_STRUCK=(nats gitea keycloak etcd front-door vcluster-standin secrets-standin)
for cluster in "$HOST_CLUSTER" "$vcluster"; do
    for part in kube-apiserver kube-controller-manager kube-scheduler kwok source-controller kustomize-controller; do PEERS_STRUCK+=("$cluster.$part"); done
done
KILLED='^(nats|gitea|etcd|.*\.(kube-apiserver|source-controller|kustomize-controller))$' # peers that keep something, on disk or in memory only

# The same lines in an order that the seed decides. $1: what tells this use of the seed from another.
shuffled() { awk -v seed="$(cksum <<<"$seed $1" | cut -d' ' -f1)" 'BEGIN { srand(seed) } { printf "%.9f\t%s\n", rand(), $0 }' | sort | cut -f2-; }
pick() { printf '%s\n' "${@:2}" | shuffled "$1" | sed -n 1p; } # use words...

# A line for each blow: target, how. A service is killed; a peer is stopped for some seconds, and some are killed as well.
blows() {
    local target
    {
        for target in "${TARGETS_OF_SERVICES[@]}"; do echo "$target kill"; done
        for target in "${PEERS_STRUCK[@]}"; do
            echo "$target stop"
            if [[ $target =~ $KILLED ]]; then echo "$target kill"; fi
        done
    } | shuffled blows | while read -r target how; do
        # shellcheck disable=SC2053
        if [ -z "$only" ] || [[ $target == $only ]]; then echo "$target $how"; fi
    done
}

# Of services/provisioning/README.md, by kind of operation.
steps_of() {
    case $1 in
        install) echo secrets repositories branches links objects reconcile protected running ;;
        configure) echo commit running ;;
        uninstall) echo links objects reconcile gone archive ;;
    esac
}
# What is installed: `reuse` is served by $BASE and has every step; `new` brings a database of its own; `alone` has neither secrets nor links, and is in
# production too.
BASE=fault-base
VARIANTS=(reuse alone new)
has_step() { # variant step
    case "$1 $2" in
        "alone secrets" | "alone links" | "new links") return 1 ;;
    esac
}
types_of() { if [ "$1" = alone ]; then echo dev stg prod; else echo dev stg; fi; }
points_of() { # kind variant
    local step
    for step in $(steps_of "$1"); do
        ! has_step "$2" "$step" || printf 'before %s\nafter %s\n' "$step" "$step"
    done
}

wish() { # kind application variant
    local environments
    environments=$(types_of "$3" | tr ' ' '\n' | jq -Rc "\"$organization-\" + ." | jq -sc .)
    case "$1 $3" in
        "install alone") jq -nc --arg n "$2" --argjson e "$environments" '{kind: "install", application: $n, blueprint: {name: "bp-podinfo"}, environments: $e, config: {}}' ;;
        "install new") install_wordpress "$2" "$environments" '{"use": "new"}' ;;
        "install reuse") install_wordpress "$2" "$environments" "{\"use\": \"existing\", \"application\": \"$BASE\"}" ;;
        "configure alone") change "$2" '{"message": "Changed."}' ;;
        "configure "*) change "$2" '{"title": "Changed"}' ;;
        "uninstall "*) jq -nc --arg n "$2" '{kind: "uninstall", application: $n, confirm: $n}' ;;
    esac
}
install_wordpress() { # application environments database
    jq -nc --arg n "$1" --argjson e "$2" --argjson db "$3" '{kind: "install", application: $n, blueprint: {name: "bp-wordpress"}, environments: $e, config: {title: "As installed"}, dependencies: {db: $db}}'
}
change() { # application config
    call GET "/applications/$1/config" | jq -c --arg n "$1" --argjson config "$2" '{kind: "configure", application: $n, config: (.values + $config)}'
}
install_base() {
    jq -nc --arg n "$BASE" --arg o "$organization" '{kind: "install", application: $n, blueprint: {name: "bp-postgres"}, environments: ["\($o)-dev", "\($o)-stg"], config: {databases: ["base"]}}'
}
