#!/usr/bin/env bash
# Replicas come, go, die and sleep. Whoever works for an Organization stops, or is killed: another goes on with it. Whoever slept while others went on wakes and
# writes nothing that its successors would not have. Needs the environment file of ./dev up; CATALYST_TEST_PAUSE_S (20) is how long they sleep.
# Subjects of the spine begin with a dollar.
# shellcheck disable=SC2016
# shellcheck source=tests/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/../lib.sh"
pause_s=${CATALYST_TEST_PAUSE_S:-20}
app=takeover-$stamp
SHARING=(environment-controller blueprint-controller projector billing) # those that share Organizations

read_stream() { node "$root/tests/integration/spine.mjs" "$CATALYST_TEST_SPINE_URL" "$1" read "$2" "${3:-}"; } # CREDENTIALS STREAM [AFTER]
catalyst=$CATALYST_TEST_INSTANCE_DIR/secrets/nats/test.creds
(umask 077 && host get secret nats-acme -n catalyst-environment-controller -o jsonpath='{.data.creds}' | base64 -d >"$work/acme.creds")

# --- who works for acme ---

lease() { # SERVICE: of acme; {time, data: {holder, start}}
    node "$root/tests/integration/spine.mjs" "$CATALYST_TEST_SPINE_URL" "$catalyst" request '$JS.API.STREAM.MSG.GET.KV_catalyst-leases' \
        "{\"last_by_subj\": \"\$KV.catalyst-leases.$1.key.acme\"}" | jq -c '{time: .message.time, data: (.message.data // "" | @base64d | fromjson? // {})}'
}
holder() { lease "$1" | jq -r '.data.holder // ""'; }          # SERVICE
is_held() { [ -n "$(holder "$1")" ]; }                         # SERVICE
is_held_by_another() { # SERVICE NAME
    local now
    now=$(holder "$1")
    [ -n "$now" ] && [ "$now" != "$2" ]
}
pid_of() { cut -d' ' -f1 "$CATALYST_TEST_INSTANCE_DIR/run/$1.pid"; } # NAME
now_ms() { date +%s%3N; }

# hand_over SERVICE SIGNAL SECONDS: says how long it took, and starts again what was ended
hand_over() {
    local name began
    within 30 is_held "$1" || return
    name=$(holder "$1")
    began=$(now_ms)
    kill -s "$2" "$(pid_of "$name")" || return
    within "$3" is_held_by_another "$1" "$name" || return
    # When the spine took the new holder's record, not when this script saw it.
    lease "$1" | jq -r --arg before "$name" --arg how "$2" --argjson began "$began" \
        '((.time[0:19] + "Z" | fromdate) * 1000 + (.time[20:23] | tonumber)) as $at |
        "\($before) to \(.data.holder): \($at - $began) ms after \($how)"' >>"$work/took"
    in_instance start_service "$name" && is_ready "$1"
}

admin=$(sign_in ACME_ORG_ADMIN)
viewer=$(sign_in ACME_ORG_VIEWER)
check "an Application is installed" carry_out "$admin" "$(install "$app" bp-podinfo '["acme-dev"]' '{}')"
replicas_are() { is "$(inner acme get deployment "$app" -n "$app-dev" -o jsonpath='{.spec.replicas}')" "$1"; }
is_put_back() {
    inner acme scale deployment "$app" -n "$app-dev" --replicas=0 >/dev/null && within 30 replicas_are 1
}
for service in "${SHARING[@]}"; do
    check "another $service goes on at once when one stops" hand_over "$service" TERM 5
    check "and soon when one is killed" hand_over "$service" KILL 20
done
cat "$work/took"
check "what is changed behind Flux's back is put back by who goes on" is_put_back
is_seen() { state "$viewer" "/environments/acme-dev/rows/application/_/$app" | jq -e '.status == "Running"'; }
check "and seen" within 30 is_seen
check "a change goes through" carry_out "$admin" "$(configure "$app" '{"message": "After the handovers"}')"

# --- epochs, facts, conditions ---

