/* What is wrong with a value of a configSchema, in our own words and at the field that it is about. Fetched with the form. */
import { Validator, type OutputUnit, type Schema as PlainSchema } from '@cfworker/json-schema'
import type { FieldError, Schema } from './config.ts'
import { t, type Message } from './messages.ts'
import { judged } from './numbers.ts'

/* A pointer as the names and numbers on the way, numbers where the value has lists. */
export function pathOf(pointer: string, value: unknown): (string | number)[] {
  let at = value
  return pointer.split('/').slice(1).map(part => {
    const name = part.replace(/~1/g, '/').replace(/~0/g, '~')
    const step = Array.isArray(at) && /^\d+$/.test(name) ? Number(name) : name
    at = (at as Record<string | number, unknown> | undefined)?.[step]
    return step
  })
}

const plain = judged
// Of a copy: the validator writes into the schema that it is made of.
export const validatorOf = (schema: Schema): Validator => new Validator(plain(schema) as PlainSchema, '2020-12', false)

/* What is wrong with a whole value. */
export function check(schema: Schema, value: unknown): FieldError[] {
  const now = plain(value)
  if (now === undefined) return []
  const { valid, errors } = validatorOf(schema).validate(now)
  return valid ? [] : worded(schema, errors)
}

/* What is wrong with one field by itself. */
export function checkOne(schema: Schema, value: unknown, required: boolean): string[] {
  const now = plain(value)
  if (now === undefined) return required ? [t('isRequired')] : []
  return check(schema, now).filter(one => one.pointer === '').map(one => one.message)
}

/* A line of text as it was meant: without the spaces that came along with it, where it is right without them and not with them. */
export function meant(schema: Schema, text: string): string {
  const bare = text.trim()
  if (bare === text || bare === '') return text
  const fits = (one: string): boolean => checkOne(schema, one, false).length === 0
  // A part that refers to what stands elsewhere cannot be judged alone.
  try { return !fits(text) && fits(bare) ? bare : text } catch { return text }
}

const NUMBERS: Record<string, Message> = { integer: 'isWhole', number: 'isNumber' }
const WORDS: Record<string, Message> = {
  type: 'isOfType', const: 'isConst', enum: 'isOneOf', minimum: 'isAtLeast', maximum: 'isAtMost', exclusiveMinimum: 'isAbove', exclusiveMaximum: 'isBelow',
  multipleOf: 'isMultiple', minLength: 'isLonger', maxLength: 'isShorter', pattern: 'fitsPattern', format: 'fitsFormat', minItems: 'hasItems', maxItems: 'hasFewer',
  uniqueItems: 'isUnique', minProperties: 'hasItems', maxProperties: 'hasFewer', not: 'isForbidden'
}

function worded(schema: Schema, units: OutputUnit[]): FieldError[] {
  const found = new Map<string, FieldError>()
  for (const unit of bestBranches(units)) {
    let pointer = unit.instanceLocation.replace(/^#/, '')
    let message = ''
    if (unit.keyword === 'required') {
      pointer += `/${/"(.*)"\.$/.exec(unit.error)?.[1] ?? ''}`
      message = t('isRequired')
    } else if (unit.keyword === 'false') message = t('isUnknown')
    else if (unit.keyword === 'oneOf' && /\([2-9]\d* matches/.test(unit.error)) message = t('fitsSeveral')
    else if (unit.keyword === 'type' && NUMBERS[String(valueAt(schema, unit.keywordLocation))]) message = t(NUMBERS[String(valueAt(schema, unit.keywordLocation))]!)
    else if (WORDS[unit.keyword]) message = t(WORDS[unit.keyword]!, wantedBy(schema, unit))
    // Everything else only says that something below it is wrong, which is said there.
    if (message && !found.has(pointer)) found.set(pointer, { pointer, message })
  }
  return [...found.values()]
}

/* Of alternatives that all fail, only the one that is meant counts: the one whose fixed values fit, and of those the one with the fewest errors. */
function bestBranches(units: OutputUnit[]): OutputUnit[] {
  const groups = units.filter(unit => unit.keyword === 'oneOf' || unit.keyword === 'anyOf')
  const below = (place: string, above: string): boolean => place === above || place.startsWith(`${above}/`)
  const branches = (unit: OutputUnit): [OutputUnit, string][] => groups
    .filter(group => unit.keywordLocation.startsWith(`${group.keywordLocation}/`) && below(unit.instanceLocation, group.instanceLocation))
    .map(group => [group, unit.keywordLocation.slice(group.keywordLocation.length + 1).split('/')[0]!])
  const scores = new Map(groups.map(group => [group, new Map<string, number>()]))
  for (const unit of units) {
    for (const [group, branch] of branches(unit)) {
      const scored = scores.get(group)!
      scored.set(branch, (scored.get(branch) ?? 0) + (unit.keyword === 'const' || unit.keyword === 'enum' || unit.keyword === 'type' ? 100 : 1))
    }
  }
  const best = new Map([...scores].map(([group, scored]) => [group, [...scored].sort((a, b) => a[1] - b[1])[0]?.[0]]))
  return units.filter(unit => branches(unit).every(([group, branch]) => best.get(group) === branch))
}

/* A pattern in its author's words, where there are some. */
function wantedBy(schema: Schema, unit: OutputUnit): string | number {
  const form = unit.keyword === 'pattern' ? valueAt(schema, unit.keywordLocation.replace(/pattern$/, 'x-catalyst-form')) : undefined
  return shown(form ?? valueAt(schema, unit.keywordLocation))
}

/* What stands at a keyword's place in the schema, through references. */
function valueAt(schema: Schema, location: string): unknown {
  let at: unknown = schema
  const step = (name: string): void => { at = (at as Record<string, unknown> | undefined)?.[name] }
  for (const part of location.split('/').slice(1)) {
    const name = part.replace(/~1/g, '/').replace(/~0/g, '~')
    step(name)
    if (name === '$ref' && typeof at === 'string') {
      const names = at.split('/').slice(1)
      at = schema
      names.forEach(step)
    }
  }
  return at
}

const shown = (value: unknown): string | number => {
  if (typeof value === 'number') return value
  return Array.isArray(value) ? value.map(shown).join(', ') : typeof value === 'string' ? value : JSON.stringify(value) ?? ''
}
