#!/usr/bin/env bash
# Wrong requests to provisioning: each gets a problem document that says what is wrong and where, and nothing is written to Git.
# Needs the environment file of ./dev up.
# shellcheck source=tests/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/../lib.sh"
name=wrong-$stamp
url=$CATALYST_TEST_PROVISIONING_1_URL/v1/plans

good=$(sign_in ACME_ORG_DEVELOPER)

# wrong SENTENCE "STATUS CODE" WORDS TOKEN TYPE BODY: WORDS stand in the detail.
wrong() {
    local type said
    printf '%s' "$6" >"$work/body"
    said=$(curl -sS --max-time 20 -o "$work/answer" -w '%{http_code} %{content_type}' -H "Authorization: Bearer $4" -H "Content-Type: $5" \
        -H "Idempotency-Key: $(cat /proc/sys/kernel/random/uuid)" --data-binary "@$work/body" "$url")
    type=$(jq -r --arg words "$3" '"\(.status) \(.code) \(.detail | contains($words))"' "$work/answer" 2>/dev/null)
    check "$1" is "$said | $type" "${2%% *} application/problem+json | $2 true" || head -c 600 "$work/answer"
}
wish() { jq -nc --arg n "$name" --argjson more "$1" '{kind: "install", application: $n, blueprint: {name: "bp-podinfo"}, environments: ["acme-dev"], config: {}} * $more'; }
there() { if gitea GET "$1" >/dev/null 2>&1; then echo there; else echo none; fi; }
written() { # the repository and the file of the Application, which an install begins with
    echo "$(there "/repos/acme/$name") $(there "/repos/system/catalyst-config/contents/applications/$name.yaml?ref=org/acme")"
}

json=application/json
wrong "an unknown field of the config is named with its place" "422 schema-invalid" "/config/colour" "$good" $json "$(wish '{"config": {"colour": 1}}')"
wrong "a value of the wrong type is named with its place" "422 schema-invalid" "/config/message" "$good" $json "$(wish '{"config": {"message": 7}}')"
wrong "a name that is none is refused with the rule" "422 schema-invalid" "'Bad_Name' cannot be its name: an Application's name holds" "$good" $json "$(wish '{"application": "Bad_Name"}')"
wrong "a name that is no text is refused" "422 schema-invalid" "/application" "$good" $json "$(wish '{"application": 7}')"
wrong "a version that is not there is named" "422 dependency-missing" "99.0.0" "$good" $json "$(wish '{"blueprint": {"version": "99.0.0"}}')"
wrong "a version range that is none is named" "422 dependency-conflict" "no version range" "$good" $json "$(wish '{"blueprint": {"version": "one"}}')"
wrong "a Blueprint that is not there is named" "422 dependency-missing" "bp-nothing" "$good" $json "$(wish '{"blueprint": {"name": "bp-nothing"}}')"
wrong "another Organization's Environment does not exist" "404 not-found" "blue-prod" "$good" $json "$(wish '{"environments": ["blue-prod"]}')"
wrong "a body that is no JSON is refused with line and column" "400 invalid" "line 1, column" "$good" $json '{"kind": "install"'
wrong "a body of another type is refused" "415 unsupported-media-type" "application/json" "$good" text/plain "$(wish '{}')"
wrong "a token that is none is refused" "401 not-signed-in" "no JSON Web Token" nonsense $json "$(wish '{}')"
wrong "a token with another signature is refused" "401 not-signed-in" "signature" "${good%.*}.$(printf 'A%.0s' {1..342})" $json "$(wish '{}')"
wrong "a body that is a list is told so" "422 schema-invalid" "The body has to be an object" "$good" $json '[]'
wrong "a zero character is told in our words" "400 invalid" 'a text holds a zero character' "$good" $json '{"kind": "\u0000"}'
wrong "a number that no field could keep is told in our words" "400 invalid" 'write it as text, in quotes' "$good" $json "$(wish '{}' | sed 's/"config":{}/"config":{"message":99999999999999999999}/')"
wrong "a name that no Service could have is told at the name" "422 plan-invalid" "a Service '1$name'" "$good" $json "$(wish "{\"application\": \"1$name\"}")"
wrong "a body over the maximum is refused, with the maximum" "413 too-large" "the body may have at most" "$good" $json "{\"kind\": \"$(head -c 3000000 /dev/zero | tr '\0' a)\"}"
check "none of it made a repository or an Application" is "$(written)" "none none"

sum_up
