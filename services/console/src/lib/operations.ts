/* Operations as rows tell them: how far one is, what its rows are together, who may try it again, and which of them a list shows. */
import { environmentOrder, type Row, type Step } from './rows.ts'

type Told = Pick<Row, 'message' | 'messageElsewhere' | 'supersededBy' | 'supersededByCommit'>
/* Words that one Environment was not told are taken from another's row. */
function withWords<T extends Told>(own: T, others: (Told | undefined)[]): T {
  const from = own.messageElsewhere ? others.find(one => one && !one.messageElsewhere) : undefined
  return from ? { ...own, message: from.message, messageElsewhere: false, supersededBy: from.supersededBy, supersededByCommit: from.supersededByCommit } : own
}

/* An operation over several Environments has a row in each, which tells of that Environment alone. The furthest one speaks, for all of them together. */
export function joined(rows: Row[]): Row | undefined {
  const order = (row: Row): number => row.sequence ?? row.revision
  const first = rows.reduce((furthest, row) => (order(row) > order(furthest) ? row : furthest), rows[0]!)
  if (rows.length < 2) return first
  const others = rows.filter(row => row !== first && order(row) === order(first))
  const environments = [...new Set(rows.flatMap(row => row.environments ?? []))].sort((a, b) => environmentOrder(a) - environmentOrder(b))
  const elsewhere = Math.max(0, (first.elsewhere ?? 0) - (environments.length - (first.environments ?? []).length))
  const steps = first.steps?.map((step, at) => withWords(step, others.map(row => row.steps?.[at])))
  return { ...withWords(first, others), environments, elsewhere, ...(steps && { steps }) }
}

/* What it is about as a whole, as far as one may see; `elsewhere` counts what one may not. */
export type Reach = { environments?: string[]; elsewhere?: number }
/* As provisioning decides it: all that an operation is about has to be the person's to change. */
export function mayRetry(action: string, reach: Reach, may: (action: string, environment?: string) => boolean): boolean {
  if (action === 'organization') return may('onboard')
  if (action === 'environment') return may('manage')
  const environments = reach.environments ?? []
  return !reach.elsewhere && (environments.length > 0 ? environments.every(one => may('write', one)) : may('propose'))
}

const OVER = new Set(['Succeeded', 'Failed', 'Superseded'])
export const hasEnded = (status: string | undefined): boolean => OVER.has(status ?? '')

/* The step that it is at, counted from one; of one that has ended well the last. */
export function standing(steps: Step[]): { at: number; of: number; step: Step | undefined } {
  const at = steps.findIndex(one => one.status !== 'Succeeded' && one.status !== 'Skipped')
  const index = at < 0 ? steps.length - 1 : at
  return { at: index + 1, of: steps.length, step: steps[index] }
}

export const isAbout = (row: Row, application: string): boolean => row.application === application || (row.applications ?? []).includes(application)

/* What there is to say about an Application: what is under way, or what failed last and nothing followed. `all`: the newest first. */
export function telling(all: Row[], application: string): Row | undefined {
  const own = all.filter(one => isAbout(one, application))
  const going = own.find(one => !hasEnded(one.status))
  return going ?? (own[0]?.status === 'Failed' ? own[0] : undefined)
}

/* The operation that removes an Application right now. One that failed leaves it to whoever wants to try again. */
export const removal = (all: Row[], application: string): Row | undefined => all.find(one => one.action === 'uninstall' && one.application === application && !hasEnded(one.status))

export type WantedOperations = { q: string; kind: string; status: string; application: string; environment: string }
export function chosenOperations(all: Row[], wanted: WantedOperations): Row[] {
  const text = wanted.q.trim().toLowerCase()
  return all.filter(one => (!wanted.kind || one.action === wanted.kind) && (!wanted.status || one.status === wanted.status) && (!wanted.application || isAbout(one, wanted.application))
    && (!wanted.environment || (one.environments ?? []).includes(wanted.environment))
    && (!text || [one.application, ...(one.applications ?? []), one.requestedBy, one.message, one.reason].some(part => part?.toLowerCase().includes(text))))
}
