#!/usr/bin/env bash
# Checks what must be there before anything else, and installs Debian 12's packages when run as root.
# usage: packages.sh [check|install]      check: only says what is missing
# shellcheck source=tools/dev/lib.sh source=tools/dev/pins.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
. "$CATALYST_ROOT/tools/dev/pins.sh"

PACKAGES=(
    build-essential clang clang-format libclang-rt-14-dev cmake ninja-build ccache mold pkg-config git
    libh2o-evloop-dev libgit2-dev libcurl4-openssl-dev libjansson-dev libcyaml-dev libyaml-dev libssl-dev
    libprotobuf-c-dev libcmocka-dev libsodium-dev libpcre2-dev libseccomp-dev zlib1g-dev
    nginx-light chromium-headless-shell maven openjdk-17-jdk-headless
    curl jq unzip openssl python3 python3-venv util-linux procps iproute2 strace
)

missing_packages() {
    local package
    for package in "${PACKAGES[@]}"; do
        dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || satisfied_otherwise "$package" || echo "$package"
    done
}

# A tool that came by another way than its package counts.
satisfied_otherwise() {
    case $1 in
        maven) command -v mvn ;;
        openjdk-17-jdk-headless) command -v javac ;;
        cmake | git | curl | jq | unzip | openssl | ccache | mold) command -v "$1" ;;
        ninja-build) command -v ninja ;;
        python3-venv) python3 -c 'import ensurepip, venv' 2>/dev/null ;;
        *) return 1 ;;
    esac >/dev/null
}

# tool_problem NAME MINIMUM COMMAND...: prints a line when the tool is missing or too old.
tool_problem() {
    local name=$1 minimum=$2 have
    shift 2
    if ! command -v "$1" >/dev/null; then echo "$name $minimum or newer is missing"; return; fi
    have=$(first_version "$("$@" 2>&1)")
    version_at_least "${have:-0}" "$minimum" || echo "$name is ${have:-of unknown version}, $minimum or newer is needed"
}

prerequisite_problems() {
    GOTOOLCHAIN=local tool_problem "Go (https://go.dev/dl)" "$MIN_GO" go version
    tool_problem "Node (https://nodejs.org)" "$MIN_NODE" node --version
    tool_problem "a JDK (package openjdk-17-jdk-headless)" "$MIN_JDK" javac -version
    tool_problem "Maven (package maven)" 3 mvn --version
    tool_problem "a C compiler (package build-essential)" 10 gcc -dumpfullversion
    tool_problem "CMake (package cmake)" 3.25 cmake --version
    tool_problem "Git (package git)" 2.30 git --version
}

install_packages() {
    local nginx_was_there=''
    dpkg-query -W nginx-common >/dev/null 2>&1 && nginx_was_there=yes
    step "installing Debian packages: $*"
    apt-get update -q >/dev/null 2>&1 || warn "apt-get update did not succeed for every source"
    DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends "$@" >/dev/null ||
        fail "apt-get could not install: $*"
    # The front door is an ordinary process with its own configuration; the system's nginx stays off if we brought it.
    if [ -z "$nginx_was_there" ] && command -v systemctl >/dev/null; then
        systemctl disable --now nginx >/dev/null 2>&1 || true
    fi
}

ensure_packages() {
    local missing problems
    mapfile -t missing < <(missing_packages)
    if [ "${#missing[@]}" -gt 0 ]; then
        if [ "$(id -u)" = 0 ] && [ "${1:-install}" = install ]; then
            install_packages "${missing[@]}"
        else
            say "Debian packages are missing. Somebody with root must run:"
            say "    apt-get install --no-install-recommends ${missing[*]}"
            return 1
        fi
    fi
    problems=$(prerequisite_problems)
    [ -z "$problems" ] || { say "$problems"; return 1; }
}

[ "$(. /etc/os-release && echo "${ID:-}${VERSION_ID:-}")" = debian12 ] || warn "this is not Debian 12: packages may have other names"
ensure_packages "${1:-install}" || fail "prerequisites are missing (see above)"
