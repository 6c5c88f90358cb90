#!/usr/bin/env bash
# Starts, stops and shows one Kubernetes cluster of the local Sovereign: API server on the shared etcd, controller
# manager, scheduler, KWOK for nodes and pods, Flux's source and kustomize controllers.
# usage: cluster.sh up|down|status|remove NAME       up prints the path of the administrator's kubeconfig
# CATALYST_INSTANCE_DIR says which instance.
# shellcheck source=tools/dev/instance.sh source=tools/dev/process.sh source=tools/dev/etcd.sh
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
. "$here/dev/instance.sh"
. "$here/dev/process.sh"
. "$here/dev/etcd.sh"

action=${1:-}
cluster=${2:-}
[[ "$cluster" =~ ^[a-z0-9]([a-z0-9-]*[a-z0-9])?$ ]] && [ "${#cluster}" -le 100 ] || fail "usage: cluster.sh up|down|status|remove NAME"
home=$data/clusters/$cluster
loopback=127.0.0.1
PARTS=(kube-apiserver kube-controller-manager kube-scheduler kwok source-controller kustomize-controller)

part() { echo "$cluster.$1"; }
cluster_port() { port "${cluster//-/_}_$1"; }
api_url() { echo "https://$loopback:$(cluster_port API)"; }
kc() { "$(peer kubectl)" --kubeconfig="$home/kc/admin.yaml" --request-timeout=30s "$@"; }

make_keys() {
    [ -e "$home/pki/done" ] && return
    rm -rf "$home/pki" "$home/kc"
    mkdir -p "$home"/{pki,kc,tmp,sources}
    chmod 700 "$home/pki" "$home/kc"
    (cd "$home/pki" && umask 077 && make_certificates && make_tokens)
    touch "$home/pki/done"
}

make_certificates() {
    openssl ecparam -name prime256v1 -genkey -noout -out ca.key
    openssl req -x509 -new -key ca.key -subj "/CN=$cluster" -days 3650 -out ca.crt -addext keyUsage=critical,keyCertSign,cRLSign
    openssl ecparam -name prime256v1 -genkey -noout -out api.key
    openssl req -new -key api.key -subj /CN=kube-apiserver -out api.csr
    printf '%s\n' 'subjectAltName=IP:127.0.0.1,IP:10.0.0.1,DNS:localhost,DNS:kubernetes,DNS:kubernetes.default,DNS:kubernetes.default.svc' \
        extendedKeyUsage=serverAuth >api.ext
    openssl x509 -req -in api.csr -CA ca.crt -CAkey ca.key -CAcreateserial -days 3650 -out api.crt -extfile api.ext 2>/dev/null
    openssl genrsa -out sa.key 2048 2>/dev/null
}

make_tokens() {
    local user token
    : >tokens.csv
    for user in admin,system:masters system:kube-controller-manager, system:kube-scheduler, flux,system:masters kwok,system:masters; do
        token=$(random_text)
        echo "$token,${user%%,*},${user%%,*}${user:+,\"${user#*,}\"}" | sed 's/,""$//' >>tokens.csv
        kubeconfig "${user%%,*}" "$token" >"$home/kc/${user%%,*}.yaml"
    done
}

kubeconfig() { # user token
    cat <<YAML
apiVersion: v1
kind: Config
clusters: [{name: $cluster, cluster: {server: "$(api_url)", certificate-authority-data: $(base64 -w0 <"$home/pki/ca.crt")}}]
users: [{name: "$1", user: {token: $2}}]
contexts: [{name: $cluster, context: {cluster: $cluster, user: "$1"}}]
current-context: $cluster
YAML
}

# What Catalyst's own services ask of the management cluster, without bodies: docs/least-privilege.md is measured by it.
write_audit_policy() {
    cat >"$home/audit-policy.yaml" <<YAML
apiVersion: audit.k8s.io/v1
kind: Policy
omitStages: [RequestReceived]
rules:
- level: Metadata
  userGroups: [$(printf '"system:serviceaccounts:catalyst-%s", ' "${SERVICES[@]}" | sed 's/, $//')]
- level: None
YAML
}

