/* Numbers that JavaScript would round: whole ones beyond 2^53 travel as text behind a mark that no eye sees, and leave as the number that they were. */
const MARK = '\u2060\u2060'
const EXACT = /^-?\d+$/

const isLossy = (text: string): boolean => EXACT.test(text) && !Number.isSafeInteger(Number(text))
export const isExact = (value: unknown): value is string => typeof value === 'string' && value.startsWith(MARK) && EXACT.test(value.slice(MARK.length))

/* JSON in: every text and number of it, one after the other. */
const PARTS = /"(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g
export const read = (json: string): unknown => JSON.parse(json.replace(PARTS, part => (isLossy(part) ? `"${MARK}${part}"` : part)))

/* JSON out. */
export const write = (value: unknown): string => JSON.stringify(value).replace(new RegExp(`"${MARK}(-?\\d+)"`, 'g'), '$1')

/* For a validator, which knows numbers alone. */
export const judged = (value: unknown): unknown => (value === undefined ? undefined : JSON.parse(JSON.stringify(value), (_, one) => (isExact(one) ? Number(one.slice(MARK.length)) : one)))

/* What somebody typed: a number, with a point or a comma; anything else stays the text that it is, for the validator to name. */
export function numberOf(text: string): number | string | undefined {
  const plain = text.trim().replace(',', '.')
  if (plain === '') return undefined
  if (isLossy(plain)) return MARK + plain
  return /^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/.test(plain) && Number.isFinite(Number(plain)) ? Number(plain) : text
}
export const textOf = (value: unknown): string => (value === undefined || value === null ? '' : isExact(value) ? value.slice(MARK.length) : String(value))
