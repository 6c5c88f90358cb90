# The services, as services/table has them. To be sourced; needs CATALYST_ROOT.
# shellcheck shell=bash disable=SC2034

SERVICES=()
declare -A API_PATHS=()      # service → its path below /api/
declare -A GIT_ACCOUNTS=()   # service → its account at Gitea
declare -A GIT_SCOPES=()     # account → what its tokens may; site-admin: the account is one
declare -A CONFIGURATIONS=() # service → parts of its configuration, with spaces around each
read_service_table() {
    local name api account scopes configuration
    while read -r name api _ account scopes configuration; do
        SERVICES+=("$name")
        [ "$api" = - ] || API_PATHS[$name]=$api
        [ "$account" = - ] || { GIT_ACCOUNTS[$name]=$account; GIT_SCOPES[$account]=$scopes; }
        CONFIGURATIONS[$name]=" ${configuration//,/ } "
    done < <(grep '^[a-z]' "$CATALYST_ROOT/services/table")
}
read_service_table
http_services() {
    local service
    for service in "${SERVICES[@]}"; do [ -z "${API_PATHS[$service]:-}" ] || echo "$service"; done
}
is_configured_with() { [[ "${CONFIGURATIONS[$1]}" == *" $2 "* ]]; } # SERVICE PART
