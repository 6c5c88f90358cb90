# The event spine: nats-server in operator mode. To be sourced.
# shellcheck shell=bash disable=SC2154

spine_url() { echo "nats://127.0.0.1:$(port NATS 4222)"; }
SPINE_MAX_FILE=68719476736  # what accounts may reserve between them; nothing is taken before it is used
SPINE_CATALYST_DISK=8589934592

# The keys of operator, SYS and CATALYST, and a user of CATALYST for each service.
make_spine_keys() {
    local keys=$data/secrets/nats service
    mkdir -p "$keys"
    chmod 700 "$keys"
    "$CATALYST_BIN/catalyst-keys" init "$keys" $SPINE_CATALYST_DISK || fail "the spine's keys cannot be made"
    # environment-controller reads it from a Secret, which each ./dev up renews.
    "$CATALYST_BIN/catalyst-keys" user "$keys" SYS system --life $((90 * 24 * 3600)) || fail "the spine's user of SYS cannot be made"
    for service in "${SERVICES[@]}"; do "$CATALYST_BIN/catalyst-keys" user "$keys" CATALYST "$service" || fail "the spine's user $service cannot be made"; done
    "$CATALYST_BIN/catalyst-keys" user "$keys" CATALYST test --everything
}

write_spine_config() {
    local keys=$data/secrets/nats
    secret_file "$data/etc/nats.conf" <<CONF
server_name: "catalyst-$CATALYST_INSTANCE"
listen: "127.0.0.1:$(port NATS 4222)"
http: "127.0.0.1:$(port NATS_MONITOR)"
max_payload: 2MB
max_control_line: 16KB # users carry their rights
max_connections: 65536
jetstream {
  store_dir: "$data/nats"
  max_mem: 1GB
  max_file: $SPINE_MAX_FILE
}
operator: "$keys/operator.jwt"
system_account: $(cat "$keys/SYS.pub")
resolver { type: full, dir: "$data/nats-accounts", allow_delete: true, interval: "2m", limit: 10000 }
resolver_preload {
  $(cat "$keys/SYS.pub"): $(cat "$keys/SYS.jwt")
  $(cat "$keys/CATALYST.pub"): $(cat "$keys/CATALYST.jwt")
}
CONF
}

start_spine() {
    make_spine_keys
    write_spine_config
    mkdir -p "$data"/nats "$data/nats-accounts"
    FINGERPRINT_FILES=$data/etc/nats.conf start_process nats "$(peer nats-server)" --config "$data/etc/nats.conf"
    # Renews the users while they run: services read their file anew when the server ends a connection whose user expires.
    start_process spine-users "$CATALYST_BIN/catalyst-keys" keep "$data/secrets/nats" CATALYST "${SERVICES[@]}"
}

spine_ready() { process_ready nats 60 http_ok "http://127.0.0.1:$(port NATS_MONITOR)/healthz"; }
