/* Plans as provisioning tells them. One that was made in this page is shown at once; every other is asked for by its address. */
import { call, get } from './api.ts'

export type PlanRequest = { kind: string; application: string; environment?: string; blueprint?: { source: string; name: string; version?: string } }
export type PlanView = {
  id: string; hash: string; kind: string; warnings: string[]; expiresAt: string; elsewhere: boolean; operation?: string; request?: PlanRequest
  applications: { name: string; action: string; blueprint?: string; version?: string; environments?: string[]; clusterScope?: { kind: string; names: string[] }[]; footprint?: { pods: number; cpuMilli: number; memoryBytes: number; storageBytes: number } }[]
  files: { repository: string; branch: string; path: string; action: string; diff: string }[]
  secrets?: { path: string }[]
}

let newest: PlanView | null = null

export async function makePlan(request: Record<string, unknown> | PlanRequest): Promise<PlanView> {
  newest = await call<PlanView>('POST', '/api/provisioning/v1/plans', request)
  return newest
}

export async function planOf(id: string): Promise<PlanView> {
  const found = newest?.id === id ? newest : await get<PlanView>(`/api/provisioning/v1/plans/${encodeURIComponent(id)}`)
  newest = null
  return found
}

export const planAddress = (id: string): string => `/plans/${encodeURIComponent(id)}`
/* Where the form is that asked for it. */
export function formOf(request: PlanRequest): string {
  const { blueprint } = request
  return request.kind === 'install' && blueprint ? `/install/${encodeURIComponent(blueprint.source)}/${encodeURIComponent(blueprint.name)}` : `/applications/${encodeURIComponent(request.application)}`
}
