/*
 * Every text that people read. English; another language is another table of the same names.
 * {0} is a value; {0:one=pod|other=pods} is the word that goes with a number, by the plural categories of the language.
 */
export const LANGUAGE = 'en'
export const MESSAGES = {
  catalyst: 'Catalyst', applications: 'Applications', marketplace: 'Marketplace', environments: 'Environments', gitAccess: 'Git access', signOut: 'Sign out',
  main: 'Main', skip: 'Skip to content', search: 'Search by name, Blueprint or reason', searchBlueprints: 'Search Blueprints', install: 'Install', installNamed: 'Install {0}', installOne: 'Install an Application',
  all: 'All', attention: 'Need attention', changing: 'Changing', application: 'Application', lastChange: 'Last change', notInstalled: 'not installed', counted: '{0} {1}',
  emptyApplications: 'No Applications yet', emptyApplicationsHint: 'Choose one in the Marketplace: WordPress, PostgreSQL and more are a minute away.',
  noMatch: 'Nothing matches', loading: 'Loading…', live: 'Live', reconnecting: 'Reconnecting', connecting: 'Connecting', asOf: 'as of {0}', noAnswer: 'No answer', noAnswerHint: 'Catalyst could not be reached, or does not answer at the moment. What you typed is kept; it is tried again.',
  noAnswerPress: 'Catalyst could not be reached, or does not answer at the moment. What you typed is kept: press the same button again when you are online.',
  unrenewed: 'The sign-in service does not answer. It is asked again by itself; your session goes on, and what you typed is kept.', delayed: 'Delayed by {0} s',
  signedOut: 'Your session has ended', signedOutHint: 'Sign in again to go on where you were. Nothing that was started has stopped.', left: 'You are signed out', leftHint: 'In every tab of this browser. Sign in to go on.', welcome: 'Sign in to see what runs and to change it.',
  signIn: 'Sign in', signingIn: 'Signing in…', failed: 'This did not work', unreadable: 'What Git has of this Application cannot be read', unreadableNext: 'Once that is corrected in Git, try again here.', tryAgain: 'Try again', trace: 'Trace {0}', statusOfLine: 'Connection',
  inEnvironment: '{0} in {1}', resources: 'Resources', history: 'History', config: 'Config', uninstall: 'Uninstall', uninstallNamed: 'Uninstall {0}?',
  ready: '{0} of {1} ready', wants: 'Wants', historyOlder: 'The newest {0} commits of each Environment’s branch stand here; older ones are in Git.', noHistory: 'No commits seen yet', next: 'Next: {0}', kind: 'Kind', name: 'Name', environment: 'Environment', status: 'Status', reason: 'Reason',
  emptyResources: 'No objects seen yet', save: 'Show what would change', plan: 'Plan', planNothing: 'Nothing has happened yet. This is what it will do.', apply: 'Do it', back: 'Back', planFor: 'Applications',
  files: 'Files', filesIn: '{0} ({1:one={1} file|other={1} files})', validWhile: 'Valid while nothing that it rests on changes',
  footprint: '{0} {0:one=pod|other=pods} · {1} m CPU · {2} memory · {3} disk',
  appName: 'Name', appNameHelp: 'Lower-case letters, digits and hyphens, best a letter first; it becomes part of the address.', appNameWrong: 'Only lower-case letters, digits and hyphens, at most 40, with no hyphen first or last', where: 'Where it runs', whereWrong: 'Choose at least one Environment', size: 'Size',
  needs: 'Needs {0}', makeNew: 'Make a new one', useExisting: 'Use an existing one', noExisting: 'There is no Application that could serve', lookingForExisting: 'Looking for Applications that could serve…',
  create: 'is made', reuse: 'is used', change: 'is changed', remove: 'is removed', generated: 'Generated once, never shown: {0}', outside: 'Needs outside its namespace: {0}', outsideGrant: 'I grant what stands above, for the whole cluster', outsideAsk: 'This has to be granted, so an org-admin of the Organization installs it.', outsideFirst: 'Grant what it needs outside its namespace, or go back',
  progress: 'Progress', progressOf: 'Progress: {0} {1}', planOf: 'Plan: {0} {1}', planAgain: 'Plan again', planGone: 'There is no such plan any more', planGoneHint: 'Plans are kept for a day. What is wanted can be planned again from its form.', planApplied: 'This plan was carried out.',
  operations: 'Operations', operationsOf: 'Operations of {0}', operationsEmpty: 'Nothing was done yet', searchOperations: 'Search by Application, person or reason', what: 'What', allActions: 'Anything', underWay: 'Under way', onlyAbout: 'Only {0}', statusStep: '{0}, step {1} of {2}',
  stepOf: '{0}, step {1} of {2}', allSteps: 'All steps', steps: 'Steps', requestedBy: 'Asked for by', started: 'Began', startedAgo: 'began {0}', endedAgo: 'ended {0}', alsoAbout: 'It is also about', supersededBy: 'The operation that came instead', supersededByCommit: 'The commit that runs instead', Superseded: 'Superseded',
  actionInstall: 'Install', actionConfigure: 'Change', actionUninstall: 'Uninstall', actionOrganization: 'New Organization', actionEnvironment: 'New Environment',
  beingInstalled: '{0} is being installed. What runs is shown here as soon as it is there.', installFailed: '{0} was not installed. Its progress says why, and what can be done.',
  beingRemoved: '{0} is being removed, and cannot be changed any more. How far that is stands above.', beingRemovedShort: 'It is being removed already',
  draftBack: 'What you typed here before is back.', draftSecrets: 'Passwords are not kept: type them again.', startAnew: 'Start anew', open: 'Open {0}', emptyBlueprints: 'No Blueprints registered yet', version: 'Version {0}', about: 'About', dependencies: 'Needs', usedBy: 'Used by', neededBy: 'for {0}', none: 'Nothing',
  rejected: 'Not accepted', rejectedCount: '{0} Blueprint {0:one=version|other=versions} of your Organization {0:one=was|other=were} not accepted', rejectedMore: 'and {0} more',
  rejectedNone: 'Every version that was tagged was accepted', rejectedHint: 'What is mended can be pushed under the same tag or a new one. An entry goes by itself within seconds, also when its tag is deleted.',
  environmentsEmpty: 'No Environments yet', appsCount: '{0} {0:one=Application|other=Applications}, {1} running', tokens: 'Tokens for Git', tokenMake: 'Make a token', tokenName: 'Name of the token', tokenNameHelp: 'A name has letters from A to Z, digits, dots, hyphens and underscores, at most 60.', tokenNameWrong: 'Only letters from A to Z, digits, dots, hyphens and underscores, at most 60, and not dots alone', tokenLastDayWrong: 'Choose a day from {0} to {1}',
  tokenTaken: 'You have a token called {0} already: choose another name, or withdraw that one first', tokenShown: 'Copy it now: it is not shown again.', tokenDelete: 'Withdraw', tokenDeleteNamed: 'Withdraw the token {0}?', tokenDeleteHelp: 'Whatever signs in to Git with it stops working at once, and it cannot be had back.', tokenDeleteNow: 'Withdraw it', tokensEmpty: 'No tokens yet', tokenEnds: '…{0}',
  tokenLastDay: 'Last day', tokenLastDayHelp: 'A token ends by itself after its last day, which is a year ahead at most.', tokenUntil: 'until {0}', tokenEndsSoon: 'ends soon: make a new one in time',
  tokenReminder: '{0:one=A token of yours for Git ends|other={0} tokens of yours for Git end} soon: {1}', tokenReminderOpen: 'Git access',
  uninstallAsk: 'Type {0} to confirm', uninstallHelp: 'Its repository is archived. Volumes and secrets, where it has any, are kept.', cancel: 'Cancel',
  everywhere: 'Everywhere', only: 'Only in {0}', scope: 'Where the change applies', emptyIsEverywhere: 'What is left empty here is as everywhere', required: 'required', theme: 'Light or dark', notAllowed: 'Your role may look, not change', nowhereToInstall: 'There is no Environment yet in which you may install', operationRetry: 'Try again', operationGiveUp: 'Give up and uninstall what is there',
  organization: 'Organization', organizationNow: 'What is shown is of {0}', chooseOrganization: 'Choose an Organization', chooseOrganizationHint: 'You belong to several. You can change over at any time, at the top of each page.',
  nowhere: 'You belong to no Organization yet', nowhereHint: 'You are signed in as {0}, but nobody has given you a role. Tell that name to whoever administers your Organization, who can put you into one of its groups, such as org-viewer; then try again.',
  forbidden: 'Your role does not have this screen', forbiddenHint: 'In {0} you are {1}. It is there for {2}; whoever administers {0} can give you such a role.', forbiddenOfAll: 'In {0} you are {1}. All Organizations are seen by the people of the Sovereign, and made by {2}.',
  revision: 'Revision {0}', notFound: 'There is no such page', notThereHint: 'The address may be mistyped, or what it names is gone.', operationGone: 'There is no such operation any more', operationGoneHint: 'The address may be mistyped, or it is too long ago: operations are not kept for ever.', blueprintGone: 'There is no Blueprint of this name', blueprintGoneHint: 'The Marketplace shows those that there are.', simulated: 'Pods are simulated on this machine: they are scheduled, start, fail and end as objects, and nothing runs in them.', tagGone: 'Its tag {0} is in Git no more. The version stays what it was registered as, and can be installed as long as Git keeps its commit.', tagMoved: 'Its tag {0} names {1} now. The version stays what it was registered as.', versions: 'Versions', versionTagGone: 'its tag is gone', versionTagMoved: 'its tag was moved',
  alsoElsewhere: 'It also runs where you may not change it.', operationElsewhere: 'It is also about Environments where you may not look: whoever may change all of them can try again', andElsewhere: '{0} and {1} {1:one=other|other=others}', planElsewhere: 'It is also about Environments where you may not look.', byHand: 'not from Git', byHandHint: 'Somebody made it by hand: Flux knows nothing of it, and it is no part of the Application.',
  drift: 'Drift in {0}: {1} changed {2} outside Git. Flux puts it back.', repaired: 'Put back in {0}: {1}, which {2} had changed outside Git.', somebody: 'somebody',
  applicationGone: 'There is no Application of this name', applicationGoneHint: 'It may have been uninstalled, or its name is another one.',
  add: 'Add', addTo: 'Add to {0}', removeItem: 'Remove', removeNamed: 'Remove {0}', yes: 'Yes', no: 'No', choice: 'Choice', choiceNumber: 'Choice {0}', unset: '(not set)', newKey: 'Name of the entry', noForm: 'This field has no form; it can be set in Git.',
  wrongFields: '{0} {0:one=field is|other=fields are} not right yet', formLoads: 'Loading the form…',
  fieldSays: '{0}: {1}', valuesRefused: 'Git has values that the Blueprint does not take',
  changedMeanwhile: 'This Application was changed meanwhile', changedMeanwhileHint: 'The form follows commit {0} where you have typed nothing. What you typed is still here.', changedBoth: 'Somebody else changed what you typed in too: {0}. What you typed would replace that.', loadNewer: 'Drop what I typed',
  typedElsewhere: 'What you typed for another place is kept, and is no part of this: {0}.',
  isWhole: 'Has to be a whole number', isNumber: 'Has to be a number',
  isRequired: 'Is required', isOfType: 'Has to be of type {0}', isConst: 'Has to be {0}', isOneOf: 'Has to be one of {0}', isAtLeast: 'Has to be at least {0}', isAtMost: 'Has to be at most {0}', isAbove: 'Has to be above {0}',
  isBelow: 'Has to be below {0}', isMultiple: 'Has to be a multiple of {0}', isLonger: 'Needs at least {0} {0:one=character|other=characters}', isShorter: 'May have at most {0} {0:one=character|other=characters}',
  fitsPattern: 'Has to look like {0}', fitsFormat: 'Has to be a valid {0}', hasItems: 'Needs at least {0} {0:one=entry|other=entries}', hasFewer: 'May have at most {0} {0:one=entry|other=entries}', isUnique: 'The same entry is there twice',
  isForbidden: 'Is not allowed here', isUnknown: 'Is not a field that is known here', fitsSeveral: 'Fits more than one choice',
  views: 'Saved views', saveView: 'Save this view', viewName: 'Name of the view', dropView: 'Forget the view {0}', viewSaved: 'The view {0} is saved in this browser', page: 'Page {0} of {1}', previous: 'Previous page', nextPage: 'Next page', pages: 'Pages', more: 'Show more',
  of: '{0} of {1}', allStatuses: 'Any status', allEnvironments: 'All Environments', sortBy: 'Order', sortName: 'Name', sortChange: 'Last change', sortStatus: 'Worst first', allKinds: 'All kinds', searchResources: 'Search by name or reason',
  Running: 'Running', Progressing: 'Progressing', Degraded: 'Degraded', Suspended: 'Suspended', Missing: 'Missing', Unknown: 'Unknown', Ready: 'Ready', Succeeded: 'Succeeded', Failed: 'Failed', Waiting: 'Waiting', Pending: 'Pending', Skipped: 'Skipped',
  organizations: 'Organizations', theSovereign: 'The Sovereign (system)', newOrganization: 'New Organization', makeOrganization: 'Make the Organization', organizationsEmpty: 'No Organizations yet', organizationsEmptyHint: 'The first one begins with a name: choose New Organization.', searchOrganizations: 'Search Organizations', lookInto: 'Look into {0}',
  inNoOrganization: 'Choose an Organization first', inNoOrganizationHint: 'You are looking at the Sovereign itself, where nothing runs. Choose an Organization at the top of the page, or among all Organizations.',
  organizationName: 'Name', organizationNameHelp: 'Lower-case letters, digits and hyphens, beginning with a letter; it becomes part of addresses and cannot be changed.', displayName: 'Name as people read it', displayNameHelp: 'Left out: the same name.', domain: 'Domain', domainHelp: 'Below which its Applications are reached. Left out: the Sovereign’s.', timeZone: 'Time zone', currency: 'Currency of bills',
  firstEnvironments: 'First Environments', firstEnvironmentsHelp: 'More can be made at any time.', newOrganizationDoes: 'A commit makes it; its progress is shown next. Its people sign in once their groups have been made in the identity provider.', mayNotOnboard: 'Your role does not make Organizations', whoOnboards: 'An Organization is made by {0}.',
  newEnvironment: 'New Environment', makeEnvironment: 'Make the Environment', newEnvironmentDoes: 'A commit makes it; its progress is shown next.', mayNotManage: 'Your role does not make Environments', whoManages: 'An Environment is made by {0}.', everyEnvironment: 'There is an Environment of each type already', everyEnvironmentHint: 'An Organization has at most one of each.',
  envType: 'Type', envTypeHelp: 'Each type has a branch of its own in every Application’s repository.', typeAndBranch: '{0}, from branch {1}', typeDev: 'Development (dev)', typeStg: 'Staging (stg)', typeProd: 'Production (prod)', typeUat: 'Acceptance (uat)', typePoc: 'Proof of concept (poc)',
  placement: 'Where it runs', placementHelp: 'Left out: where the Sovereign has room, in one region.', placementMode: 'Regions', modeSingle: 'In one region', modeActive: 'In several at once', modeStandby: 'In one, with another ready', regions: 'Names of regions', regionsHelp: 'Left out: any.', region: 'Region',
  buildingBlocks: 'Security zones', buildingBlocksHelp: 'Left out: where the Sovereign places what says nothing.', buildingBlock: 'Security zone', blockRestricted: 'Restricted (rtz)', blockEdge: 'Edge (dmz)', blockManagement: 'Management (mgt)',
  policy: 'Policy', policyHelp: 'An EnvironmentPolicy of the Sovereign that governs every change. Left out: what a policy itself says of this Environment.', policyName: 'Name of the policy',
  orgPlan: 'Plan', orgPlanHelp: 'How much room its events and their state have.', planSmall: 'Small', planMedium: 'Medium', planLarge: 'Large', owners: 'Owners', ownersHelp: 'User names of those who answer for it.', owner: 'User name', quotas: 'Quotas', quotasHelp: 'What all of its Applications together may ask for. Left out: no limit.',
  quotaCpu: 'CPU', quotaMemory: 'Memory', quotaStorage: 'Storage', organizationForm: 'acme-labs: a lower-case letter, then such letters, digits and hyphens', currencyForm: 'EUR: three capital letters', regionForm: 'nbg: lower-case letters alone', cpuForm: 'a quantity such as 500m or 2', bytesForm: 'a quantity such as 512Mi or 20Gi',
  usage: 'Usage', usageIs: 'What Applications asked for, and for how long. What they really used is not measured. One core-hour is one processor core for an hour, one GiB-hour one GiB for an hour.', range: 'Time', rangeDay: 'Today', rangeWeek: 'Last 7 days', rangeMonth: 'This month', rangeBefore: 'Last month', rangeOwn: 'From one day to another', rangeFrom: 'From', rangeTo: 'to', show: 'Show', allApplications: 'All Applications',
  usageSpan: '{0} to {1}', usageEmpty: 'Nothing was used in this time', usageEmptyHint: 'Usage begins when an Application’s first pod is placed. Choose another time, or all Applications and Environments.', usageIncomplete: 'What began before {0} is not all here any more: the oldest records have left the ledger.', usageOpen: 'The hour that is not over yet is in it as far as it has been counted.',
  cpu: 'Processor', memory: 'Memory', storage: 'Storage', coreHoursUnit: 'core-hours', gibHoursUnit: 'GiB-hours', coreHours: '{0} core-hours', gibHours: '{0} GiB-hours', gapsIn: '{0} {0:one=gap|other=gaps}', gaps: 'Gaps', gapsHint: 'Of these times events are missing. What was known before was counted on.', gap: '{0} in {1}: {2} to {3}',
  secrets: 'Secrets', secretsAre: 'Which secrets there are, whose they are and whether they came. Their values are shown nowhere.', secretsAlone: 'As {0} you see these and nothing else of what runs: that is seen by {1}.', secretsEmpty: 'No secrets yet', secretsEmptyHint: 'They come with Applications whose Blueprint has a password or a key.', searchSecrets: 'Search by name or Application', secretHeld: 'in the cluster', secretFetched: 'fetched from the store of the Organization', secretOfNone: 'of no Application',
  git: 'Git', gitNowhere: 'Where Git is has not been set up on this Sovereign.', gitClone: 'Clone', gitPassword: 'Git asks for a password: a token of yours.', gitMakeToken: 'Make one under Git access', gitChange: 'Change something', gitChangeHint: 'Branch {0} is what runs in {1}.', gitSwitch: 'Change to the branch', gitEdit: 'Edit values.yaml for everywhere, or the file of the same name below overlays for one Environment. Then:', gitPush: 'Commit and push', gitAfter: 'Flux applies it within seconds; it is in the History here, with your name.',
  gitBranches: 'A branch for each Environment', gitMayPush: 'You may push to it.', gitMayNotPush: 'Pushed to by {0}.', gitOfMembers: 'The repositories of {0} are reached with Git by its own people alone, by those of the Sovereign not.', gitUse: 'Using a token', gitUseHint: 'Your user name for Git is {0}; the token is the password. With the user name in the address, Git asks for the token alone:', gitUseMore: 'Each Application’s page has its own command, and a branch for each Environment, under Git.', gitExample: 'APPLICATION',
  tokenText: 'The token', copy: 'Copy', copyNamed: 'Copy: {0}', copied: 'Copied', copyByHand: 'Marked: copy it with the keyboard'
} as const
export type Message = keyof typeof MESSAGES

