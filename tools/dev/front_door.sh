# nginx on plain HTTP: the same paths as in clusters. To be sourced.
# shellcheck shell=bash disable=SC2154
. "$CATALYST_ROOT/tools/dev/front_door_errors.sh"
. "$CATALYST_ROOT/tools/dev/front_door_names.sh"

console_files() {
    local built=$CATALYST_ROOT/services/console/dist
    if [ -d "$built" ]; then echo "$built"; else echo "$CATALYST_ROOT/tools/dev/front-door"; fi
}

# What is idle with a replica it closes after 10 s: nothing is sent on a connection that is about to be closed. One that does not answer is left out for 2 s,
# as a cluster leaves out what is not ready; with one alone there is nobody else to ask.
service_upstream() { # service
    local replica
    printf '  upstream %s {\n' "$1"
    for replica in $(replicas_of "$1"); do printf '    server 127.0.0.1:%s max_fails=1 fail_timeout=2s;\n' "$(replica_port "$replica")"; done
    printf '    keepalive 32;\n    keepalive_timeout 8s;\n  }\n'
}
api_location() { # path upstream
    printf '      location /api/%s/v1/ { proxy_pass http://%s/v1/; }\n' "$1" "$2"
}

# What reaches whom, held against the address as it was sent: an encoded, doubled or dotted piece that a server further in would read otherwise fits no rule.
# Identity: what signing in and one's own account need; its administration, other realms, health and metrics are not here.
# Git: the smart protocol alone, which no browser shows. Pages, raw files and the API of the Git server are not here: they would have the console's origin.
address_rules() {
    cat <<'CONF'
  map $request_uri $is_identity {
    default 0;
    "~^(?![^?]*(?:\.\.|//))/auth/(?:realms/catalyst/(?:\.well-known/openid-configuration|protocol/openid-connect/[A-Za-z0-9/._-]+|login-actions/[a-z-]+|account(?:/[A-Za-z0-9/._-]*)?)|resources/[A-Za-z0-9/._@-]+)(?:\?|$)" 1;
  }
  map $request_uri $is_git {
    default 0;
    "~^(?!.*\.\.)/git/[A-Za-z0-9._-]+/[A-Za-z0-9._-]+/(?:info/refs\?service=git-(?:upload|receive)-pack|git-(?:upload|receive)-pack)$" 1;
    /git/api/healthz 1;
  }
CONF
}

proxy_headers() { # a location with one of its own repeats them
    cat <<'CONF'
      proxy_set_header Host $http_host;
      proxy_set_header Connection "";
      proxy_set_header X-Forwarded-For $remote_addr;
      proxy_set_header X-Forwarded-Proto http;
      proxy_set_header X-Forwarded-Host $http_host;
CONF
}

CONSOLE_POLICY="default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'self'; worker-src 'self'; frame-src 'self'; manifest-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'self'"
# Nothing of it is a page: whatever a browser is made to show of it runs no script and has no origin.
DATA_POLICY="default-src 'none'; sandbox; frame-ancestors 'none'"

