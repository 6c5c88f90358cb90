#!/usr/bin/env bash
# What another Organization's people, accounts and credentials get of acme: nothing, in REST, in event streams, in Git and on the spine. And what a
# viewer may change: nothing. Needs the environment file of ./dev up.
# Runs beside others.
# Subjects of the spine begin with a dollar.
# shellcheck disable=SC2016
# shellcheck source=tests/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/../lib.sh"
app=private-$stamp

credentials() { # SERVICE ORGANIZATION: into $work/SERVICE-ORGANIZATION.creds, as the service reads them
    (umask 077 && host get secret "nats-$2" -n "catalyst-$1" -o jsonpath='{.data.creds}' | base64 -d >"$work/$1-$2.creds")
    [ -s "$work/$1-$2.creds" ]
}
spine() { node "$root/tests/integration/spine.mjs" "$CATALYST_TEST_SPINE_URL" "$work/$1.creds" "${@:2}"; } # CREDENTIALS request|listen …

admin=$(sign_in ACME_ORG_ADMIN)
viewer=$(sign_in ACME_ORG_VIEWER)
bella=$(sign_in BLUE_ORG_ADMIN)

check "acme has an Application" carry_out "$admin" "$(install "$app" bp-podinfo '["acme-dev"]' '{}')"

# --- REST ---

unknown() { is "$(code_of "$bella" "$1")" 404; } # URL
check "its own people find it" is "$(code_of "$viewer" "$CATALYST_TEST_PROJECTOR_1_URL/v1/applications/$app")" 200
check "and their own Organization, by its key" is "$(state "$viewer" /organizations | jq -r '[.items[].key] | join(" ")')" organization/_/acme
for replica in 1 2; do
    url=CATALYST_TEST_PROJECTOR_${replica}_URL
    check "for another Organization it does not exist on projector-$replica" unknown "${!url}/v1/applications/$app"
    check "nor do its Environment's rows" unknown "${!url}/v1/environments/acme-dev/rows"
    check "nor does its row" unknown "${!url}/v1/environments/acme-dev/rows/application/_/$app"
    check "and naming acme's Organization does not help" refuses grep -qF -- "$app" <<<"$(read_api "$bella" "${!url}/v1/applications?organization=acme")"
done
names_nothing() { # URL: an answer of which nothing is acme's
    read_api "$bella" "$1" >"$work/answer" && jq -e '.items' "$work/answer" && ! grep -qE "acme|$app" "$work/answer"
}
check "another Organization's list of Applications has nothing of acme" names_nothing "$CATALYST_TEST_PROJECTOR_1_URL/v1/applications"
check "its Environments are its own" names_nothing "$CATALYST_TEST_PROJECTOR_1_URL/v1/environments"
check "its Organizations are its own" names_nothing "$CATALYST_TEST_PROJECTOR_1_URL/v1/organizations"
check "its operations are its own" names_nothing "$CATALYST_TEST_PROJECTOR_1_URL/v1/operations"
operation=$(jq -r .id "$work/plan") # an operation has its plan's id
check "acme's own people read its operation" is "$(call "$viewer" GET "/operations/$operation" | jq -r .status)" Succeeded
check "acme's operation does not exist for it" refused "$bella" 404 not-found GET "/operations/$operation"
check "nor does its plan" refused "$bella" 404 not-found GET "/plans/$operation"
check "it cannot apply acme's plan" refused "$bella" 404 not-found POST "/plans/$operation/apply" "{\"hash\": $(jq .hash "$work/plan")}"
check "it cannot plan in acme's Environment" refused "$bella" 404 not-found POST /plans "$(install "x-$stamp" bp-podinfo '["acme-dev"]' '{}')"
check "it cannot change acme's Application" refused "$bella" 404 not-found POST /plans "$(configure "$app" '{}')"
check "it cannot uninstall it" refused "$bella" 404 not-found POST /plans "$(uninstall "$app")"
check "it cannot read its config" refused "$bella" 404 not-found GET "/applications/$app/config"

# --- event streams ---