start_api_server() {
    local audit=()
    if [ "$cluster" = "$HOST_CLUSTER" ]; then
        write_audit_policy
        audit=(--audit-policy-file="$home/audit-policy.yaml" --audit-log-path="$home/audit.log" --audit-log-maxsize=32 --audit-log-maxbackup=2)
    fi
    start_process "$(part kube-apiserver)" "$(peer kube-apiserver)" --etcd-servers="$(etcd_url)" --etcd-prefix="/$cluster" \
        --bind-address=$loopback --secure-port="$(cluster_port API)" --advertise-address=$loopback --endpoint-reconciler-type=none \
        --tls-cert-file="$home/pki/api.crt" --tls-private-key-file="$home/pki/api.key" --token-auth-file="$home/pki/tokens.csv" \
        --authorization-mode=RBAC --anonymous-auth=true --service-cluster-ip-range=10.0.0.0/24 \
        --service-account-issuer=https://kubernetes.default.svc --service-account-signing-key-file="$home/pki/sa.key" \
        --service-account-key-file="$home/pki/sa.key" --allow-privileged=true --profiling=false "${audit[@]}"
}

start_managers() {
    start_process "$(part kube-controller-manager)" "$(peer kube-controller-manager)" --kubeconfig="$home/kc/system:kube-controller-manager.yaml" \
        --leader-elect=false --bind-address=$loopback --secure-port="$(cluster_port KCM)" --cert-dir="$home/pki/kcm" \
        --service-account-private-key-file="$home/pki/sa.key" --root-ca-file="$home/pki/ca.crt" --use-service-account-credentials=true \
        --flex-volume-plugin-dir="$home/flex" --enable-hostpath-provisioner=true --profiling=false
    start_process "$(part kube-scheduler)" "$(peer kube-scheduler)" --kubeconfig="$home/kc/system:kube-scheduler.yaml" --leader-elect=false \
        --bind-address=$loopback --secure-port="$(cluster_port SCHEDULER)" --cert-dir="$home/pki/scheduler" --profiling=false
}

# KWOK plays the nodes: pods that the scheduler places run at once, unless a Stage object says otherwise.
start_kwok() {
    local wanted
    wanted=$(cluster_port KWOK)
    start_process "$(part kwok)" "$(peer kwok)" --kubeconfig="$home/kc/kwok.yaml" --manage-all-nodes=true --enable-crds=Stage \
        --cidr=10.244.0.0/16 --node-ip=$loopback --node-port="$wanted" --server-address="$loopback:$wanted" --node-lease-duration-seconds=40
}

# What a Kustomization builds stands in its own source, what it names in its own namespace; one that names no account is applied as one that nobody gave any rights.
# Flux builds what people push, aliases of YAML followed: a kilobyte can ask for more memory than the machine has (seen: 18 GB). It ends at
# this limit instead, and is started again; another Organization's Flux is another process.
FLUX_MEMORY_BYTES=1073741824
start_flux() {
    local common=(--log-level=info --watch-all-namespaces=true --enable-leader-election=false --events-addr= --requeue-dependency=5s --concurrent=10)
    local store
    store=$loopback:$(cluster_port SOURCE_STORE)
    start_process "$(part source-controller)" env KUBECONFIG="$home/kc/flux.yaml" RUNTIME_NAMESPACE=flux-system TMPDIR="$home/tmp" \
        prlimit --data="$FLUX_MEMORY_BYTES" "$(peer source-controller)" "${common[@]}" --storage-path="$home/sources" --storage-addr="$store" --storage-adv-addr="$store" \
        --health-addr="$loopback:$(cluster_port SOURCE_HEALTH)" --metrics-addr="$loopback:$(cluster_port SOURCE_METRICS)"
    start_process "$(part kustomize-controller)" env KUBECONFIG="$home/kc/flux.yaml" RUNTIME_NAMESPACE=flux-system TMPDIR="$home/tmp" \
        prlimit --data="$FLUX_MEMORY_BYTES" "$(peer kustomize-controller)" "${common[@]}" --feature-gates=CancelHealthCheckOnNewRevision=true \
        --no-remote-bases=true --no-cross-namespace-refs=true --default-service-account=catalyst-without-rights \
        --health-addr="$loopback:$(cluster_port KUSTOMIZE_HEALTH)" --metrics-addr="$loopback:$(cluster_port KUSTOMIZE_METRICS)"
}

# apply_once MARK FILES...: server-side apply, skipped while the files are those of the last time.
apply_once() {
    local mark=$home/applied.$1 sum
    shift
    sum=$(cat "$@" | cksum)
    [ "$(cat "$mark" 2>/dev/null)" = "$sum" ] && return
    # shellcheck disable=SC2046
    kc apply --server-side --force-conflicts --field-manager=catalyst-installer $(printf -- '-f %s ' "$@") >"$home/apply.log" 2>&1 ||
        { cat "$home/apply.log" >&2; fail "$cluster: objects were refused"; }
    echo "$sum" >"$mark"
}

