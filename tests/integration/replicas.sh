#!/usr/bin/env bash
# A thousand changes, seen through both projectors: whatever is shown of a row at a revision is the same bytes, by REST and by event stream, on both; each
# client's ids are in order; and who comes back with an id of the middle, to the other replica, gets the rest. Needs the environment file of ./dev up.
# shellcheck source=tests/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/../lib.sh"
namespace=many-$stamp
count=100
rounds=10
prefix=configmap/$namespace/c
begin="{\"key\":\"$prefix"

viewer=$(sign_in ACME_ORG_VIEWER)
rest() { # REPLICA: each row that is there, raw, one a line, into $work/rest-REPLICA
    local url=CATALYST_TEST_PROJECTOR_$1_URL
    signed "$viewer" -w '\n' "${!url}/v1/environments/acme-dev/rows/${prefix}[0-$((count - 1))]" | grep -F "$begin" >>"$work/rest-$1"
}
stream_rows() { heard "$1" row | grep -F "$begin"; } # NAME
# One line a sighting: key, revision, the row's bytes.
sightings() { jq -Rr 'fromjson as $row | "\($row.key)\t\($row.revision)\t\(.)"'; }
newest() { cut -f 1,2 | sort -k 1,1 -k 2,2n | awk -F'\t' '{ last[$1] = $2 } END { for (key in last) print key "\t" last[key] }' | sort; }

# The resourceVersions of the cluster, and of the rows among the sightings, newest of each key.
cluster_versions() { inner acme get configmaps -n "$namespace" -o json | jq -r '.items[].metadata | select(.name | test("^c[0-9]+$")) | "\(.name) \(.resourceVersion)"' | sort; }
row_versions() { jq -nr 'reduce inputs as $row ({}; if $row.revision >= (.[$row.key].revision // 0) then .[$row.key] = $row else . end) | .[] | "\(.name) \([.clusters[]][0].resourceVersion)"' | sort; }
caught_up() { [ "$(stream_rows "$1" | row_versions)" = "$(cluster_versions)" ]; } # NAME

make_many acme "$namespace" acme-dev $count
listen one "$viewer" "$CATALYST_TEST_PROJECTOR_1_URL" environments=acme-dev
listen two "$viewer" "$CATALYST_TEST_PROJECTOR_2_URL" environments=acme-dev
check "both replicas begin their streams with a snapshot" within 20 eval '[ "$(heard one snapshot | wc -l)" = 1 ] && [ "$(heard two snapshot | wc -l)" = 1 ]'
change() { for round in $(seq $rounds); do change_many acme "$namespace" $count "$round" || return; done; }
change >"$work/changing" 2>&1 &
changing=$!
while kill -0 $changing 2>/dev/null; do rest 1; rest 2; done
check "a thousand changes were made" wait $changing
check "the client on projector-1 was told each row's last state" within 60 caught_up one
check "so was the one on projector-2" within 60 caught_up two
rest 1
rest 2

for one in one two; do stream_rows $one | sightings >"$work/seen-stream-$one"; done
for one in 1 2; do sightings <"$work/rest-$one" >"$work/seen-rest-$one"; done
pairs() { cut -f 1,2 "$@" | sort -u | wc -l; }
in_both() { comm -12 <(cut -f 1,2 "$1" | sort -u) <(cut -f 1,2 "$2" | sort -u) | wc -l; }
one_text_for_each() { # FILES of sightings: no (key, revision) with two texts
    is "$(sort -u "$@" | cut -f 1,2 | uniq -d | head -n 3)" "" && [ "$(pairs "$@")" -gt $count ]
}
check "whatever was shown of a row at a revision is the same bytes, on both replicas, by REST and stream" \
    one_text_for_each "$work"/seen-{stream-one,stream-two,rest-1,rest-2}
check "both streams told many of the same revisions" test "$(in_both "$work/seen-stream-one" "$work/seen-stream-two")" -gt $((count * 2))
check "REST on both showed many of those too" test "$(in_both "$work/seen-rest-1" "$work/seen-stream-two")" -gt $count -a "$(in_both "$work/seen-rest-2" "$work/seen-stream-one")" -gt $count
check "in the end all four show the same revision of each row" eval \
    'is "$(newest <"$work/seen-stream-two")" "$(newest <"$work/seen-stream-one")" && is "$(newest <"$work/seen-rest-1")" "$(newest <"$work/seen-stream-one")" &&
     is "$(newest <"$work/seen-rest-2")" "$(newest <"$work/seen-stream-one")"'
check "which is the cluster's" is "$(sort -u "$work/rest-1" "$work/rest-2" | row_versions)" "$(cluster_versions)"

# --- ids ---

ids() { frames "$1" | awk -F'\t' '$2 == "row" || $2 == "delete" || $2 == "snapshot" { print $1 }'; }
in_order() { # NAME
    ids "$1" >"$work/ids"
    is "$(cut -d. -f1 "$work/ids" | sort -u | wc -l)" 1 && [ "$(wc -l <"$work/ids")" -gt $count ] && sed 's/.*\.//' "$work/ids" | sort -n -c
}
check "the ids of the client on projector-1 are of one bucket and in order" in_order one
check "so are those of the client on projector-2" in_order two
middle=$(ids one | sed -n "$(($(ids one | wc -l) / 2))p")
since=${middle##*.}
hang_up
listen again "$viewer" "$CATALYST_TEST_PROJECTOR_2_URL" "environments=acme-dev&lastEventId=$middle"
the_rest() { # each row that changed after the id, at its newest revision, and nothing older
    is "$(stream_rows again | sightings | newest)" "$(awk -F'\t' -v since="$since" '$2 > since' <(newest <"$work/seen-stream-one"))"
}
check "who resumes on the other replica with an id of the middle gets the rest" within 20 the_rest
check "and nothing but the rest" eval '[ "$(heard again snapshot | wc -l)" = 0 ] && heard again row | jq -ne --argjson since "$since" "[inputs.revision] | length > 0 and all(. > \$since)"'
hang_up
inner acme delete namespace "$namespace" --wait=false >/dev/null

sum_up
