/* The screens of the menu, and for whom each of them is. Pure. */
import type { Message } from './messages.ts'
import type { Me } from './state.svelte.ts'

/* `action`: what one has to be allowed, somewhere in the Organization; "" is everybody's. `under`: first parts of the addresses below it. */
export type Place = { path: string; name: Message; action: string; under: string[] }
const APPLICATIONS: Place = { path: '/', name: 'applications', action: 'read', under: ['', 'applications', 'plans'] }
const ORGANIZATIONS: Place = { path: '/organizations', name: 'organizations', action: '', under: ['organizations'] }
const OF_ORGANIZATION: Place[] = [
  APPLICATIONS,
  { path: '/marketplace', name: 'marketplace', action: 'read', under: ['marketplace', 'install'] },
  { path: '/operations', name: 'operations', action: 'read', under: ['operations'] },
  { path: '/environments', name: 'environments', action: 'read', under: ['environments'] },
  { path: '/usage', name: 'usage', action: 'read-money', under: ['usage'] },
  { path: '/secrets', name: 'secrets', action: 'read-secrets', under: ['secrets'] },
  { path: '/git', name: 'gitAccess', action: 'read', under: ['git'] }
]
/* The Organization of the Sovereign's own people: nothing runs in it. */
export const SYSTEM = 'system'

type Asked = Pick<Me, 'organization' | 'memberships' | 'anywhere'>
export const isOfSovereign = (me: Asked): boolean => me.memberships.some(one => one.organization === SYSTEM)
export const allows = (me: Pick<Me, 'anywhere'>, action: string): boolean => action === '' || me.anywhere.includes(action)

/* Which of them a person finds in the menu, the one to begin with first. The Git server knows an Organization's own people alone. */
export function menu(me: Asked): Place[] {
  const own = isOfSovereign(me) ? [ORGANIZATIONS] : []
  if (me.organization === SYSTEM) return own
  const isMember = me.memberships.some(one => one.organization === me.organization)
  return [...OF_ORGANIZATION.filter(one => allows(me, one.action) && (one.path !== '/git' || isMember)), ...own]
}

/* The place that an address belongs to, whoever looks. */
export const placeOf = (first = ''): Place | undefined => [...OF_ORGANIZATION, ORGANIZATIONS].find(one => one.under.includes(first))
