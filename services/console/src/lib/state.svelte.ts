/* What the whole page shares: who is signed in, the rows, how live they are, and where one is. */
import { delayOf } from './answers.ts'
import { get, meaningOfError, Problem, useOrganization, useToken } from './api.ts'
import { finishSignIn, hasLeft, leave, renew, signIn, signOut, userOf, type Signed } from './auth.ts'
import { dropDrafts } from './drafts.ts'
import { Renewals, type Outcome } from './renewal.ts'
import { delayOfRow, Rows, type Row } from './rows.ts'

export type Membership = { organization: string; roles: string[]; environments: Record<string, string[]> }
export type Me = { user: string; displayName?: string; memberships: Membership[]; organization: string | null; environments: string[]; roles: string[]; may: Record<string, string[]>; anywhere: string[]; who: Record<string, string[]>; whoEarly: Record<string, string[]>; gitUrl?: string }
export type Line = 'connecting' | 'live' | 'reconnecting' | 'none'

class Shared {
  /* `unanswered`: who it is could not be asked yet; `choose`: in several Organizations, and none is said; `nowhere`: in none. */
  phase = $state<'starting' | 'unanswered' | 'out' | 'in' | 'choose' | 'nowhere'>('starting')
  me = $state<Me | null>(null)
  line = $state<Line>('connecting')
  /* When the server was heard of last, as of the last change of the line. */
  heardAt = $state(0)
  /* The token has ended, and nobody answers who could renew it. */
  unrenewed = $state(false)
  delay = $state(0)
  now = $state(Date.now())
  /* Rises with each batch of changes: what is derived from rows depends on it. */
  version = $state(0)
  known = $state(false)
  /* Why who it is could not be told, in the service's words; "" where there was no answer. */
  said = $state('')
  path = $state(location.pathname)
  query = $state(location.search)
  /* Whether somebody was signed in before in this tab: an end is told apart from a beginning. */
  wasIn = $state(false)
  /* Whether it was ended by signing out, in this tab or another. */
  left = $state(false)
  /* The user name of who belongs to nothing, of whom the services say no more. */
  named = $state('')
  readonly rows = new Rows()

  /* What is shown is of a moment ago, and may be another by now. */
  get stale(): boolean { return this.line === 'reconnecting' && this.heardAt > 0 }

  may(action: string, environment = '_'): boolean {
    return this.me?.may[environment]?.includes(action) ?? false
  }

  /* Somewhere: in the Organization, or in one of its Environments. */
  mayAnywhere(action: string): boolean {
    return Object.values(this.me?.may ?? {}).some(actions => actions.includes(action))
  }

  /* An address of ours with the Organization in it, where there is more than one to be in. */
  address(path: string): string {
    const me = this.me
    if (!me?.organization || (me.memberships.length === 1 && me.memberships[0]!.organization === me.organization)) return path
    const to = new URL(path, location.origin)
    to.searchParams.set('organization', me.organization)
    return to.pathname + to.search
  }

  /* Another screen, or with `replace` another look of this one. */
  go(path: string, replace = false): void {
    history[replace ? 'replaceState' : 'pushState'](null, '', this.address(path))
    this.path = location.pathname
    this.query = location.search
    if (!replace) scrollTo(0, 0)
  }
}

export const shared = new Shared()
let port: MessagePort
let timer: ReturnType<typeof setTimeout> | undefined
let waiting = false
let expiresAt = 0

/* What the worker is asked and answers once: each who waits is told. */
const waits = { newest: [] as ((at: number) => void)[], token: [] as (() => void)[] }
const newest = (): Promise<number> => new Promise(resolve => { waits.newest.push(resolve); port.postMessage({ kind: 'newest' }) })
function hold(signed: Signed, fresh: boolean): Promise<void> {
  return new Promise(resolve => { waits.token.push(resolve); port.postMessage({ kind: 'token', ...signed, fresh }) })
}
const tell = <T>(list: ((value: T) => void)[], value: T): void => { for (const one of list.splice(0)) one(value) }

