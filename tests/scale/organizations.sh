#!/usr/bin/env bash
# Many Organizations over three environment-controllers: each is worked on by one, in shares within one of each other; again after one was killed, and after it came
# back. Prints what they take when nothing happens. Vclusters are not started for them: an API server each would not fit on one machine. Needs the environment file
# of ./dev up; CATALYST_TEST_ORGANIZATIONS (200) says how many.
# Subjects of the spine begin with a dollar.
# shellcheck disable=SC2016
# shellcheck source=tests/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/../lib.sh"
count=${CATALYST_TEST_ORGANIZATIONS:-200}
service=environment-controller
idle_s=60
export CATALYST_INSTANCE=$CATALYST_TEST_INSTANCE
CATALYST_DATA=$(dirname "$CATALYST_TEST_INSTANCE_DIR")
export CATALYST_DATA CATALYST_BIN=$CATALYST_TEST_BIN

names() { seq -f "load%03.0f" 1 "$count"; }
objects() { names | sed 's|.*|apiVersion: catalyst.openova.io/v1alpha1\nkind: Organization\nmetadata: {name: &}\nspec: {displayName: "Load &", plan: small}\n---|'; }
clean_up() {
    objects | host delete --ignore-not-found --wait=false -f - >/dev/null 2>&1
    in_instance start_standins >/dev/null 2>&1
    "$root/dev" scale $service 2 >/dev/null 2>&1
    leave
}
trap clean_up EXIT

# What the leases say: holder and Organization a line, without the Sovereign's own work.
held() {
    node "$root/tests/integration/spine.mjs" "$CATALYST_TEST_SPINE_URL" "$CATALYST_TEST_INSTANCE_DIR/secrets/nats/test.creds" read KV_catalyst-leases |
        jq -r --arg prefix "\$KV.catalyst-leases.$service.key." 'select(.subject | startswith($prefix)) | select(.data.holder?) | "\(.data.holder) \(.subject | ltrimstr($prefix))"' | grep -v ' _$'
}
shares() { held | cut -d' ' -f1 | sort | uniq -c | awk '{print $1}'; }
# are_shared REPLICAS: all Organizations that there are, by so many replicas, within one of each other
are_shared() {
    local wanted
    wanted=$(host get organizations.catalyst.openova.io -o name | wc -l)
    shares >"$work/shares"
    is "$(awk '{sum += $1} END {print sum + 0}' "$work/shares")" "$wanted" && is "$(wc -l <"$work/shares")" "$1" &&
        is "$(sort -n "$work/shares" | awk 'NR == 1 {least = $1} {most = $1} END {print (most - least <= 1) ? "even" : least " to " most}')" even
}
pid_of() { cut -d' ' -f1 "$CATALYST_TEST_INSTANCE_DIR/run/$1.pid"; }
ticks() { awk '{print $14 + $15}' "/proc/$(pid_of "$1")/stat"; } # utime and stime of proc(5), a hundredth of a second each
memory_kb() { awk '/^VmRSS/ {print $2}' "/proc/$(pid_of "$1")/status"; }

check "what starts API servers for vclusters is stopped" in_instance stop_processes vcluster-standin
check "environment-controller goes to three" "$root/dev" scale $service 3
check "$count Organizations are made" eval 'objects | host apply --server-side -f - >"$work/made" && is "$(wc -l <"$work/made")" "$count"'
check "each has one that works for it, in even shares" within 120 are_shared 3
echo "shares: $(shares | tr '\n' ' ')"
told() { host get organizations.catalyst.openova.io -o json | jq '[.items[] | select(.status.conditions | length > 0)] | length'; }
check "each has a status" within 600 eval 'is "$(told)" "$(host get organizations.catalyst.openova.io -o name | wc -l)"'
victim=$service-3
kill -KILL "$(pid_of $victim)"
check "one is killed: two share evenly" within 40 are_shared 2
in_instance start_service $victim
check "it comes back: three share evenly" within 60 are_shared 3
sleep 30 # what it gained it looks at
for name in $(in_instance replicas_of $service); do echo "$name $(ticks "$name")"; done >"$work/ticks"
sleep $idle_s
while read -r name before; do
    awk -v n="$name" -v used=$(($(ticks "$name") - before)) -v s=$idle_s -v kb="$(memory_kb "$name")" 'BEGIN {printf "%s: %.1f %% of a core, %.0f MiB\n", n, used / s, kb / 1024}'
done <"$work/ticks"
check "they are deleted" eval 'objects | host delete --ignore-not-found --wait=false -f - >/dev/null'
gone() { ! host get organizations.catalyst.openova.io -o name | grep -q /load; }
check "and go" within 900 gone
sum_up
