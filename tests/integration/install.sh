#!/usr/bin/env bash
# The main job through the API alone: a site with a new database in three Environments, a second site that uses the same database, a site of an
# Organization that has production alone, and a plan whose ground moved. Needs the environment file of ./dev up.
# Runs beside others.
# shellcheck source=tests/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/../lib.sh"
site=marketing-site-$stamp
blog=blog-$stamp
shop=shop-$stamp
everywhere='["acme-dev","acme-stg","acme-prod"]'

deployment() { inner "$1" get deployment "$2" -n "$2-$3" -o json; } # ORGANIZATION APPLICATION ENV-TYPE
# What a container of the Deployment gets as the database's address.
database_of() { deployment "$@" | jq -r '.spec.template.spec.containers[].env[] | select(.name == "DATABASE_HOST").value'; }
has_database() { is "$(database_of "$1" "$2" "$3")" "$4.$4-$3.svc.cluster.local"; } # ORGANIZATION APPLICATION ENV-TYPE DATABASE
# Each Secret that the Deployment refers to is there, with the key, and not empty.
secrets_exist() { # ORGANIZATION APPLICATION ENV-TYPE
    local name key count=0
    while IFS=$'\t' read -r name key; do
        count=$((count + 1))
        [ -n "$(inner "$1" get secret "$name" -n "$2-$3" -o json | jq -r --arg key "$key" '.data[$key] // empty')" ] ||
            { echo "Secret $name has no $key"; return 1; }
    done < <(deployment "$@" | jq -r '.spec.template.spec.containers[].env[] | .valueFrom.secretKeyRef // empty | [.name, .key] | @tsv')
    [ "$count" -gt 1 ] && deployment "$@" | jq -e --arg name "$2-db" '[.spec.template.spec.containers[].env[].valueFrom.secretKeyRef.name] | index($name)'
}
same_password() { # ORGANIZATION APPLICATION ENV-TYPE DATABASE: what the site signs in with is what the database was made with
    local mine theirs
    mine=$(inner "$1" get secret "$2-db" -n "$2-$3" -o jsonpath='{.data.password}')
    theirs=$(inner "$1" get secret "$4-db" -n "$4-$3" -o jsonpath='{.data.password}')
    [ -n "$mine" ] && is "$mine" "$theirs"
}
running() { # TOKEN APPLICATION ENVIRONMENTS: in all of them, and in no other
    is "$(state "$1" "/applications/$2" | jq -c '[.environments | to_entries[] | [.key, .value.status]] | sort')" \
        "$(jq -c 'map([., "Running"]) | sort' <<<"$3")"
}
branches() { is "$(gitea GET "/repos/$1/branches" | jq -c '[.[].name] | sort')" "$2"; }

admin=$(sign_in ACME_ORG_ADMIN)
bella=$(sign_in BLUE_ORG_ADMIN)
developer=$(sign_in ACME_ORG_DEVELOPER)

check "a site with a new database is installed into dev, stg and prod" carry_out "$admin" "$(install "$site" bp-wordpress "$everywhere" '{"title": "Marketing"}')"
reuse="{\"db\": {\"use\": \"existing\", \"application\": \"$site-postgres\"}}"
check "a blog that uses the same database is installed there too" carry_out "$admin" "$(install "$blog" bp-wordpress "$everywhere" '{"title": "Blog"}' "$reuse")"
for application in "$site" "$site-postgres" "$blog"; do
    check "${application%-"$stamp"*}${application#*"$stamp"} is Running in each Environment" within 60 running "$admin" "$application" "$everywhere"
done
for env_type in dev stg prod; do
    for application in "$site" "$blog"; do
        check "in $env_type, ${application%-*} has the database's host" has_database acme "$application" "$env_type" "$site-postgres"
        check "in $env_type, each Secret that ${application%-*} refers to exists with its key" secrets_exist acme "$application" "$env_type"
        check "in $env_type, ${application%-*} signs in with the database's password" same_password acme "$application" "$env_type" "$site-postgres"
    done
done
linked() { # BRANCH ENV-TYPE: in Git, and in what runs
    raw "acme/$site-postgres" "$1" "overlays/$2/links/$blog.yaml" | grep -qF -- "$blog" && raw "acme/$site-postgres" "$1" "overlays/$2/kustomization.yaml" | grep -qF "links/$blog.yaml" &&
        inner acme get job "$site-postgres-databases" -n "$site-postgres-$2" -o json | jq -e --arg name "$blog" '[.spec.template.spec.containers[].args[]] | index($name)'
}
check "on develop, the blog's database is a link of the other's, and is made" within 30 linked develop dev
check "on staging too" within 30 linked staging stg
check "on main too" within 30 linked main prod
only_planned() {
    call "$developer" POST /plans "$(install "x-$stamp" bp-podinfo '["acme-prod"]' '{}')" >"$work/plan"
    refused "$developer" 403 forbidden POST "/plans/$(jq -r .id "$work/plan")/apply" "{\"hash\": $(jq .hash "$work/plan")}" && refuses gitea GET "/repos/acme/x-$stamp"
}
check "a developer may plan for production, but not carry it out" only_planned

check "an Organization without a dev Environment installs into production" carry_out "$bella" "$(install "$shop" bp-wordpress '["blue-prod"]' '{"title": "Shop"}')"
check "it is Running there, and nowhere else" within 60 running "$bella" "$shop" '["blue-prod"]'
check "it has its database's host" has_database blue "$shop" prod "$shop-postgres"
check "each Secret that it refers to exists with its key" secrets_exist blue "$shop" prod
check "it runs from main, and develop is there" branches "blue/$shop" '["develop","main","staging"]'
from_main() {
    local head
    head=$(gitea GET "/repos/blue/$shop/branches/main" | jq -r .commit.id)
    is "$(inner blue get gitrepository "$shop-prod" -n flux-system -o jsonpath='{.spec.ref.branch}')" main &&
        is "$(inner blue get kustomization "$shop-prod" -n flux-system -o jsonpath='{.status.lastAppliedRevision}')" "main@sha1:$head" &&
        raw "blue/$shop" develop values.yaml | grep -q Shop
}
check "what runs is main's head, and develop has the same values" from_main

push_between() {
    clone "acme/$blog" develop && sed -i 's/title: .*/title: By hand/' "$work/$blog/values.yaml" && push "$work/$blog" develop "Call it otherwise"
}
moved_ground() {
    local early
    early=$(call "$admin" POST /plans "$(configure "$blog" "$(values "$admin" "$blog" | jq -c '.title = "Planned"')")")
    push_between || return
    call "$admin" POST "/plans/$(jq -r .id <<<"$early")/apply" "{\"hash\": $(jq .hash <<<"$early")}" >"$work/refusal"
    jq -e '.status == 409 and .code == "plan-changed" and ([.errors[].message] | any(contains("values.yaml on develop")))' "$work/refusal" || { cat "$work/refusal"; return 1; }
}
check "a plan whose file somebody pushed to is refused, and the file is named" moved_ground
check "and nothing of it was done" is "$(raw "acme/$blog" develop values.yaml | grep -c 'Planned')" 0

sum_up
