/* What was asked for, and how long: sums as people read them, and the times that can be chosen. Pure. */
export type Usage = { environment: string; application: string; from: string; to: string; open?: boolean; cpuMilliSeconds: number; memoryByteSeconds: number; storageByteSeconds: number; gaps: { from: string; to: string; reason?: string }[] }
export type Amounts = Pick<Usage, 'cpuMilliSeconds' | 'memoryByteSeconds' | 'storageByteSeconds'>

const HOUR_S = 3_600
const GIB = 1024 ** 3
export const coreHours = (one: Amounts): number => one.cpuMilliSeconds / 1000 / HOUR_S
export const memoryGibHours = (one: Amounts): number => one.memoryByteSeconds / GIB / HOUR_S
export const storageGibHours = (one: Amounts): number => one.storageByteSeconds / GIB / HOUR_S

export const RANGES = ['day', 'week', 'month', 'before', 'own'] as const
export type Range = (typeof RANGES)[number]
export const isRange = (text: string | null): text is Range => RANGES.includes(text as Range)

const midnight = (now: number): Date => { const at = new Date(now); at.setHours(0, 0, 0, 0); return at }
/* From the first moment to the last, that one not included, in the time of whoever looks. `from` and `to` are days, as fields write them, both included. */
export function bounds(range: Range, now: number, from = '', to = ''): { from: string; to: string } {
  const today = midnight(now)
  const isDay = (text: string): boolean => /^\d{4}-\d\d-\d\d$/.test(text) && !Number.isNaN(Date.parse(`${text}T00:00:00`))
  const first = new Date(today.getFullYear(), today.getMonth(), 1)
  if (range === 'before') return { from: new Date(today.getFullYear(), today.getMonth() - 1, 1).toISOString(), to: first.toISOString() }
  if (range === 'own' && isDay(from) && isDay(to)) {
    // The later one is the end, whichever way round they were given: the page says which time it shows.
    const [begin, end] = from <= to ? [from, to] : [to, from]
    const last = new Date(`${end}T00:00:00`)
    last.setDate(last.getDate() + 1)
    return { from: new Date(`${begin}T00:00:00`).toISOString(), to: last.toISOString() }
  }
  const begin = range === 'day' ? today : range === 'month' ? first : new Date(today.getFullYear(), today.getMonth(), today.getDate() - 6)
  return { from: begin.toISOString(), to: new Date(now).toISOString() }
}

export function sum(items: Amounts[]): Amounts {
  const add = (name: keyof Amounts): number => items.reduce((all, one) => all + one[name], 0)
  return { cpuMilliSeconds: add('cpuMilliSeconds'), memoryByteSeconds: add('memoryByteSeconds'), storageByteSeconds: add('storageByteSeconds') }
}
