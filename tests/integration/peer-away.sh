#!/usr/bin/env bash
# A peer goes away in the middle of something: the operation waits, says for what by REST and on the screens, and goes on by itself. Each peer is stopped,
# not killed: it takes connections and answers none of them. Needs the environment file of ./dev up.
# shellcheck source=tests/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/../lib.sh"
vcluster=$CATALYST_TEST_HOST_CLUSTER-acme

paused=''
signal() { kill -s "$2" -- "-$(cut -d' ' -f1 "$CATALYST_TEST_INSTANCE_DIR/run/$1.pid")"; } # PROCESS SIGNAL
pause() { paused=$1 && signal "$1" STOP; }
resume() {
    [ -z "$paused" ] || signal "$paused" CONT
    paused=''
}
trap 'resume; leave' EXIT

admin=$(sign_in ACME_ORG_ADMIN)

planned() { # APPLICATION: the plan's id is in $id
    call "$admin" POST /plans "$(install "$1" bp-podinfo '["acme-dev"]' '{}')" >"$work/plan"
    id=$(jq -r '.id // empty' "$work/plan")
    [ -n "$id" ] || { cat "$work/plan"; return 1; }
}
apply() { call "$admin" POST "/plans/$id/apply" "{\"hash\": $(jq .hash "$work/plan")}"; }
operation() { call "$admin" GET "/operations/$id"; }
row() { state "$admin" "/operations/$id"; }
# waits_for STEP WORDS: it is that step which waits, and the operation says for what
waits_for() {
    operation | jq -e --arg step "$1" --arg words "$2" '.status == "Waiting" and (.message | test($words)) and (.steps[] | select(.name == $step) | .status == "Waiting")' ||
        { operation; return 1; }
}
row_says() { row | jq -e --arg words "$1" '.message | test($words)' || { row; return 1; }; }
ends_well() { is "$(operation | jq -r .status)" Succeeded; }
runs() { is "$(state "$admin" "/applications/$1" | jq -r '.environments["acme-dev"].status')" Running; }

refused_for_now() { # WORDS
    apply | jq -e --arg words "$1" '(.status == 503 or .status == 504) and .detail == $words' || { apply; return 1; }
}
applies() { apply | jq -e '.operation'; }

# away PROCESS STEP WORDS: what an install says that comes to this step while the process is away
away() {
    local application=away-$stamp-$2
    check "an install is planned" planned "$application"
    pause "$1"
    check "and applied, while $1 does not answer" applies
    check "step $2 waits and says for what" within 90 waits_for "$2" "$3"
    check "and the screens say it too" within 30 row_says "$3"
    resume
    check "once $1 answers, the operation goes on by itself and ends well" within 120 ends_well
    check "and the Application runs" within 30 runs "$application"
}
away "$vcluster.source-controller" running 'acme-dev'
away "$CATALYST_TEST_HOST_CLUSTER.kube-apiserver" objects 'the management cluster does not answer; this goes on by itself'

# An apply looks once more at what the plan rests on.
refuses_without() { # PROCESS WORDS
    check "an install is planned" planned "away-$stamp-$1"
    pause "$1"
    check "while $1 does not answer, nothing is taken on, and it is said why" refused_for_now "$2"
    resume
    check "once $1 answers, the same plan is taken on" within 60 applies
    check "and carried out" within 120 ends_well
}
refuses_without gitea 'the Git server does not answer'
refuses_without nats 'the event spine does not answer'

# In the middle of an operation: what is taken on goes through a Git server that comes and goes.
check "an install is planned" planned "away-$stamp-often"
check "and applied" applies
for _ in 1 2 3; do
    pause gitea
    sleep 1
    resume
    sleep 0.3
done
check "an install whose Git server comes and goes is carried out" within 180 ends_well

for one in objects running gitea nats often; do carry_out "$admin" "$(uninstall "away-$stamp-$one")" >/dev/null 2>&1; done
sum_up
