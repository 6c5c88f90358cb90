# What the front door itself answers when it has to refuse, for each kind of caller: a problem document under /api and /hooks, a line that Git shows
# under /git, a page elsewhere. Services' own answers pass untouched. To be sourced.
# shellcheck shell=bash disable=SC2154

FRONT_DOOR_BODY_MB=20

# nginx's status, the one that is answered, the problem's code and title (proto/problems.yaml), and a sentence.
# 494 is nginx's own number for headers that are too large, 414 and 494 come before anything of the address is looked at.
# 411 (a length that is missing) and 505 (a version of HTTP that nobody speaks) are told as what they are to a client: a wrong request.
front_door_refusals() {
    cat <<TEXT
400|400|invalid|The request is wrong|The request is not HTTP as it should be: look at its first line, its headers and its length.
403|403|forbidden|The role does not allow this|Nobody may see this.
404|404|not-found|There is no such thing|Nothing has this address.
405|405|method-not-allowed|The address does not take this method|The address does not take this method.
411|400|invalid|The request is wrong|The request has to say how long its body is.
413|413|too-large|It is over the maximum|A body may have at most $FRONT_DOOR_BODY_MB MB here; a service may take less.
414|414|address-too-long|The address is too long|An address and its query may have at most 8 KB together.
494|431|headers-too-large|The headers are too large|A header may have at most 8 KB, and all of them 32 KB together.
500|500|internal|The service made a mistake|The front door made a mistake: try again, and tell the people of the Sovereign when it stays.
501|501|unsupported|This is not supported|The front door does not support what the request asks of it: look at Transfer-Encoding.
502|502|bad-gateway|A part of the platform gave a wrong answer|A part of the platform gave no answer that can be read: try again soon.
503|503|unavailable|A part of the platform does not answer|A part of the platform does not answer: try again soon.
504|504|timeout|A part of the platform did not answer in time|A part of the platform did not answer in time: look whether it happened before trying again.
505|400|invalid|The request is wrong|The request names a version of HTTP that is not spoken here: HTTP/1.1 is.
TEXT
}

# Who asks. By the first line of the request, which is there also where nginx came no further.
front_door_callers() {
    cat <<'CONF'
  map $request $caller {
    default page;
    "~^[A-Z]+ /(?:api|hooks)(?:/|\?| |$)" problem;
    "~^[A-Z]+ /git/" git;
  }
CONF
}

front_door_error_pages() {
    local from status
    # By an address and not by a named location: where the request line is wrong, nginx has no address yet to take along.
    while IFS='|' read -r from status _; do printf '    error_page %s =%s /.refused/${caller}/%s;\n' "$from" "$status" "$from"; done < <(front_door_refusals)
}

# The texts hold neither quotes nor $, which nginx would read.
front_door_error_locations() {
    local from status code title detail
    while IFS='|' read -r from status code title detail; do
        cat <<CONF
    location = /.refused/problem/$from {
      internal;
      default_type application/problem+json;
      add_header Content-Security-Policy "$DATA_POLICY" always;
      add_header X-Content-Type-Options nosniff always;
      return $status '{"type":"urn:catalyst:problem:$code","title":"$title","status":$status,"code":"$code","detail":"$detail"}\n';
    }
    location = /.refused/git/$from {
      internal;
      default_type text/plain;
      add_header Content-Security-Policy "$DATA_POLICY" always;
      add_header X-Content-Type-Options nosniff always;
      return $status '$detail\n';
    }
    location = /.refused/page/$from {
      internal;
      default_type text/html;
      charset utf-8;
      add_header Content-Security-Policy "$DATA_POLICY" always;
      add_header X-Content-Type-Options nosniff always;
      return $status '<!doctype html>\n<html lang="en">\n<meta charset="utf-8">\n<meta name="color-scheme" content="light dark">\n<title>$title</title>\n<h1>$title</h1>\n<p>$detail</p>\n<p><a href="/">To Catalyst</a></p>\n</html>\n';
    }
CONF
    done < <(front_door_refusals)
}
