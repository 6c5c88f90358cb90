# Everything of the local Sovereign, for the commands. To be sourced.
# shellcheck shell=bash disable=SC1090,SC2154
. "$(dirname "${BASH_SOURCE[0]}")/instance.sh"
for part in process lock replicas etcd nats gitea keycloak host seed services front_door env_file build phases; do . "$CATALYST_ROOT/tools/dev/$part.sh"; done
