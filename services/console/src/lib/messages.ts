/* Every text that people read. English; another language is another table of the same names. */
export const MESSAGES = {
  applications: 'Applications', marketplace: 'Marketplace', environments: 'Environments', gitAccess: 'Git access', signOut: 'Sign out',
  main: 'Main', skip: 'Skip to content', search: 'Search by name, Blueprint or reason', searchBlueprints: 'Search Blueprints', install: 'Install', installOne: 'Install an Application',
  all: 'All', attention: 'Need attention', changing: 'Changing', application: 'Application', lastChange: 'Last change', notInstalled: 'not installed',
  emptyApplications: 'No Applications yet', emptyApplicationsHint: 'Choose one in the Marketplace: WordPress, PostgreSQL and more are a minute away.',
  noMatch: 'Nothing matches', loading: 'Loading', live: 'Live', reconnecting: 'Reconnecting', off: 'Not connected', delayed: 'Delayed by {0} s',
  signedOut: 'Your session has ended', signIn: 'Sign in', signingIn: 'Signing in', failed: 'This did not work', tryAgain: 'Try again', trace: 'Trace {0}',
  inEnvironment: '{0} in {1}', since: 'since {0}', resources: 'Resources', history: 'History', config: 'Config', openSite: 'Open', uninstall: 'Uninstall',
  ready: '{0} of {1} ready', wants: 'Wants', runs: 'runs', noHistory: 'No commits seen yet', by: '{0} · {1}', next: 'Next: {0}', kind: 'Kind', name: 'Name', environment: 'Environment', status: 'Status', reason: 'Reason',
  emptyResources: 'No objects seen yet', save: 'Show what would change', plan: 'Plan', planNothing: 'Nothing has happened yet. This is what it will do.', apply: 'Do it', back: 'Back', planFor: 'Applications',
  files: 'Files', validWhile: 'Valid while nothing that it rests on changes', footprint: '{0} pods · {1} m CPU · {2} memory · {3} disk',
  appName: 'Name', appNameHelp: 'Lower-case letters, digits and hyphens; it becomes part of the address.', where: 'Where it runs', size: 'Size',
  needs: 'Needs {0}', makeNew: 'Make a new one', useExisting: 'Use an existing one', noExisting: 'There is no Application that could serve',
  create: 'is made', reuse: 'is used', change: 'is changed', remove: 'is removed', generated: 'Generated once, never shown: {0}',
  progress: 'Progress', open: 'Open {0}', emptyBlueprints: 'No Blueprints registered yet', version: 'Version {0}', about: 'About', dependencies: 'Needs', usedBy: 'Used by', none: 'Nothing',
  environmentsEmpty: 'No Environments yet', appsCount: '{0} Applications, {1} running', tokens: 'Tokens for Git', tokenMake: 'Make a token', tokenName: 'Name of the token',
  tokenShown: 'Copy it now: it is not shown again.', tokenDelete: 'Withdraw', tokensEmpty: 'No tokens yet', uninstallAsk: 'Type {0} to confirm', uninstallHelp: 'Volumes and secrets are kept; the repository is archived.',
  everywhere: 'Everywhere', only: 'Only in {0}', required: 'required', theme: 'Light or dark', notAllowed: 'Your role may look, not change', operationRetry: 'Try again', documentation: 'Documentation', add: 'Add', removeItem: 'Remove', revision: 'Revision {0}', notFound: 'There is no such page', drift: 'Changed outside Git by {0}'
} as const
export type Message = keyof typeof MESSAGES

export function t(name: Message, ...values: (string | number)[]): string {
  return MESSAGES[name].replace(/\{(\d)\}/g, (_, index: string) => String(values[Number(index)] ?? ''))
}

const relative = new Intl.RelativeTimeFormat('en', { numeric: 'auto', style: 'short' })
export function ago(time: string | undefined, now: number): string {
  if (!time) return ''
  const seconds = Math.round((Date.parse(time) - now) / 1000)
  if (Number.isNaN(seconds)) return ''
  if (Math.abs(seconds) < 60) return relative.format(Math.min(seconds, 0), 'second')
  if (Math.abs(seconds) < 3600) return relative.format(Math.round(seconds / 60), 'minute')
  if (Math.abs(seconds) < 86400) return relative.format(Math.round(seconds / 3600), 'hour')
  return relative.format(Math.round(seconds / 86400), 'day')
}

export function bytes(count: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB']
  let unit = 0
  for (; count >= 1024 && unit < units.length - 1; unit++) count /= 1024
  return `${new Intl.NumberFormat('en', { maximumFractionDigits: 1 }).format(count)} ${units[unit]}`
}
