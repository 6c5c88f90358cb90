/*
 * A form over something that others change too. Pure. What nobody has typed in follows what is there now; what was typed stays, and of which fields both is true is said.
 */
type Values = Record<string, unknown>
/* `before`: what was there when the form was filled; `begun`: the same with what the form itself fills in; `both`: pointers of fields that somebody else changed after one had typed in them. */
export type Typing = { before: Values; begun: Values; values: Values; both: string[] }

export const beginning = (values: Values): Typing => ({ before: values, begun: structuredClone(values), values: structuredClone(values), both: [] })
export const hasTyped = (one: Typing): boolean => !same(one.begun, one.values)

const isGroup = (value: unknown): value is Values => value !== null && typeof value === 'object' && !Array.isArray(value)
const member = (value: unknown, name: string): unknown => (isGroup(value) ? value[name] : undefined)

/* Whether two values say the same: the order of fields is none of it, nor is one that is left out by name. */
export function same(a: unknown, b: unknown): boolean {
  if (isGroup(a) && isGroup(b)) return Object.keys({ ...a, ...b }).every(name => same(a[name], b[name]))
  if (Array.isArray(a) && Array.isArray(b)) return a.length === b.length && a.every((one, at) => same(one, b[at]))
  return a === b
}

/* Field by field; a list is one field, as its entries have no names. */
function merged(before: unknown, begun: unknown, mine: unknown, theirs: unknown, pointer: string, both: string[]): unknown {
  if (same(before, theirs) || same(mine, theirs)) return mine
  if (same(begun, mine)) return theirs
  if (isGroup(mine) && isGroup(theirs)) {
    const found: Values = {}
    for (const name of Object.keys({ ...mine, ...theirs })) {
      const one = merged(member(before, name), member(begun, name), mine[name], theirs[name], `${pointer}/${name.replace(/~/g, '~0').replace(/\//g, '~1')}`, both)
      if (one !== undefined) found[name] = one
    }
    return found
  }
  both.push(pointer)
  return mine
}

/* The form once `theirs` is there. */
export function follow(form: Typing, theirs: Values): Typing {
  const both: string[] = []
  const values = merged(form.before, form.begun, form.values, theirs, '', both) as Values
  const begun = merged(form.before, form.begun, form.begun, theirs, '', []) as Values
  const stays = form.both.filter(one => !same(at(values, one), at(begun, one)))
  return { before: theirs, begun, values, both: [...new Set([...stays, ...both])] }
}

/* The form once it has put in what it fills in by itself (`values` before that, `form.values` now): nobody has typed that. */
export const filledBy = (form: Typing, values: Values): Typing => ({ ...form, begun: merged(values, form.begun, form.begun, form.values, '', []) as Values })

function at(value: unknown, pointer: string): unknown {
  return pointer.split('/').slice(1).reduce((found, part) => member(found, part.replace(/~1/g, '/').replace(/~0/g, '~')), value)
}
