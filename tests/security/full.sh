#!/usr/bin/env bash
# One person, or one Organization, cannot fill what all share: each has a cap, is told of it with what to do, and the others go on. Needs the environment
# file of ./dev up; starts a second provisioning and a second projector of its own, with caps that are soon reached.
# Subjects of the spine begin with a dollar.
# shellcheck disable=SC2016
# shellcheck source=tests/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/../lib.sh"
instance=$CATALYST_TEST_INSTANCE_DIR
started=()
stop_own() {
    local pid
    for pid in "${started[@]}"; do kill "$pid" 2>/dev/null && wait "$pid" 2>/dev/null; done
    started=()
}
trap 'stop_own; leave' EXIT

free_port() { node -e 'const s = require("net").createServer().listen(0, "127.0.0.1", () => { console.log(s.address().port); s.close() })'; }
# start SERVICE REPLICA EXTRA-CONFIGURATION: the address is in $url, its log in $work/SERVICE.log
start() {
    local listen admin
    listen=$(free_port)
    admin=$(free_port)
    { sed -E "s/^(listen: 127\.0\.0\.1:).*/\1$listen/; s/^(admin: 127\.0\.0\.1:).*/\1$admin/; s/^instance: .*/instance: $1-full/" "$instance/etc/$2.yaml"; printf '%s\n' "$3"; } >"$work/$1.yaml"
    chmod 600 "$work/$1.yaml"
    env -u CATALYST_INSTANCE "$CATALYST_TEST_BIN/$1" --config "$work/$1.yaml" >"$work/$1.log" 2>&1 &
    started+=($!)
    url=http://127.0.0.1:$listen
    within 30 curl -fsS -o /dev/null "http://127.0.0.1:$admin/readyz"
}
spine() { node "$root/tests/integration/spine.mjs" "$CATALYST_TEST_SPINE_URL" "$instance/secrets/nats/test.creds" request "$@"; }
info() { spine "\$JS.API.STREAM.INFO.$1" | jq "$2"; }

acme=$(sign_in ACME_ORG_ADMIN)
developer=$(sign_in ACME_ORG_DEVELOPER)
bella=$(sign_in BLUE_ORG_ADMIN)
on() { # URL TOKEN METHOD PATH [BODY]
    local CATALYST_TEST_PROVISIONING_URL=$1
    call "${@:2}"
}
code_on() { on "$@" | jq -r '.code // "fine"'; }
plan_of_blue() { install "full-$1" bp-podinfo '["blue-prod"]' '{}'; } # NUMBER: the wish
limited() { [ "$(jq -r '"\(.status) \(.code)"' "$work/said")" = "429 limit" ] || { cat "$work/said"; return 1; }; }

# --- writes of a person ---

check "a provisioning with room for a few requests of a person" start provisioning provisioning-1 'limits: {person_requests: 12, organization_requests: 100000}'
few=$url
until_limited() { # URL TOKEN: writes until it is refused
    local i
    for i in $(seq 1 14); do
        on "$1" "$2" POST /plans "$(plan_of_blue "$i")" >"$work/said"
        limited >/dev/null && return
    done
    limited
}
check "one who writes without end is refused with limit" until_limited "$few" "$bella"
check "told when there is room again and what to do" jq -e '.detail | test("room again from 20..-..-..T") and test("ask the Sovereign")' "$work/said"
header() { signed "$bella" -o /dev/null -D - -X POST -H "Idempotency-Key: h-$stamp" -H 'Content-Type: application/json' --data-binary "$(plan_of_blue h)" "$few/v1/plans" | tr -d '\r' | grep -i '^retry-after: [1-9][0-9]*$'; }
check "in the header too" header
check "whatever else she writes" is "$(code_on "$few" "$bella" POST /git-tokens "{\"name\": \"full-$stamp\"}")" limit
check "with another key or another body" is "$(key=k-$stamp code_on "$few" "$bella" POST /plans "$(uninstall none)")" limit
check "also when she names another Organization" is "$(signed "$bella" -X POST -H "Idempotency-Key: o-$stamp" -H 'Content-Type: application/json' --data-binary "$(plan_of_blue o)" "$few/v1/plans?organization=acme" | jq -r '.status >= 400')" true
check "she still reads" is "$(code_of "$bella" "$few/v1/git-tokens")" 200

# --- refused writes are counted, not stored without end ---

