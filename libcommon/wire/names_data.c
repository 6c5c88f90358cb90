#include "wire/names_data.h"

#include <stddef.h>

#include "wire/names.h"

const cat_provider CAT_PROVIDERS[] = {
    {"Hetzner", {"hz", 'h'}, {{"fsn", 'f'}, {"nbg", 'n'}, {"hel", 'l'}, {"ash", 'a'}, {"hil", 'i'}, {"sin", 's'}}},
    {"Huawei", {"hw", 'w'}, {{"apse", 'p'}, {"cnn", 'c'}, {"las", 'q'}, {"mer", 'r'}}},
    {"Oracle", {"oci", 'o'}, {{"dxb", 'x'}, {"fra", 'r'}, {"sg", 'g'}, {"iad", 'd'}, {"syd", 'y'}}},
    {"AWS", {"aws", 'a'}, {{NULL, 0}}},
    {"GCP", {"gcp", 'g'}, {{NULL, 0}}},
    {"Azure", {"az", 'z'}, {{NULL, 0}}},
    {"Contabo", {"ct", 'c'}, {{"eu", 'e'}}},
    {NULL, {NULL, 0}, {{NULL, 0}}},
};

const cat_location_code CAT_BUILDING_BLOCKS[] = {{"rtz", 'r'}, {"dmz", 'd'}, {"mgt", 'm'}, {NULL, 0}};

const cat_env_type CAT_ENV_TYPES[] = {
    {{"prod", 'p'}, "main", 3},   {{"stg", 's'}, "staging", 1}, {{"uat", 'u'}, "uat", 2},
    {{"dev", 'd'}, "develop", 0}, {{"poc", 'c'}, "poc", -1},    {{NULL, 0}, NULL, -1},
};

const char *const CAT_RESERVED_PREFIXES[] = {"catalyst", "catalog", "flux", "gitea", "kube", "crossplane", NULL};

const char *const CAT_RESERVED_NAMES[] = {
    /* The Sovereign's own Organization, and words that stand for nobody or for everybody. */
    "system",
    "shared",
    "default",
    "none",
    "null",
    "true",
    "false",
    "all",
    "any",
    "public",
    "private",
    "internal",
    "root",
    "anonymous",
    "unknown",
    "sovereign",
    "organization",
    "environment",
    "application",
    "blueprint",
    /* Names that Gitea keeps for its routes and for its own users (models/user/user.go). */
    "admin",
    "api",
    "assets",
    "attachments",
    "avatar",
    "avatars",
    "captcha",
    "explore",
    "ghost",
    "issues",
    "login",
    "metrics",
    "milestones",
    "notifications",
    "org",
    "pulls",
    "repo",
    "repo-avatars",
    "user",
    /* Paths and hosts of the front door. */
    "auth",
    "billing",
    "console",
    "docs",
    "git",
    "hooks",
    "marketplace",
    "projector",
    "provisioning",
    "state",
    "status",
    "static",
    "www",
    /* Namespaces of the management cluster that are not an Organization's: namespace {org} is made by name.
     */
    "cert-manager",
    "cilium",
    "external-secrets",
    "grafana",
    "harbor",
    "ingress-nginx",
    "istio-system",
    "keda",
    "keycloak",
    "kyverno",
    "local-path-storage",
    "metallb-system",
    "monitoring",
    "nats",
    "openbao",
    "spire",
    "vault",
    "vcluster",
    "velero",
    /* Accounts of the spine. */
    "sys",
    NULL,
};

const char *const CAT_RESERVED_LOGIN_PREFIXES[] = {"catalyst", "flux", "gitea", "service-account", NULL};

const char *const CAT_RESERVED_APPLICATIONS[] = {CAT_SHARED_BLUEPRINTS, NULL};
