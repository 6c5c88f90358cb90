# Names below the Sovereign's domain, which end in .localhost, so that browsers and curl find them on this machine: the addresses of Applications.
# In a cluster the Application answers there. Here its pods are simulated, and a page says so. To be sourced.
# shellcheck shell=bash disable=SC2154

# What the console and others may know of where they run. In a cluster it is not there: then nothing is simulated, and addresses are as they are.
platform_document() { # where pods are simulated, and where the names below this domain lead
    jq -nc --arg domain "$SOVEREIGN_DOMAIN" --argjson port "$(port FRONT_DOOR)" '{pods: "simulated", applications: {$domain, $port}}'
}

# The page's parts of the name are letters, digits and hyphens, by the expression that took them out of it: nothing else of a request is shown.
application_names() {
    local label='[a-z0-9](?:[a-z0-9-]*[a-z0-9])?' domain=${SOVEREIGN_DOMAIN//./\\.}
    cat <<CONF
  server {
    listen 127.0.0.1:$(port FRONT_DOOR);
    server_name "~^(?<called>$label)\.(?<where>$label-(?:prod|stg|uat|dev|poc))\.$domain\$";
$(name_page '${called} in ${where}' "<p>This is the address of the Application <b>\${called}</b> in the Environment <b>\${where}</b>, if there is one.</p>" '/applications/${called}')
  }
  server {
    listen 127.0.0.1:$(port FRONT_DOOR);
    server_name "~\.localhost\$";
$(name_page 'An address on this machine' '<p>Names below localhost lead to this machine. An Application may have this one; no part of Catalyst has it.</p>' '/')
  }
CONF
}

name_page() { # title, paragraph, path in the console
    cat <<CONF
    types { }
    default_type text/html;
    charset utf-8;
    add_header Content-Security-Policy "$DATA_POLICY" always;
    add_header X-Content-Type-Options nosniff always;
    add_header Cache-Control no-store always;
    return 200 '<!doctype html>\n<html lang="en">\n<meta charset="utf-8">\n<meta name="color-scheme" content="light dark">\n<title>$1</title>\n<h1>$1</h1>\n$2\n<p>Pods are simulated on this machine: they are scheduled, start, fail and end as objects, and nothing runs in them. So nobody but this page answers here. In a cluster the Application itself does.</p>\n<p><a href="$(public_url)$3">To Catalyst</a></p>\n</html>\n';
CONF
}
