/* Every row of every Environment as the stream tells it. Pure: what is shown is computed from here. */
export type Status = 'Running' | 'Progressing' | 'Degraded' | 'Suspended' | 'Missing' | 'Unknown'
export type Commit = { commit?: string; at?: string; author?: string; message?: string }
export type Step = { name: string; title: string; status: string; message?: string; startedAt?: string; finishedAt?: string }
export type Row = {
  key: string; revision: number; kind?: string; namespace?: string; name?: string; environment?: string; organization?: string
  application?: string; blueprint?: string; version?: string; status?: string; reason?: string; message?: string; next?: string
  since?: string; cause?: string; commit?: string; observedAt?: string; foldedAt?: string; wanted?: Commit; running?: Commit
  resources?: { total: number; ready: number }; images?: string[]; url?: string; commits?: unknown[]; steps?: Step[]
  operation?: string; deleted?: boolean; envType?: string; displayName?: string; branch?: string; drift?: { manager?: string; at?: string }
}
export type Application = { name: string; blueprint: string; environments: Record<string, Row>; changed: Commit }

const WORST = ['Degraded', 'Missing', 'Unknown', 'Progressing', 'Suspended', 'Running']
export const worse = (a: string, b: string): string => (rank(a) <= rank(b) ? a : b)
const rank = (status: string): number => (WORST.indexOf(status) + 1 || 3) - 1

export class Rows {
  readonly environments = new Map<string, Map<string, Row>>()
  revision: Record<string, number> = {}

  /* One event of the stream; false when it is not about rows. */
  apply(event: string, data: unknown): boolean {
    const value = data as Row & { environment: string; rows?: Row[]; revision: number }
    if (event === 'snapshot') {
      this.environments.set(value.environment, new Map((value.rows ?? []).map(row => [row.key, row])))
    } else if (event === 'row') {
      this.of(value.environment ?? '_').set(value.key, value)
    } else if (event === 'delete') {
      this.of(value.environment).delete(value.key)
    } else return false
    this.revision[value.environment ?? '_'] = value.revision
    return true
  }

  clear(): void {
    this.environments.clear()
    this.revision = {}
  }

  private of(environment: string): Map<string, Row> {
    let rows = this.environments.get(environment)
    if (!rows) this.environments.set(environment, (rows = new Map()))
    return rows
  }

  applications(): Application[] {
    const found = new Map<string, Application>()
    for (const [environment, rows] of this.environments) {
      for (const row of rows.values()) {
        if (row.kind !== 'application' || !row.name || row.deleted) continue
        let one = found.get(row.name)
        if (!one) found.set(row.name, (one = { name: row.name, blueprint: '', environments: {}, changed: {} }))
        one.environments[environment] = row
        one.blueprint ||= row.blueprint ?? ''
        if ((row.wanted?.at ?? '') > (one.changed.at ?? '')) one.changed = row.wanted!
      }
    }
    return [...found.values()].sort((a, b) => a.name.localeCompare(b.name))
  }

  objects(application: string): { environment: string; row: Row }[] {
    const found: { environment: string; row: Row }[] = []
    const derived = new Set(['application', 'repository', 'operation', 'environment', 'organization'])
    for (const [environment, rows] of this.environments) {
      for (const row of rows.values())
        if (row.application === application && !derived.has(row.kind ?? '') && !row.deleted) found.push({ environment, row })
    }
    const order = (row: Row): number => rank(row.status ?? 'Unknown')
    return found.sort((a, b) => order(a.row) - order(b.row) || a.environment.localeCompare(b.environment) || a.row.key.localeCompare(b.row.key))
  }

  row(environment: string, key: string): Row | undefined {
    return this.environments.get(environment)?.get(key)
  }

  /* An operation over several Environments has a row in each: the furthest one is the operation. */
  operation(id: string): (Row & { sequence?: number }) | undefined {
    let found: (Row & { sequence?: number }) | undefined
    for (const rows of this.environments.values()) {
      const row = rows.get(`operation/_/${id}`) as (Row & { sequence?: number }) | undefined
      if (row && (!found || (row.sequence ?? row.revision) > (found.sequence ?? found.revision))) found = row
    }
    return found
  }
}

export function summary(application: Application): string {
  return Object.values(application.environments).reduce((worst, row) => worse(worst, row.status ?? 'Unknown'), 'Running')
}