# A definition of this moment has no status yet, which `kubectl wait` takes for an error and not for "not yet".
wait_for_definitions() {
    local tries=0
    until kc wait --for=condition=Established --timeout=60s crd --all >"$home/established.log" 2>&1; do
        [ $((tries += 1)) -lt 20 ] || { cat "$home/established.log" >&2; fail "$cluster: its definitions are not taken into use"; }
        sleep 0.5
    done
}

apply_definitions() {
    local flux=$peers/flux-crds-$PIN_SOURCE_CONTROLLER-$PIN_KUSTOMIZE_CONTROLLER-$PIN_HELM_CONTROLLER_API
    local files=("$flux"/*.yaml "$peers/kwok-stages-$PIN_KWOK/crds.yaml" "$CATALYST_ROOT"/tools/crds/*.yaml)
    if [ "$cluster" = "$HOST_CLUSTER" ] && compgen -G "$CATALYST_ROOT/charts/catalyst/crds/*.yaml" >/dev/null; then
        files+=("$CATALYST_ROOT"/charts/catalyst/crds/*.yaml)
    fi
    apply_once definitions "${files[@]}"
    [ -e "$home/established" ] || wait_for_definitions
    touch "$home/established"
    apply_stages
    if [ "$cluster" = "$HOST_CLUSTER" ]; then apply_once admission "$CATALYST_ROOT/charts/catalyst/templates/admission.yaml"; fi
}

# KWOK's own stages together with those that make trouble (tools/kwok), then the node and the storage class.
apply_stages() {
    local folder=$home/tmp/stages
    mkdir -p "$folder"
    cp "$peers/kwok-stages-$PIN_KWOK/stages.yaml" "$CATALYST_ROOT"/tools/kwok/{kustomization,pods-in-trouble}.yaml "$folder/"
    "$(peer kustomize)" build "$folder" >"$home/stages.yaml"
    apply_once stages "$home/stages.yaml" "$CATALYST_ROOT"/tools/kwok/{node,storage-class}.yaml
}

service_account_there() { kc -n default get serviceaccount default; }
healthy() { http_ok -k "https://$loopback:$(cluster_port "$1")/healthz"; }

up() {
    make_keys
    start_etcd
    etcd_ready
    start_api_server
    process_ready "$(part kube-apiserver)" 90 http_ok --cacert "$home/pki/ca.crt" "$(api_url)/readyz"
    start_managers
    apply_definitions
    start_kwok
    start_flux
    process_ready "$(part source-controller)" 60 http_ok "http://$loopback:$(cluster_port SOURCE_HEALTH)/readyz"
    process_ready "$(part kustomize-controller)" 60 http_ok "http://$loopback:$(cluster_port KUSTOMIZE_HEALTH)/readyz"
    process_ready "$(part kwok)" 60 http_ok "http://$loopback:$(cluster_port KWOK)/healthz"
    process_ready "$(part kube-controller-manager)" 60 healthy KCM
    process_ready "$(part kube-scheduler)" 60 healthy SCHEDULER
    process_ready "$(part kube-controller-manager)" 60 service_account_there
}

down() {
    local names=() name
    for name in "${PARTS[@]}"; do names+=("$(part "$name")"); done
    stop_processes "${names[@]:1}"
    stop_process "${names[0]}" 30
}

status() {
    local name pid
    for name in "${PARTS[@]}"; do
        if pid=$(process_pid "$(part "$name")"); then say "$(part "$name") running (pid $pid)"; else say "$(part "$name") stopped"; fi
    done
}

remove() {
    # Its data go with it: nothing is gained by the minute that an API server waits for open watches.
    signal_process "$(part kube-apiserver)" KILL
    down
    if process_pid etcd >/dev/null; then
        curl -fsS -o /dev/null -X POST "$(etcd_url)/v3/kv/deleterange" \
            -d "{\"key\":\"$(printf '/%s/' "$cluster" | base64 -w0)\",\"range_end\":\"$(printf '/%s0' "$cluster" | base64 -w0)\"}"
    fi
    rm -rf "$home"
}

make_folders
mkdir -p "$home"
case $action in
    up)
        exec 8>"$home/lock"
        flock 8
        up >&2
        echo "$home/kc/admin.yaml"
        ;;
    down | remove)
        exec 8>"$home/lock"
        flock 8
        "$action" >&2
        ;;
    status) status ;;
    *) fail "usage: cluster.sh up|down|status|remove NAME" ;;
esac