const renewals = new Renewals({
  ask: renew, newest, hand: signed => (shared.left ? Promise.resolve() : hold(signed, false)),
  alone: run => navigator.locks.request('catalyst-renewal', run),
  // Keycloak's word alone ends a session; what was typed is kept for the next one.
  ended: () => { if (!shared.left) { shared.phase = 'out'; port.postMessage({ kind: 'forget' }) } },
  unanswered: is => {
    shared.unrenewed = is && expiresAt <= Date.now()
    if (is && shared.phase === 'starting') shared.phase = 'unanswered'
  }
})
const silently = async (): Promise<boolean> => (shared.left ? false : (await renewals.renew(expiresAt)) satisfies Outcome) === 'renewed'

/* Nothing of whoever was here stays, and nothing asks for a token until somebody signs in. */
function wentOut(): void {
  useToken(null, async () => false)
  clearTimeout(timer)
  shared.left = true
  renewals.settle()
  tell(waits.token, undefined)
  dropDrafts()
  shared.rows.clear()
  shared.known = false
  shared.me = null
  shared.phase = 'out'
}

/* The Organization that was chosen last: in another tab, or in this browser. A name alone, of use only to who belongs to it. */
const LAST = 'organization'
let elsewhere: string | null = null
const last = (): string | null => elsewhere ?? localStorage.getItem(LAST)
const inAddress = (): string | null => new URLSearchParams(location.search).get('organization')

async function ask(organization: string | null): Promise<Me> {
  return get<Me>(`/api/state/v1/me${organization === null ? '' : `?organization=${encodeURIComponent(organization)}`}`)
}

/* Who it is, and where: in the Organization that is named, else the only one, else the one that was chosen last. */
async function find(named: string | null): Promise<Me> {
  const me = await ask(named).catch((error: unknown) => {
    if (named !== null && error instanceof Problem && error.status === 404) return ask(null)
    throw error
  })
  const before = last()
  return me.organization === null && before !== null && me.memberships.some(one => one.organization === before) ? ask(before) : me
}

let attempt = 0
let later: ReturnType<typeof setTimeout> | undefined
async function meet(named: string | null): Promise<void> {
  clearTimeout(later)
  try {
    const me = await find(named)
    // Somebody signed out, or the session ended, meanwhile.
    if (shared.left || shared.phase === 'out') return
    shared.me = me
    shared.phase = shared.me.organization === null ? 'choose' : 'in'
    attempt = 0
  } catch (error) {
    if (shared.left || shared.phase === 'out') return
    if (error instanceof Problem && error.code === 'no-organization') {
      shared.me = null
      shared.phase = 'nowhere'
      useOrganization(null)
      return
    }
    // Who somebody is does not change because nobody answers: what is open stays open, and it is asked again.
    if (shared.phase !== 'in') shared.phase = 'unanswered'
    shared.said = meaningOfError(error) === 'no-answer' ? '' : (error as Error).message
    later = setTimeout(() => void meet(named), delayOf(attempt++, 15_000, Math.random()))
    return
  }
  const organization = shared.me?.organization ?? null
  useOrganization(organization)
  shared.wasIn ||= organization !== null
  if (organization === null) return
  localStorage.setItem(LAST, organization)
  history.replaceState(history.state, '', shared.address(location.pathname + location.search))
  shared.query = location.search
  port.postMessage({ kind: 'look', organization, reads: shared.me?.anywhere.includes('read') ?? false })
  known()
  arrive()
}

function clearRows(): void {
  shared.rows.clear()
  shared.known = false
  shared.version++
}

/* All tabs look at one Organization: what one of them chooses, the others follow. */
function organizationCame(organization: string | null): void {
  elsewhere = organization
  if (organization === null || organization === shared.me?.organization || (shared.phase !== 'in' && shared.phase !== 'choose')) return
  clearRows()
  void meet(organization)
}

function rightsChanged(): void {
  clearRows()
  void meet(shared.me?.organization ?? null)
}

/* Where one goes once the Organization that was chosen is there. */
let afterwards = ''
function arrive(): void {
  const path = afterwards
  afterwards = ''
  if (path) shared.go(path)
}