const plurals = new Intl.PluralRules(LANGUAGE)
const numbers = new Intl.NumberFormat(LANGUAGE, { maximumFractionDigits: 3 })
const text = (value: string | number | undefined): string => (typeof value === 'number' ? numbers.format(value) : (value ?? ''))

/* A message with its values put in. Values are numbers or texts; a word in the plural follows its number. */
export function filled(message: string, values: (string | number | undefined)[]): string {
  const put = (piece: string): string => piece.replace(/\{(\d)\}/g, (_, index: string) => text(values[Number(index)]))
  return put(message.replace(/\{(\d):((?:[^{}]|\{\d\})*)\}/g, (_, index: string, forms: string) => {
    const known = new Map(forms.split('|').map(form => [form.slice(0, form.indexOf('=')), form.slice(form.indexOf('=') + 1)]))
    return known.get(plurals.select(Number(values[Number(index)]))) ?? known.get('other') ?? ''
  }))
}
export const t = (name: Message, ...values: (string | number | undefined)[]): string => filled(MESSAGES[name], values)

/* A status as people read it; one that is not known yet is shown as it came. */
export const word = (status: string | undefined): string => (status === undefined ? t('Unknown') : status in MESSAGES ? t(status as Message) : status)

const ACTIONS: Record<string, Message> = { install: 'actionInstall', configure: 'actionConfigure', uninstall: 'actionUninstall', organization: 'actionOrganization', environment: 'actionEnvironment' }
/* What an operation or a plan does, in a word. */
export const actionName = (kind: string | undefined): string => (ACTIONS[kind ?? ''] ? t(ACTIONS[kind ?? '']!) : (kind ?? ''))

