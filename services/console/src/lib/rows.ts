/* Every row of every Environment as the stream tells it. Pure: what is shown is computed from here. */
import { joined } from './operations.ts'

export type Status = 'Running' | 'Progressing' | 'Degraded' | 'Suspended' | 'Missing' | 'Unknown'
export type Commit = { commit?: string; at?: string; author?: string; message?: string }
export type Step = { name: string; title: string; status: string; message?: string; messageElsewhere?: boolean; startedAt?: string; finishedAt?: string }
export type Row = {
  key: string; revision: number; kind?: string; namespace?: string; name?: string; environment?: string; organization?: string
  application?: string; blueprint?: string; version?: string; status?: string; reason?: string; message?: string; next?: string
  since?: string; cause?: string; commit?: string; observedAt?: string; foldedAt?: string; wanted?: Commit; running?: Commit
  resources?: { total: number; ready: number }; images?: string[]; url?: string; host?: string; commits?: PushedCommit[]; head?: string; steps?: Step[]
  operation?: string; deleted?: boolean; envType?: string; displayName?: string; branch?: string; drift?: { manager?: string; at?: string }; sequence?: number
  action?: string; applications?: string[]; environments?: string[]; elsewhere?: number; messageElsewhere?: boolean; supersededByCommit?: string; requestedBy?: string; startedAt?: string; updatedAt?: string; finishedAt?: string; supersededBy?: string
  clusters?: Record<string, { byHand?: boolean }>
}
export type PushedCommit = { id?: string; commit?: string; message?: string; time?: string; at?: string; author?: { name?: string } | string }
export type PastCommit = { id: string; environments: string[]; message: string; at: string; author: string }
export type Application = { name: string; blueprint: string; environments: Record<string, Row>; changed: Commit }
export type Snapshot = { environment: string; revision: unknown; rows: Row[] }
export type Head = { environment: string; head: string; known: string[] }

/* How long the services took to tell of `row`; null: it does not say. What changes by time alone, such as by the end of a grace, was observed with the change before it (`old`), and what comes when one begins to listen may be of any age. */
export function delayOfRow(row: Row, old: Row | undefined, listeningSince: number, now: number): number | null {
  const observed = Date.parse(row.observedAt ?? '')
  if (!row.foldedAt || Number.isNaN(observed) || old?.observedAt === row.observedAt) return null
  return Math.max(0, now - Math.max(observed, listeningSince))
}

const WORST = ['Degraded', 'Missing', 'Unknown', 'Progressing', 'Suspended', 'Running']
export const rank = (status: string): number => (WORST.indexOf(status) + 1 || 3) - 1
export const worse = (a: string, b: string): string => (rank(a) <= rank(b) ? a : b)
const DERIVED = new Set(['application', 'repository', 'operation', 'environment', 'organization'])
const byName = new Intl.Collator('en', { numeric: true }).compare
/* `gitrepository_source_toolkit_fluxcd_io`: outside the built-in groups a kind carries its group, `_` for its dots. */
export const kindName = (kind = ''): string => kind.split('_')[0] ?? ''
/* Kubernetes' events tell of something that happened: they are in no status. */
export const isEvent = (row: Row): boolean => kindName(row.kind) === 'event'
export const isByHand = (row: Row): boolean => Object.values(row.clusters ?? {}).some(one => one.byHand)
export const kindGroup = (kind = ''): string => kind.split('_').slice(1).join('.')

export const environmentOrder = (name: string): number => ['dev', 'poc', 'uat', 'stg', 'prod'].indexOf(name.split('-').pop() ?? '')

/*
 * Kept in step with each event, so that what a screen costs depends on what it shows: Applications by name, and the objects of each Application.
 */
export class Rows {
  readonly environments = new Map<string, Map<string, Row>>()
  private readonly revisions = new Map<string, unknown>()
  private readonly named = new Map<string, Map<string, Row>>()
  private readonly members = new Map<string, Map<string, Row>>()
  private readonly operating = new Map<string, Map<string, Row>>()
  private sorted: Application[] | null = null
  private readonly made = new Map<string, Application>()

  /* One event of the stream; false when it is not about rows. */
  apply(event: string, data: unknown): boolean {
    const value = data as Row & Snapshot
    const environment = value.environment ?? '_'
    if (event === 'snapshot') {
      for (const row of this.environments.get(environment)?.values() ?? []) this.unlink(environment, row)
      this.environments.set(environment, new Map())
      for (const row of value.rows ?? []) this.set(environment, row)
    } else if (event === 'row') this.set(environment, value)
    else if (event === 'delete') {
      const old = this.environments.get(environment)?.get(value.key)
      if (old) this.unlink(environment, old)
      this.environments.get(environment)?.delete(value.key)
    } else return false
    this.revisions.set(environment, value.revision)
    return true
  }