front_door_config() {
    local service
    cat <<CONF
daemon off;
pid $data/tmp/nginx.pid;
error_log stderr warn;
worker_processes 1;
$([ "$(id -u)" != 0 ] || echo "user root;")
events { worker_connections 8192; }
http {
  include /etc/nginx/mime.types;
  default_type application/octet-stream;
  types { application/manifest+json webmanifest; }
  server_tokens off;
  access_log off;
  client_max_body_size ${FRONT_DOOR_BODY_MB}m;
  large_client_header_buffers 4 8k; # what 414 and 494 say
  client_body_temp_path $data/tmp/nginx-body;
  proxy_temp_path $data/tmp/nginx-proxy;
  fastcgi_temp_path $data/tmp/nginx-fastcgi;
  uwsgi_temp_path $data/tmp/nginx-uwsgi;
  scgi_temp_path $data/tmp/nginx-scgi;
  gzip on;
  gzip_types text/css application/javascript application/json image/svg+xml;
  keepalive_timeout 65s;
  proxy_http_version 1.1;
$(proxy_headers)
$(address_rules)
$(front_door_callers)
$(for service in $(http_services); do service_upstream "$service"; done)
  upstream gitea { server 127.0.0.1:$(port GITEA) max_fails=0; keepalive 16; }
  upstream keycloak { server 127.0.0.1:$(port KEYCLOAK) max_fails=0; keepalive 16; }
  server {
    listen 127.0.0.1:$(port FRONT_DOOR 8080);
    server_name localhost;
$(front_door_error_pages)
$(front_door_error_locations)
    location = /platform.json { alias $data/etc/platform.json; add_header Content-Security-Policy "$DATA_POLICY" always; add_header Cache-Control "no-cache" always; }
    location /api/ {
      add_header Content-Security-Policy "$DATA_POLICY" always;
      return 404;
$(for service in $(http_services); do api_location "${API_PATHS[$service]}" "$service"; done)
      location = /api/state/v1/stream {
        proxy_pass http://projector/v1/stream;
        proxy_buffering off;
        proxy_cache off;
        gzip off;
        proxy_read_timeout 1h;
      }
      location = /api/graphql { proxy_pass http://projector/graphql; }
    }
    location /hooks/ {
      add_header Content-Security-Policy "$DATA_POLICY" always;
      proxy_pass http://projector;
    }
    location /auth/ {
      if (\$is_identity = 0) { return 404; }
      proxy_pass http://keycloak;
    }
    location = /git { rewrite ^ /index.html last; } # a screen of the console
    location /git/ {
      default_type text/plain;
      add_header Content-Security-Policy "$DATA_POLICY" always;
      add_header X-Content-Type-Options nosniff always;
      if (\$is_git = 0) { return 404 "Only Git itself is answered here: git clone this address up to the repository's name, with a token from Git access in the console.\n"; }
$(proxy_headers)
      proxy_set_header Cookie "";
      proxy_hide_header Set-Cookie;
      proxy_hide_header X-Content-Type-Options;
      proxy_pass http://gitea/;
      proxy_request_buffering off;
      proxy_read_timeout 5m;
      client_max_body_size 0;
    }
    location / {
      root $(console_files);
      try_files \$uri /index.html;
      add_header Content-Security-Policy "$CONSOLE_POLICY" always;
      add_header Cross-Origin-Opener-Policy same-origin always;
      add_header X-Content-Type-Options nosniff always;
      add_header Referrer-Policy same-origin always;
      add_header Cache-Control "no-cache" always;
      location /assets/ {
        try_files \$uri =404;
        add_header Content-Security-Policy "$CONSOLE_POLICY" always;
        add_header X-Content-Type-Options nosniff always;
        add_header Cache-Control "public, max-age=31536000, immutable" always;
      }
    }
  }
$(application_names)
}
CONF
}

write_front_door() {
    platform_document | secret_file "$data/etc/platform.json"
    front_door_config | secret_file "$data/etc/nginx.conf"
}
nginx_program() { PATH=$PATH:/usr/sbin command -v nginx; }

write_front_door() {
    platform_document | secret_file "$data/etc/platform.json"
    front_door_config | secret_file "$data/etc/nginx.conf"
}
nginx_program() { PATH=$PATH:/usr/sbin command -v nginx; }

start_front_door() {
    write_front_door
    FINGERPRINT_FILES=$data/etc/nginx.conf start_process front-door "$(nginx_program)" -e stderr -c "$data/etc/nginx.conf" -p "$data/tmp"
}

front_door_program() { FINGERPRINT_FILES=$data/etc/nginx.conf "$1" front-door "$(nginx_program)" -e stderr -c "$data/etc/nginx.conf" -p "$data/tmp"; } # FUNCTION
start_front_door() {
    write_front_door
    front_door_program start_process
}
# It reads its configuration anew; what is open stays open.
reload_front_door() {
    write_front_door
    front_door_program reload_process
}

front_door_ready() { process_ready front-door 20 http_ok "http://127.0.0.1:$(port FRONT_DOOR)/"; }
