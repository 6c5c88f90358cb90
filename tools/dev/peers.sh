#!/usr/bin/env bash
# Builds the real peers once into $CATALYST_CACHE/peers/{program}-{version}/, from the wrapper modules in tools/peers,
# and fetches Keycloak. What is there already is left alone.
# usage: peers.sh [external-secrets]       with a name: that peer alone, which only tests need
# shellcheck source=tools/dev/lib.sh source=tools/dev/pins.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
. "$CATALYST_ROOT/tools/dev/pins.sh"

peers=$CATALYST_CACHE/peers
export GOTOOLCHAIN=local GOFLAGS=

peer() { echo "$peers/$1-$2/$1"; }

# A program that is already on this machine is taken when its version fits the pin's minor.
found_on_machine() { # program pin
    local folder path text
    for folder in "${KUBEBUILDER_ASSETS:-}" ${PATH//:/ }; do
        path=$folder/$1
        [ -n "$folder" ] && [ -x "$path" ] || continue
        text=$("$path" --version 2>/dev/null </dev/null) || continue
        if version_fits "$(first_version "$text")" "$2"; then echo "$path"; return 0; fi
    done
    return 1
}

# build_go PROGRAM VERSION WRAPPER PACKAGE SECONDS LDFLAGS [go build's arguments...]
build_go() {
    local program=$1 version=$2 wrapper=$3 package=$4 seconds=$5 flags=$6 target found
    shift 6
    target=$(peer "$program" "$version")
    [ -x "$target" ] && return
    mkdir -p "${target%/*}"
    if found=$(found_on_machine "$program" "$version"); then
        step "$program: taking $found"
        ln -sfn "$found" "$target"
        return
    fi
    with_progress "compiling $program $version" "$seconds" \
        env -C "$CATALYST_ROOT/tools/peers/$wrapper" "${GO_ENVIRONMENT[@]}" \
        go build -p "$(nproc)" -trimpath -ldflags "-s -w $flags" "$@" -o "$target.new" "$package"
    mv "$target.new" "$target"
}

build_kubernetes() {
    local base=k8s.io/component-base/version flags
    flags="-X $base.gitVersion=v$PIN_KUBERNETES -X $base.gitMajor=${PIN_KUBERNETES%%.*} -X $base.gitMinor=$(cut -d. -f2 <<<"$PIN_KUBERNETES")"
    GO_ENVIRONMENT=(CGO_ENABLED=0)
    build_go kube-apiserver "$PIN_KUBERNETES" kube k8s.io/kubernetes/cmd/kube-apiserver 180 "$flags"
    build_go kube-controller-manager "$PIN_KUBERNETES" kube k8s.io/kubernetes/cmd/kube-controller-manager 50 "$flags"
    build_go kube-scheduler "$PIN_KUBERNETES" kube k8s.io/kubernetes/cmd/kube-scheduler 8 "$flags"
}

build_others() {
    GO_ENVIRONMENT=(CGO_ENABLED=1 GOFLAGS=-mod=mod)
    build_go gitea "$PIN_GITEA" gitea code.gitea.io/gitea 180 "-X main.Version=$PIN_GITEA" -tags "sqlite sqlite_unlock_notify"
    GO_ENVIRONMENT=(CGO_ENABLED=0)
    build_go source-controller "$PIN_SOURCE_CONTROLLER" source-controller github.com/fluxcd/source-controller 150 ""
    build_go kustomize-controller "$PIN_KUSTOMIZE_CONTROLLER" kustomize-controller github.com/fluxcd/kustomize-controller 115 ""
    build_go kwok "$PIN_KWOK" kwok sigs.k8s.io/kwok/cmd/kwok 50 ""
}

# With its definitions; a vcluster of ./dev up has a smaller form of two of them (tools/crds). What it is told to register is the one
# provider that Catalyst's stores use: clients of thirty clouds would be four fifths of the time.
build_external_secrets() {
    local crds=$peers/external-secrets-crds-$PIN_EXTERNAL_SECRETS module=github.com/external-secrets/external-secrets
    local wrapper=$CATALYST_ROOT/tools/peers/external-secrets folder=$CATALYST_CACHE/external-secrets.build
    [ -x "$(peer external-secrets $PIN_EXTERNAL_SECRETS)" ] && [ -d "$crds" ] && return
    rm -rf "$folder" "$crds.new"
    mkdir -p "$folder" "$crds.new"
    cp -r --no-preserve=mode "$(module_folder external-secrets "$module")" "$folder/module"
    cp "$wrapper/providers.go.txt" "$folder/module/pkg/provider/register/register.go"
    cp "$wrapper/generators.go.txt" "$folder/module/pkg/generator/register/register.go"
    cp "$wrapper"/go.{mod,sum} "$folder/"
    go mod edit -replace "$module=$folder/module" "$folder/go.mod"
    GO_ENVIRONMENT=(CGO_ENABLED=0)
    build_go external-secrets "$PIN_EXTERNAL_SECRETS" external-secrets "$module" 70 "" -modfile "$folder/go.mod"
    cp "$folder"/module/config/crds/bases/*external-secrets.io_*.yaml "$crds.new/"
    rm -rf "$crds"
    mv "$crds.new" "$crds"
    rm -rf "$folder"
}

module_folder() { # wrapper module
    (cd "$CATALYST_ROOT/tools/peers/$1" && go mod download "$2" >&2 && go list -m -f '{{.Dir}}' "$2")
}

# Flux's CRDs and KWOK's stages lie in the modules.
collect_definitions() {
    local crds=$peers/flux-crds-$PIN_SOURCE_CONTROLLER-$PIN_KUSTOMIZE_CONTROLLER-$PIN_HELM_CONTROLLER_API
    local stages=$peers/kwok-stages-$PIN_KWOK folder
    if [ ! -d "$crds" ]; then
        mkdir -p "$crds.new"
        for folder in "source-controller github.com/fluxcd/source-controller" "kustomize-controller github.com/fluxcd/kustomize-controller" \
            "crds github.com/fluxcd/helm-controller"; do
            # shellcheck disable=SC2086
            cp "$(module_folder $folder)"/config/crd/bases/*toolkit*.yaml "$crds.new/"
        done
        chmod u+w "$crds.new"/*
        mv "$crds.new" "$crds"
    fi
    if [ ! -d "$stages" ]; then
        mkdir -p "$stages.new"
        folder=$(module_folder kwok sigs.k8s.io/kwok)
        "$CATALYST_SYSROOT/usr/bin/kustomize" build "$folder/kustomize/stage/fast" >"$stages.new/stages.yaml"
        "$CATALYST_SYSROOT/usr/bin/kustomize" build "$folder/kustomize/crd" >"$stages.new/crds.yaml"
        mv "$stages.new" "$stages"
    fi
}

# Gitea reads texts and templates from its module; they are copied, as the module cache may be closed to Gitea's user.
collect_gitea_files() {
    local target=$peers/gitea-$PIN_GITEA/share folder part
    [ -d "$target" ] && return
    folder=$(module_folder gitea code.gitea.io/gitea)
    mkdir -p "$target.new"
    for part in options templates public; do
        if [ -d "$folder/$part" ]; then cp -r --no-preserve=mode "$folder/$part" "$target.new/"; fi
    done
    chmod -R a+rX "$target.new"
    mv "$target.new" "$target"
}

fetch_keycloak() {
    local target=$peers/keycloak-$PIN_KEYCLOAK zip
    [ -x "$target/bin/kc.sh" ] && return
    with_progress "fetching Keycloak $PIN_KEYCLOAK" 20 mvn -B -q org.apache.maven.plugins:maven-dependency-plugin:3.6.1:get \
        -Dartifact="org.keycloak:keycloak-quarkus-dist:$PIN_KEYCLOAK:zip" -Dtransitive=false
    zip=$(find "$(maven_repository)/org/keycloak/keycloak-quarkus-dist/$PIN_KEYCLOAK" -name "keycloak-quarkus-dist-$PIN_KEYCLOAK.zip")
    rm -rf "$target.new"
    unzip -q "$zip" -d "$target.new"
    # Keycloak compiles its settings into itself; done once here, so that every start is quick.
    with_progress "preparing Keycloak $PIN_KEYCLOAK" 40 "$target.new/keycloak-$PIN_KEYCLOAK/bin/kc.sh" build \
        --db=dev-file --cache=local --health-enabled=true --http-relative-path=/auth --metrics-enabled=false
    rm -rf "$target"
    mv "$target.new/keycloak-$PIN_KEYCLOAK" "$target"
    rmdir "$target.new"
}

maven_repository() { echo "${MAVEN_REPOSITORY:-$HOME/.m2/repository}"; }

all_there() {
    [ -x "$(peer kube-apiserver $PIN_KUBERNETES)" ] && [ -x "$(peer kube-controller-manager $PIN_KUBERNETES)" ] &&
        [ -x "$(peer kube-scheduler $PIN_KUBERNETES)" ] && [ -x "$(peer gitea $PIN_GITEA)" ] && [ -x "$(peer kwok $PIN_KWOK)" ] &&
        [ -x "$(peer source-controller $PIN_SOURCE_CONTROLLER)" ] && [ -x "$(peer kustomize-controller $PIN_KUSTOMIZE_CONTROLLER)" ]
}

main() {
    mkdir -p "$peers"
    if [ "${1:-}" = external-secrets ]; then
        alone_in_cache external-secrets
        build_external_secrets
        return
    fi
    alone_in_cache peers
    all_there || step "building the peers, once for this machine: 12 minutes on two cores, most of it compiling Kubernetes"
    fetch_keycloak
    build_kubernetes
    build_others
    collect_definitions
    collect_gitea_files
}

main "$@"
