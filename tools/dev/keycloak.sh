# Keycloak with the realm `catalyst`. To be sourced.
# shellcheck shell=bash disable=SC2154

keycloak_url() { echo "http://127.0.0.1:$(port KEYCLOAK)/auth"; }
keycloak_issuer() { echo "$(public_url)/auth/realms/catalyst"; }

# The people of the local Sovereign: user name, groups with commas between, full name. The first group is what tests call them by.
PEOPLE=(
    "vera /acme/org-viewer Vera Vogel"
    "dana /acme/org-developer Dana Dietrich"
    "adam /acme/org-admin Adam Albers"
    "sofia /acme/security-officer Sofia Sommer"
    "bill /acme/billing-admin Bill Berger"
    "devi /acme/org-developer/dev Devi Dorn"
    "bella /blue/org-admin Bella Brandt"
    "mira /blue/org-viewer,/acme/billing-admin,/acme/org-viewer Mira Marten"
    "sina /system/sovereign-admin Sina Seidel"
)
ROLES=(org-viewer org-developer org-admin security-officer billing-admin)
CLIENT_SECRETS=(catalyst-api catalyst-environment)

make_secret() { [ -s "$data/secrets/$1" ] || random_text "${2:-16}" | tr -d "\n" | secret_file "$data/secrets/$1"; }

make_passwords() {
    local person client
    make_secret keycloak-admin.password
    for client in "${CLIENT_SECRETS[@]}"; do make_secret "keycloak-$client.secret"; done
    for person in "${PEOPLE[@]}"; do make_secret "user-${person%% *}.password" 8; done
}

start_keycloak() {
    make_passwords
    mkdir -p "$data/keycloak"
    (
        export KC_BOOTSTRAP_ADMIN_USERNAME=admin KC_BOOTSTRAP_ADMIN_PASSWORD
        KC_BOOTSTRAP_ADMIN_PASSWORD=$(cat "$data/secrets/keycloak-admin.password")
        export KC_DB_URL="jdbc:h2:file:$data/keycloak/keycloakdb;NON_KEYWORDS=VALUE;DB_CLOSE_ON_EXIT=FALSE"
        export JAVA_OPTS_KC_HEAP="-Xms64m -Xmx384m"
        # A group may have a slash in its name: its path must not read as that of a group in another one.
        export KC_SPI_GROUP__JPA__ESCAPE_SLASHES_IN_GROUP_PATH=true
        start_process keycloak "$peers/keycloak-$PIN_KEYCLOAK/bin/kc.sh" start --optimized --http-enabled=true --http-host=127.0.0.1 \
            --http-port="$(port KEYCLOAK)" --http-management-host=127.0.0.1 --http-management-port="$(port KEYCLOAK_MANAGEMENT)" \
            --hostname="$(public_url)/auth" --proxy-headers=xforwarded --log-level=warn
    )
}

keycloak_ready() { process_ready keycloak 300 http_ok "http://127.0.0.1:$(port KEYCLOAK_MANAGEMENT)/auth/health/ready"; }

# The administrator's token, good for a minute: a header file for curl.
keycloak_sign_in() {
    curl -fsS --max-time 30 -d grant_type=password -d client_id=admin-cli -d username=admin \
        --data-urlencode "password@$data/secrets/keycloak-admin.password" "$(keycloak_url)/realms/master/protocol/openid-connect/token" |
        jq -r '"Authorization: Bearer " + .access_token' | secret_file "$data/secrets/keycloak-admin.header"
}
keycloak_api() { # METHOD PATH [JSON on standard input when the third argument is -]
    local arguments=(-f --max-time 180 -X "$1") # a whole realm, on a machine that does other things too
    [ "${3:-}" != - ] || arguments+=(-H 'Content-Type: application/json' --data-binary @-)
    curl_with_header_file "$data/secrets/keycloak-admin.header" "${arguments[@]}" "$(keycloak_url)/admin$2"
}

realm_people() { # JSON objects {user, groups, first, last, password}
    local person user groups first last
    for person in "${PEOPLE[@]}"; do
        read -r user groups first last <<<"$person"
        jq -nc --arg user "$user" --arg groups "$groups" --arg first "$first" --arg last "$last" \
            --rawfile password "$data/secrets/user-$user.password" \
            '{$user, groups: ($groups | split(",")), $first, $last, password: ($password | rtrimstr("\n"))}'
    done | jq -s .
}

# The whole realm, for the Admin API: tools/dev/realm.jq says what is in it. Secrets pass through files and pipes only.
realm_document() {
    realm_people | jq --arg base "$(public_url)" --arg domain "$SOVEREIGN_DOMAIN" --args -f "$CATALYST_ROOT/tools/dev/realm.jq" \
        --rawfile api "$data/secrets/keycloak-catalyst-api.secret" --rawfile environment "$data/secrets/keycloak-catalyst-environment.secret" \
        -- "${ROLES[@]}"
}

prepare_keycloak() {
    local mark=$data/keycloak/realm.cksum sum
    sum=$(cat "$CATALYST_ROOT/tools/dev/realm.jq" <(public_url) <(declare -p PEOPLE ROLES) | cksum)
    [ "$(cat "$mark" 2>/dev/null)" != "$sum" ] || return 0
    keycloak_sign_in
    # A realm from another version of this script is made anew: people, groups and clients all come from here.
    if keycloak_api GET /realms/catalyst >/dev/null 2>&1; then
        keycloak_api DELETE /realms/catalyst
        keycloak_sign_in # that may have taken longer than a token lives
    fi
    realm_document | keycloak_api POST /realms - || fail "Keycloak refused the realm"
    echo "$sum" >"$mark"
}