epochs() { read_stream "$catalyst" KV_catalyst-informers | jq -r '[.subject, .data.epoch] | @tsv' | sort; }
not_lowered() { # BEFORE AFTER: files of epochs
    local subject epoch now
    while read -r subject epoch; do
        now=$(awk -v s="$subject" '$1 == s { print $2 }' "$2")
        [ "${now:-0}" -ge "$epoch" ] || { echo "$subject: $epoch, and then ${now:-none}"; return 1; }
    done <"$1"
}
last_told() { read_stream "$work/acme.creds" ws-acme-dev "${1:-}" | tail -n 1 | jq -r '.seq // 0'; } # [AFTER]
# One version of one object is one fact, and has one id, whoever told it.
has_one_id_a_fact() {
    read_stream "$work/acme.creds" ws-acme-dev >"$work/told" && test -s "$work/told" &&
        jq -sc '[.[] | select(.data.type | test("k8s\\.object")) | {fact: [.data.data.cluster, .data.data.epoch, .data.data.uid, .data.data.resourceVersion], id}] | unique |
            group_by(.fact)[] | select(length > 1)' "$work/told" >"$work/twice" && ! grep . "$work/twice"
}
# An object is never told in an older version than before, as long as the epoch is the same.
never_goes_back() {
    jq -sc '[.[] | select(.data.type | test("k8s\\.object")) | .data.data | {object: [.cluster, .epoch, .uid], version: (.resourceVersion | tonumber)}] | group_by(.object)[] |
        [.[].version] | select(. != sort)' "$work/told" >"$work/back" && ! grep . "$work/back"
}
statuses() { # of acme's objects, with the number of the last write
    host get environments.catalyst.openova.io,applications.catalyst.openova.io -n acme -o json |
        jq -c '.items[] | [.kind, .metadata.name, .metadata.resourceVersion, .status]' | sort
    host get organization.catalyst.openova.io acme -o json | jq -c '[.kind, .metadata.name, .metadata.resourceVersion, .status]'
}

# --- asleep ---

live_of() { # SERVICE: a replica of it that does not sleep
    in_instance replicas_of "$1" | grep -vxF -f "$work/asleep" | sed -n 1p
}
sleep_all() { # one replica of each service; of those that share, who has acme
    local service
    for service in "${SHARING[@]}"; do holder "$service"; done >"$work/asleep"
    echo provisioning-1 >>"$work/asleep"
    echo catalog-svc-1 >>"$work/asleep"
    while read -r name; do kill -STOP "$(pid_of "$name")" || return; done <"$work/asleep"
}
wake_all() {
    local name
    [ ! -e "$work/asleep" ] || while read -r name; do kill -CONT "$(pid_of "$name")"; done <"$work/asleep"
}
trap 'wake_all; leave' EXIT
all_went_on() {
    local service
    for service in "${SHARING[@]}"; do is_held_by_another "$service" "$(grep "^$service-" "$work/asleep")" || { echo "$service"; return 1; }; done
}
# The addresses of those that are awake: a cluster's readiness leaves the others out.
use_live() {
    local name
    name=CATALYST_TEST_$(live_of provisioning | tr 'a-z-' 'A-Z_')_URL
    CATALYST_TEST_PROVISIONING_URL=${!name}
    name=CATALYST_TEST_$(live_of projector | tr 'a-z-' 'A-Z_')_URL
    CATALYST_TEST_PROJECTOR_1_URL=${!name}
}
is_quiet() { # nothing was told and no status written for three seconds
    statuses >"$work/statuses" && last_told "$(cat "$work/last")" >"$work/last.now" && mv "$work/last.now" "$work/last" && sleep 3 &&
        statuses | cmp - "$work/statuses" && nothing_told
}
nothing_told() { is "$(last_told $(($(cat "$work/last") - 1)))" "$(cat "$work/last")"; }
epochs >"$work/epochs"
echo 0 >"$work/last"
check "one replica of each service sleeps" sleep_all
slept_since=$SECONDS
check "others go on with what they had" within 25 all_went_on
use_live
admin=$(sign_in ACME_ORG_ADMIN)
check "an Application is changed meanwhile" carry_out "$admin" "$(configure "$app" '{"message": "While they slept"}')"
check "another is installed" carry_out "$admin" "$(install "$app-b" bp-podinfo '["acme-dev"]' '{}')"
left_s=$((pause_s - (SECONDS - slept_since)))
[ "$left_s" -le 0 ] || sleep "$left_s"
check "all is quiet" within 60 is_quiet
check "they wake" wake_all
sleep 15 # the time in which the others would have had their place back
same_statuses() { statuses | diff - "$work/statuses"; }
check "no status was written" same_statuses
check "no epoch is lower" eval 'epochs >"$work/epochs.after" && not_lowered "$work/epochs" "$work/epochs.after"'
# A push that Gitea told to a sleeper is heard when it wakes, and Flux looks then; what a sleeper knew of objects is of before.
told_news_alone() {
    local last
    last=$(cat "$work/last")
    read_stream "$work/acme.creds" ws-acme-dev >"$work/told" && jq -sc --argjson last "$last" '[.[] | select(.data.type | test("k8s\\.object")) | {seq, cluster: .data.data.cluster, version: (.data.data.resourceVersion | tonumber)}] |
        group_by(.cluster)[] | ([.[] | select(.seq <= $last) | .version] | max) as $known | .[] | select(.seq > $last and .version <= $known)' "$work/told" >"$work/old" && ! grep . "$work/old"
}
check "nothing of before was told again" told_news_alone
check "no fact has two ids" has_one_id_a_fact
check "none is told in an older version than before" never_goes_back
all_ready() { in_instance services_ready; }
check "all are ready" all_ready
check "and take part again" carry_out "$admin" "$(uninstall "$app-b")"
carry_out "$admin" "$(uninstall "$app")" >/dev/null
sum_up