/* "a, b or c". */
export const listed = (names: string[], type: 'disjunction' | 'conjunction' = 'disjunction'): string => new Intl.ListFormat(LANGUAGE, { type }).format(names)

/* A quantity: to two digits behind the point, and what is less than that is not nothing. */
const quantities = new Intl.NumberFormat(LANGUAGE, { minimumFractionDigits: 2, maximumFractionDigits: 2 })
const LEAST = 0.01
export const amount = (value: number): string => (value > 0 && value < LEAST ? `< ${quantities.format(LEAST)}` : value === 0 ? '0' : quantities.format(value))

const relative = new Intl.RelativeTimeFormat(LANGUAGE, { numeric: 'auto', style: 'short' })
export function ago(time: string | undefined, now: number): string {
  const seconds = Math.round((Date.parse(time ?? '') - now) / 1000)
  if (Number.isNaN(seconds)) return ''
  if (Math.abs(seconds) < 60) return relative.format(Math.min(seconds, 0), 'second')
  if (Math.abs(seconds) < 3600) return relative.format(Math.round(seconds / 60), 'minute')
  if (Math.abs(seconds) < 86400) return relative.format(Math.round(seconds / 3600), 'hour')
  return relative.format(Math.round(seconds / 86400), 'day')
}

/* The instant itself, with the zone that it is told in. */
export function instant(time: string | undefined, timeZone?: string): string {
  const at = new Date(time ?? '')
  if (Number.isNaN(at.getTime())) return ''
  return new Intl.DateTimeFormat(LANGUAGE, { year: 'numeric', month: 'short', day: 'numeric', hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23', timeZoneName: 'short', timeZone }).format(at)
}

/* A day alone, as in 2027-02-27: the same day in every zone. */
export function day(date: string): string {
  const at = new Date(`${date}T00:00:00Z`)
  return Number.isNaN(at.getTime()) ? '' : new Intl.DateTimeFormat(LANGUAGE, { year: 'numeric', month: 'short', day: 'numeric', timeZone: 'UTC' }).format(at)
}

export function bytes(count: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB']
  let unit = 0
  for (; count >= 1024 && unit < units.length - 1; unit++) count /= 1024
  return `${new Intl.NumberFormat(LANGUAGE, { maximumFractionDigits: 1 }).format(count)} ${units[unit]}`
}
