/*
 * Shared by all tabs of a browser: the access token, in memory alone, the one stream of changes, and what it told so far. A tab that comes later gets all of that
 * from here: the stream goes on as it is, and no other tab notices.
 */
import { Rows } from './rows.ts'
import { StreamReader } from './stream.ts'

type Line = 'live' | 'reconnecting' | 'off'
/* `fresh`: somebody signed in just now, and it was not renewed silently. */
type Asked = { kind: 'look'; organization: string } | { kind: 'hello' } | { kind: 'bye' } | { kind: 'token'; token: string; expiresAt: number; idToken: string; fresh: boolean } |
  { kind: 'forget' } | { kind: 'signOut' }
type Told = { kind: 'organization'; organization: string | null } | { kind: 'rights' } | { kind: 'token'; token: string | null; expiresAt: number } | { kind: 'event'; event: string; value: unknown } |
  { kind: 'line'; state: Line } | { kind: 'signedOut' } | { kind: 'leave'; idToken: string }

const ports = new Set<MessagePort>()
const rows = new Rows()
let token: string | null = null
/* The one that all tabs look at; null: no tab has said yet. */
let organization: string | null = null
let expiresAt = 0
let idToken = ''
let signedOut = false
let abort: AbortController | null = null
let lastEventId = ''
let line: Line = 'off'
let attempt = 0

function tell(message: Told, only?: MessagePort): void {
  for (const port of only ? [only] : ports) port.postMessage(message)
}

function setLine(state: Line): void {
  line = state
  tell({ kind: 'line', state })
}

function hangUp(): void {
  lastEventId = ''
  rows.clear()
  abort?.abort()
  abort = null
}

function look(at: string): void {
  if (organization !== at) {
    hangUp()
    organization = at
    tell({ kind: 'organization', organization })
  }
  void open()
}

function drop(): void {
  token = null
  expiresAt = 0
  idToken = ''
  organization = null
  hangUp()
  setLine('off')
}

function forget(): void {
  drop()
  tell({ kind: 'token', token: null, expiresAt: 0 })
}

/* For all tabs at once; the one where it was asked for goes to Keycloak with the hint. */
function signOut(asking: MessagePort): void {
  const hint = idToken
  signedOut = true
  drop()
  for (const port of ports) tell(port === asking ? { kind: 'leave', idToken: hint } : { kind: 'signedOut' }, port)
}

function again(): void {
  // Full jitter, 0.5 s to 15 s: after an outage browsers come back spread out.
  const delay = Math.random() * Math.min(15_000, 500 * 2 ** attempt++) + 200
  setLine('reconnecting')
  setTimeout(() => void open(), delay)
}

async function open(): Promise<void> {
  if (!token || organization === null || abort) return
  const mine = new AbortController()
  abort = mine
  const openedAt = Date.now()
  let ended = ''
  try {
    const from = lastEventId ? `&lastEventId=${encodeURIComponent(lastEventId)}` : ''
    const answer = await fetch(`/api/state/v1/stream?organization=${encodeURIComponent(organization)}${from}`, {
      headers: { Authorization: `Bearer ${token}`, Accept: 'text/event-stream' }, signal: mine.signal, cache: 'no-store'
    })
    if (answer.status === 401) { abort = null; forget(); return }
    // The role does not read this, or the Organization is no longer one's own: asking again would not help; a new token may.
    if (answer.status === 403 || answer.status === 404) { abort = null; setLine('off'); return }
    if (!answer.ok || !answer.body) throw new Error(String(answer.status))
    attempt = 0
    if (line !== 'live') setLine('live')
    const reader = new StreamReader((event, data, id) => {
      if (id) lastEventId = id
      if (event === 'end') { ended = (JSON.parse(data) as { reason?: string }).reason ?? 'ended'; return }
      const value: unknown = JSON.parse(data)
      rows.apply(event, value)
      tell({ kind: 'event', event, value })
    })
    for await (const chunk of answer.body as unknown as AsyncIterable<Uint8Array>) reader.push(chunk)
  } catch {
    if (mine.signal.aborted) return
  }
  if (abort !== mine) return
  abort = null
  // What may be seen is another now: each tab asks, and says what to look at.
  if (ended === 'rights-changed') { hangUp(); tell({ kind: 'rights' }); return }
  // Ended by the service with a word, as when the token that it was opened with has run out: the next one goes on at once where it was.
  if (ended && Date.now() - openedAt > 2_000) void open()
  else again()
}

function heard(port: MessagePort, message: Asked): void {
  if (message.kind === 'bye') { ports.delete(port); return }
  ports.add(port)
  if (message.kind === 'hello') {
    tell({ kind: 'organization', organization }, port)
    if (signedOut) tell({ kind: 'signedOut' }, port)
    else tell({ kind: 'token', token: expiresAt > Date.now() ? token : null, expiresAt }, port)
    tell({ kind: 'line', state: line }, port)
    for (const value of rows.snapshots()) tell({ kind: 'event', event: 'snapshot', value }, port)
  } else if (message.kind === 'look') look(message.organization)
  else if (message.kind === 'token') {
    // A renewal that was under way when somebody signed out.
    if (signedOut && !message.fresh) { tell({ kind: 'signedOut' }, port); return }
    signedOut = false
    token = message.token
    idToken = message.idToken
    expiresAt = message.expiresAt
    tell({ kind: 'token', token, expiresAt })
    // A stream that is open stays: the next one takes the new token.
    void open()
  } else if (message.kind === 'signOut') signOut(port)
  else forget()
}

;(self as unknown as { onconnect: (event: MessageEvent) => void }).onconnect = event => {
  const port = event.ports[0]!
  port.onmessage = message => heard(port, message.data as Asked)
  port.start()
}
