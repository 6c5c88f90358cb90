#!/usr/bin/env bash
# Wrong input at the edges: through the front door, in queries, in bodies and at the webhooks. Each is told in words that help, and does nothing.
# Needs the environment file of ./dev up.
# shellcheck source=tests/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/../lib.sh"
dana=$(sign_in ACME_ORG_DEVELOPER)
bill=$(sign_in ACME_BILLING_ADMIN)

# problem STATUS CODE PLACE curl's arguments...: a problem document with this place (pointer or parameter; "": none) in its first error
problem() {
    local said
    said=$(curl -sS --max-time 60 -o "$work/answer" -w '%{http_code} %{content_type}' "${@:4}")
    is "$said $(jq -r '"\(.status) \(.type) \(.errors[0] // {} | .pointer // .parameter // "")"' "$work/answer")" "$1 application/problem+json $1 urn:catalyst:problem:$2 $3" ||
        { head -c 600 "$work/answer"; return 1; }
}
as() { printf 'Authorization: Bearer %s' "$1"; }

# --- the front door ---

head -c 3000000 /dev/zero | tr '\0' a >"$work/large"
head -c 25000000 /dev/zero >"$work/larger"
head -c 5000000 /dev/zero | tr '\0' a >"$work/large-push" # deliveries may have 4 MiB
check "3 MB through the front door are told to be too much" problem 413 too-large "" -H "$(as "$dana")" -H 'Content-Type: application/json' \
    --data-binary "@$work/large" "$CATALYST_TEST_URL/api/provisioning/v1/plans"
check "what the front door itself takes for too much is a problem document too" problem 413 too-large "" --data-binary "@$work/larger" "$CATALYST_TEST_URL/api/provisioning/v1/plans"
check "a service that is not there is one" problem 404 not-found "" "$CATALYST_TEST_URL/api/nothing/v1/me"
allowed() { curl -sS -o /dev/null -D - -X "$2" "$1" | tr -d '\r' | sed -n 's/^allow: //pI'; }
for service in state catalog provisioning billing; do
    check "$service: an unknown path is 404" problem 404 not-found "" "$CATALYST_TEST_URL/api/$service/v1/nothing"
    check "$service: a wrong method is 405" problem 405 method-not-allowed "" -X DELETE "$CATALYST_TEST_URL/api/$service/v1/openapi.json"
    check "$service: and the right ones are named" is "$(allowed "$CATALYST_TEST_URL/api/$service/v1/openapi.json" DELETE)" "GET, HEAD"
done

# --- queries of lists ---

rows=$CATALYST_TEST_URL/api/state/v1/environments/acme-dev/rows
for list in "$dana $rows" "$dana $CATALYST_TEST_URL/api/state/v1/applications" "$dana $CATALYST_TEST_URL/api/state/v1/operations" "$dana $CATALYST_TEST_URL/api/catalog/v1/blueprints" \
    "$bill $CATALYST_TEST_URL/api/billing/v1/usage" "$dana $CATALYST_TEST_URL/api/provisioning/v1/git-tokens"; do
    token=${list% *} url=${list#* } name=${url#"$CATALYST_TEST_URL/api/"}
    check "$name: limit=0 is refused" problem 400 invalid limit -H "$(as "$token")" "$url?limit=0"
    check "$name: limit=1000 is refused" problem 400 invalid limit -H "$(as "$token")" "$url?limit=1000"
    check "$name: a filter that is unknown is refused" problem 400 invalid colour -H "$(as "$token")" "$url?colour=red"
    check "$name: a filter that is there twice is refused" problem 400 invalid limit -H "$(as "$token")" "$url?limit=1&limit=2"
    code=cursor-invalid
    [ "${name##*/}" != git-tokens ] || code=invalid
    check "$name: a cursor that is none is refused" problem 400 $code cursor -H "$(as "$token")" "$url?cursor=%21"
done
check "a field that rows do not have is refused" problem 400 invalid fields -H "$(as "$dana")" "$rows?fields=status,colour"
check "a status that there is not is refused" problem 400 invalid status -H "$(as "$dana")" "$rows?status=Purple"
check "an order that there is not is refused" problem 400 invalid sort -H "$(as "$dana")" "$rows?sort=colour"
check "a range that is none is refused" problem 400 invalid range -H "$(as "$dana")" "$CATALYST_TEST_URL/api/provisioning/v1/dependencies?blueprint=bp-podinfo&range=one"
check "another Accept gets JSON all the same" is "$(code_of "$dana" -H 'Accept: text/html' "$CATALYST_TEST_URL/api/state/v1/me")" 200

# --- bodies of writes ---

write_body() { # STATUS CODE PLACE METHOD PATH BODY
    problem "$1" "$2" "$3" -X "$4" -H "$(as "$dana")" -H 'Content-Type: application/json' -H "Idempotency-Key: $stamp-$RANDOM" --data-binary "$6" "$CATALYST_TEST_URL/api/provisioning/v1$5"
}
wish() { jq -nc --argjson more "$1" '{kind: "install", application: "wrong", blueprint: {name: "bp-podinfo"}, environments: ["acme-dev"], config: {}} * $more'; }
check "a member that a wish does not have is refused" write_body 422 schema-invalid /colour POST /plans "$(wish '{"colour": 1}')"
check "one of its Blueprint too" write_body 422 schema-invalid /blueprint/colour POST /plans "$(wish '{"blueprint": {"colour": 1}}')"
check "one of a choice too" write_body 422 schema-invalid /dependencies/db/colour POST /plans "$(wish '{"dependencies": {"db": {"use": "new", "colour": 1}}}')"
check "a kind that there is not is refused" write_body 422 schema-invalid /kind POST /plans '{"kind": "explode"}'
check "a version that is not there points to itself" write_body 422 dependency-missing /blueprint/version POST /plans "$(wish '{"blueprint": {"version": "99.0.0"}}')"
check "a range that is none too" write_body 422 dependency-conflict /blueprint/version POST /plans "$(wish '{"blueprint": {"version": "one"}}')"
check "a Blueprint that is not there points to its name" write_body 422 dependency-missing /blueprint/name POST /plans "$(wish '{"blueprint": {"name": "bp-nothing"}}')"
check "apply takes the hash alone" write_body 422 schema-invalid /colour POST /plans/none/apply '{"hash": "x", "colour": 1}'
check "an Organization has no other members" write_body 422 schema-invalid /colour POST /organizations '{"name": "wrong", "colour": 1}'
check "an Environment neither" write_body 422 schema-invalid /colour POST /environments '{"envType": "uat", "colour": 1}'
check "a token neither" write_body 422 schema-invalid /colour POST /git-tokens '{"name": "wrong", "colour": 1}'
check "a body that has to be there and is not is told" write_body 400 invalid "" POST /plans ""

# --- webhooks ---

messages() { # of the two streams where what the hooks take goes; nothing else happens in production
    curl -fsS "$CATALYST_TEST_SPINE_MONITOR_URL/jsz?accounts=1&streams=1" |
        jq -c '[.account_details[].stream_detail[]? | select(.name == "catalyst-events" or .name == "ws-acme-prod") | .state.last_seq] | sort'
}
sign() { openssl dgst -sha256 -mac HMAC -macopt "key:$1" -r "$2" | cut -d ' ' -f 1; } # KEY FILE
hooks=$CATALYST_TEST_URL/hooks
query="organization=acme&cluster=$CATALYST_TEST_HOST_CLUSTER-acme"
secret=$(cat "$CATALYST_TEST_GITEA_WEBHOOK_SECRET")
printf 'acme' >"$work/acme"
flux_token=$(sign "$(cat "$CATALYST_TEST_FLUX_WEBHOOK_SECRET")" "$work/acme")
printf '{"ref": "refs/heads/main", "repository": {"name": "x"}}' >"$work/push"
printf '{"ref": ' >"$work/broken"
posted() { problem "$1" "$2" "$3" -H 'Content-Type: application/json' -H 'X-Gitea-Event: push' "${@:4}"; }
before=$(messages)
check "a push without a signature is refused" posted 401 signature-invalid "" --data-binary "@$work/push" "$hooks/gitea"
check "one with a wrong signature too" posted 401 signature-invalid "" -H "X-Gitea-Signature: $(sign wrong "$work/push")" --data-binary "@$work/push" "$hooks/gitea"
check "one that lacks what a push has is refused" posted 400 invalid "" -H "X-Gitea-Signature: $(sign "$secret" "$work/push")" --data-binary "@$work/push" "$hooks/gitea"
check "one that is no JSON too" posted 400 invalid "" -H "X-Gitea-Signature: $(sign "$secret" "$work/broken")" --data-binary "@$work/broken" "$hooks/gitea"
check "one that is too large too" posted 413 too-large "" -H "X-Gitea-Signature: $(sign "$secret" "$work/large-push")" --data-binary "@$work/large-push" "$hooks/gitea"
check "a notification without a signature is refused" posted 401 signature-invalid "" --data-binary "@$work/push" "$hooks/flux?$query"
check "one with a wrong signature too" posted 401 signature-invalid "" -H "X-Signature: sha256=$(sign wrong "$work/push")" --data-binary "@$work/push" "$hooks/flux?$query"
check "one signed for another Organization too" posted 401 signature-invalid "" -H "X-Signature: sha256=$(sign "$flux_token" "$work/push")" --data-binary "@$work/push" "$hooks/flux?organization=blue&cluster=x"
check "one that says nothing of the Organization too" posted 400 invalid organization -H "X-Signature: sha256=$(sign "$flux_token" "$work/push")" --data-binary "@$work/push" "$hooks/flux"
check "one that is no JSON too" posted 400 invalid "" -H "X-Signature: sha256=$(sign "$flux_token" "$work/broken")" --data-binary "@$work/broken" "$hooks/flux?$query"
check "one that is too large too" posted 413 too-large "" -H "X-Signature: sha256=$(sign "$flux_token" "$work/large-push")" --data-binary "@$work/large-push" "$hooks/flux?$query"
check "nothing of it is on the spine" is "$(messages)" "$before"
sum_up