  private set(environment: string, row: Row): void {
    let rows = this.environments.get(environment)
    if (!rows) this.environments.set(environment, (rows = new Map()))
    const old = rows.get(row.key)
    if (old) this.unlink(environment, old)
    rows.set(row.key, row)
    if (row.deleted) return
    if (row.kind === 'application' && row.name) into(this.named, row.name).set(environment, row)
    else if (row.application && !DERIVED.has(row.kind ?? '')) into(this.members, row.application).set(`${environment} ${row.key}`, row)
    if (row.kind === 'operation') into(this.operating, row.key).set(environment, row)
    if (row.kind === 'application') this.forget(row.name ?? '')
  }

  private unlink(environment: string, row: Row): void {
    if (row.kind === 'application' && row.name) {
      outOf(this.named, row.name, environment)
      this.forget(row.name)
    } else if (row.application) outOf(this.members, row.application, `${environment} ${row.key}`)
    if (row.kind === 'operation') outOf(this.operating, row.key, environment)
  }

  private forget(name: string): void {
    this.made.delete(name)
    this.sorted = null
  }

  clear(): void {
    for (const one of [this.environments, this.revisions, this.named, this.members, this.operating, this.made]) one.clear()
    this.sorted = null
  }

  /* All that is known, as the stream would say it to somebody who knows nothing. */
  snapshots(): Snapshot[] {
    return [...this.environments].map(([environment, rows]) => ({ environment, revision: this.revisions.get(environment), rows: [...rows.values()] }))
  }

  application(name: string): Application | undefined {
    const rows = this.named.get(name)
    if (!rows) return undefined
    let one = this.made.get(name)
    if (!one) {
      one = { name, blueprint: '', environments: {}, changed: {} }
      for (const [environment, row] of [...rows].sort((a, b) => environmentOrder(a[0]) - environmentOrder(b[0]))) {
        one.environments[environment] = row
        one.blueprint ||= row.blueprint ?? ''
        if ((row.wanted?.at ?? '') > (one.changed.at ?? '')) one.changed = row.wanted!
      }
      this.made.set(name, one)
    }
    return one
  }

  applications(): Application[] {
    this.sorted ??= [...this.named.keys()].sort(byName).map(name => this.application(name)!)
    return this.sorted
  }

  objects(application: string): { environment: string; row: Row }[] {
    const found = [...(this.members.get(application) ?? [])].map(([key, row]) => ({ environment: key.slice(0, key.indexOf(' ')), row }))
    const order = (row: Row): number => (isEvent(row) ? WORST.length : rank(row.status ?? 'Unknown'))
    return found.sort((a, b) => order(a.row) - order(b.row) || environmentOrder(a.environment) - environmentOrder(b.environment) || byName(a.row.key, b.row.key))
  }

  /* What the branches of its own Environments have: each commit once, with the Environments that have it, in Git's order. */
  commits(application: string): PastCommit[] {
    const environments = Object.keys(this.application(application)?.environments ?? {})
    return inOneLine(environments.map(environment => ({ environment, commits: this.row(environment, `repository/_/${application}`)?.commits ?? [] })))
  }

  heads(application: string): Head[] {
    return [...this.environments.keys()].flatMap(environment => {
      const row = this.row(environment, `repository/_/${application}`)
      const known = (row?.commits ?? []).map(idOf)
      return row?.head ? [{ environment, head: row.head, known }] : []
    })
  }

