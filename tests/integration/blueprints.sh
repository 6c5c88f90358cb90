#!/usr/bin/env bash
# Blueprints on their way through the real peers: pushed to an Organization's shared-blueprints, registered, shown to that Organization alone; a wrong one
# is refused with file and line, a moved tag is told and changes nothing; usage is answered to who may see money. Needs the environment file of ./dev up.
set -uo pipefail
passed=0
failed=0
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
name=bp-trial-$(date +%s | tail -c 6)
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)

check() { # SENTENCE COMMAND...
    local sentence=$1
    shift
    if "$@" >"$work/output" 2>&1; then
        passed=$((passed + 1))
        printf 'ok     %s\n' "$sentence"
    else
        failed=$((failed + 1))
        printf 'FAILED %s\n' "$sentence"
        tail -n 5 "$work/output" | cut -c 1-1500
    fi
}
is() { [ "$1" = "$2" ] || { printf 'is       %s\nexpected %s\n' "$1" "$2"; return 1; }; }
sign_in() { # ORGANIZATION_ROLE
    local user=CATALYST_TEST_USER_$1 password=CATALYST_TEST_PASSWORD_$1
    curl -fsS --max-time 20 "$CATALYST_TEST_TOKEN_URL" -d grant_type=password -d "client_id=$CATALYST_TEST_CLIENT_ID" \
        --data-urlencode "client_secret@$CATALYST_TEST_CLIENT_SECRET" -d "username=${!user}" --data-urlencode "password@${!password}" | jq -r .access_token
}
read_api() { curl -sS --max-time 30 -H "Authorization: Bearer $1" "$2"; } # token url
catalog() { read_api "$1" "$CATALYST_TEST_CATALOG_SVC_URL/v1/blueprints$2"; }
kubectl() { "$CATALYST_TEST_KUBECTL" --kubeconfig "$CATALYST_TEST_KUBECONFIG" --request-timeout=30s "$@"; }
git_signed() {
    GIT_TERMINAL_PROMPT=0 GIT_CONFIG_GLOBAL=/dev/null GIT_CONFIG_NOSYSTEM=1 \
        git -c credential.helper='!printf "username=%s\npassword=%s\n" "$CATALYST_TEST_GITEA_ADMIN_USER" "$(cat "$CATALYST_TEST_GITEA_ADMIN_TOKEN")"; :' \
        -c user.name=Trial -c user.email=trial@example.org -c init.defaultBranch=main -c advice.detachedHead=false "$@"
}
within() { # SECONDS COMMAND...: until it succeeds
    local end=$((SECONDS + $1))
    shift
    until "$@"; do
        [ "$SECONDS" -lt "$end" ] || return 1
        sleep 0.5
    done
}

# publish VERSION [LINE of blueprint.yaml] [LINE of README.md]
publish() {
    local folder=$work/shared/$name
    [ -d "$work/shared" ] || git_signed clone -q "$CATALYST_TEST_GITEA_URL/acme/shared-blueprints.git" "$work/shared" || return 1
    rm -rf "$folder"
    mkdir -p "$folder"
    cp -r "$root/blueprints/bp-podinfo/." "$folder/"
    sed -i "s/^  name: bp-podinfo/  name: $name/; s/^  version: .*/  version: $1/; s/^  visibility: listed/  visibility: private/" "$folder/blueprint.yaml"
    [ -z "${2:-}" ] || echo "$2" >>"$folder/blueprint.yaml"
    [ -z "${3:-}" ] || echo "$3" >>"$folder/README.md"
    git_signed -C "$work/shared" add -A
    git_signed -C "$work/shared" commit -q -m "$name $1"
    git_signed -C "$work/shared" tag -f "$name/v$1" >/dev/null
    git_signed -C "$work/shared" push -q -f origin HEAD:main "$name/v$1"
}
object() { kubectl get blueprint "acme.$name.$1" -o json >"$work/object"; }
ready_because() { object "$1" && is "$(jq -r '.status.conditions[]? | select(.type == "Ready") | "\(.status) \(.reason)"' "$work/object")" "True $2"; }

