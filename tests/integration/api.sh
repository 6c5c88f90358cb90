#!/usr/bin/env bash
# The OpenAPI documents and the schemas of events, against what the running services answer and publish (tests/api/contract.py); then requests that schemathesis
# makes from the documents, right and wrong ones, with a fixed seed: no answer is a 5xx or one that the document does not know, and nothing wrong is taken.
# Needs the environment file of ./dev up.
# shellcheck source=tests/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/../lib.sh"
python=$("$root/tools/dev/python.sh" "$root/tests/api/requirements.txt") || { echo "0 passed, 1 failed"; exit 1; }

# What can be held true of one request alone: whether a right request succeeds depends on what is there, and who may see what is tested elsewhere.
checks=not_a_server_error,status_code_conformance,content_type_conformance,response_headers_conformance,response_schema_conformance,negative_data_rejection,unsupported_method,allow_header_conformance
# hold SERVICE URL ROLE [schemathesis's arguments...]
hold() {
    local token
    token=$(sign_in "$3")
    printf '[headers]\nAuthorization = "Bearer %s"\n' "$token" >"$work/$1.toml"
    chmod 600 "$work/$1.toml"
    (cd "$work" && timeout 300 "$python" -c 'from schemathesis.cli import schemathesis; schemathesis()' --config-file "$work/$1.toml" --no-color run "$root/proto/openapi/$1.yaml" -u "$2" \
        --seed 20261124 --generation-database none --phases coverage,fuzzing -n 5 -w 2 --checks "$checks" --warnings off --suppress-health-check all --no-shrink "${@:4}") >"$work/$1.log" 2>&1 ||
        { grep -A 25 -E '^_{5}|rror:' "$work/$1.log" | cut -c 1-700 | head -n 200; tail -n 20 "$work/$1.log"; return 1; }
}

# All at once, as each waits for its service more than it works. The developer may not make Organizations and Environments, hence none comes of what is right.
# A stream does not end by itself, and the hooks take what is signed alone.
declare -A jobs
hold catalog-svc "$CATALYST_TEST_CATALOG_SVC_1_URL" ACME_ORG_DEVELOPER >"$work/catalog-svc.said" 2>&1 &
jobs[catalog-svc]=$!
hold billing "$CATALYST_TEST_BILLING_1_URL" ACME_BILLING_ADMIN >"$work/billing.said" 2>&1 &
jobs[billing]=$!
hold projector "$CATALYST_TEST_PROJECTOR_1_URL" ACME_ORG_DEVELOPER --exclude-path /v1/stream --exclude-path-regex '^/hooks/' >"$work/projector.said" 2>&1 &
jobs[projector]=$!
hold provisioning "$CATALYST_TEST_PROVISIONING_1_URL" ACME_ORG_DEVELOPER >"$work/provisioning.said" 2>&1 &
jobs[provisioning]=$!
ended() { # SERVICE
    wait "${jobs[$1]}" || { cat "$work/$1.said"; return 1; }
}
for service in catalog-svc billing projector provisioning; do
    check "$service answers as described, whatever it is asked, and takes nothing wrong" ended "$service"
done

"$python" "$root/tests/api/contract.py" >"$work/contract" 2>&1
cat "$work/contract"
read -r -a sum < <(tail -n 1 "$work/contract")
if [ "${sum[1]:-}" = passed, ]; then
    passed=$((passed + sum[0]))
    failed=$((failed + sum[2]))
else
    failed=$((failed + 1))
fi
sum_up
