/* Where this runs, as the front door says it. In a cluster it says nothing: pods are real there, and an Application answers at its address. */
export type Platform = { pods: 'real' | 'simulated'; applications: { domain: string; port: number } | null }
export const CLUSTER: Platform = { pods: 'real', applications: null }

export function platformOf(said: unknown): Platform {
  const { pods, applications } = (said ?? {}) as { pods?: unknown; applications?: { domain?: unknown; port?: unknown } }
  if (pods !== 'simulated') return CLUSTER
  const { domain, port } = applications ?? {}
  return { pods, applications: typeof domain === 'string' && Number.isInteger(port) ? { domain, port: port as number } : null }
}

export async function askPlatform(): Promise<Platform> {
  try {
    const answer = await fetch('/platform.json')
    // A front door that has no such file answers with the console's own page.
    return answer.ok && answer.headers.get('Content-Type')?.startsWith('application/json') ? platformOf(await answer.json()) : CLUSTER
  } catch { return CLUSTER }
}

/* The link to an Application's address; null when nothing would answer there. Simulated, only the names below the Sovereign's own domain lead somewhere. */
export function linkOf(url: string, platform: Platform): string | null {
  if (!/^https?:\/\//.test(url) || !URL.canParse(url)) return null
  if (platform.pods === 'real') return url
  const { hostname, pathname } = new URL(url)
  const at = platform.applications
  return at && hostname.endsWith(`.${at.domain}`) ? `http://${hostname}:${at.port}${pathname}` : null
}
