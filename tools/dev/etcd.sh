# One etcd for every cluster of the instance; each cluster has a key prefix of its own. To be sourced.
# shellcheck shell=bash disable=SC2154

etcd_url() { echo "http://127.0.0.1:$(port ETCD)"; }

start_etcd() {
    local client peer_url
    client=$(etcd_url)
    peer_url=http://127.0.0.1:$(port ETCD_PEER)
    mkdir -p "$data/etcd"
    chmod 700 "$data/etcd"
    start_process etcd "$(peer etcd)" --data-dir="$data/etcd" --listen-client-urls="$client" --advertise-client-urls="$client" \
        --listen-peer-urls="$peer_url" --initial-advertise-peer-urls="$peer_url" --initial-cluster=default="$peer_url" \
        --unsafe-no-fsync --auto-compaction-mode=periodic --auto-compaction-retention=30m --quota-backend-bytes=4294967296 --log-level=warn
}

etcd_ready() { process_ready etcd 30 http_ok "$(etcd_url)/health"; }
