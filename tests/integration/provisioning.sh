#!/usr/bin/env bash
# provisioning against the real peers: plans, installs with a new and with an existing database, changes, what is refused, an uninstall, an Organization that
# begins. Needs the environment file of ./dev up.
# Runs beside others.
# shellcheck source=tests/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/../lib.sh"

developer=$(sign_in ACME_ORG_DEVELOPER)
admin=$(sign_in ACME_ORG_ADMIN)
viewer=$(sign_in ACME_ORG_VIEWER)
stranger=$(sign_in BLUE_ORG_ADMIN)
sovereign=$(sign_in SYSTEM_SOVEREIGN_ADMIN)
site=site-$stamp
both='["acme-dev","acme-stg"]'

shows_everything() {
    is "$(jq -c '[.kind, [.applications[] | [.name, .action, .footprint.pods]], (.files | length > 20), (.hash | length), (.signature | length > 80), has("trees")]' "$work/plan")" \
        "[\"install\",[[\"$site-postgres\",\"create\",2],[\"$site\",\"create\",2]],true,64,true,false]"
}
install_new() { carry_out "$developer" "$(install "$site" bp-wordpress "$both" '{"title": "Hello"}')" && shows_everything; }
check "a site with a new database is installed into two Environments, and both run" install_new

branches_are_made() {
    is "$(gitea GET "/repos/acme/$site/branches" | jq -c '[.[].name] | sort')" '["develop","main","staging"]' &&
        is "$(gitea GET "/repos/acme/$site/commits?sha=staging&stat=false" | jq -c '[.[0].parents | length, .[0].commit.author.name != "Catalyst"]')" '[2,true]' &&
        [ "$(gitea GET "/repos/acme/$site/commits?sha=main&stat=false" | jq length)" = 1 ] && raw "acme/$site" staging overlays/stg/environment.yaml | grep -q 'name: acme-stg'
}
check "its branches start at one skeleton, staging is carried from develop, the person is the author" branches_are_made

secret_is_generated() {
    local found
    found=$("$CATALYST_TEST_KUBECTL" --kubeconfig="$CATALYST_TEST_KUBECONFIG" get secret "org.acme.env.stg.$site-postgres.db" -n catalyst-secrets-acme -o jsonpath='{.data.password}' |
        base64 -d)
    is "${#found}" 32 && ! grep -rqF "$found" "$CATALYST_TEST_INSTANCE_DIR/logs" && ! raw "acme/$site-postgres" staging secrets/db.yaml | grep -qF "$found"
}
check "its secret is generated once, and stands in no log and not in Git" secret_is_generated

blog=blog-$stamp
blog2=blog2-$stamp
reuse="{\"db\": {\"use\": \"existing\", \"application\": \"$site-postgres\"}}"
offered() {
    is "$(call "$developer" GET "/dependencies?blueprint=bp-postgres&range=^1.4&environments=acme-dev,acme-stg" |
        jq -c ".items[] | select(.application == \"$site-postgres\") | .fits")" true &&
        is "$(call "$developer" GET "/dependencies?blueprint=bp-postgres&range=^9&environments=acme-dev" |
            jq -c ".items[] | select(.application == \"$site-postgres\") | .fits")" false
}
check "the database is offered to others where version and Environment fit" offered
two_at_once() {
    carry_out "$developer" "$(install "$blog" bp-wordpress '["acme-dev"]' '{"title": "Blog"}' "$reuse")" >"$work/first" 2>&1 &
    local first=$! dir=$work
    work=$(mktemp -d)
    carry_out "$developer" "$(install "$blog2" bp-wordpress '["acme-dev"]' '{"title": "Blog 2"}' "$reuse")"
    local second=$?
    rm -rf "$work"
    work=$dir
    wait "$first" && [ "$second" = 0 ] || { cat "$work/first"; return 1; }
    is "$(raw "acme/$site-postgres" develop overlays/dev/kustomization.yaml | grep -c "links/blog")" 2
}
check "two sites that take the database at once are both linked" two_at_once

