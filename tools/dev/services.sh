# Catalyst's own programs and the two stand-ins: their configuration, start and readiness. To be sourced.
# shellcheck shell=bash disable=SC2154

has_program() { [ -x "$CATALYST_BIN/$1" ]; }
# A service that this checkout has the source of has to be there; one without is left out.
missing_program() {
    [ ! -f "$CATALYST_ROOT/services/$1/main.c" ] || [ "$CATALYST_BIN" != "$CATALYST_ROOT/build/release/bin" ] || fail "$1 is not built: ./dev up builds it"
    warn "$1 is not built"
}

make_service_secrets() {
    make_secret gitea-webhook.secret 32
    make_secret flux-webhook.secret 32
    [ -s "$data/secrets/plans.pem" ] || openssl genpkey -algorithm ed25519 | secret_file "$data/secrets/plans.pem"
}

write_service_config() { # replica
    local service
    service=$(service_of "$1")
    {
        common_config "$1" "$service"
        [ -z "${GIT_ACCOUNTS[$service]:-}" ] || gitea_config "$service"
        if is_configured_with "$service" identity; then identity_config; fi
        if is_configured_with "$service" flux; then printf 'flux: {webhook_secret: %s}\n' "$data/secrets/flux-webhook.secret"; fi
        own_config "$service"
    } | secret_file "$data/etc/$1.yaml"
}

common_config() { # replica service
    cat <<YAML
listen: 127.0.0.1:$(replica_port "$1")
admin: 127.0.0.1:$(replica_admin_port "$1")
instance: $1
trusted_proxies: 127.0.0.1
log: {level: ${CATALYST_LOG_LEVEL:-info}}
sovereign: {name: $SOVEREIGN, domain: $SOVEREIGN_DOMAIN, public_url: "$(public_url)"}
spine: {url: "$(spine_url)", credentials: $data/secrets/nats/$2.creds}
YAML
    if is_configured_with "$2" kubernetes; then printf 'kubernetes: {kubeconfig: %s, namespace: catalyst-%s}\n' "$data/kubeconfigs/$2.yaml" "$2"; fi
}

gitea_config() { # service
    local user=${GIT_ACCOUNTS[$1]}
    printf 'gitea:\n  url: "%s"\n  user: %s\n  token: %s\n  public_url: "%s"\n' "$(gitea_url)" "$user" "$data/secrets/gitea-$user.token" "$(gitea_public_url)"
    if is_configured_with "$1" hooks; then
        printf '  webhook_secret: %s\n  webhook_url: "http://127.0.0.1:%s/hooks/gitea"\n' "$data/secrets/gitea-webhook.secret" "$(port FRONT_DOOR)"
    fi
}

identity_config() {
    printf 'identity: {issuer: "%s", jwks_url: "%s", audience: catalyst}\n' "$(keycloak_issuer)" "$(keycloak_url)/realms/catalyst/protocol/openid-connect/certs"
}
# What one of them alone needs.
own_config() { # service
    case $1 in
        environment-controller) environment_controller_identity ;;
        blueprint-controller) printf 'sources: {interval_seconds: 60}\n' ;;
        provisioning) printf 'secrets: {store: kubernetes}\nplans: {signing_key: %s}\nkustomize: {program: %s}\ngit_tokens: {interval_seconds: 15}\n' "$data/secrets/plans.pem" "$(peer kustomize)" ;;
    esac
}
environment_controller_identity() {
    printf 'identity: {issuer: "%s", admin_url: "%s", client_id: catalyst-environment, client_secret: %s}\n' "$(keycloak_issuer)" \
        "$(keycloak_url)/admin/realms/catalyst" "$data/secrets/keycloak-catalyst-environment.secret"
}

# ./dev's own CATALYST_INSTANCE would be the service's key `instance`, and replicas could not be told apart.
start_service() { # replica [configuration]
    local config=${2:-$data/etc/$1.yaml}
    FINGERPRINT_FILES=$config CATALYST_INSTANCE=$1 start_process "$1" "$CATALYST_BIN/$(service_of "$1")" --config "$config"
}

start_services() {
    local service
    make_service_secrets
    for service in "${SERVICES[@]}"; do start_replicas "$service"; done
}
start_replicas() { # service
    local replica surplus
    mapfile -t surplus < <(surplus_replicas "$1")
    [ "${#surplus[@]}" = 0 ] || stop_processes "${surplus[@]}"
    for replica in $(replicas_of "$1"); do
        write_service_config "$replica"
        has_program "$1" || { missing_program "$1"; continue; }
        start_service "$replica"
    done
}
stop_replicas() { # service
    # shellcheck disable=SC2046
    stop_processes $(replicas_of "$1")
}

services_ready() {
    local service
    for service in "${SERVICES[@]}"; do replicas_ready "$service"; done
}
replicas_ready() { # service
    local replica
    has_program "$1" || return 0
    for replica in $(replicas_of "$1"); do
        process_ready "$replica" 60 http_ok "http://127.0.0.1:$(replica_admin_port "$replica")/readyz"
    done
}

# Where a vcluster's chart and External Secrets would run.
start_standins() {
    local name
    for name in vcluster-standin secrets-standin; do
        has_program $name || { warn "$name is not built"; continue; }
        start_process $name "$CATALYST_BIN/$name" --kubeconfig "$(host_kubeconfig)" --host-cluster "$HOST_CLUSTER" \
            --cluster-script "$CATALYST_ROOT/tools/cluster.sh"
    done
}
