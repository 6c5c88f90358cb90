#!/usr/bin/env bash
# Unpacks the newer programs and libraries of Debian's next release into $CATALYST_CACHE/sysroot. The system's own
# apt settings, lists and packages are left as they are.
# shellcheck source=tools/dev/lib.sh source=tools/dev/pins.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
. "$CATALYST_ROOT/tools/dev/pins.sh"

apt_folder=$CATALYST_CACHE/apt
marks=$CATALYST_SYSROOT/.packages

private_apt() {
    local tool=$1
    shift
    "$tool" -q -o Dir::Etc::sourcelist="$apt_folder/sources.list" -o Dir::Etc::sourceparts=- -o Dir::Etc::main=- -o Dir::Etc::parts=- \
        -o Dir::Etc::preferences=- -o Dir::Etc::preferencesparts=- \
        -o Dir::State="$apt_folder/state" -o Dir::State::status=/dev/null -o Dir::Cache="$apt_folder/cache" \
        -o APT::Sandbox::User="$(id -un)" -o APT::Get::List-Cleanup=0 "$@"
}

# The address of Debian's archive as this machine's administrator chose it.
archive_address() {
    local codename address
    codename=$(. /etc/os-release && echo "${VERSION_CODENAME:-}")
    # shellcheck disable=SC2016
    address=$(apt-get indextargets --format '$(RELEASE) $(COMPONENT) $(REPO_URI)' 'Created-By: Packages' 2>/dev/null |
        awk -v codename="$codename" '$1 == codename && $2 == "main" && $3 ~ /debian\/?$/ { print $3; exit }')
    [ -n "$address" ] || fail "no Debian archive for '$codename' main in this machine's apt sources: add one to /etc/apt"
    echo "$address"
}

refresh_lists() {
    mkdir -p "$apt_folder"/{state/lists/partial,cache/archives/partial,download}
    echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $(archive_address) $NEXT_RELEASE main" >"$apt_folder/sources.list"
    private_apt apt-get update >"$apt_folder/update.log" 2>&1 ||
        { cat "$apt_folder/update.log" >&2; fail "Debian's next release ($NEXT_RELEASE) cannot be read from the archive"; }
}

# candidate PACKAGE PIN: the full version to take, preferring the pinned one, else the next patch of its minor.
candidate() {
    local package=$1 pin=$2 full upstream best='' best_upstream='' newest=''
    while read -r full; do
        upstream=$(sed -E 's/^[0-9]+://; s/[-+~].*$//' <<<"$full")
        newest=${newest:-$full}
        if [ "$upstream" = "$pin" ]; then best=$full best_upstream=$pin; break; fi
        version_fits "$upstream" "$pin" || continue
        if [ -z "$best" ] || version_at_least "$best_upstream" "$upstream"; then best=$full best_upstream=$upstream; fi
    done < <(private_apt apt-cache madison "$package" | awk -F'|' '{ gsub(/ /, "", $2); print $2 }')
    [ -n "$best" ] || fail "$package $pin is gone from Debian's next release, and no later patch of its minor is there (found: ${newest:-none})"
    [ "$best_upstream" = "$pin" ] || warn "$package $pin is gone from Debian's next release; taking $best_upstream"
    echo "$best"
}

present() { # package pin file-pattern
    [ -f "$marks/$1" ] && version_fits "$(cat "$marks/$1")" "$2" && compgen -G "$CATALYST_SYSROOT/$3" >/dev/null
}

unpack() { # package pin
    local package=$1 pin=$2 full file
    full=$(candidate "$package" "$pin")
    (cd "$apt_folder/download" && rm -f "${package}"_*.deb && private_apt apt-get download "$package=$full" >"$apt_folder/download.log" 2>&1) ||
        { cat "$apt_folder/download.log" >&2; fail "$package $full cannot be downloaded"; }
    file=$(compgen -G "$apt_folder/download/${package}_*.deb" | head -n 1)
    mkdir -p "$CATALYST_SYSROOT" "$marks"
    dpkg -x "$file" "$CATALYST_SYSROOT"
    rm -f "$file"
    sed -E 's/^[0-9]+://; s/[-+~].*$//' <<<"$full" >"$marks/$package"
    step "unpacked $package $full"
}

main() {
    local entry package pin pattern refreshed=''
    alone_in_cache programs
    command -v dpkg >/dev/null && command -v apt-get >/dev/null || fail "Debian's apt and dpkg are needed to fetch the newer programs"
    for entry in "${NEXT_PACKAGES[@]}"; do
        read -r package pin pattern <<<"$entry"
        if present "$package" "$pin" "$pattern"; then continue; fi
        if [ -z "$refreshed" ]; then
            step "reading the package lists of Debian's next release ($NEXT_RELEASE)"
            refresh_lists
            refreshed=yes
        fi
        unpack "$package" "$pin"
        compgen -G "$CATALYST_SYSROOT/$pattern" >/dev/null || fail "$package did not bring $pattern"
    done
}

main "$@"