change_everywhere() {
    carry_out "$developer" "$(configure "$site" "$(values "$developer" "$site" | jq -c '.replicas = 2')")" && raw "acme/$site" staging values.yaml | grep -q 'replicas: 2' &&
        raw "acme/$site" staging overlays/stg/environment.yaml | grep -q 'name: acme-stg'
}
check "a change is made on develop and carried, and the other Environment keeps its overlay" change_everywhere
change_there() {
    carry_out "$developer" "$(configure "$site" '{"title": "Staged"}' acme-stg)" &&
        is "$(call "$developer" GET "/applications/$site/config" | jq -c '[.values.title, .overlays]')" '["Hello",{"dev":{},"stg":{"title":"Staged"}}]'
}
check "a change in one Environment is made there alone" change_there
moved_meanwhile() {
    local early
    early=$(call "$developer" POST /plans "$(configure "$site" "$(values "$developer" "$site" | jq -c '.replicas = 3')")")
    carry_out "$developer" "$(configure "$site" "$(values "$developer" "$site" | jq -c '.title = "Between"')")" || return
    call "$developer" POST "/plans/$(jq -r .id <<<"$early")/apply" "{\"hash\": $(jq .hash <<<"$early")}" |
        jq -e '.code == "plan-changed" and ([.errors[].message] | any(contains("values.yaml on develop")))'
}
check "a plan whose files moved meanwhile is refused with what changed" moved_meanwhile

once_for_a_key() {
    local key=key-$stamp wish first second
    wish=$(install "later-$stamp" bp-podinfo '["acme-dev"]' '{}')
    first=$(call "$developer" POST /plans "$wish")
    second=$(call "$developer" POST /plans "$wish")
    is "$first" "$second" && refused "$developer" 409 idempotency-conflict POST /plans "$(install "other-$stamp" bp-podinfo '["acme-dev"]' '{}')"
}
check "one key is one request" once_for_a_key

check "a name that is taken is refused" refused "$developer" 409 name-taken POST /plans "$(install "$site" bp-podinfo '["acme-dev"]' '{}')"
check "values that do not fit are refused" refused "$developer" 422 schema-invalid POST /plans "$(install "x-$stamp" bp-wordpress '["acme-dev"]' '{"replicas": 0}')"
check "a viewer may not" refused "$viewer" 403 forbidden POST /plans "$(install "x-$stamp" bp-podinfo '["acme-dev"]' '{}')"
check "another Organization's Environment does not exist" refused "$stranger" 404 not-found POST /plans "$(install "x-$stamp" bp-podinfo '["acme-dev"]' '{}')"
check "another Organization's plan does not exist" refused "$stranger" 404 not-found GET "/plans/$(jq -r .id "$work/plan")"
check "another Organization's Application does not exist" refused "$stranger" 404 not-found GET "/applications/$site/config"
wanted='{"envType": "poc", "policyRef": {"name": "no-one-alone"}}'
refuses_policy() { call "$admin" POST /environments "$wanted" | tee "$work/said" | jq -e '.status == 422 and .errors[0].pointer == "/policyRef/name"' || { cat "$work/said"; return 1; }; }
check "a policyRef to a policy that is not there is refused" refuses_policy
# Under a name of its own: what a policy governs is what it says, not what it is called.
add_policy() {
    clone system/catalyst-config main && mkdir -p "$work/catalyst-config/policies" && cat >"$work/catalyst-config/policies/no-one-alone.yaml" <<YAML && push "$work/catalyst-config" main "Govern acme-poc"
apiVersion: catalyst.openova.io/v1alpha1
kind: EnvironmentPolicy
metadata: {name: no-one-alone, namespace: catalyst-system}
spec: {appliesTo: {environments: [acme-poc]}, rules: [{kind: pr-required, approvers: [admins], minApprovals: 2}]}
YAML
}
check "a policy is added" add_policy
governed() {
    local id end=$((SECONDS + 60))
    call "$admin" POST /environments "$wanted" >"$work/said"
    id=$(jq -r '.operation // empty' "$work/said")
    [ -n "$id" ] || { cat "$work/said"; return 1; }
    until call "$admin" GET "/operations/$id" | jq -e '.steps[] | select(.name == "objects" and .status == "Succeeded")'; do
        [ "$SECONDS" -lt "$end" ] || return 1
        sleep 0.5
    done
    call "$admin" POST /plans "$(install "x-$stamp" bp-podinfo '["acme-poc"]' '{}')" >"$work/said"
    jq -e '.status == 422 and ([.errors[].message] | any(test("governed by no-one-alone")))' "$work/said" || { cat "$work/said"; return 1; }
}
check "a governed Environment takes promotions, no installs" governed
# Others push to the branches of their Applications; what governs one of them would keep them out.
take_policy_away() {
    clone system/catalyst-config main && rm "$work/catalyst-config/policies/no-one-alone.yaml" && push "$work/catalyst-config" main "Govern acme-poc no more" &&
        clone system/catalyst-config org/acme && rm "$work/catalyst-config/environments/acme-poc.yaml" && push "$work/catalyst-config" org/acme "Take acme-poc away"
}
check "both are taken away" take_policy_away
gone() { refuses host get environmentpolicy.catalyst.openova.io no-one-alone -n catalyst-system && refuses host get environment.catalyst.openova.io acme-poc -n acme; }
check "and go" within 90 gone
check "what others use is not uninstalled" refused "$developer" 409 dependants-exist POST /plans \
    "{\"kind\": \"uninstall\", \"application\": \"$site-postgres\", \"confirm\": \"$site-postgres\"}"
