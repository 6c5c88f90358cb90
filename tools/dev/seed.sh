# What the local Sovereign begins with, through Git as everything else. To be sourced. Twice changes nothing.
# shellcheck shell=bash disable=SC2154

seed_git() { # git, signed in as the site administrator without a secret on a command line or in a configuration file
    GIT_TERMINAL_PROMPT=0 GIT_CONFIG_GLOBAL=/dev/null GIT_CONFIG_NOSYSTEM=1 \
        git -c credential.helper="!printf 'username=catalyst-environment\npassword='; cat '$data/secrets/gitea-catalyst-environment.token'; :" \
        -c user.name=Catalyst -c user.email="catalyst@$SOVEREIGN_DOMAIN" -c init.defaultBranch=main -c advice.detachedHead=false "$@"
}

# A fresh clone in tmp/{name}; prints its path.
seed_clone() { # repository
    local folder=$data/tmp/seed-${1//\//-}
    rm -rf "$folder"
    seed_git clone -q "$(gitea_url)/$1.git" "$folder"
    echo "$folder"
}

# seed_commit FOLDER MESSAGE BRANCH: commits and pushes when something differs; prints the branch's head.
seed_commit() {
    seed_git -C "$1" add -A
    if ! seed_git -C "$1" diff --cached --quiet; then
        seed_git -C "$1" commit -q -m "$2"
        seed_push "$1" "HEAD:$3"
    fi
    seed_git -C "$1" rev-parse HEAD
}

# Gitea says a few lines at every push; they matter when it fails only.
seed_push() { # folder reference
    local said
    said=$(seed_git -C "$1" push -q origin "$2" 2>&1) || { say "$said" >&2; fail "$2 cannot be pushed"; }
}

seeded_organizations() { ls "$CATALYST_ROOT/tools/dev/seed/organizations"; }
seeded_environments() { basename -s .yaml -a "$CATALYST_ROOT/tools/dev/seed/organizations/$1"/environments/*.yaml; }

# Written once: what people changed or deleted since stays so.
seed_files() { # from to
    local file
    (cd "$1" && find . -type f) | while read -r file; do
        mkdir -p "$(dirname "$2/$file")"
        sed "s/@domain@/$SOVEREIGN_DOMAIN/g" "$1/$file" >"$2/$file"
    done
}

seed_config() {
    local folder organization head
    folder=$(seed_clone system/catalyst-config)
    for organization in $(seeded_organizations); do seed_organization_branch "$folder" "$organization"; done
    seed_git -C "$folder" checkout -q -B main origin/main
    [ -e "$folder/sovereign.yaml" ] || seed_files "$CATALYST_ROOT/tools/dev/seed/main" "$folder"
    head=$(seed_commit "$folder" "Begin with this Sovereign and its first Organizations" main)
    host_flux_sync "$head"
    rm -rf "$folder"
}

seed_organization_branch() { # folder organization
    local branch=org/$2
    if seed_git -C "$1" rev-parse -q --verify "origin/$branch" >/dev/null; then return; fi
    seed_git -C "$1" checkout -q --orphan "$branch"
    seed_git -C "$1" rm -rfq --ignore-unmatch .
    seed_files "$CATALYST_ROOT/tools/dev/seed/organizations/$2" "$1"
    seed_commit "$1" "Begin with the Environments of $2" "$branch" >/dev/null
}

# Each blueprints/bp-… of the checkout is a repository of the organization `catalog`; its version is a tag that never moves.
seeded_blueprints() { compgen -G "$CATALYST_ROOT/blueprints/bp-*/blueprint.yaml" | sort; }
seed_blueprints() {
    local sources source name version
    mapfile -t sources < <(seeded_blueprints)
    for source in "${sources[@]}"; do
        source=${source%/*}
        name=$(basename "$source")
        version=$(sed -n 's/^  version: *"\{0,1\}\([0-9A-Za-z.-]*\)"\{0,1\} *$/\1/p' "$source/blueprint.yaml" | head -n 1)
        [ -n "$version" ] || fail "$source/blueprint.yaml names no metadata.version"
        gitea_repository catalog "$name" "The Blueprint $name"
        gitea_has "/repos/catalog/$name/tags/v$version" || seed_blueprint "$source" "$name" "$version"
    done
}

seed_blueprint() { # source name version
    local folder
    folder=$(seed_clone "catalog/$2")
    (cd "$folder" && git ls-files -z | xargs -0r rm -f)
    cp -r "$1/." "$folder/"
    seed_commit "$folder" "Publish $2 $3" main >/dev/null
    seed_git -C "$folder" tag "v$3"
    seed_push "$folder" "v$3"
    rm -rf "$folder"
    step "    published $2 $3"
}
