#!/usr/bin/env bash
# Wrong requests to provisioning: each gets a problem document that says what is wrong and where, and nothing is written to Git.
# Needs the environment file of ./dev up.
set -uo pipefail
passed=0
failed=0
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
name=wrong-$(date +%s | tail -c 6)
url=$CATALYST_TEST_PROVISIONING_URL/v1/plans

gitea() { curl -sS --max-time 20 -H "Authorization: token $CATALYST_TEST_GITEA_TOKEN" "$CATALYST_TEST_GITEA_URL/api/v1$1"; }
good=$(curl -fsS --max-time 20 "$CATALYST_TEST_TOKEN_URL" -d grant_type=password -d "client_id=$CATALYST_TEST_CLIENT_ID" \
    --data-urlencode "client_secret@$CATALYST_TEST_CLIENT_SECRET" -d "username=$CATALYST_TEST_USER_ACME_ORG_DEVELOPER" \
    --data-urlencode "password@$CATALYST_TEST_PASSWORD_ACME_ORG_DEVELOPER" | jq -r .access_token)

count() { # SENTENCE IS EXPECTED
    if [ "$2" = "$3" ]; then
        passed=$((passed + 1))
        echo "ok     $1"
    else
        failed=$((failed + 1))
        printf 'FAILED %s\nis       %s\nexpected %s\n' "$1" "$2" "$3"
    fi
}
# refused SENTENCE "STATUS CODE" WORDS TOKEN TYPE BODY: WORDS stand in the detail.
refused() {
    local type said
    printf '%s' "$6" >"$work/body"
    said=$(curl -sS --max-time 20 -o "$work/answer" -w '%{http_code} %{content_type}' -H "Authorization: Bearer $4" -H "Content-Type: $5" \
        -H "Idempotency-Key: $(cat /proc/sys/kernel/random/uuid)" --data-binary "@$work/body" "$url")
    type=$(jq -r --arg words "$3" '"\(.status) \(.code) \(.detail | contains($words))"' "$work/answer" 2>/dev/null)
    count "$1" "$said | $type" "${2%% *} application/problem+json | $2 true"
    [ "$type" = "$2 true" ] || head -c 600 "$work/answer"
}
wish() { jq -nc --arg n "$name" --argjson more "$1" '{kind: "install", application: $n, blueprint: {name: "bp-podinfo"}, environments: ["acme-dev"], config: {}} * $more'; }
written() { # the repository and the file of the Application, which an install begins with
    echo "$(gitea "/repos/acme/$name" | jq -r '.name // "none"') $(gitea "/repos/system/catalyst-config/contents/applications/$name.yaml?ref=org/acme" | jq -r '.name // "none"')"
}

json=application/json
refused "an unknown field of the config is named with its place" "422 schema-invalid" "/config/colour" "$good" $json "$(wish '{"config": {"colour": 1}}')"
refused "a value of the wrong type is named with its place" "422 schema-invalid" "/config/message" "$good" $json "$(wish '{"config": {"message": 7}}')"
refused "a name that is none is refused with the rule" "422 schema-invalid" "/application: an Application's name holds" "$good" $json "$(wish '{"application": "Bad_Name"}')"
refused "a name that is no text is refused" "422 schema-invalid" "/application" "$good" $json "$(wish '{"application": 7}')"
refused "a version that is not there is named" "422 dependency-missing" "99.0.0" "$good" $json "$(wish '{"blueprint": {"version": "99.0.0"}}')"
refused "a version range that is none is named" "422 dependency-conflict" "no version range" "$good" $json "$(wish '{"blueprint": {"version": "one"}}')"
refused "a Blueprint that is not there is named" "422 dependency-missing" "bp-nothing" "$good" $json "$(wish '{"blueprint": {"name": "bp-nothing"}}')"
refused "another Organization's Environment does not exist" "404 not-found" "blue-prod" "$good" $json "$(wish '{"environments": ["blue-prod"]}')"
refused "a body that is no JSON is refused with line and column" "400 invalid" "line 1, column" "$good" $json '{"kind": "install"'
refused "a body of another type is refused" "415 unsupported-media-type" "application/json" "$good" text/plain "$(wish '{}')"
refused "a token that is none is refused" "401 not-signed-in" "no JSON Web Token" nonsense $json "$(wish '{}')"
refused "a token with another signature is refused" "401 not-signed-in" "signature" "${good%.*}.$(printf 'A%.0s' {1..342})" $json "$(wish '{}')"
refused "a body over the maximum is refused" "413 too-large" "" "$good" $json "{\"kind\": \"$(head -c 3000000 /dev/zero | tr '\0' a)\"}"
count "none of it made a repository or an Application" "$(written)" "none none"

echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
