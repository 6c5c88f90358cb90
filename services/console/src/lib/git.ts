/* How people reach an Application's repository. Pure. */
import type { Me } from './state.svelte.ts'

const BRANCHES: Record<string, string> = { dev: 'develop', stg: 'staging', uat: 'uat', poc: 'poc', prod: 'main' }

/* The branch that an Environment runs from, by its type: the rule of wire/names.h. */
export const branchOf = (environment: string): string => BRANCHES[environment.split('-').pop() ?? ''] ?? ''

/* With the user name in it, so that Git asks for the token alone. `base` as `/v1/me` says it. */
export function cloneCommand(base: string, user: string, organization: string, application: string): string {
  const address = new URL(`${base.replace(/\/+$/, '')}/${organization}/${application}.git`)
  address.username = user
  return `git clone ${address.href}`
}

/* The roles that push to an Environment's branch: those that may write there, of the Organization's own people. */
export function pushers(me: Pick<Me, 'who' | 'whoEarly'>, environment: string): string[] {
  const isEarly = environment.endsWith('-dev') || environment.endsWith('-stg')
  return ((isEarly ? me.whoEarly : me.who).write ?? []).filter(role => role !== 'sovereign-admin')
}
