# A line of a log for people: time, level, message, and what else it says as key=value. Ours, and those of Flux, nats-server and the Kubernetes programs
# that write JSON call these by different names. What is no JSON stays as it is; nothing of a line can steer the terminal.
def harmless: explode | map(if (. < 32 and . != 9) or (. >= 127 and . < 160) then 65533 else . end) | implode;
def text: if type == "string" then . else tojson end;
def word: if type == "string" and test("^[^\\s\"=]+$") then . else tojson end;
def first_of($names): . as $line | first($names[] | select($line[.] != null)) // null;

. as $raw
| (try fromjson catch null) as $line
| if ($line | type) != "object" then
    ($raw | capture("^==> .*/(?<name>[^/]+)\\.log <==$")? // null) as $file
    | if $file then "--- \($file.name)" else $raw end
  else
    ($line | first_of(["time", "ts", "timestamp"])) as $time
    | ($line | first_of(["level", "severity"])) as $level
    | ($line | first_of(["message", "msg"])) as $message
    | ([$time, $level, $message] | map(select(. != null) // empty) | length) as $known
    | if $known == 0 then $raw
      else
        [ (if $time then $line[$time] | text | sub("^\\d{4}-(?<day>\\d{2}-\\d{2})T"; "\(.day) ") | sub("(?<ms>\\.\\d{3})\\d*"; .ms) else empty end),
          (if $level then $line[$level] | text | ascii_downcase | . + "       "[length:] else empty end),
          (if $message then $line[$message] | text else empty end),
          ($line | to_entries[] | select(.key as $key | [$time, $level, $message, "service"] | index([$key]) | not) | "\(.key)=\(.value | word)")
        ] | join(" ")
      end
  end
| harmless
