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
