/* How people reach an Application's repository. Pure. */
const BRANCHES: Record<string, string> = { dev: 'develop', stg: 'staging', uat: 'uat', poc: 'poc', prod: 'main' }

/* The branch that an Environment runs from, by its type: the rule of wire/names.h. */
export const branchOf = (environment: string): string => BRANCHES[environment.split('-').pop() ?? ''] ?? ''

/* With the user name in it, so that Git asks for the token alone. `base` as `/v1/me` says it. */
export function cloneCommand(base: string, user: string, organization: string, application: string): string {
  const address = new URL(`${base.replace(/\/+$/, '')}/${organization}/${application}.git`)
  address.username = user
  return `git clone ${address.href}`
}
