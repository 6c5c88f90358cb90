/* Blueprint versions that were not accepted, as catalog-svc tells them, and where in Git what is wrong with them stands. */
export type Fault = { file: string; line: number; column: number; message: string }
export type Rejection = { source: string; name: string; version: string; tag: string; commit: string; reason: string; url?: string; foundAt: string; errors: Fault[]; moreErrors?: number }

/* The folder at that commit, or the line of a fault in it: as text, as Git's page would draw Markdown instead and know no lines. On the console's own origin no page of Git is shown. */
export function inGit(one: Rejection, origin: string, fault?: Fault): string | null {
  if (!one.url || !/^https?:\/\//.test(one.url) || new URL(one.url).origin === origin) return null
  if (!fault?.file) return one.url
  return `${one.url}/${fault.file.split('/').map(encodeURIComponent).join('/')}?display=source#L${fault.line}`
}
