# An instance: one folder with everything that a running local Sovereign keeps. To be sourced.
# shellcheck shell=bash source=tools/dev/lib.sh source=tools/dev/pins.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
. "$CATALYST_ROOT/tools/dev/pins.sh"

CATALYST_BIN=${CATALYST_BIN:-$CATALYST_ROOT/build/release/bin}
export CATALYST_BIN

use_instance() { # folder
    CATALYST_INSTANCE_DIR=$1
    CATALYST_INSTANCE=$(basename "$1")
    data=$1
    export CATALYST_INSTANCE CATALYST_INSTANCE_DIR
}
use_instance "${CATALYST_INSTANCE_DIR:-$CATALYST_DATA/${CATALYST_INSTANCE:-local}}"

peers=$CATALYST_CACHE/peers
HOST_CLUSTER=hz-nbg-mgt-prod
SOVEREIGN=local
SOVEREIGN_DOMAIN=catalyst.localhost # below localhost: browsers and curl look for it on this machine
. "$CATALYST_ROOT/tools/dev/service_table.sh"

make_folders() {
    mkdir -p "$CATALYST_DATA"
    mkdir -p "$data"/{run,logs,etc,secrets,kubeconfigs,clusters,tmp}
    chmod 700 "$data" "$data"/{secrets,kubeconfigs,etc}
}

peer() { # program -> its file
    local version
    case $1 in
        kube-*) version=$PIN_KUBERNETES ;;
        source-controller) version=$PIN_SOURCE_CONTROLLER ;;
        kustomize-controller) version=$PIN_KUSTOMIZE_CONTROLLER ;;
        kwok) version=$PIN_KWOK ;;
        gitea) version=$PIN_GITEA ;;
        external-secrets) version=$PIN_EXTERNAL_SECRETS ;;
        kubectl | etcd | kustomize) echo "$CATALYST_SYSROOT/usr/bin/$1"; return ;;
        nats-server) compgen -G "$CATALYST_SYSROOT/usr/*bin/nats-server"; return ;;
        *) fail "no peer $1" ;;
    esac
    echo "$peers/$1-$version/$1"
}

external_secrets_definitions() { echo "$peers/external-secrets-crds-$PIN_EXTERNAL_SECRETS"; }

# port NAME [WISH]: the port that this instance keeps for NAME; picked once, free at that time, remembered.
port() {
    local name=$1 found
    found=$(remembered_port "$name")
    # One lock for all instances: two that start at once do not pick the same.
    [ -n "$found" ] || found=$(new_port "$name" "${2:-}" 9>>"$CATALYST_DATA/ports.lock")
    echo "$found"
}

new_port() {
    local picked
    flock 9
    remembered_port "$1" | grep . && return
    picked=$(pick_port "$2")
    echo "$1=$picked" >>"$data/ports.env"
    echo "$picked"
}

remembered_port() { sed -n "s/^$1=//p" "$data/ports.env" 2>/dev/null | head -n 1; }

pick_port() {
    local tries candidate
    for ((tries = 0; tries < 200; tries++)); do
        candidate=${1:-$((20000 + RANDOM % 12000))}
        set --
        grep -qsE "=$candidate\$" "$CATALYST_DATA"/*/ports.env "$data/ports.env" && continue
        (exec 3<>"/dev/tcp/127.0.0.1/$candidate") 2>/dev/null && continue
        echo "$candidate"
        return
    done
    fail "no free port found on loopback"
}

# The one address that people use.
public_url() { echo "http://localhost:$(port FRONT_DOOR 8080)"; }

http_ok() { curl -fsS -o /dev/null --max-time 5 "$@"; }

# API calls give their secret to curl through a file, never on its command line.
curl_with_header_file() { # header-file curl's arguments...
    local file=$1
    shift
    curl -sS --max-time 120 -H "@$file" "$@"
}
