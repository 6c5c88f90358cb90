/* Calls of our services, with problem details as errors. */
import { meaningOf, NoAnswer, type Meaning } from './answers.ts'
import { read, write } from './numbers.ts'

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
let renewed: () => Promise<boolean> = async () => false
/* `renew` is asked when the token was refused: true when there is a newer one now. */
export function useToken(now: string | null, renew: () => Promise<boolean>): void {
  token = now
  renewed = renew
}

/* What an error means for whoever sees it; one that nobody foresaw is a refusal. */
export function meaningOfError(error: unknown): Meaning {
  if (error instanceof NoAnswer) return 'no-answer'
  return error instanceof Problem ? meaningOf(error.status) : 'refused'
}

/* What was asked for is not there. */
export const isGone = (error: unknown): boolean => error instanceof Problem && error.status === 404

async function ask(method: string, path: string, body: unknown, key: string): Promise<Response> {
  const headers: Record<string, string> = { Authorization: `Bearer ${token ?? ''}` }
  if (body !== undefined) headers['Content-Type'] = 'application/json'
  if (method !== 'GET') headers['Idempotency-Key'] = key
  try {
    return await fetch(addressed(path, organization), { method, headers, body: body === undefined ? undefined : write(body), signal: AbortSignal.timeout(60_000) })
  } catch (error) { throw new NoAnswer(String(error)) }
}

export async function call<T>(method: string, path: string, body?: unknown): Promise<T> {
  const key = crypto.randomUUID()
  let answer = await ask(method, path, body, key)
  // A token that has run out meanwhile, as after a night asleep: the same call again with a newer one. It may be sent twice, as its key makes it one.
  if (meaningOf(answer.status) === 'not-signed-in') {
    if (!(await renewed())) throw new NoAnswer(String(answer.status))
    answer = await ask(method, path, body, key)
  }
  if (answer.status === 204) return undefined as T
  const json = await answer.text().then(read).catch(() => null) as ConstructorParameters<typeof Problem>[1] | null
  // Not one of our services: a front door's own page, or what a network puts before it.
  if (json === null && (answer.ok || meaningOf(answer.status) === 'no-answer')) throw new NoAnswer(String(answer.status))
  if (!answer.ok) throw new Problem(answer.status, json ?? {})
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
