/* A Blueprint's configSchema as a form needs it before it is drawn: where it starts, and which errors of a plan are about it. */
export type Schema = {
  type?: string | string[]; title?: string; description?: string; default?: unknown; enum?: unknown[]; const?: unknown
  properties?: Record<string, Schema>; required?: string[]; items?: Schema; oneOf?: Schema[]; anyOf?: Schema[]
  'x-catalyst-ui-hint'?: string; 'x-catalyst-ui-filter'?: string | { blueprint?: string }
}
/* As the services say it: a JSON pointer and a sentence. */
export type FieldError = { pointer: string; message: string }

export function emptyOf(schema: Schema): unknown {
  if (schema.default !== undefined) return structuredClone(schema.default)
  return schema.type === 'object' ? defaultsOf(schema) : undefined
}

export function defaultsOf(schema: Schema): Record<string, unknown> {
  const value: Record<string, unknown> = {}
  for (const [name, one] of Object.entries(schema.properties ?? {})) {
    const start = emptyOf(one)
    if (start !== undefined) value[name] = start
  }
  return value
}

/* Errors of a plan that are about fields below `base` ("/config"), and the rest. */
export function fieldErrors(errors: FieldError[], base: string): FieldError[] {
  return errors.filter(one => one.pointer.startsWith(`${base}/`)).map(one => ({ pointer: one.pointer.slice(base.length), message: one.message }))
}

/* What Git has and a Blueprint does not take stands below /values, or below /overlays/{env type}: "" is everybody's. */
export function placeOfProblem(pointer: string): { place: string; pointer: string } {
  const [, kind, type = '', ...rest] = pointer.split('/')
  if (kind === 'overlays') return { place: type, pointer: rest.map(one => `/${one}`).join('') }
  return { place: '', pointer: pointer.replace(/^\/values(?=\/|$)/, '') }
}

/* Those of them that the form of an Environment shows, or of all (""): its own, and everybody's where it has nothing of its own wrong. */
export function problemsIn(problems: FieldError[], environment: string): FieldError[] {
  const own = environment.split('-').pop() ?? ''
  const found = new Map<string, FieldError>()
  for (const one of problems) {
    const { place, pointer } = placeOfProblem(one.pointer)
    if (pointer && (place === own || (place === '' && !found.has(pointer)))) found.set(pointer, { pointer, message: one.message })
  }
  return [...found.values()]
}

type Wide = Schema & { $ref?: string; allOf?: Schema[]; if?: Schema; then?: Schema; else?: Schema; prefixItems?: Schema[]; additionalProperties?: Schema | boolean }
const MOST_STEPS = 200

/* A schema and what stands beside it for the same value: what it refers to, and its alternatives. */
function beside(root: Schema, schema: Schema): Wide[] {
  const found = new Set<Wide>()
  const wait = [schema] as (Wide | undefined)[]
  while (wait.length > 0 && found.size < MOST_STEPS) {
    const one = wait.shift()
    if (!one || typeof one !== 'object' || found.has(one)) continue
    found.add(one)
    if (one.$ref) wait.push(one.$ref.split('/').slice(1).reduce<unknown>((at, name) => (at as Record<string, unknown> | undefined)?.[decodeURIComponent(name).replace(/~1/g, '/').replace(/~0/g, '~')], root) as Wide | undefined)
    wait.push(...([one.allOf, one.oneOf, one.anyOf, one.then, one.else].flat() as Wide[]))
  }
  return [...found]
}

/* How a form calls the field at a pointer: the titles on the way, and the names of what has none; entries of a list by their number. */
export function fieldName(root: Schema, pointer: string): string {
  let schemas = beside(root, root)
  const names = pointer.split('/').slice(1).map(part => {
    const name = part.replace(/~1/g, '/').replace(/~0/g, '~')
    const inList = /^\d+$/.test(name) && schemas.some(one => one.items || one.prefixItems)
    const below = schemas.flatMap(one => (inList ? [one.prefixItems?.[Number(name)] ?? one.items] : [one.properties?.[name] ?? (typeof one.additionalProperties === 'object' ? one.additionalProperties : undefined)]))
    schemas = below.flatMap(one => (one ? beside(root, one) : []))
    const title = schemas.find(one => one.title)?.title
    return inList ? `${title ?? ''} ${Number(name) + 1}`.trim() : (title ?? name)
  })
  return names.join(' › ')
}
