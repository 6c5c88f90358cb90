#!/usr/bin/env bash
# Blueprints on their way through the real peers: pushed to an Organization's shared-blueprints, registered, shown to that Organization alone; a wrong one
# is refused with file and line, a moved tag is told and changes nothing; usage is answered to who may see money. Needs the environment file of ./dev up.
# shellcheck source=tests/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/../lib.sh"
name=bp-trial-$stamp

catalog() { read_api "$1" "$CATALYST_TEST_CATALOG_SVC_URL/v1/blueprints$2"; }

# publish VERSION [LINE of blueprint.yaml] [LINE of README.md]
publish() {
    local folder=$work/shared/$name
    [ -d "$work/shared" ] || git_as_admin clone -q "$CATALYST_TEST_GITEA_URL/acme/shared-blueprints.git" "$work/shared" || return 1
    rm -rf "$folder"
    mkdir -p "$folder"
    cp -r "$root/blueprints/bp-podinfo/." "$folder/"
    sed -i "s/^  name: bp-podinfo/  name: $name/; s/^    title: Podinfo/    title: $name/; s/^  version: .*/  version: $1/; s/^  visibility: listed/  visibility: private/" "$folder/blueprint.yaml"
    [ -z "${2:-}" ] || echo "$2" >>"$folder/blueprint.yaml"
    [ -z "${3:-}" ] || echo "$3" >>"$folder/README.md"
    git_as_admin -C "$work/shared" add -A
    git_as_admin -C "$work/shared" commit -q -m "$name $1"
    git_as_admin -C "$work/shared" tag -f "$name/v$1" >/dev/null
    git_as_admin -C "$work/shared" push -q -f origin HEAD:main "$name/v$1"
}
object() { host get blueprint "acme.$name.$1" -o json >"$work/object"; }
ready_because() { object "$1" && is "$(jq -r '.status.conditions[]? | select(.type == "Ready") | "\(.status) \(.reason)"' "$work/object")" "True $2"; }

seeded() {
    local folder version
    for folder in "$root"/blueprints/bp-*/; do
        folder=$(basename "$folder")
        version=$(sed -n 's/^  version: \([0-9A-Za-z.-]*\) *$/\1/p' "$root/blueprints/$folder/blueprint.yaml" | head -n 1)
        is "$(host get blueprint "catalog.$folder.$version" -o json | jq -r '.status.conditions[] | select(.type == "Ready").status')" True || return 1
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
check "and is no object" is "$(host get blueprint "acme.$name.0.1.1" -o name 2>/dev/null)" ""
check "the tag of the first is moved" publish 0.1.0 "" "Something else."
check "its object says so" within 30 ready_because 0.1.0 TagMoved
check "and stays what it was" stays "$digest"
check "usage is answered to who may see money" is "$(status_of "$bill" "$CATALYST_TEST_BILLING_URL/v1/usage")" 200
check "to nobody else" is "$(status_of "$dana" "$CATALYST_TEST_BILLING_URL/v1/usage")" 403
check "another Organization's Environment has none" is "$(status_of "$bill" "$CATALYST_TEST_BILLING_URL/v1/usage?environment=blue-prod")" 404

sum_up