seeded() {
    local folder version
    for folder in "$root"/blueprints/bp-*/; do
        folder=$(basename "$folder")
        version=$(sed -n 's/^  version: \([0-9A-Za-z.-]*\) *$/\1/p' "$root/blueprints/$folder/blueprint.yaml" | head -n 1)
        is "$(kubectl get blueprint "catalog.$folder.$version" -o json | jq -r '.status.conditions[] | select(.type == "Ready").status')" True || return 1
        is "$(catalog "$dana" "/catalog/$folder/versions/$version" | jq -r '"\(.name) \(.version)"')" "$folder $version" || return 1
    done
}
found_by() { is "$(catalog "$1" "?q=$2" | jq -r '[.items[] | "\(.source)/\(.name)"] | join(" ")')" "$3"; }
not_changed() {
    local tag
    tag=$(curl -sS -o /dev/null -D - -H "Authorization: Bearer $dana" "$CATALYST_TEST_CATALOG_SVC_URL/v1/blueprints" | tr -d '\r' | sed -n 's/^etag: //pI')
    is "$(curl -sS -o /dev/null -w '%{http_code}' -H "If-None-Match: $tag" -H "Authorization: Bearer $dana" "$CATALYST_TEST_CATALOG_SVC_URL/v1/blueprints")" 304
}
paged() {
    local first next
    first=$(catalog "$dana" "?source=catalog&limit=1")
    next=$(jq -r .next <<<"$first")
    is "$(jq -r '.items | length' <<<"$first")" 1 || return 1
    [ "$(catalog "$dana" "?source=catalog&limit=1&cursor=$next" | jq -r '.items[0].name')" != "$(jq -r '.items[0].name' <<<"$first")" ]
}
status_of() { read_api "$1" "$2" | jq -r '.status // 200'; }
rejected() { curl -fsS "$CATALYST_TEST_BLUEPRINT_CONTROLLER_ADMIN_URL/metrics" | sed -n 's/^catalyst_blueprints_rejected_total{source="acme"} //p'; }
stays() { # DIGEST: of the first version, though its tag names something else
    object 0.1.0 && is "$(jq -r .spec.digest "$work/object")" "$1" && jq -e '.status.moved | length == 40' "$work/object"
}

dana=$(sign_in ACME_ORG_DEVELOPER)
bella=$(sign_in BLUE_ORG_ADMIN)
bill=$(sign_in ACME_BILLING_ADMIN)
before=$(rejected)

check "each of the project's Blueprints is an object that is ready, and in the catalog" within 60 seeded
check "slips of typing are forgiven" found_by "$dana" wrodpress catalog/bp-wordpress
check "an answer that is known is not sent again" not_changed
check "a list is continued where the page ended" paged
check "a Blueprint of one's own is pushed with its tag" publish 0.1.0
check "it becomes an object within seconds" within 30 ready_because 0.1.0 Registered
digest=$(jq -r .spec.digest "$work/object")
check "its Organization finds it" within 10 found_by "$dana" "$name" "acme/$name"
check "another Organization does not" found_by "$bella" "$name" ""
check "nor does it exist there by name" is "$(status_of "$bella" "$CATALYST_TEST_CATALOG_SVC_URL/v1/blueprints/acme/$name")" 404
check "a wrong one is pushed" publish 0.1.1 "  colour: red"
check "it is rejected" within 20 bash -c "[ \"\$(curl -fsS '$CATALYST_TEST_BLUEPRINT_CONTROLLER_ADMIN_URL/metrics' | sed -n 's/^catalyst_blueprints_rejected_total{source=\"acme\"} //p')\" = $((${before:-0} + 1)) ]"
check "and is no object" is "$(kubectl get blueprint "acme.$name.0.1.1" -o name 2>/dev/null)" ""
check "the tag of the first is moved" publish 0.1.0 "" "Something else."
check "its object says so" within 30 ready_because 0.1.0 TagMoved
check "and stays what it was" stays "$digest"
check "usage is answered to who may see money" is "$(status_of "$bill" "$CATALYST_TEST_BILLING_URL/v1/usage")" 200
check "to nobody else" is "$(status_of "$dana" "$CATALYST_TEST_BILLING_URL/v1/usage")" 403
check "another Organization's Environment has none" is "$(status_of "$bill" "$CATALYST_TEST_BILLING_URL/v1/usage?environment=blue-prod")" 404

echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