  /* Host names that Applications are reached under, and the domains above them. */
  domains(): string[] {
    const found = new Set<string>()
    for (const one of this.applications()) {
      for (const { url, host: bare } of Object.values(one.environments)) {
        const host = url?.replace(/^[a-z]+:\/\//, '').replace(/[:/].*$/, '') ?? bare ?? ''
        for (const name of [host, host.replace(/^[^.]+\./, '')]) if (name.includes('.')) found.add(name)
      }
    }
    return [...found].sort()
  }

  row(environment: string, key: string): Row | undefined {
    return this.environments.get(environment)?.get(key)
  }

  operation(id: string): Row | undefined {
    return joined([...(this.operating.get(`operation/_/${id}`)?.values() ?? [])])
  }

  /* The newest first. */
  operations(): Row[] {
    return [...this.operating.values()].map(one => joined([...one.values()])!).sort((a, b) => (b.startedAt ?? '').localeCompare(a.startedAt ?? '') || byName(a.key, b.key))
  }
}

const idOf = (one: PushedCommit): string => one.id ?? one.commit ?? ''
const timeOf = (one: PushedCommit): string => one.time ?? one.at ?? ''

/*
 * Branches, each the newest first, as one list that has them all in their own order: next is a commit that stands in no branch behind another one. Where several could
 * be, the later one by its time, which alone says nothing: authors' clocks go wrong. Branches that contradict each other are told as far as that goes.
 */
function inOneLine(branches: { environment: string; commits: PushedCommit[] }[]): PastCommit[] {
  const places = branches.map(({ commits }) => new Map(commits.map((one, at) => [idOf(one), at])))
  const next = branches.map(() => 0)
  const taken = new Set<string>()
  const found: PastCommit[] = []
  for (;;) {
    const heads = branches.flatMap(({ commits }, of) => {
      while (next[of]! < commits.length && taken.has(idOf(commits[next[of]!]!))) next[of]!++
      return commits[next[of]!] ?? []
    })
    if (heads.length === 0) return found
    const free = heads.filter(one => places.every((known, of) => (known.get(idOf(one)) ?? next[of]) === next[of]))
    const one = (free.length > 0 ? free : heads).reduce((latest, other) => (timeOf(other) > timeOf(latest) ? other : latest))
    taken.add(idOf(one))
    found.push({
      id: idOf(one), environments: branches.filter((_, of) => places[of]!.has(idOf(one))).map(({ environment }) => environment), message: one.message ?? '', at: timeOf(one),
      author: typeof one.author === 'string' ? one.author : (one.author?.name ?? '')
    })
  }
}

function outOf(map: Map<string, Map<string, Row>>, name: string, key: string): void {
  const known = map.get(name)
  known?.delete(key)
  if (known?.size === 0) map.delete(name)
}

function into(map: Map<string, Map<string, Row>>, name: string): Map<string, Row> {
  let found = map.get(name)
  if (!found) map.set(name, (found = new Map()))
  return found
}

export function summary(application: Application): string {
  return Object.values(application.environments).reduce((worst, row) => worse(worst, row.status ?? 'Unknown'), 'Running')
}

/*
 * The head of a branch that is newer than what was read, or "". `commit` is what was read; a branch whose list holds it further down has moved on, one that does not
 * hold it lags behind. Of other branches, `before` says what their head was at that time.
 */
export function newerCommit(heads: Head[], before: Record<string, string>, commit = ''): string {
  const holding = heads.find(one => one.known.includes(commit) && one.head !== commit)
  if (holding && !heads.some(one => one.head === commit)) return holding.head
  return heads.find(one => !one.known.includes(commit) && before[one.environment] !== undefined && before[one.environment] !== one.head)?.head ?? ''
}

export type Wanted = { q: string; show: string; environment: string; status: string; sort: string }
/* Which Applications a list shows, and in which order. */
export function chosen(all: Application[], wanted: Wanted): Application[] {
  const text = wanted.q.trim().toLowerCase()
  const found = all.filter(one => fitsShow(one, wanted.show) && (!wanted.environment || one.environments[wanted.environment])
    && (!wanted.status || Object.entries(one.environments).some(([name, row]) => row.status === wanted.status && (!wanted.environment || name === wanted.environment)))
    && (!text || [one.name, one.blueprint, ...Object.values(one.environments).flatMap(row => [row.reason ?? '', row.message ?? ''])].join(' ').toLowerCase().includes(text)))
  if (wanted.sort === 'change') return found.sort((a, b) => (b.changed.at ?? '').localeCompare(a.changed.at ?? ''))
  return wanted.sort === 'status' ? found.sort((a, b) => rank(summary(a)) - rank(summary(b))) : found
}
export const fitsShow = (one: Application, show: string): boolean =>
  show === 'attention' ? ['Degraded', 'Missing', 'Unknown'].includes(summary(one)) : show === 'changing' ? summary(one) === 'Progressing' : true

/* Where a new Application goes unless somebody says otherwise: into development, or into the only Environment that there is. */
export function preselected(environments: string[]): string[] {
  const development = environments.filter(one => one.endsWith('-dev'))
  return (development.length > 0 || environments.length > 1 ? development : environments).slice(0, 1)
}

/* A DNS label of at most 40 characters, as provisioning asks. */
export const isApplicationName = (name: string): boolean => /^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/.test(name) && name.length <= 40

/* A name for a new Application that is not taken yet. */
export function newName(wish: string, taken: ReadonlySet<string>): string {
  const base = wish.replace(/^bp-/, '')
  if (!taken.has(base)) return base
  for (let count = 2; ; count++) if (!taken.has(`${base}-${count}`)) return `${base}-${count}`
}
