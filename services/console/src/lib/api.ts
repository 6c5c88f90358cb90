/* Calls of our services, with problem details as errors. */
export class Problem extends Error {
  readonly status: number
  readonly code: string
  readonly errors: { pointer: string; message: string }[]
  readonly traceId: string
  constructor(status: number, body: { title?: string; detail?: string; code?: string; errors?: { pointer: string; message: string }[]; traceId?: string }) {
    super(body.detail || body.title || `HTTP ${status}`)
    this.status = status
    this.code = body.code ?? ''
    this.errors = body.errors ?? []
    this.traceId = body.traceId ?? ''
  }
}

let organization: string | null = null
/* Calls are about this Organization from now on. */
export function useOrganization(name: string | null): void { organization = name }
/* A person's own things, and the list of Organizations, are of no Organization; a path that names one is left as it is. */
const OF_NONE = /\/v1\/(me|git-tokens|organizations)(\/|\?|$)/
export function addressed(path: string, name: string | null): string {
  if (name === null || OF_NONE.test(path)) return path
  return `${path}${path.includes('?') ? '&' : '?'}organization=${encodeURIComponent(name)}`
}

let token: string | null = null
let lost: () => void = () => {}
export function useToken(now: string | null, onLost: () => void): void {
  token = now
  lost = onLost
}

export async function call<T>(method: string, path: string, body?: unknown): Promise<T> {
  const headers: Record<string, string> = { Authorization: `Bearer ${token ?? ''}` }
  if (body !== undefined) headers['Content-Type'] = 'application/json'
  if (method !== 'GET') headers['Idempotency-Key'] = crypto.randomUUID()
  const answer = await fetch(addressed(path, organization), { method, headers, body: body === undefined ? undefined : JSON.stringify(body), signal: AbortSignal.timeout(60_000) })
  if (answer.status === 401) lost()
  if (answer.status === 204) return undefined as T
  const json = await answer.json().catch(() => ({}))
  if (!answer.ok) throw new Problem(answer.status, json)
  return json as T
}
export const get = <T>(path: string): Promise<T> => call<T>('GET', path)

/* Every page of a list. */
export async function list<T>(path: string): Promise<T[]> {
  const items: T[] = []
  let cursor: string | null = ''
  while (cursor !== null && items.length < 10_000) {
    const page: { items: T[]; next: string | null } = await get(`${path}${path.includes('?') ? '&' : '?'}limit=200${cursor ? `&cursor=${encodeURIComponent(cursor)}` : ''}`)
    items.push(...page.items)
    cursor = page.next
  }
  return items
}
