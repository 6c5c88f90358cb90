# What the management cluster holds before the services start. To be sourced.
# shellcheck shell=bash disable=SC2154

host_kubeconfig() { echo "$data/clusters/$HOST_CLUSTER/kc/admin.yaml"; }
host_kubectl() { "$(peer kubectl)" --kubeconfig="$(host_kubeconfig)" --request-timeout=30s "$@"; }
# Objects that come from here, on standard input or in files; the same twice changes nothing.
host_apply() { host_kubectl apply --server-side --force-conflicts --field-manager=catalyst-installer -f "${1:--}" >/dev/null; }

# What an earlier version granted and this one does not, which nobody else would take back. The field manager says that it was made from here; these
# files say what is granted now.
host_prune_rights() { # files...
    local granted kind namespace name
    granted=$(host_kubectl create --dry-run=client -o json "${@/#/-f=}" | jq -sc '[.. | objects | select(.kind? and .metadata?.name?) | [.kind, .metadata.namespace // "", .metadata.name]]')
    while IFS='|' read -r kind namespace name; do
        step "    $kind $name is granted no more: removing it"
        host_kubectl delete "$kind.rbac.authorization.k8s.io" "$name" ${namespace:+-n "$namespace"} --ignore-not-found >/dev/null
    done < <(host_kubectl get clusterroles,clusterrolebindings,roles,rolebindings -A -o json --show-managed-fields | jq -r --argjson granted "$granted" '
        .items[] | select(any(.metadata.managedFields[]?; .manager == "catalyst-installer" and .operation == "Apply"))
        | [.kind, .metadata.namespace // "", .metadata.name] | select(. as $one | $granted | index([$one]) | not) | join("|")')
}

start_host_cluster() { "$CATALYST_ROOT/tools/cluster.sh" up "$HOST_CLUSTER" >/dev/null; }

# host_secret NAMESPACE NAME KEY=FILE...
host_secret() {
    local namespace=$1 name=$2 arguments=() entry
    shift 2
    for entry in "$@"; do arguments+=("--from-file=$entry"); done
    host_kubectl create secret generic "$name" -n "$namespace" "${arguments[@]}" --dry-run=client -o yaml | host_apply
}

# A kubeconfig with the token of the service's own ServiceAccount.
service_kubeconfig() { # service
    local service=$1 file=$data/kubeconfigs/$1.yaml token
    [ -s "$file" ] && return
    host_apply <<YAML
apiVersion: v1
kind: Secret
type: kubernetes.io/service-account-token
metadata: {name: $service-token, namespace: catalyst-$service, annotations: {kubernetes.io/service-account.name: $service}}
YAML
    token_of() { host_kubectl get secret "$service-token" -n "catalyst-$service" -o json | jq -re '.data.token | @base64d'; }
    wait_until "the token of $service" 20 token_of
    token=$(token_of)
    secret_file "$file" <<YAML
apiVersion: v1
kind: Config
clusters: [{name: $HOST_CLUSTER, cluster: {server: "https://127.0.0.1:$(port "${HOST_CLUSTER//-/_}_API")", certificate-authority-data: $(base64 -w0 <"$data/clusters/$HOST_CLUSTER/pki/ca.crt")}}]
users: [{name: $service, user: {token: $token}}]
contexts: [{name: $HOST_CLUSTER, context: {cluster: $HOST_CLUSTER, user: $service, namespace: catalyst-$service}}]
current-context: $HOST_CLUSTER
YAML
}

prepare_host() {
    local service keys=$data/secrets/nats
    host_apply "$CATALYST_ROOT/charts/catalyst/templates/namespace.yaml"
    for service in "${SERVICES[@]}"; do host_apply "$CATALYST_ROOT/services/$service/rbac.yaml"; done
    host_secret catalyst-environment-controller nats-operator "signing-seed=$keys/operator-signing.seed" "system.creds=$keys/system.creds" \
        "operator=$keys/operator.pub"
    for service in "${SERVICES[@]}"; do service_kubeconfig "$service"; done
}

# The host's Flux follows system/catalyst-config.
prepare_flux() {
    host_apply <<YAML
apiVersion: v1
kind: Namespace
metadata: {name: flux-system}
YAML
    host_apply "$CATALYST_ROOT/charts/catalyst/templates/flux.yaml"
    local files=("${SERVICES[@]/#/$CATALYST_ROOT/services/}")
    host_prune_rights "$CATALYST_ROOT/charts/catalyst/templates/flux.yaml" "${files[@]/%//rbac.yaml}"
    printf %s flux-system >"$data/tmp/flux-user"
    tr -d '\n' <"$data/secrets/gitea-flux-system.token" | secret_file "$data/tmp/flux-password"
    host_secret flux-system catalyst-config-read "username=$data/tmp/flux-user" "password=$data/tmp/flux-password"
    rm -f "$data/tmp/flux-password"
    host_apply <<YAML
apiVersion: source.toolkit.fluxcd.io/v1
kind: GitRepository
metadata: {name: catalyst-config, namespace: flux-system}
spec:
  url: $(gitea_url)/system/catalyst-config.git
  ref: {branch: main}
  interval: 10m
  timeout: 60s
  secretRef: {name: catalyst-config-read}
---
apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata: {name: catalyst-config, namespace: flux-system}
spec:
  sourceRef: {kind: GitRepository, name: catalyst-config}
  serviceAccountName: catalyst-config
  path: ./
  prune: true
  interval: 30m
  retryInterval: 30s
  timeout: 5m
YAML
}

# Asks the host's Flux to look now, and waits until it has applied this commit.
host_flux_has() { # commit
    [ "$(host_kubectl get kustomization catalyst-config -n flux-system -o jsonpath='{.status.lastAppliedRevision}')" = "main@sha1:$1" ]
}
host_flux_sync() { # commit
    host_kubectl annotate gitrepository catalyst-config -n flux-system --overwrite "reconcile.fluxcd.io/requestedAt=$(date +%s.%N)" >/dev/null
    wait_until "catalyst-config at ${1:0:10} on the management cluster" 90 host_flux_has "$1"
}
