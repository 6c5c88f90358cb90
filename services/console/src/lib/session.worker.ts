/* Shared by all tabs of a browser: keeps the access token in memory, and the one stream of changes. */
import { StreamReader } from './stream.ts'

type Asked = { kind: 'hello' } | { kind: 'token'; token: string; expiresAt: number } | { kind: 'forget' }
type Told =
  | { kind: 'token'; token: string | null; expiresAt: number }
  | { kind: 'event'; event: string; data: string; id: string }
  | { kind: 'line'; state: 'live' | 'reconnecting' | 'off'; at: number }

const ports = new Set<MessagePort>()
let token: string | null = null
let expiresAt = 0
let abort: AbortController | null = null
let lastEventId = ''
let line: 'live' | 'reconnecting' | 'off' = 'off'
let attempt = 0

function tell(message: Told, only?: MessagePort): void {
  for (const port of only ? [only] : ports) port.postMessage(message)
}

function setLine(state: typeof line): void {
  line = state
  tell({ kind: 'line', state, at: Date.now() })
}

function forget(): void {
  token = null
  expiresAt = 0
  lastEventId = ''
  abort?.abort()
  abort = null
  setLine('off')
  tell({ kind: 'token', token: null, expiresAt: 0 })
}

function again(): void {
  // Full jitter, 0.5 s to 15 s: after an outage browsers come back spread out.
  const delay = Math.random() * Math.min(15_000, 500 * 2 ** attempt++) + 200
  setLine('reconnecting')
  setTimeout(() => void open(), delay)
}

async function open(): Promise<void> {
  if (!token || abort) return
  const mine = new AbortController()
  abort = mine
  try {
    const from = lastEventId ? `?lastEventId=${encodeURIComponent(lastEventId)}` : ''
    const answer = await fetch(`/api/state/v1/stream${from}`, {
      headers: { Authorization: `Bearer ${token}`, Accept: 'text/event-stream' }, signal: mine.signal, cache: 'no-store'
    })
    if (answer.status === 401) { abort = null; forget(); return }
    if (!answer.ok || !answer.body) throw new Error(String(answer.status))
    attempt = 0
    setLine('live')
    const reader = new StreamReader((event, data, id) => {
      if (id) lastEventId = id
      tell({ kind: 'event', event, data, id })
    })
    for await (const chunk of answer.body as unknown as AsyncIterable<Uint8Array>) reader.push(chunk)
  } catch {
    if (mine.signal.aborted) return
  }
  if (abort === mine) { abort = null; again() }
}

function restart(): void {
  abort?.abort()
  abort = null
  void open()
}

function heard(port: MessagePort, message: Asked): void {
  if (message.kind === 'hello') {
    tell({ kind: 'token', token: expiresAt > Date.now() ? token : null, expiresAt }, port)
    tell({ kind: 'line', state: line, at: Date.now() }, port)
    // A new tab knows nothing yet: everybody gets a snapshot.
    if (token) { lastEventId = ''; restart() }
  } else if (message.kind === 'token') {
    const first = token === null
    token = message.token
    expiresAt = message.expiresAt
    tell({ kind: 'token', token, expiresAt })
    if (first || !abort) restart()
  } else forget()
}

;(self as unknown as { onconnect: (event: MessageEvent) => void }).onconnect = event => {
  const port = event.ports[0]!
  ports.add(port)
  port.onmessage = message => heard(port, message.data as Asked)
  port.start()
}
