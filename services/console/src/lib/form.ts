/* A form from a JSON Schema: the keywords that Blueprints draw with. Validation is the service's, at planning; its errors point at fields. */
export type Schema = {
  type?: string; title?: string; description?: string; default?: unknown; enum?: string[]; minimum?: number; maximum?: number; maxLength?: number
  properties?: Record<string, Schema>; required?: string[]; items?: Schema; 'x-catalyst-ui-hint'?: string
}

export function emptyOf(schema: Schema): unknown {
  if (schema.default !== undefined) return structuredClone(schema.default)
  if (schema.type === 'object') return defaultsOf(schema)
  if (schema.type === 'array') return []
  if (schema.type === 'boolean') return false
  return schema.type === 'string' || !schema.type ? '' : undefined
}

export function defaultsOf(schema: Schema): Record<string, unknown> {
  const value: Record<string, unknown> = {}
  for (const [name, one] of Object.entries(schema.properties ?? {})) {
    if (one.default !== undefined || one.type === 'object') value[name] = emptyOf(one)
  }
  return value
}

/* Errors of a plan, by the pointer of their field below `base` ("/config"). */
export function fieldErrors(errors: { pointer: string; message: string }[], base: string): Record<string, string> {
  return Object.fromEntries(errors.filter(one => one.pointer.startsWith(`${base}/`)).map(one => [one.pointer.slice(base.length), one.message]))
}

export function newName(wish: string, taken: ReadonlySet<string>): string {
  const base = wish.replace(/^bp-/, '')
  if (!taken.has(base)) return base
  for (let count = 2; ; count++) if (!taken.has(`${base}-${count}`)) return `${base}-${count}`
}
