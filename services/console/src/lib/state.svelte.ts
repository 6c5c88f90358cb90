/* What the whole page shares: who is signed in, the rows, how live they are, and where one is. */
import { get, useToken } from './api.ts'
import { finishSignIn, hasLeft, leave, renew, signIn, signOut, type Signed } from './auth.ts'
import { Rows, type Row } from './rows.ts'

export type Me = { user: string; displayName?: string; organization: string; environments: string[]; roles: string[]; may: Record<string, string[]> }
export type Line = 'live' | 'reconnecting' | 'off'

class Shared {
  phase = $state<'starting' | 'out' | 'in'>('starting')
  me = $state<Me | null>(null)
  line = $state<Line>('off')
  delay = $state(0)
  now = $state(Date.now())
  /* Rises with each batch of changes: what is derived from rows depends on it. */
  version = $state(0)
  known = $state(false)
  path = $state(location.pathname)
  query = $state(location.search)
  /* Whether somebody was signed in before in this tab: an end is told apart from a beginning. */
  wasIn = $state(false)
  /* Whether it was ended by signing out, in this tab or another. */
  left = $state(false)
  readonly rows = new Rows()

  may(action: string, environment = '_'): boolean {
    return this.me?.may[environment]?.includes(action) ?? false
  }

  /* Another screen, or with `replace` another look of this one. */
  go(path: string, replace = false): void {
    history[replace ? 'replaceState' : 'pushState'](null, '', path)
    this.path = location.pathname
    this.query = location.search
    if (!replace) scrollTo(0, 0)
  }
}

export const shared = new Shared()
let port: MessagePort
let renewal: ReturnType<typeof setTimeout> | undefined
let waiting = false

function hold(signed: Signed, fresh: boolean): void {
  port.postMessage({ kind: 'token', ...signed, fresh })
}

/* Nothing of whoever was here stays, and nothing asks for a token until somebody signs in. */
function wentOut(): void {
  useToken(null, () => {})
  clearTimeout(renewal)
  shared.rows.clear()
  shared.known = false
  shared.me = null
  shared.left = true
  shared.phase = 'out'
}

/* One renewal at a time: whoever asks meanwhile waits for the same answer. */
let renewing: Promise<void> | null = null
function silently(): Promise<void> {
  renewing ??= renew().catch(() => null).then(signed => {
    if (shared.left) return
    if (signed) hold(signed, false)
    else {
      shared.phase = 'out'
      port.postMessage({ kind: 'forget' })
    }
  }).finally(() => { renewing = null })
  return renewing
}

async function tokenCame(token: string | null, expiresAt: number): Promise<void> {
  useToken(token, () => void silently())
  clearTimeout(renewal)
  if (!token) {
    shared.rows.clear()
    shared.known = false
    if (shared.phase === 'in') void silently()
    return
  }
  shared.left = false
  // Renewed when a quarter of its life is left, at a moment of this tab's own: the first tab to do it does it for all.
  renewal = setTimeout(() => void silently(), Math.max(1_000, (expiresAt - Date.now()) * (0.65 + Math.random() * 0.1)))
  if (shared.phase !== 'in' || !shared.me) {
    shared.me = await get<Me>('/api/state/v1/me').catch(() => null)
    shared.phase = shared.me ? 'in' : 'out'
    shared.wasIn ||= shared.me !== null
    known()
  }
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

function eventCame(event: string, value: Row): void {
  if (event === 'heartbeat') { shared.delay = 0; return }
  if (!shared.rows.apply(event, value)) return
  if (event === 'snapshot') known()
  if (event === 'row' && value.observedAt && value.foldedAt) shared.delay = Math.max(0, Date.now() - Date.parse(value.observedAt))
  changed()
}

export async function start(): Promise<void> {
  addEventListener('popstate', () => { shared.path = location.pathname; shared.query = location.search })
  setInterval(() => { shared.now = Date.now() }, 5_000)
  const worker = new SharedWorker(new URL('./session.worker.ts', import.meta.url), { type: 'module', name: 'catalyst-session' })
  port = worker.port
  const hello = new Promise<boolean>(resolve => {
    port.onmessage = ({ data }) => {
      if (data.kind === 'token') { void tokenCame(data.token, data.expiresAt); resolve(data.token !== null) }
      else if (data.kind === 'signedOut') { wentOut(); resolve(true) }
      else if (data.kind === 'leave') { wentOut(); signOut(data.idToken) }
      else if (data.kind === 'event') eventCame(data.event, data.value)
      else if (data.kind === 'line') shared.line = data.state
    }
  })
  port.start()
  const signed = await finishSignIn().catch(() => null)
  shared.path = location.pathname
  shared.query = location.search
  port.postMessage({ kind: 'hello' })
  addEventListener('pagehide', () => port.postMessage({ kind: 'bye' }))
  addEventListener('pageshow', event => { if (event.persisted) port.postMessage({ kind: 'hello' }) })
  if (signed) hold(signed, true)
  else if (hasLeft()) wentOut()
  else if (!(await hello)) await silently()
}

export const enter = (): void => void signIn()
export function exit(): void {
  leave()
  port.postMessage({ kind: 'signOut' })
}