check "acme's stream is refused to another Organization" is "$(code_of "$bella" --max-time 5 "$CATALYST_TEST_PROJECTOR_1_URL/v1/stream?environments=acme-dev")" 404
check "also together with an Environment of its own" is "$(code_of "$bella" --max-time 5 "$CATALYST_TEST_PROJECTOR_1_URL/v1/stream?environments=blue-prod,acme-dev")" 404
check "also that of all Organizations, of which it gets its own part alone" is \
    "$(signed "$bella" -N --max-time 3 "$CATALYST_TEST_PROJECTOR_1_URL/v1/stream?environments=_" 2>/dev/null | grep -c acme)" 0
listen blue "$bella" "$CATALYST_TEST_PROJECTOR_1_URL" environments=blue-prod
listen acme "$viewer" "$CATALYST_TEST_PROJECTOR_2_URL" environments=acme-dev
within 20 test -s "$work/acme.sse"
inner acme annotate deployment "$app" -n "$app-dev" --overwrite "example.org/touched=$stamp" >/dev/null
inner acme delete pod -n "$app-dev" --all --wait=false >/dev/null
check "acme's people hear of a change in acme" within 30 tells acme "application/_/$app" true
quiet() { [ "$(heard blue snapshot | wc -l)" = 1 ] && ! grep -qE "acme|$app" "$work/blue.sse"; }
check "another Organization, which listens to its own, hears nothing of it" quiet
hang_up

# --- Git ---

token_of() { call "$1" POST /git-tokens "{\"name\": \"isolation-$stamp\"}" >"$work/git-token" && jq -e '.token' "$work/git-token"; } # TOKEN
as_token() { # git's arguments..., signed in with $work/git-token
    GIT_TERMINAL_PROMPT=0 GIT_CONFIG_GLOBAL=/dev/null GIT_CONFIG_NOSYSTEM=1 FILE=$work/git-token \
        git -c credential.helper='!jq -r "\"username=\\(.user)\npassword=\\(.token)\"" "$FILE"; :' -c user.name=Bella -c user.email=bella@example.org "$@"
}
gitea_code() { # PATH
    curl -sS -o /dev/null -w '%{http_code}' -H @<(printf 'Authorization: token %s\n' "$(jq -r .token "$work/git-token")") "$CATALYST_TEST_GITEA_URL/api/v1$1"
}
check "another Organization's person makes a token for Git" token_of "$bella"
check "which reads her own Organization's repositories" as_token ls-remote "$CATALYST_TEST_GITEA_URL/blue/shared-blueprints.git"
check "but clones nothing of acme's" refuses as_token clone -q "$CATALYST_TEST_GITEA_URL/acme/$app.git" "$work/stolen"
check "nor Git's copy of acme's wishes" refuses as_token ls-remote "$CATALYST_TEST_GITEA_URL/system/catalyst-config.git"
pushes() { # OWNER/REPOSITORY BRANCH: something harmless
    rm -rf "$work/pushed" && as_token init -q -b main "$work/pushed" && as_token -C "$work/pushed" commit -q --allow-empty -m "Try" &&
        as_token -C "$work/pushed" push -q "$CATALYST_TEST_GITEA_URL/$1.git" "HEAD:$2"
}
check "and pushes nothing there" refuses pushes "acme/$app" "intruder-$stamp"
check "Git's API knows neither acme's repository for her" is "$(gitea_code "/repos/acme/$app")" 404
check "nor a file in it" is "$(gitea_code "/repos/acme/$app/raw/values.yaml?ref=develop")" 404
check "nor system/catalyst-config" is "$(gitea_code /repos/system/catalyst-config)" 404
check "acme's branches are untouched" is "$(gitea GET "/repos/acme/$app/branches" | jq -c '[.[].name] | sort')" '["develop","main","staging"]'
call "$bella" DELETE "/git-tokens/isolation-$stamp" >/dev/null

# --- the spine ---

