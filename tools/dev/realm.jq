# The realm `catalyst`. Input: the people. Arguments: $base, $domain, $api, $environment, and the roles of an Organization.
# A claim comes from attributes of groups: /{org} says organization and environments, /{org}/{role} says the role.
def claim($name; $multi): {
  name: $name, protocol: "openid-connect", protocolMapper: "oidc-usermodel-attribute-mapper",
  config: {"user.attribute": $name, "claim.name": $name, "jsonType.label": "String", multivalued: ($multi | tostring),
           "aggregate.attrs": ($multi | tostring), "access.token.claim": "true", "id.token.claim": "true", "userinfo.token.claim": "true",
           "introspection.token.claim": "true"}};
def mappers: [
  claim("organization"; false), claim("environments"; true), claim("roles"; true),
  {name: "audience", protocol: "openid-connect", protocolMapper: "oidc-audience-mapper",
   config: {"included.custom.audience": "catalyst", "access.token.claim": "true", "id.token.claim": "false", "introspection.token.claim": "true"}}];
def group($name; $organization; $roles): {
  name: $name, attributes: {organization: [$organization], environments: ["*"]},
  subGroups: [$roles[] | {name: ., attributes: {roles: [.]}}]};
def secret: rtrimstr("\n");

. as $people | $ARGS.positional as $roles |
{
  realm: "catalyst", displayName: "Catalyst", enabled: true, sslRequired: "external", registrationAllowed: false, loginWithEmailAllowed: true,
  bruteForceProtected: true, resetPasswordAllowed: false, editUsernameAllowed: false,
  accessTokenLifespan: 900, ssoSessionIdleTimeout: 2592000, ssoSessionMaxLifespan: 2592000,
  browserSecurityHeaders: {contentSecurityPolicy: "frame-src 'self'; frame-ancestors 'self'; object-src 'none';", xFrameOptions: "SAMEORIGIN"},
  groups: ([$people[].organization] | unique | map(if . == "system" then group(.; .; ["sovereign-admin"]) else group(.; .; $roles) end)),
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
      groups: ["/\(.organization)/\(.role)"], credentials: [{type: "password", value: .password, temporary: false}]}]
    + [{username: "service-account-catalyst-environment", enabled: true, serviceAccountClientId: "catalyst-environment",
        clientRoles: {"realm-management": ["view-users", "query-users", "query-groups"]}}])
}