check "an uninstall wants the name typed" refused "$developer" 422 confirmation-missing POST /plans "{\"kind\": \"uninstall\", \"application\": \"$blog\", \"confirm\": \"yes\"}"

uninstalls() {
    carry_out "$developer" "$(uninstall "$blog2")" && is "$(gitea GET "/repos/acme/$blog2" | jq .archived)" true &&
        is "$(raw "acme/$site-postgres" develop overlays/dev/kustomization.yaml | grep -c "links/$blog2")" 0 && refused "$developer" 404 not-found GET "/applications/$blog2/config"
}
check "an uninstall takes the link along and archives the repository" uninstalls

tokens() {
    local made name=laptop-$stamp
    made=$(call "$developer" POST /git-tokens "{\"name\": \"$name\", \"access\": \"read\"}")
    is "$(jq '.token | length' <<<"$made")" 40 && git ls-remote "$(sed "s|://|://$(jq -r .user <<<"$made"):$(jq -r .token <<<"$made")@|" <<<"$CATALYST_TEST_GITEA_URL")/acme/$site.git" | grep -q develop &&
        call "$developer" DELETE "/git-tokens/$name" && is "$(call "$developer" GET /git-tokens | jq "[.items[] | select(.name == \"$name\")] | length")" 0
}
check "a person makes a token for Git, uses it, and withdraws it" tokens

check "only the Sovereign's administrators make Organizations" refused "$admin" 403 forbidden POST /organizations '{"name": "grey"}'
check "a person's name is no Organization's" refused "$sovereign" 409 name-taken POST /organizations "{\"name\": \"$CATALYST_TEST_USER_ACME_ORG_DEVELOPER\"}"
onboards() {
    local id name=org$stamp end=$((SECONDS + 240))
    id=$(call "$sovereign" POST /organizations "{\"name\": \"$name\", \"displayName\": \"New\", \"environments\": [{\"envType\": \"dev\"}]}" | jq -r .operation)
    until [ "$(call "$sovereign" GET "/operations/$id" | jq -r .status)" = Succeeded ]; do
        [ "$SECONDS" -lt "$end" ] || { call "$sovereign" GET "/operations/$id"; return 1; }
        sleep 1
    done
}
check "an Organization with an Environment begins and becomes ready" onboards

sum_up
