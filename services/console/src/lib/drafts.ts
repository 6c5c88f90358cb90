/*
 * What somebody is typing, kept until it is carried out or given up: whole while the page lives, and in the tab's own storage for when it is loaded anew. What a
 * schema calls a secret is never stored. Each person of each Organization has drafts of his own, and signing out drops them all.
 */
import type { Schema } from './config.ts'
import type { Typing } from './typing.ts'

const PREFIX = 'draft '
const whole = new Map<string, unknown>()

export const draftName = (user: string, organization: string, form: string): string => `${PREFIX}${user} ${organization} ${form}`

/* `forms`: by the place that each is about. */
type Typed = { values?: unknown; forms?: Record<string, Typing>; scope?: string }

export function keepDraft(name: string, draft: Typed, schema: Schema): void {
  whole.set(name, draft)
  const bare = <T>(value: T): T => withoutSecrets(schema, value) as T
  const forms = draft.forms && Object.fromEntries(Object.entries(draft.forms).map(([place, one]) => [place, { ...one, before: bare(one.before), begun: bare(one.begun), values: bare(one.values) }]))
  store(name, { ...draft, ...(draft.values === undefined ? {} : { values: bare(draft.values) }), ...(forms ? { forms } : {}) })
}

function store(name: string, draft: unknown): void {
  try { sessionStorage.setItem(name, JSON.stringify(draft)) } catch { /* a full store: it is kept while the page lives */ }
}

export function draftOf<T>(name: string): T | null {
  const found = whole.get(name)
  return found !== undefined ? structuredClone(found) as T : stillStored<T>(name)
}

function stillStored<T>(name: string): T | null {
  try { return JSON.parse(sessionStorage.getItem(name) ?? 'null') as T | null } catch { return null }
}

export function dropDraft(name: string): void {
  whole.delete(name)
  sessionStorage.removeItem(name)
}

/* What was typed for one place has become a plan that is carried out: what was typed for others stays. */
export function dropForm(name: string, place: string): void {
  const without = (draft: Typed | null): Typed | null => {
    const forms = Object.fromEntries(Object.entries(draft?.forms ?? {}).filter(([one]) => one !== place))
    return Object.keys(forms).length > 0 ? { ...draft, scope: Object.keys(forms)[0], forms } : null
  }
  const rest = without(draftOf<Typed>(name))
  const stored = without(stillStored<Typed>(name))
  dropDraft(name)
  if (rest) whole.set(name, rest)
  if (stored) store(name, stored)
}

export function dropDrafts(): void {
  whole.clear()
  for (const name of Object.keys(sessionStorage)) if (name.startsWith(PREFIX)) sessionStorage.removeItem(name)
}

type Wide = Schema & { $ref?: string; format?: string; writeOnly?: boolean; allOf?: Schema[]; if?: Schema; then?: Schema; else?: Schema; prefixItems?: Schema[]; additionalProperties?: Schema | boolean; patternProperties?: Record<string, Schema> }
const MOST_SCHEMAS = 500

/* Every schema that could say something about one value: what it refers to, and all its alternatives. */
function saying(root: Schema, about: Schema[]): Wide[] {
  const found = new Set<Wide>()
  const wait = [...about] as Wide[]
  for (let one = wait.pop(); one && found.size < MOST_SCHEMAS; one = wait.pop()) {
    if (typeof one !== 'object' || found.has(one)) continue
    found.add(one)
    if (one.$ref) wait.push(referred(root, one.$ref) as Wide)
    for (const more of [one.allOf, one.anyOf, one.oneOf, one.if, one.then, one.else].flat()) if (more) wait.push(more)
  }
  return [...found]
}

function referred(root: Schema, reference: string): unknown {
  return reference.split('/').slice(1).reduce<unknown>((at, name) => (at as Record<string, unknown> | undefined)?.[decodeURIComponent(name).replace(/~1/g, '/').replace(/~0/g, '~')], root)
}

const isSecret = (one: Wide): boolean => one['x-catalyst-ui-hint'] === 'password' || one.format === 'password' || one.writeOnly === true

/* A value without what any of its schemas calls a secret. */
export function withoutSecrets(root: Schema, value: unknown, about: Schema[] = [root]): unknown {
  const schemas = saying(root, about)
  if (schemas.some(isSecret)) return undefined
  const kept = (one: unknown): Schema[] => (one && typeof one === 'object' ? [one as Schema] : [])
  if (Array.isArray(value)) return value.map((entry, at) => withoutSecrets(root, entry, schemas.flatMap(one => [...kept(one.items), ...kept(one.prefixItems?.[at])])) ?? null)
  if (value === null || typeof value !== 'object') return value
  return Object.fromEntries(Object.entries(value).map(([name, entry]) => [name, withoutSecrets(root, entry, schemas.flatMap(one => ofMember(one, name)))]))
}

/* What an object's schema says about its member of that name. */
function ofMember(schema: Wide, name: string): Schema[] {
  const found = Object.entries(schema.patternProperties ?? {}).filter(([pattern]) => fits(pattern, name)).map(([, one]) => one)
  const own = schema.properties?.[name]
  if (own) found.push(own)
  if (found.length === 0 && typeof schema.additionalProperties === 'object') found.push(schema.additionalProperties)
  return found
}

function fits(pattern: string, name: string): boolean {
  try { return new RegExp(pattern, 'u').test(name) } catch { return true }
}

export const hasSecrets = (schema: Schema): boolean => /"x-catalyst-ui-hint":"password"|"format":"password"|"writeOnly":true/.test(JSON.stringify(schema))
