# The versions that ./dev builds and downloads. A newer patch of the same minor is taken where a pinned one is gone.
# shellcheck shell=bash disable=SC2034

# Debian's next release, unpacked into the private folder: package, upstream version, file that must be there after.
NEXT_RELEASE=forky
NEXT_PACKAGES=(
    "libnats-dev 3.14.0 usr/include/nats/nats.h"
    "libyyjson0 0.12.0 usr/lib/*/libyyjson.so.0"
    "libyyjson-dev 0.12.0 usr/include/yyjson.h"
    "nats-server 2.15.1 usr/*bin/nats-server"
    "etcd-server 3.5.30 usr/bin/etcd"
    "kubectl 1.36.4 usr/bin/kubectl"
    "kustomize 5.8.1 usr/bin/kustomize"
)

PIN_KUBERNETES=1.36.3
PIN_SOURCE_CONTROLLER=1.9.0
PIN_KUSTOMIZE_CONTROLLER=1.9.6
PIN_HELM_CONTROLLER_API=1.6.4
PIN_KWOK=0.8.0
PIN_GITEA=1.26.0
PIN_KEYCLOAK=26.7.3
PIN_EXTERNAL_SECRETS=0.16.2

MIN_GO=1.26.2
MIN_NODE=20.19
MIN_JDK=17
