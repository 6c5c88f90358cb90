#!/usr/bin/env bash
# Blueprints on their way through the real peers: pushed to an Organization's shared-blueprints, registered, shown to that Organization alone; a wrong one
# is refused with file and line, which its Organization is shown until it is mended or gone, a moved tag is told and changes nothing; usage is answered to who may see
# money. Needs the environment file of ./dev up.
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
# As many as all replicas have told.
rejected() { of_replicas blueprint-controller /metrics | sed -n 's/^catalyst_blueprints_rejected_total{source="acme"} //p' | jq -s 'add // 0'; }
one_more_rejected() { is "$(rejected)" $((before + 1)); }
stays() { # DIGEST: of the first version, though its tag names something else
    object 0.1.0 && is "$(jq -r .spec.digest "$work/object")" "$1" && jq -e '.status.moved | length == 40' "$work/object"
}

rejections() { read_api "$1" "$CATALYST_TEST_URL/api/catalog/v1/rejections?blueprint=$name"; }
# lists TOKEN [VERSION…]: what of this Blueprint was not accepted, as this person sees it through the front door
lists() {
    local said
    said=$(rejections "$1")
    is "$(jq -r '[.items[].version] | sort | join(" ")' <<<"$said")" "${*:2}" && is "$(jq -r .total <<<"$said")" "$(($# - 1))"
}
says_where() { # VERSION COLOUR: the line, counted in the file itself, at the commit of the tag
    local line commit
    line=$(grep -n "colour: $2" "$work/shared/$name/blueprint.yaml" | cut -d : -f 1)
    commit=$(git -C "$work/shared" rev-parse "$name/v$1^{commit}")
    rejections "$viewer" | jq -e --arg v "$1" --argjson line "$line" --arg commit "$commit" --arg path "$name" '.items[] | select(.version == $v) |
        .commit == $commit and .reason == "Invalid" and (.url | endswith("/acme/shared-blueprints/src/commit/\($commit)/\($path)")) and
        (.errors[0] | .file == "blueprint.yaml" and .line == $line and .column > 0 and (.message | length > 0))'
}
drop_tag() { git_as_admin -C "$work/shared" push -q origin ":refs/tags/$name/v$1"; }
dana=$(sign_in ACME_ORG_DEVELOPER)
viewer=$(sign_in ACME_ORG_VIEWER)
sina=$(sign_in SYSTEM_SOVEREIGN_ADMIN)
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
check "it is rejected" within 20 one_more_rejected
check "and is no object" is "$(host get blueprint "acme.$name.0.1.1" -o name 2>/dev/null)" ""
check "who may read in its Organization sees it, with file and line" within 10 says_where 0.1.1 red
check "and it alone" lists "$viewer" 0.1.1
check "nobody of another Organization sees it or a count of it" lists "$bella"
check "nor is an Organization to be asked for that is not one's own" is "$(status_of "$bella" "$CATALYST_TEST_CATALOG_SVC_URL/v1/rejections?organization=acme")" 404
check "who runs the Sovereign sees the catalogs' there" lists "$sina"
check "and an Organization's when asking for it" is "$(read_api "$sina" "$CATALYST_TEST_CATALOG_SVC_URL/v1/rejections?organization=acme&blueprint=$name" | jq -r .total)" 1
check "what was rejected is in no list of Blueprints" is "$(catalog "$dana" "/acme/$name" | jq -r '[.versions[].version] | join(" ")')" 0.1.0
check "blueprint-controller is started again" eval "restart blueprint-controller && is_ready blueprint-controller"
check "what was rejected is still shown" lists "$viewer" 0.1.1
check "and was not told a second time" is "$(rejected)" 0
check "its tag is moved to another wrong commit" publish 0.1.1 "  colour: green"
check "it says what is wrong there" within 20 says_where 0.1.1 green
check "its tag is moved to one that is right" publish 0.1.1
check "it becomes an object" within 30 ready_because 0.1.1 Registered
check "and is shown as rejected no longer" within 10 lists "$viewer"
check "another wrong one is pushed" publish 0.1.2 "  colour: blue"
check "it is shown" within 20 lists "$viewer" 0.1.2
check "its tag is deleted" drop_tag 0.1.2
check "it is shown no longer" within 20 lists "$viewer"
check "the same tag comes again" git_as_admin -C "$work/shared" push -q origin "$name/v0.1.2"
check "and so does what is wrong with it" within 20 lists "$viewer" 0.1.2
check "the tag goes for good" drop_tag 0.1.2
check "the tag of the first is moved" publish 0.1.0 "" "Something else."
check "its object says so" within 30 ready_because 0.1.0 TagMoved
check "and stays what it was" stays "$digest"
check "its tag is deleted" drop_tag 0.1.0
check "its object says that the tag is gone" within 30 ready_because 0.1.0 TagGone
gone_in_catalogue() { # yes or no: the version is offered all the same
    catalog "$dana" "/acme/$name/versions/0.1.0" |
        jq -e --arg gone "$1" '.version == "0.1.0" and ((.tagGone != null) == ($gone == "yes")) and ((.versions[] | select(.version == "0.1.0").tagGone != null) == ($gone == "yes"))'
}
check "the catalogue says so, and offers the version" within 20 gone_in_catalogue yes
check "the tag is there again" git_as_admin -C "$work/shared" push -q origin "$name/v0.1.0"
check "its object says no more that it is gone" within 30 ready_because 0.1.0 TagMoved
check "nor does the catalogue" within 20 gone_in_catalogue no
check "usage is answered to who may see money" is "$(status_of "$bill" "$CATALYST_TEST_BILLING_URL/v1/usage")" 200
check "to nobody else" is "$(status_of "$dana" "$CATALYST_TEST_BILLING_URL/v1/usage")" 403
check "another Organization's Environment has none" is "$(status_of "$bill" "$CATALYST_TEST_BILLING_URL/v1/usage?environment=blue-prod")" 404

sum_up
