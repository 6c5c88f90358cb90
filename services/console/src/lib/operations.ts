/* Operations as rows tell them: how far one is, and which of them a list shows. */
import type { Row, Step } from './rows.ts'

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