audits() { info catalyst-audit .state.messages; }
before=$(audits)
for i in $(seq 1 70); do on "$few" "$bella" POST /plans "$(plan_of_blue "x$i")" >/dev/null; done
added=$(($(audits) - before))
check "of seventy refused writes at most thirty are recorded ($added)" test "$added" -le 30
counted() { spine '$JS.API.STREAM.MSG.GET.catalyst-audit' '{"last_by_subj": "catalyst.audit.blue.provisioning"}' | jq -r .message.data | base64 -d | jq -e '.data.count >= 32 and .data.result != "ok"'; }
check "the last one says how many there were" counted
plans_before=$(info KV_catalyst-plans .state.messages)
for i in $(seq 1 20); do on "$few" "$bella" POST /plans "$(plan_of_blue "y$i")" >/dev/null; done
check "and they leave nothing in the store of plans" test "$(($(info KV_catalyst-plans .state.messages) - plans_before))" -le 2

# --- writes of an Organization, and of the others ---

check "the service that all use still answers the others" is "$(code_on "$CATALYST_TEST_PROVISIONING_URL" "$developer" POST /plans "$(install "full-$stamp" bp-podinfo '["acme-dev"]' '{}')")" fine
stop_own
check "a provisioning with room for a few requests of an Organization" start provisioning provisioning-1 'limits: {organization_requests: 1, person_requests: 100000}'
check "refuses all of its people together" is "$(code_on "$url" "$acme" POST /plans "$(install "full-$stamp" bp-podinfo '["acme-dev"]' '{}')") $(code_on "$url" "$developer" POST /plans "$(install "full-$stamp" bp-podinfo '["acme-dev"]' '{}')")" "limit limit"
check "and says that it is the Organization" eval 'on "$url" "$acme" POST /plans "$(install "full-$stamp" bp-podinfo "[\"acme-dev\"]" "{}")" | jq -e ".detail | test(\"the Organization has used\")"'
stop_own

# --- sizes ---

check "a provisioning with room for one MiB" start provisioning provisioning-1 'limits: {person_mib: 1, person_requests: 100000}'
head -c 200000 /dev/zero | tr '\0' x >"$work/big"
fill() {
    local i
    for i in 1 2 3 4 5 6 7 8; do
        install "full-$i" bp-podinfo '["acme-dev"]' '{}' | jq -c --rawfile message "$work/big" '.config.message = $message' >"$work/wish"
        on "$url" "$developer" POST /plans "@$work/wish" >"$work/said"
        limited >/dev/null && return
    done
    limited
}
check "large plans count by their size" fill
stop_own

# --- streams ---

check "a projector with two streams for a person" start projector projector-1 'streams: {person: 2, organization: 3}'
open_stream() { # NAME TOKEN [ENVIRONMENTS]
    listen "$1" "$2" "$url" "environments=${3:-acme-dev}"
    within 20 test -s "$work/$1.sse"
}
check "which she opens" eval 'open_stream one "$acme" && open_stream two "$acme" && within 10 eval "heard one snapshot | grep -c rows && heard two snapshot | grep -c rows"'
stream_code() { signed "$1" --max-time 4 "$url/v1/stream?environments=${2:-acme-dev}" | head -c 4000 | jq -r '"\(.status) \(.code)"' 2>/dev/null; }
check "is refused a third with limit" is "$(stream_code "$acme")" "429 limit"
check "of other Environments too, or of all" is "$(stream_code "$acme" acme-prod) $(signed "$acme" --max-time 4 "$url/v1/stream" | jq -r .code)" "429 limit limit"
check "with what to do" eval 'signed "$acme" --max-time 4 "$url/v1/stream?environments=acme-dev" | jq -e ".detail | test(\"close one\")"'
check "another of her Organization has one" open_stream three "$developer"
check "and then the Organization has as many as it may" is "$(stream_code "$developer")" "429 limit"
check "which is nothing to another one" open_stream four "$bella" blue-prod
hang_up
check "and after they are closed there is room again" within 15 eval 'open_stream five "$acme" && heard five snapshot | grep -c rows'
hang_up
stop_own

# --- what may never be forgotten ---

check "the audit is kept by time, and takes new records when it is full" eval 'info catalyst-audit ".config.max_age > 0 and .config.discard == \"old\" and .config.deny_delete and .config.deny_purge" | grep -qx true'
check "the ledger refuses to be cut" eval 'info billing-ledger ".config.deny_delete and .config.deny_purge" | grep -qx true'
check "plans and audit have room of their own" eval 'info KV_catalyst-plans ".config.max_bytes" | grep -qE "^[0-9]{9,}$" && info catalyst-audit ".config.max_bytes" | grep -qE "^[0-9]{9,}$"'

sum_up