# Refused outright, as no duty of the service needs it, or answered with nothing of the other Organization.
gets_nothing() { # CREDENTIALS SUBJECT CONDITION-OF-JQ [BODY]
    local said
    said=$(spine "$1" request "$2" "${4:-}")
    grep -q 'Permissions Violation' <<<"$said" || jq -e "$3" <<<"$said"
}
answers() { spine "$1" request "$2" "${4:-}" | jq -e "$3"; } # CREDENTIALS SUBJECT CONDITION-OF-JQ [BODY]
row="\$KV.ws-acme-dev-state.application._.$app"
check "the services have credentials for both Organizations" eval 'credentials projector blue && credentials projector acme && credentials provisioning blue && credentials environment-controller blue'
check "with acme's, its events are there" answers projector-acme '$JS.API.STREAM.INFO.ws-acme-dev' '.state.messages > 0'
check "and its rows" answers projector-acme '$JS.API.STREAM.MSG.GET.KV_ws-acme-dev-state' '.message.data | length > 0' "{\"last_by_subj\": \"$row\"}"
for one in projector provisioning environment-controller; do
    check "with $one's for blue, acme's events are not there" gets_nothing "$one-blue" '$JS.API.STREAM.INFO.ws-acme-dev' '.error.code == 404'
    check "nor can they be read by subject" gets_nothing "$one-blue" '$JS.API.STREAM.MSG.GET.ws-acme-dev' '.error.code == 404' '{"last_by_subj": "ws.acme-dev.>"}'
    check "nor its rows" gets_nothing "$one-blue" '$JS.API.STREAM.MSG.GET.KV_ws-acme-dev-state' '.error.code == 404' "{\"last_by_subj\": \"$row\"}"
    check "nor is a stream or bucket of acme's or of the control plane's in the list" gets_nothing "$one-blue" '$JS.API.STREAM.NAMES' \
        '(.streams | length > 0) and all(.streams[]; test("acme|catalyst|billing|provisioning") | not)' '{}'
    check "an event for acme reaches nobody" refuses spine "$one-blue" request "ws.acme-dev.k8s.pod.intruder.$stamp" '{}'
    check "nor does a row" refuses spine "$one-blue" request "\$KV.ws-acme-dev-state.pod.intruder.$stamp" '{}'
    check "nor a command to the control plane" refuses spine "$one-blue" request "catalyst.provisioning.acme.work" '{}'
    check "acme's stream cannot be deleted" gets_nothing "$one-blue" '$JS.API.STREAM.DELETE.ws-acme-dev' '.error.code == 404'
done
absent() { answers projector-acme "\$JS.API.STREAM.MSG.GET.$1" '.error.code == 404' "{\"last_by_subj\": \"$2\"}"; }
check "acme's stream has no event of an intruder" absent ws-acme-dev "ws.acme-dev.k8s.pod.intruder.$stamp"
check "nor its bucket a row" absent KV_ws-acme-dev-state "\$KV.ws-acme-dev-state.pod.intruder.$stamp"
listens() { spine projector-blue listen '>' 3 >"$work/overheard" || grep -q 'Permissions Violation' "$work/overheard"; }
check "nobody listens to everything in an account, whoever's it is" eval 'refuses spine projector-blue listen ">" 3 && listens'

# --- a viewer ---

check "a viewer's plan is refused" refused "$viewer" 403 forbidden POST /plans "$(install "x-$stamp" bp-podinfo '["acme-dev"]' '{}')"
check "a viewer's change is refused" refused "$viewer" 403 forbidden POST /plans "$(configure "$app" '{"message": "Hello"}')"
check "a viewer's uninstall is refused" refused "$viewer" 403 forbidden POST /plans "$(uninstall "$app")"
check "a viewer cannot apply somebody else's plan" refused "$viewer" 403 forbidden POST "/plans/$operation/apply" "{\"hash\": $(jq .hash "$work/plan")}"
check "a viewer's retry is refused" refused "$viewer" 403 forbidden POST "/operations/$operation/retry" '{}'
check "a viewer's token that would write is refused" refused "$viewer" 403 forbidden POST /git-tokens "{\"name\": \"isolation-$stamp\", \"access\": \"write\"}"
viewer_reads() { token_of "$viewer" && jq -e '.access == "read"' "$work/git-token" && as_token ls-remote "$CATALYST_TEST_GITEA_URL/acme/$app.git"; }
check "a viewer's token for Git is one to read, and reads" viewer_reads
check "but pushes nothing" refuses pushes "acme/$app" "viewer-$stamp"
check "nor to develop" refuses pushes "acme/$app" develop
call "$viewer" DELETE "/git-tokens/isolation-$stamp" >/dev/null
carry_out "$admin" "$(uninstall "$app")" >/dev/null

sum_up
