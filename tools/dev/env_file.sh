# The file `env` of an instance: addresses, users and the files of secrets, for tests and people. To be sourced.
# shellcheck shell=bash disable=SC2154

write_env_file() {
    local person user groups name
    {
        say "# Made by ./dev up. Secrets are in the files that this names."
        export_line INSTANCE "$CATALYST_INSTANCE"
        export_line INSTANCE_DIR "$data"
        export_line BIN "$CATALYST_BIN"
        export_line KUBECTL "$(peer kubectl)"
        export_line KUSTOMIZE "$(peer kustomize)"
        export_line URL "$(public_url)"
        export_line DOMAIN "$SOVEREIGN_DOMAIN"
        export_line SOVEREIGN "$SOVEREIGN"
        export_line HOST_CLUSTER "$HOST_CLUSTER"
        export_line KUBECONFIG "$(host_kubeconfig)"
        export_line SPINE_URL "$(spine_url)"
        export_line SPINE_MONITOR_URL "http://127.0.0.1:$(port NATS_MONITOR)"
        export_line SPINE_CREDENTIALS "$data/secrets/nats/test.creds"
        export_line SPINE_SYSTEM_CREDENTIALS "$data/secrets/nats/system.creds"
        export_line SPINE_OPERATOR_SEED "$data/secrets/nats/operator-signing.seed"
        export_line ETCD_URL "$(etcd_url)"
        export_line GITEA_URL "$(gitea_url)"
        export_line GITEA_USER catalyst-environment
        export_line GITEA_TOKEN "$(cat "$data/secrets/gitea-catalyst-environment.token" 2>/dev/null)"
        export_line GITEA_ADMIN_USER catalyst-environment
        export_line GITEA_ADMIN_TOKEN "$data/secrets/gitea-catalyst-environment.token"
        export_line GITEA_WEBHOOK_SECRET "$data/secrets/gitea-webhook.secret"
        export_line FLUX_WEBHOOK_SECRET "$data/secrets/flux-webhook.secret"
        export_line KEYCLOAK_URL "$(keycloak_url)"
        export_line ISSUER "$(keycloak_issuer)"
        export_line TOKEN_URL "$(keycloak_url)/realms/catalyst/protocol/openid-connect/token"
        export_line JWKS_URL "$(keycloak_url)/realms/catalyst/protocol/openid-connect/certs"
        export_line CLIENT_ID catalyst-api
        export_line CLIENT_SECRET "$data/secrets/keycloak-catalyst-api.secret"
        service_lines
        for person in "${PEOPLE[@]}"; do
            read -r user groups _ <<<"$person"
            name=${groups%%,*} name=${name#/} # /acme/org-developer/dev: ACME_ORG_DEVELOPER_DEV
            export_line "USER_$(upper "${name//\//_}")" "$user"
            export_line "PASSWORD_$(upper "${name//\//_}")" "$data/secrets/user-$user.password"
        done
    } | secret_file "$data/env"
}

upper() { tr 'a-z-' 'A-Z_' <<<"$1"; }
export_line() { printf 'export CATALYST_TEST_%s=%q\n' "$1" "$2"; }

# A service by its name is what people reach, through the front door; a replica by its number.
service_lines() {
    local service replica
    for service in "${SERVICES[@]}"; do
        [ -z "${API_PATHS[$service]:-}" ] || export_line "$(upper "$service")_URL" "$(public_url)/api/${API_PATHS[$service]}"
        for replica in $(replicas_of "$service"); do
            export_line "$(upper "$replica")_URL" "http://127.0.0.1:$(replica_port "$replica")"
            export_line "$(upper "$replica")_ADMIN_URL" "http://127.0.0.1:$(replica_admin_port "$replica")"
        done
    done
}
