#!/usr/bin/env bash
# The API server accepts and refuses objects of the catalyst kinds, and says why.
# crds/accepted and crds/refused are tried; of crds/changed the first document is made, unless the Sovereign has it, and the
# second is tried in its place.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/crds" || exit 1
passed=0
failed=0
namespace=crds-check
kubectl() { "${CATALYST_TEST_KUBECTL:-kubectl}" --kubeconfig="$CATALYST_TEST_KUBECONFIG" --request-timeout=30s "$@"; }

ok() { passed=$((passed + 1)); }
not_ok() { failed=$((failed + 1)); printf 'FAILED: %s\n%s\n' "$1" "$2"; }

says() { sed -n '1s/^# says: //p' "$1"; }

# judge FILE CODE OUTPUT: a refusal with the sentence expected?
judge() {
    if [ "$2" != 0 ] && grep -qF -- "$(says "$1")" <<<"$3"; then ok; else not_ok "$1 is refused with: $(says "$1")" "$3"; fi
}

kubectl create namespace $namespace >/dev/null 2>&1
for file in accepted/*.yaml; do
    if output=$(kubectl create --dry-run=server -f "$file" 2>&1); then ok; else not_ok "$file is accepted" "$output"; fi
done
for file in refused/*.yaml; do
    output=$(kubectl create --dry-run=server -f "$file" 2>&1)
    judge "$file" $? "$output"
done
for file in changed/*.yaml; do
    first=$(sed '/^---$/,$d' "$file")
    second=$(sed '1,/^---$/d' "$file")
    made=''
    if ! kubectl get -f - <<<"$first" >/dev/null 2>&1; then
        made=yes
        output=$(kubectl create -f - <<<"$first" 2>&1) || { not_ok "$file: the first document is accepted" "$output"; continue; }
    fi
    output=$(kubectl apply --server-side --force-conflicts --dry-run=server -f - <<<"$second" 2>&1)
    judge "$file" $? "$output"
    [ -z "$made" ] || kubectl delete --wait=false -f - <<<"$first" >/dev/null 2>&1
done
kubectl delete namespace $namespace --wait=false >/dev/null 2>&1
echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
