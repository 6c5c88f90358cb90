/*
 * Shared by all tabs of a browser: the access token, in memory alone, the one stream of changes, and what it told so far. A tab that comes later gets all of that
 * from here: the stream goes on as it is, and no other tab notices.
 */
import { delayOf, meaningOf } from './answers.ts'
import { Rows } from './rows.ts'
import { StreamReader } from './stream.ts'
import { Watchdog } from './watchdog.ts'

/* `none`: there is nothing that the person may see live. */
type Line = 'connecting' | 'live' | 'reconnecting' | 'none'
const MOST_MS = 15_000
/* `fresh`: somebody signed in just now, and it was not renewed silently. */
/* `reads`: whether one may read what runs there: if not, there is no stream to ask for. */
type Asked = { kind: 'look'; organization: string; reads: boolean } | { kind: 'hello' } | { kind: 'newest' } | { kind: 'bye' } | { kind: 'token'; token: string; expiresAt: number; idToken: string; fresh: boolean } |
  { kind: 'forget' } | { kind: 'signOut' }
type Told = { kind: 'organization'; organization: string | null } | { kind: 'rights' } | { kind: 'token'; token: string | null; expiresAt: number } | { kind: 'event'; event: string; value: unknown } |
  { kind: 'newest'; expiresAt: number } | { kind: 'expired' } |
  { kind: 'line'; state: Line; heardAt: number } | { kind: 'signedOut' } | { kind: 'leave'; idToken: string }

const ports = new Set<MessagePort>()
const rows = new Rows()
let token: string | null = null
/* The one that all tabs look at; null: no tab has said yet. */
let organization: string | null = null
let reads = false
let expiresAt = 0
let tokenAt = 0
let idToken = ''
let signedOut = false
let abort: AbortController | null = null
let lastEventId = ''
let line: Line = 'connecting'
/* When the server was heard of last: until then what is known was true. */
let heardAt = 0
let attempt = 0
let retry: ReturnType<typeof setTimeout> | undefined

function tell(message: Told, only?: MessagePort): void {
  for (const port of only ? [only] : ports) port.postMessage(message)
}

function setLine(state: Line): void {
  line = state
  tell({ kind: 'line', state, heardAt })
}

function hangUp(): void {
  lastEventId = ''
  heardAt = 0
  rows.clear()
  clearTimeout(retry)
  abort?.abort()
  abort = null
}

function look(at: string, readsIt: boolean): void {
  reads = readsIt
  if (organization !== at) {
    hangUp()
    organization = at
    setLine('connecting')
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
  setLine('connecting')
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
  setLine('reconnecting')
  clearTimeout(retry)
  retry = setTimeout(() => void open(), delayOf(attempt++, MOST_MS, Math.random()))
}

/* A network that is there again is a good moment. That there is none says nothing: what is on this machine is reached without. */
addEventListener('online', () => {
  attempt = 0
  if (line === 'reconnecting') void open()
})

/* One request for the stream, until it ends; what it ended with, in the service's own word or "". Throws when it breaks off. */
async function follow(mine: AbortController, at: string): Promise<number | string> {
  const dog = new Watchdog(() => mine.abort())
  try {
    const from = lastEventId ? `&lastEventId=${encodeURIComponent(lastEventId)}` : ''
    const answer = await fetch(`/api/state/v1/stream?organization=${encodeURIComponent(at)}${from}`, {
      headers: { Authorization: `Bearer ${token}`, Accept: 'text/event-stream' }, signal: mine.signal, cache: 'no-store'
    })
    if (!answer.ok || !answer.body) return answer.status
    let ended = ''
    const reader = new StreamReader((event, data, id) => {
      if (id) lastEventId = id
      const value = JSON.parse(data) as { reason?: string; everyMs?: number }
      if (event === 'end') { ended = value.reason ?? 'ended'; return }
      if (event === 'heartbeat') dog.expect(value.everyMs)
      rows.apply(event, value)
      tell({ kind: 'event', event, value })
    })
    for await (const chunk of answer.body as unknown as AsyncIterable<Uint8Array>) {
      dog.heard()
      heardAt = Date.now()
      attempt = 0
      if (line !== 'live') setLine('live')
      reader.push(chunk)
    }
    return ended
  } finally { dog.stop() }
}

async function open(): Promise<void> {
  if (!token || organization === null || !reads || abort) return
  clearTimeout(retry)
  const mine = new AbortController()
  abort = mine
  const openedAt = Date.now()
  const end = await follow(mine, organization).catch(() => '')
  // Hung up, or another one is open meanwhile.
  if (abort !== mine) return
  abort = null
  // What may be seen is another now: each tab asks, and says what to look at.
  if (end === 'rights-changed') { hangUp(); tell({ kind: 'rights' }); return }
  const meaning = typeof end === 'number' ? meaningOf(end) : 'fine'
  // The tabs renew the token; until then what is known stays. One that has only just come will not be the better for being asked for again at once.
  if (meaning === 'not-signed-in' && Date.now() - tokenAt > 5_000) { setLine('reconnecting'); tell({ kind: 'expired' }) }
  // The role does not read this, or the Organization is no longer one's own: asking again would not help; a new token may.
  else if (meaning === 'no-right' || end === 404) setLine('none')
  // Ended by the service with a word, as when the token that it was opened with has run out: the next one goes on at once where it was.
  else if (typeof end === 'string' && end && Date.now() - openedAt > 2_000) void open()
  else again()
}

function heard(port: MessagePort, message: Asked): void {
  if (message.kind === 'bye') { ports.delete(port); return }
  ports.add(port)
  if (message.kind === 'hello') {
    tell({ kind: 'organization', organization }, port)
    if (signedOut) tell({ kind: 'signedOut' }, port)
    else tell({ kind: 'token', token: expiresAt > Date.now() ? token : null, expiresAt }, port)
    tell({ kind: 'line', state: line, heardAt }, port)
    for (const value of rows.snapshots()) tell({ kind: 'event', event: 'snapshot', value }, port)
  } else if (message.kind === 'newest') tell({ kind: 'newest', expiresAt: token && expiresAt > Date.now() ? expiresAt : 0 }, port)
  else if (message.kind === 'look') look(message.organization, message.reads)
  else if (message.kind === 'token') {
    // A renewal that was under way when somebody signed out.
    if (signedOut && !message.fresh) { tell({ kind: 'signedOut' }, port); return }
    signedOut = false
    token = message.token
    tokenAt = Date.now()
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
