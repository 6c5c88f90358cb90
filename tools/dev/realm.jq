# The realm `catalyst`. Input: the people. Arguments: $base, $domain, $api, $environment, and the roles of an Organization.
# The claim `groups` holds the full paths of a person's groups: /{org}/{role} is the role in all Environments, /{org}/{role}/{env type} in one.
def env_types: ["dev", "stg", "uat", "prod", "poc"];
def system_roles: ["sovereign-admin", "security-officer", "billing-admin"];
def mappers: [
  {name: "groups", protocol: "openid-connect", protocolMapper: "oidc-group-membership-mapper",
   config: {"full.path": "true", "claim.name": "groups", "access.token.claim": "true", "id.token.claim": "false", "userinfo.token.claim": "false",
            "introspection.token.claim": "true"}},
  {name: "audience", protocol: "openid-connect", protocolMapper: "oidc-audience-mapper",
   config: {"included.custom.audience": "catalyst", "access.token.claim": "true", "id.token.claim": "false", "introspection.token.claim": "true"}}];
def group($name; $roles): {name: $name, subGroups: [$roles[] | {name: ., subGroups: [env_types[] | {name: .}]}]};
def secret: rtrimstr("\n");

. as $people | $ARGS.positional as $roles |
{
  realm: "catalyst", displayName: "Catalyst", enabled: true, sslRequired: "external", registrationAllowed: false, loginWithEmailAllowed: true,
  bruteForceProtected: true, resetPasswordAllowed: false, editUsernameAllowed: false,
  accessTokenLifespan: 900, ssoSessionIdleTimeout: 2592000, ssoSessionMaxLifespan: 2592000,
  browserSecurityHeaders: {contentSecurityPolicy: "frame-src 'self'; frame-ancestors 'self'; object-src 'none';", xFrameOptions: "SAMEORIGIN"},
  groups: ([$people[].groups[] | split("/")[1]] + ["system"] | unique | map(if . == "system" then group(.; system_roles) else group(.; $roles) end)),
  clients: [
    {clientId: "catalyst-console", name: "Catalyst console", publicClient: true, standardFlowEnabled: true, directAccessGrantsEnabled: false,
     redirectUris: ["\($base)/*"], webOrigins: [$base], fullScopeAllowed: false,
     attributes: {"pkce.code.challenge.method": "S256", "post.logout.redirect.uris": "\($base)/*"}, protocolMappers: mappers},
    {clientId: "catalyst-api", name: "Machines, and people without a browser", publicClient: false, secret: ($api | secret), standardFlowEnabled: false,
     directAccessGrantsEnabled: true, serviceAccountsEnabled: true, fullScopeAllowed: false, protocolMappers: mappers},
    {clientId: "catalyst-environment", name: "environment-controller", publicClient: false, secret: ($environment | secret),
     standardFlowEnabled: false, directAccessGrantsEnabled: false, serviceAccountsEnabled: true}
  ],
  users: ([$people[] | {
      username: .user, enabled: true, email: "\(.user)@\($domain)", emailVerified: true, firstName: .first, lastName: .last,
      groups: .groups, credentials: [{type: "password", value: .password, temporary: false}]}]
    + [{username: "service-account-catalyst-environment", enabled: true, serviceAccountClientId: "catalyst-environment",
        clientRoles: {"realm-management": ["view-users", "query-users", "query-groups"]}}])
}