/* Another Organization, and a screen in it. Its stream begins when it is known what may be seen there. */
export function choose(organization: string, path = ''): void {
  afterwards = path
  if (organization === shared.me?.organization) arrive()
  else port.postMessage({ kind: 'look', organization, reads: false })
}
export const askAgain = (): void => {
  if (shared.phase === 'unanswered' && expiresAt > Date.now()) void meet(inAddress())
  else void silently()
}

async function tokenCame(token: string | null, ends: number): Promise<void> {
  expiresAt = token ? ends : 0
  useToken(token, silently)
  clearTimeout(timer)
  if (!token) {
    if (shared.phase === 'out') clearRows()
    else if (shared.phase !== 'starting') void silently()
    return
  }
  shared.left = false
  renewals.settle()
  tell(waits.token, undefined)
  shared.named = userOf(token)
  // Renewed when a quarter of its life is left, at a moment of this tab's own: the first tab to do it does it for all.
  timer = setTimeout(() => void silently(), Math.max(1_000, (expiresAt - Date.now()) * (0.65 + Math.random() * 0.1)))
  if (shared.phase === 'out') shared.phase = 'starting'
  if (shared.phase !== 'in' || !shared.me) await meet(inAddress())
}

function changed(): void {
  if (waiting) return
  waiting = true
  // Many events become one drawing.
  setTimeout(() => { waiting = false; shared.version++ }, 40)
}

function known(): void {
  shared.known ||= shared.me !== null && Object.keys(shared.me.may).every(name => name === '_' || shared.rows.environments.has(name))
}

let listeningSince = Date.now()

function eventCame(event: string, value: Row): void {
  if (event === 'heartbeat') { shared.delay = 0; return }
  const old = event === 'row' ? shared.rows.row(value.environment ?? '_', value.key) : undefined
  if (!shared.rows.apply(event, value)) return
  if (event === 'snapshot') known()
  if (event === 'row') shared.delay = delayOfRow(value, old, listeningSince, Date.now()) ?? shared.delay
  changed()
}

export async function start(): Promise<void> {
  addEventListener('popstate', () => {
    shared.path = location.pathname
    shared.query = location.search
    const named = inAddress()
    if (shared.phase === 'in' && named !== null && named !== shared.me?.organization) choose(named)
  })
  setInterval(() => { shared.now = Date.now() }, 5_000)
  const worker = new SharedWorker(new URL('./session.worker.ts', import.meta.url), { type: 'module', name: 'catalyst-session' })
  port = worker.port
  const hello = new Promise<boolean>(resolve => {
    port.onmessage = ({ data }) => {
      if (data.kind === 'token') { void tokenCame(data.token, data.expiresAt); resolve(data.token !== null) }
      else if (data.kind === 'signedOut') { wentOut(); resolve(true) }
      else if (data.kind === 'leave') { wentOut(); signOut(data.idToken) }
      else if (data.kind === 'event') eventCame(data.event, data.value)
      else if (data.kind === 'line') { if (data.state === 'live' && shared.line !== 'live') listeningSince = Date.now(); shared.line = data.state; shared.heardAt = data.heardAt; shared.now = Date.now() }
      else if (data.kind === 'newest') tell(waits.newest, data.expiresAt as number)
      else if (data.kind === 'expired') void silently()
      else if (data.kind === 'organization') organizationCame(data.organization)
      else if (data.kind === 'rights') rightsChanged()
    }
  })
  port.start()
  // A network that is there again is a good moment for whatever waits.
  addEventListener('online', () => { if (shared.unrenewed || shared.phase === 'unanswered') askAgain() })
  const signed = await finishSignIn().catch(() => null)
  shared.path = location.pathname
  shared.query = location.search
  port.postMessage({ kind: 'hello' })
  addEventListener('pagehide', () => port.postMessage({ kind: 'bye' }))
  addEventListener('pageshow', event => { if (event.persisted) port.postMessage({ kind: 'hello' }) })
  if (signed) void hold(signed, true)
  else if (hasLeft()) wentOut()
  else if (!(await hello)) await silently()
}

export const enter = (): void => void signIn()
export function exit(): void {
  leave()
  port.postMessage({ kind: 'signOut' })
}
