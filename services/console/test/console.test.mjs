import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { delayOf, endsGrant, endsSession, meaningOf, NoAnswer, saysSame } from '../build/answers.js'
import { draftName, draftOf, dropDraft, dropDrafts, dropForm, hasSecrets, keepDraft, withoutSecrets } from '../build/drafts.js'
import { chosenOperations, mayRetry, removal, standing, telling } from '../build/operations.js'
import { beginning, filledBy, follow, hasTyped, same } from '../build/typing.js'
import { formOf } from '../build/plans.js'
import { Renewals } from '../build/renewal.js'
import { Watchdog } from '../build/watchdog.js'
import { StreamReader } from '../build/stream.js'
import { chosen, delayOfRow, isApplicationName, newerCommit, newName, preselected, Rows, summary } from '../build/rows.js'
import { defaultsOf, fieldErrors, fieldName, placeOfProblem, problemsIn } from '../build/config.js'
import { check, checkOne, meant, pathOf } from '../build/schema.js'
import { amount, day, filled, instant, listed, t } from '../build/messages.js'
import { dropView, savedViews, saveView } from '../build/views.js'
import { components, wordsOutside } from './words.mjs'
import { blocks, inline } from '../build/markdown.js'
import { inGit } from '../build/rejections.js'
import { linkOf, platformOf } from '../build/platform.js'
import { dayAfter, endsSoon, isTokenName, lastDays } from '../build/tokens.js'
import { addressed, call, isGone, meaningOfError, Problem, useToken } from '../build/api.js'
import { menu, placeOf } from '../build/places.js'
import { branchOf, cloneCommand, pushers } from '../build/git.js'
import { bounds, coreHours, memoryGibHours, sum } from '../build/usage.js'
import { environmentForm, filledIn, organizationForm } from '../build/onboarding.js'
import { userOf } from '../build/auth.js'
import { judged, numberOf, read, textOf, write } from '../build/numbers.js'

const bytes = text => new TextEncoder().encode(text)

test('a stream says the same however its bytes are cut', () => {
  const whole = 'id: a:1.2\nevent: row\ndata: {"key":"é"}\n\n: comment\n\nevent: heartbeat\ndata: {}\r\n\r\n'
  for (const size of [1, 2, 3, 7, 1000]) {
    const heard = []
    const reader = new StreamReader((event, data, id) => heard.push([event, data, id]))
    const all = bytes(whole)
    for (let at = 0; at < all.length; at += size) reader.push(all.slice(at, at + size))
    assert.deepEqual(heard, [['row', '{"key":"é"}', 'a:1.2'], ['heartbeat', '{}', '']])
  }
})

test('rows follow snapshots, changes and deletes, and Applications are put together from all Environments', () => {
  const rows = new Rows()
  const row = (environment, status) => ({ key: 'application/_/blog', kind: 'application', name: 'blog', environment, revision: 3, status, blueprint: 'bp-wordpress' })
  assert.ok(rows.apply('snapshot', { environment: 'acme-dev', revision: 2, rows: [row('acme-dev', 'Running')] }))
  assert.ok(rows.apply('row', row('acme-stg', 'Degraded')))
  assert.equal(rows.applications().length, 1)
  assert.equal(summary(rows.applications()[0]), 'Degraded')
  rows.apply('delete', { environment: 'acme-stg', key: 'application/_/blog', revision: 4 })
  assert.equal(summary(rows.applications()[0]), 'Running')
  assert.equal(rows.apply('heartbeat', {}), false)
})

test('a delay is what the services took to tell, not how old a row is that time alone changed or that was there before one listened', () => {
  const at = Date.parse('2026-01-01T00:10:00Z'), minute = 60_000
  const row = (observedAt, foldedAt = '2026-01-01T00:10:00Z') => ({ key: 'a', observedAt, foldedAt })
  assert.equal(delayOfRow(row('2026-01-01T00:09:53Z'), undefined, at - minute, at), 7_000)
  assert.equal(delayOfRow(row('2026-01-01T00:09:53Z'), row('2026-01-01T00:00:00Z'), at - minute, at), 7_000)
  assert.equal(delayOfRow(row('2026-01-01T00:05:00Z'), row('2026-01-01T00:05:00Z'), at - minute, at), null)
  assert.equal(delayOfRow(row('2026-01-01T00:05:00Z'), undefined, at - 2_000, at), 2_000)
  assert.equal(delayOfRow(row('2026-01-01T00:10:09Z'), undefined, at - minute, at), 0)
  assert.equal(delayOfRow(row(undefined), undefined, at - minute, at), null)
  assert.equal(delayOfRow(row('2026-01-01T00:09:53Z', ''), undefined, at - minute, at), null)
})

test('an Application is being removed while an uninstall of it has not ended, and by nothing else', () => {
  const row = (action, status, application = 'blog') => ({ key: `operation/_/${action}${status}`, kind: 'operation', name: `${action}${status}`, environment: 'acme-dev', revision: 1, action, status, application })
  assert.equal(removal([row('configure', 'Running'), row('uninstall', 'Waiting')], 'blog')?.name, 'uninstallWaiting')
  assert.equal(removal([row('uninstall', 'Pending')], 'blog')?.name, 'uninstallPending')
  for (const other of [row('uninstall', 'Failed'), row('uninstall', 'Succeeded'), row('install', 'Running'), row('uninstall', 'Running', 'shop')]) assert.equal(removal([other], 'blog'), undefined)
})

test('of an operation in several Environments the furthest row counts', () => {
  const rows = new Rows()
  const row = (environment, sequence, status) => ({ key: 'operation/_/x', kind: 'operation', name: 'x', environment, revision: 1, sequence, status })
  rows.apply('snapshot', { environment: 'acme-dev', revision: 1, rows: [row('acme-dev', 4, 'Running')] })
  rows.apply('snapshot', { environment: 'acme-stg', revision: 1, rows: [row('acme-stg', 9, 'Succeeded')] })
  assert.equal(rows.operation('x').status, 'Succeeded')
})

test('the rows of one operation are one: every Environment that is seen, and the words of the one that has them', () => {
  const rows = new Rows()
  const hidden = { message: 'it waits for something in another Environment', messageElsewhere: true }
  const row = (environment, sequence, told) => ({ key: 'operation/_/x', kind: 'operation', name: 'x', environment, environments: [environment], elsewhere: 2, revision: 1, sequence, status: 'Waiting', ...told, steps: [{ name: 'commit', title: '', status: 'Succeeded' }, { name: 'running', title: '', status: 'Waiting', ...told }] })
  rows.apply('snapshot', { environment: 'acme-stg', revision: 1, rows: [row('acme-stg', 5, hidden)] })
  assert.equal(rows.operation('x').elsewhere, 2)
  assert.equal(rows.operation('x').message, hidden.message)
  rows.apply('snapshot', { environment: 'acme-dev', revision: 1, rows: [row('acme-dev', 5, { message: 'blog in acme-dev is Degraded', supersededBy: '02' })] })
  const one = rows.operation('x')
  assert.deepEqual(one.environments, ['acme-dev', 'acme-stg'])
  assert.equal(one.elsewhere, 1)
  assert.deepEqual([one.message, one.supersededBy, one.steps[1].message, one.steps[0].message], ['blog in acme-dev is Degraded', '02', 'blog in acme-dev is Degraded', undefined])
  assert.deepEqual(rows.operations(), [one])
  assert.deepEqual(chosenOperations(rows.operations(), { q: '', kind: '', status: '', application: '', environment: 'acme-dev' }), [one])
  rows.apply('row', row('acme-stg', 6, hidden))
  assert.equal(rows.operation('x').message, hidden.message, 'words of an earlier moment are not those of now')
  assert.deepEqual(rows.operation('x').environments, ['acme-dev', 'acme-stg'])
})

test('an operation may be tried again by who may change all that it is about', () => {
  const may = allowed => (action, environment = '_') => (allowed[environment] ?? []).includes(action)
  const cases = [
    ['install', { environments: ['acme-dev'], elsewhere: 0 }, { 'acme-dev': ['write'] }, true],
    ['install', { environments: ['acme-dev'], elsewhere: 1 }, { 'acme-dev': ['write'] }, false],
    ['configure', { environments: ['acme-dev', 'acme-stg'] }, { 'acme-dev': ['write'], 'acme-stg': ['read'] }, false],
    ['uninstall', { environments: ['acme-dev', 'acme-stg'] }, { 'acme-dev': ['write'], 'acme-stg': ['write'] }, true],
    ['uninstall', { environments: [] }, { _: ['propose'] }, true],
    ['uninstall', {}, { _: ['read'], 'acme-dev': ['write'] }, false],
    ['environment', { environments: ['acme-uat'], elsewhere: 0 }, { _: ['manage'] }, true],
    ['environment', { environments: ['acme-uat'] }, { 'acme-uat': ['write'] }, false],
    ['organization', { environments: ['acme-dev'], elsewhere: 0 }, { _: ['onboard'] }, true],
    ['organization', { environments: ['acme-dev'] }, { _: ['manage'], 'acme-dev': ['write'] }, false]
  ]
  for (const [action, reach, allowed, expected] of cases) assert.equal(mayRetry(action, reach, may(allowed)), expected, JSON.stringify([action, reach, allowed]))
})

test('a form starts with the defaults of its schema and knows which field an error means', () => {
  const schema = { type: 'object', properties: { title: { type: 'string', default: 'Shop' }, on: { type: 'boolean' }, deep: { type: 'object', properties: { n: { type: 'integer', default: 2 } } } } }
  assert.deepEqual(defaultsOf(schema), { title: 'Shop', deep: { n: 2 } })
  const errors = fieldErrors([{ pointer: '/config/title', message: 'is too long' }, { pointer: '/application', message: 'x' }], '/config')
  assert.deepEqual(errors, [{ pointer: '/title', message: 'is too long' }])
  assert.deepEqual(pathOf('/a/0/b~1c', { a: [{}] }), ['a', 0, 'b/c'])
  assert.equal(newName('bp-wordpress', new Set(['wordpress', 'wordpress-2'])), 'wordpress-3')
})

test('a number that JavaScript would round comes out of a form as it went in', () => {
  for (const json of ['{"a":9007199254740993,"b":[-9223372036854775808,9223372036854775807],"c":"9007199254740993","d":"say \\"9007199254740993\\"","e":2,"f":0.5,"g":-0.25,"h":{"i":null,"j":true}}']) {
    assert.equal(write(read(json)), json)
    assert.equal(write(JSON.parse(JSON.stringify(read(json)))), json) // a draft that was kept
  }
  assert.equal(write({ n: numberOf('9007199254740993') }), '{"n":9007199254740993}')
  assert.equal(textOf(read('9007199254740993')), '9007199254740993')
  assert.equal(judged(read('{"n":9007199254740993}')).n, 9007199254740992)
})

test('what is typed into a number field is what it means, and what is wrong with it is said', () => {
  const rows = [['2', 2], ['2.9', 2.9], ['2,5', 2.5], ['-3', -3], [' 7 ', 7], ['1e3', 1000], ['', undefined], ['two', 'two'], ['2,', 2], ['1.2.3', '1.2.3'], ['0x10', '0x10']]
  for (const [text, value] of rows) assert.equal(numberOf(text), value, text)
  const schema = { type: 'object', properties: { n: { type: 'integer', minimum: 1 } } }
  assert.deepEqual(check(schema, { n: numberOf('2') }), [])
  assert.deepEqual(check(schema, { n: numberOf('9007199254740993') }), [])
  assert.deepEqual(check(schema, { n: numberOf('2,5') }), [{ pointer: '/n', message: 'Has to be a whole number' }])
  assert.deepEqual(check(schema, { n: numberOf('two') }), [{ pointer: '/n', message: 'Has to be a whole number' }])
})

test('a pattern is told in the words that its author gave it', () => {
  const schema = { type: 'object', properties: { s: { type: 'string', pattern: '^[1-9][0-9]*Gi$', 'x-catalyst-form': 'a quantity such as 20Gi' } } }
  assert.deepEqual(check(schema, { s: 'x' }), [{ pointer: '/s', message: 'Has to look like a quantity such as 20Gi' }])
})

test('each wrong field is named once, with what is wanted', () => {
  const schema = {
    type: 'object', required: ['title'], additionalProperties: false, $defs: { host: { type: 'string', pattern: '^[a-z.]+$' } },
    properties: {
      title: { type: 'string', minLength: 3 }, copies: { type: 'integer', minimum: 1, maximum: 5 }, level: { enum: ['debug', 'info'] }, hosts: { type: 'array', minItems: 1, uniqueItems: true, items: { $ref: '#/$defs/host' } }
    },
    allOf: [{ if: { properties: { level: { const: 'debug' } }, required: ['level'] }, then: { properties: { copies: { maximum: 1 } } } }]
  }
  const said = value => Object.fromEntries(check(schema, value).map(one => [one.pointer, one.message]))
  assert.deepEqual(said({ title: 'abc', copies: 2, level: 'info', hosts: ['a.b'] }), {})
  const table = [
    [{}, { '/title': 'Is required' }],
    [{ title: 'ab' }, { '/title': 'Needs at least 3 characters' }],
    [{ title: 'abc', copies: 9 }, { '/copies': 'Has to be at most 5' }],
    [{ title: 'abc', copies: 'x' }, { '/copies': 'Has to be a whole number' }],
    [{ title: 'abc', level: 'loud' }, { '/level': 'Has to be one of debug, info' }],
    [{ title: 'abc', hosts: ['a', 'B!'] }, { '/hosts/1': 'Has to look like ^[a-z.]+$' }],
    [{ title: 'abc', hosts: [] }, { '/hosts': 'Needs at least 1 entry' }],
    [{ title: 'abc', hosts: ['a', 'a'] }, { '/hosts': 'The same entry is there twice' }],
    [{ title: 'abc', level: 'debug', copies: 2 }, { '/copies': 'Has to be at most 1' }],
    [{ title: 'abc', other: 1 }, { '/other': 'Is not a field that is known here' }]
  ]
  for (const [value, errors] of table) assert.deepEqual(said(value), errors)
  assert.deepEqual(checkOne({ type: 'string', minLength: 2 }, 'a', false), ['Needs at least 2 characters'])
  assert.deepEqual(checkOne({ type: 'string' }, undefined, true), ['Is required'])
  assert.deepEqual(checkOne({ type: 'string' }, undefined, false), [])
})

test('of alternatives only the one that is meant is complained about, in every entry of a list by itself', () => {
  const store = {
    oneOf: [
      { type: 'object', properties: { kind: { const: 'volume' }, size: { type: 'integer' } }, required: ['kind', 'size'] },
      { type: 'object', properties: { kind: { const: 'bucket' }, bucket: { type: 'string', minLength: 3 } }, required: ['kind', 'bucket'] }
    ]
  }
  const schema = { type: 'object', properties: { store, stores: { type: 'array', items: store } } }
  assert.deepEqual(check(schema, { store: { kind: 'bucket' } }), [{ pointer: '/store/bucket', message: 'Is required' }])
  assert.deepEqual(check(schema, { stores: [{ kind: 'volume' }, { kind: 'bucket', bucket: 'x' }] }),
    [{ pointer: '/stores/0/size', message: 'Is required' }, { pointer: '/stores/1/bucket', message: 'Needs at least 3 characters' }])
  assert.deepEqual(check({ oneOf: [{ type: 'integer' }, { minimum: 1 }] }, 4), [{ pointer: '', message: 'Fits more than one choice' }])
})

test('a word follows its number by the plural of the language, and a date says its zone', () => {
  assert.equal(t('footprint', 1, 250, '1 MiB', '1 GiB'), '1 pod · 250 m CPU · 1 MiB memory · 1 GiB disk')
  assert.match(t('footprint', 1200, 1, '', ''), /^1,200 pods/)
  assert.equal(t('filesIn', 'acme/blog · main', 1), 'acme/blog · main (1 file)')
  assert.equal(filled('{0:few=несколько|other={0} штук}', [5]), '5 штук')
  assert.equal(instant('2026-11-24T11:30:00Z', 'Asia/Muscat'), 'Nov 24, 2026, 15:30:00 GMT+4')
  assert.equal(instant('not a time'), '')
})

test('no text stands in a component outside the catalogue', () => {
  const all = components()
  assert.ok(all.length > 15)
  assert.deepEqual(all.flatMap(one => wordsOutside(one.source).map(text => `${one.name}: ${text}`)), [])
  assert.deepEqual(wordsOutside('<p title="Words here">{t("x")} said{ok ? "Yes" : t("no")}</p>'), ['title: Words here', 'text: said', 'text: Yes'])
})

test('saved views are a name and an address, the newest twelve, and rubbish in the store is none', () => {
  const kept = new Map()
  globalThis.localStorage = { getItem: name => kept.get(name) ?? null, setItem: (name, value) => kept.set(name, value) }
  for (let count = 0; count < 14; count++) saveView(`view ${count}`, `q=${count}`)
  saveView('view 13', 'q=other')
  assert.equal(savedViews().length, 12)
  assert.deepEqual(savedViews().at(-1), { name: 'view 13', query: 'q=other' })
  assert.ok(!dropView('view 13').some(one => one.name === 'view 13'))
  kept.set('views', '{"not": "a list"}')
  assert.deepEqual(savedViews(), [])
})

test('ten thousand Applications are searched, filtered and ordered, and one change touches one', () => {
  const rows = new Rows()
  const row = count => ({ key: `application/_/app-${count}`, kind: 'application', name: `app-${count}`, environment: 'acme-dev', revision: count, status: count % 10 === 0 ? 'Degraded' : 'Running', blueprint: 'bp-podinfo', wanted: { at: `2026-01-01T00:00:${String(count % 60).padStart(2, '0')}Z` } })
  rows.apply('snapshot', { environment: 'acme-dev', revision: 1, rows: Array.from({ length: 10_000 }, (_, count) => row(count)) })
  const first = rows.applications()
  assert.equal(first.length, 10_000)
  assert.equal(first[2].name, 'app-2')
  assert.equal(rows.applications(), first)
  const look = { q: '', show: 'all', environment: '', status: '', sort: '' }
  assert.equal(chosen(first, { ...look, q: 'app-77' }).length, 111)
  assert.equal(chosen(first, { ...look, show: 'attention' }).length, 1_000)
  assert.equal(chosen(first, { ...look, status: 'Running', environment: 'acme-dev' }).length, 9_000)
  assert.equal(chosen(first, { ...look, environment: 'acme-prod' }).length, 0)
  assert.equal(chosen(first, { ...look, sort: 'status' })[0].name, 'app-0')
  assert.equal(chosen(first, { ...look, sort: 'change' })[0].changed.at, '2026-01-01T00:00:59Z')
  rows.apply('row', { ...row(1), status: 'Degraded' })
  assert.equal(summary(rows.application('app-1')), 'Degraded')
  assert.equal(rows.application('app-2'), first[2])
})

test('a commit is told once, with the Environments that have it, in the order of Git and not of clocks, and no branch is named that the Application does not run from', () => {
  const rows = new Rows()
  const commit = (id, time, author = 'dana') => ({ id, time, author, message: id })
  const branch = (environment, runs, ...commits) => rows.apply('snapshot', { environment, revision: 1, rows: [
    ...(runs ? [{ key: 'application/_/blog', kind: 'application', name: 'blog', environment, revision: 1, status: 'Running' }] : []),
    { key: 'repository/_/blog', kind: 'repository', name: 'blog', environment, revision: 1, head: commits[0]?.id, commits }] })
  const told = () => rows.commits('blog').map(one => `${one.id} ${one.environments}`)
  const begin = commit('begin', '2026-01-01T00:00:00Z')
  branch('acme-prod', false, begin)
  branch('acme-dev', true, commit('c', '2026-01-03T00:00:00Z'), begin)
  assert.deepEqual(told(), ['c acme-dev', 'begin acme-dev'])
  branch('acme-prod', true, commit('p', '2026-01-02T00:00:00Z', { name: 'sam' }), begin)
  assert.deepEqual(told(), ['c acme-dev', 'p acme-prod', 'begin acme-dev,acme-prod'])
  assert.equal(rows.commits('blog')[1].author, 'sam')
  // The clock of who made `late` is a year ahead, and the one of `early` behind: what stands above stays above.
  const late = commit('late', '2027-01-01T00:00:00Z'), early = commit('early', '2025-01-01T00:00:00Z')
  branch('acme-dev', true, early, late, begin)
  branch('acme-prod', true, late, begin)
  assert.deepEqual(told(), ['early acme-dev', 'late acme-dev,acme-prod', 'begin acme-dev,acme-prod'])
  // Two branches that contradict each other end too, with everything once.
  branch('acme-prod', true, begin, late)
  assert.deepEqual(told().map(one => one.split(' ')[0]).sort(), ['begin', 'early', 'late'])
  assert.deepEqual(rows.commits('shop'), [])
})

test('among the objects of an Application the worst stand first, and events, which are in no status, last', () => {
  const rows = new Rows()
  const object = (key, kind, status) => ({ key, kind, name: key, application: 'blog', environment: 'acme-dev', revision: 1, status })
  rows.apply('snapshot', { environment: 'acme-dev', revision: 1, rows: [object('a', 'event', 'Running'), object('b', 'event_events_k8s_io', 'Degraded'), object('c', 'pod', 'Running'), object('d', 'pod', 'Degraded')] })
  assert.deepEqual(rows.objects('blog').map(one => one.row.key), ['d', 'c', 'a', 'b'])
})

test('what one tab knows is handed to the next as the stream would have told it', () => {
  const rows = new Rows()
  rows.apply('snapshot', { environment: 'acme-dev', revision: 1, rows: [{ key: 'pod/a/b', kind: 'pod', application: 'blog', environment: 'acme-dev', revision: 1 }] })
  rows.apply('row', { key: 'application/_/blog', kind: 'application', name: 'blog', environment: 'acme-dev', revision: 2, status: 'Running' })
  rows.apply('delete', { environment: 'acme-dev', key: 'pod/a/b', revision: 3 })
  const other = new Rows()
  for (const one of rows.snapshots()) other.apply('snapshot', structuredClone(one))
  assert.deepEqual(other.applications(), rows.applications())
  assert.equal(other.objects('blog').length, 0)
  assert.deepEqual(other.snapshots(), rows.snapshots())
})

test('a commit is newer than what a form shows when the branch has moved on from it, not when the row lags behind', () => {
  const head = (environment, ...known) => ({ environment, head: known[0], known })
  assert.equal(newerCommit([head('acme-dev', 'c1')], { 'acme-dev': 'c1' }, 'c1'), '')
  assert.equal(newerCommit([head('acme-dev', 'c2', 'c1')], { 'acme-dev': 'c1' }, 'c1'), 'c2')
  assert.equal(newerCommit([head('acme-dev', 'c1')], { 'acme-dev': 'c1' }, 'c2'), '')
  assert.equal(newerCommit([head('acme-dev', 'c2'), head('acme-stg', 's2', 's1')], { 'acme-dev': 'c2', 'acme-stg': 's1' }, 'c2'), 's2')
  assert.equal(newerCommit([head('acme-dev', 'c1'), head('acme-prod', 'p1', 'c1')], { 'acme-dev': 'c1', 'acme-prod': 'p1' }, 'c1'), '')
})

test('a readme becomes blocks, and its text stays text', () => {
  const found = blocks('# Title\n\nOne *two* **three**\nfour\n\n| a | b |\n| --- | --- |\n| 1 | `2` |\n\n- x\n  y\n- z\n\n```\n<b>\n```\n')
  assert.deepEqual(found.map(block => block.kind), ['heading', 'paragraph', 'table', 'list', 'code'])
  assert.deepEqual(found[2].rows, [['a', 'b'], ['1', '`2`']])
  assert.deepEqual(found[3].items, ['x y', 'z'])
  assert.deepEqual(inline('a `<b>` **c**').map(part => part.kind), ['text', 'code', 'text', 'bold'])
})

test('a fault of a rejected version leads to its line in Git at that commit, and nowhere when Git has no address or shares the console\'s origin', () => {
  const here = 'https://console.example.org'
  const one = { url: 'https://git.example.org/acme/shared-blueprints/src/commit/abc/bp-shop' }
  assert.equal(inGit(one, here), one.url)
  assert.equal(inGit(one, here, { file: 'manifests/a b#.yaml', line: 7 }), `${one.url}/manifests/a%20b%23.yaml?display=source#L7`)
  assert.equal(inGit(one, here, { file: '', line: 1 }), one.url)
  assert.equal(inGit({}, here, { file: 'blueprint.yaml', line: 7 }), null)
  assert.equal(inGit({ url: 'javascript:alert(1)' }, here), null)
  assert.equal(inGit(one, 'https://git.example.org'), null)
  assert.equal(inGit({ url: 'https://GIT.example.org:443/acme' }, 'https://git.example.org'), null)
  assert.equal(t('rejectedCount', 1), '1 Blueprint version of your Organization was not accepted')
  assert.equal(t('rejectedCount', 2), '2 Blueprint versions of your Organization were not accepted')
})

test('a token is reminded of from two weeks before its end', () => {
  const now = Date.parse('2026-11-29T13:00:00Z')
  assert.equal(dayAfter(now, 0), '2026-11-29')
  assert.equal(dayAfter(now, 90), '2027-02-27')
  assert.equal(endsSoon({ expiresAt: '2026-12-13T13:00:00Z' }, now), true)
  assert.equal(endsSoon({ expiresAt: '2026-12-13T13:00:01Z' }, now), false)
  assert.equal(endsSoon({ expiresAt: '2026-11-28T00:00:00Z' }, now), true)
  assert.equal(t('tokenReminder', 1, 'laptop'), 'A token of yours for Git ends soon: laptop')
  assert.equal(t('tokenReminder', 2, 'a, b'), '2 tokens of yours for Git end soon: a, b')
})

test('a name of a token is what provisioning takes, and it ends within a year', () => {
  const said = readFileSync(new URL('../../../proto/openapi/provisioning.yaml', import.meta.url), 'utf8')
  const rule = /name: \{type: string, minLength: 1, maxLength: (\d+), pattern: "([^"]+)", x-catalyst-form: "letters, digits, dots/.exec(said)
  const names = ['laptop', 'a.b', '..a', '-', '_', '9', 'a'.repeat(60), '', '.', '..', 'wendy tok', 'مفتاح', 'a/b', 'a'.repeat(61), 'a\n']
  for (const name of names) assert.equal(isTokenName(name), name.length <= Number(rule[1]) && new RegExp(rule[2]).test(name) && !name.includes('\n'), name)
  assert.deepEqual(names.filter(isTokenName).length, 7)
  assert.deepEqual(lastDays(Date.parse('2026-11-30T10:00:00Z')), { first: '2026-11-30', last: '2027-12-01' })
})

test('spaces that came along with a value are none of it where it is right without them, and stay where they may be meant', () => {
  const size = { type: 'string', pattern: '^[1-9][0-9]*Gi$' }
  for (const [schema, typed, value] of [[size, ' 10Gi ', '10Gi'], [size, '\t10Gi\n', '10Gi'], [size, '10Gi', '10Gi'], [size, ' ten ', ' ten '], [size, '  ', '  '], [{ type: 'string' }, ' a ', ' a '], [{ type: 'string', format: 'email' }, ' a@example.org', 'a@example.org'],
    [{ type: 'string', pattern: '^ ' }, ' a', ' a'], [{ allOf: [{ $ref: '#/$defs/elsewhere' }] }, ' a ', ' a ']]) assert.equal(meant(schema, typed), value, typed)
})

test('what is not there is told apart from what cannot be had', () => {
  assert.deepEqual([new Problem(404, {}), new Problem(403, {}), new NoAnswer(''), null].map(isGone), [true, false, false, false])
})

test('a day is the same in every zone', () => {
  assert.equal(day('2027-02-27'), 'Feb 27, 2027')
  assert.equal(day('never'), '')
})

test('calls say which Organization they are about, but for what is a person\'s own', () => {
  const rows = [
    ['/api/state/v1/applications', 'blue', '/api/state/v1/applications?organization=blue'],
    ['/api/state/v1/applications?limit=50', 'blue', '/api/state/v1/applications?limit=50&organization=blue'],
    ['/api/provisioning/v1/plans/1/apply', 'blue', '/api/provisioning/v1/plans/1/apply?organization=blue'],
    ['/api/provisioning/v1/git-tokens', 'blue', '/api/provisioning/v1/git-tokens'],
    ['/api/provisioning/v1/git-tokens/one', 'blue', '/api/provisioning/v1/git-tokens/one'],
    ['/api/state/v1/me?organization=acme', 'blue', '/api/state/v1/me?organization=acme'],
    ['/api/state/v1/metrics', 'blue', '/api/state/v1/metrics?organization=blue'],
    ['/api/state/v1/applications', null, '/api/state/v1/applications']
  ]
  for (const [path, organization, expected] of rows) assert.equal(addressed(path, organization), expected)
})

test('not signed in, no right and no answer are three things, and everything else is a refusal', () => {
  const table = [[200, 'fine'], [202, 'fine'], [304, 'fine'], [401, 'not-signed-in'], [403, 'no-right'], [0, 'no-answer'], [408, 'no-answer'], [502, 'no-answer'], [503, 'no-answer'], [504, 'no-answer'],
    [400, 'refused'], [404, 'refused'], [409, 'refused'], [422, 'refused'], [429, 'refused'], [500, 'refused']]
  for (const [status, meaning] of table) assert.equal(meaningOf(status), meaning, String(status))
  assert.equal(meaningOfError(new Problem(403, {})), 'no-right')
  assert.equal(meaningOfError(new NoAnswer('')), 'no-answer')
  assert.equal(meaningOfError(new TypeError('a mistake of ours')), 'refused')
})

test('only the words of Keycloak that say so end a session', () => {
  for (const error of ['login_required', 'interaction_required', 'account_selection_required', 'consent_required']) assert.ok(endsSession(error), error)
  for (const error of [null, '', 'temporarily_unavailable', 'server_error', 'access_denied', 'invalid_request']) assert.ok(!endsSession(error), String(error))
  assert.ok(endsGrant(400, 'invalid_grant'))
  for (const [status, error] of [[400, 'invalid_request'], [400, undefined], [400, 'temporarily_disabled'], [401, 'invalid_grant'], [429, 'invalid_grant'], [503, 'invalid_grant']]) assert.ok(!endsGrant(status, error), `${status} ${error}`)
})

test('what a problem says of its first error is said once, also where the detail was cut', () => {
  const message = `values.yaml on branch develop of acme/site cannot be read: ${'x'.repeat(200)}. Correct the file in Git`
  assert.equal(saysSame(message, message), true)
  assert.equal(saysSame(`${message.slice(0, 150)}…`, message), true)
  assert.equal(saysSame(message, 'overlays/dev/values.yaml is not there'), false)
  assert.equal(saysSame('The', 'The other thing'), false)
})

test('a name of an Application is what provisioning takes: a DNS label of at most 40 characters', () => {
  for (const name of ['blog', 'b', '1blog', 'first--day', 'a'.repeat(40)]) assert.equal(isApplicationName(name), true, name)
  for (const name of ['', '-blog', 'blog-', 'Blog', 'b_g', 'a.b', 'blog\n', 'a'.repeat(41)]) assert.equal(isApplicationName(name), false, name)
})

test('a delay grows to its most and is spread over all of it', () => {
  assert.equal(delayOf(0, 15_000, 0), 200)
  assert.equal(delayOf(0, 15_000, 0.5), 450)
  assert.equal(delayOf(3, 15_000, 1), 4_200)
  assert.equal(delayOf(1_000, 15_000, 1), 15_200)
})

test('a line is dead after twice the time that the server says, however much came before, and not while it is heard of', t => {
  t.mock.timers.enable({ apis: ['setTimeout', 'Date'] })
  let dead = 0
  const dog = new Watchdog(() => dead++)
  t.mock.timers.tick(29_999)
  assert.equal(dead, 0)
  dog.heard()
  t.mock.timers.tick(29_999)
  assert.equal(dead, 0)
  t.mock.timers.tick(1)
  assert.equal(dead, 1)
  const quick = new Watchdog(() => dead++)
  for (const rubbish of [undefined, 'soon', Number.NaN, 0, -1, Infinity]) quick.expect(rubbish)
  quick.expect(2_000)
  for (let count = 0; count < 10; count++) { t.mock.timers.tick(3_000); quick.heard() }
  assert.equal(dead, 1)
  t.mock.timers.tick(4_000)
  assert.equal(dead, 2)
  const gone = new Watchdog(() => dead++)
  gone.stop()
  t.mock.timers.tick(1_000_000)
  assert.equal(dead, 2)
})

/* Tabs of one browser around one store of tokens, and a Keycloak that says what it is told to. */
function browser(answers) {
  const world = { token: 0, asked: 0, atOnce: 0, most: 0, ended: 0, unanswered: [] }
  let lock = Promise.resolve()
  const tab = () => new Renewals({
    ask: async () => {
      world.asked++
      world.most = Math.max(world.most, ++world.atOnce)
      await null
      world.atOnce--
      const answer = answers.shift()
      if (answer instanceof Error) throw answer
      return answer
    },
    alone: run => (lock = lock.then(run, run)), newest: async () => world.token, hand: async signed => { world.token = signed.expiresAt },
    ended: () => world.ended++, unanswered: is => world.unanswered.push(is), random: () => 0
  })
  return { world, tab }
}
const signed = expiresAt => ({ token: 'x', expiresAt, idToken: '' })

test('all tabs renew at once with one question to Keycloak', async () => {
  const { world, tab } = browser([signed(100)])
  const tabs = [tab(), tab(), tab()]
  assert.deepEqual(await Promise.all([...tabs, tabs[0]].map(one => one.renew(50))), ['renewed', 'renewed', 'renewed', 'renewed'])
  assert.equal(world.asked, 1)
  const refused = browser([signed(100), signed(200)])
  refused.world.token = 100
  assert.equal(await refused.tab().renew(100), 'renewed')
  assert.equal(refused.world.asked, 1, 'a token that was refused is renewed though it has not ended')
})

test('while nobody answers nothing ends, it is asked again by itself, and Keycloak\'s word ends it', async t => {
  t.mock.timers.enable({ apis: ['setTimeout'] })
  const { world, tab } = browser(['no-answer', new Error('a frame that failed'), signed(100), 'ended'])
  const one = tab()
  assert.equal(await one.renew(50), 'no-answer')
  for (let count = 0; count < 2; count++) {
    t.mock.timers.tick(200)
    for (let turns = 0; turns < 20; turns++) await null
  }
  assert.equal(world.token, 100)
  assert.equal(world.ended, 0)
  assert.deepEqual(world.unanswered, [true, true, false])
  assert.equal(await one.renew(100), 'ended')
  assert.equal(world.ended, 1)
  t.mock.timers.tick(100_000)
  assert.equal(world.asked, 4)
})

test('a call whose token has run out is made again with the newer one and the same key; without one it is no answer', async () => {
  const json = (status, body) => new Response(JSON.stringify(body), { status })
  let answers = []
  const keys = []
  globalThis.fetch = async (path, { headers }) => {
    keys.push(`${headers.Authorization} ${headers['Idempotency-Key']}`)
    const answer = answers.shift()
    if (answer instanceof Error) throw answer
    return answer
  }
  const renew = async () => { useToken('second', renew); return true }
  useToken('first', renew)
  answers = [json(401, {}), json(200, { id: 1 })]
  assert.deepEqual(await call('POST', '/x', {}), { id: 1 })
  assert.deepEqual(keys.map(one => one.split(' ')[1]), ['first', 'second'])
  assert.equal(keys[0].split(' ')[2], keys[1].split(' ')[2])
  const failing = async (list, kind) => { answers = list; await assert.rejects(call('GET', '/x'), kind) }
  useToken('first', async () => false)
  await failing([json(401, {})], NoAnswer)
  await failing([new TypeError('Failed to fetch')], NoAnswer)
  await failing([new Response('<html>Bad gateway</html>', { status: 502 })], NoAnswer)
  await failing([new Response('<html>Sign in to this network</html>', { status: 200 })], NoAnswer)
  await failing([json(503, { detail: 'Gitea does not answer' })], /Gitea does not answer/)
  await failing([json(403, { detail: 'Your role does not allow it' })], error => meaningOfError(error) === 'no-right')
  await failing([new Response('', { status: 404 })], error => error instanceof Problem && error.status === 404)
})

const SECRET = { type: 'string', 'x-catalyst-ui-hint': 'password' }
test('what a schema calls a secret is kept in no store, wherever the schema says it', () => {
  const schema = {
    type: 'object', $defs: { key: SECRET, chain: { $ref: '#/$defs/key' }, loop: { allOf: [{ $ref: '#/$defs/loop' }] } },
    properties: {
      title: { type: 'string' }, plain: SECRET, referred: { $ref: '#/$defs/chain' }, list: { type: 'array', items: SECRET }, pairs: { type: 'array', prefixItems: [{ type: 'string' }, SECRET] }, round: { $ref: '#/$defs/loop' },
      deep: { type: 'object', properties: { name: { type: 'string' }, word: { anyOf: [{ type: 'null' }, { format: 'password' }] } } }, free: { type: 'object', additionalProperties: { writeOnly: true } },
      store: { oneOf: [{ properties: { kind: { const: 'a' }, size: {} } }, { properties: { kind: { const: 'b' }, token: SECRET } }] }
    },
    allOf: [{ if: { properties: { title: { const: 'x' } } }, then: { properties: { late: SECRET } } }], patternProperties: { '^pass': SECRET }
  }
  const value = {
    title: 'Shop', plain: 'S1', referred: 'S2', list: ['S3', 'S4'], pairs: ['shown', 'S5'], round: 'shown', deep: { name: 'shown', word: 'S6' }, free: { any: 'S7' }, store: { kind: 'b', token: 'S8', size: 3 }, late: 'S9', passphrase: 'S10', unknown: 'shown'
  }
  const kept = JSON.stringify(withoutSecrets(schema, value))
  assert.ok(!/S\d/.test(kept), kept)
  assert.deepEqual(JSON.parse(kept), { title: 'Shop', list: [null, null], pairs: ['shown', null], round: 'shown', deep: { name: 'shown' }, free: {}, store: { kind: 'b', size: 3 }, unknown: 'shown' })
  assert.ok(hasSecrets(schema))
  assert.ok(!hasSecrets({ properties: { title: { type: 'string' } } }))
})

test('a draft is whole while the page lives, without its secrets after that, and each person\'s own', () => {
  const store = {}
  globalThis.sessionStorage = Object.defineProperties(store, Object.fromEntries(Object.entries({ getItem: name => store[name] ?? null, setItem: (name, value) => { store[name] = value }, removeItem: name => { delete store[name] } }).map(([name, value]) => [name, { value }])))
  const schema = { properties: { title: {}, word: SECRET } }
  const mine = draftName('dana', 'acme', '/install/catalog/bp-x')
  assert.notEqual(mine, draftName('dana', 'blue', '/install/catalog/bp-x'))
  keepDraft(mine, { application: 'shop', values: { title: 'Half', word: 'hidden' } }, schema)
  assert.equal(draftOf(mine).values.word, 'hidden')
  assert.ok(!JSON.stringify(store).includes('hidden'))
  store.other = 'stays'
  assert.equal(draftOf(draftName('sam', 'acme', '/install/catalog/bp-x')), null)
  const later = draftName('dana', 'acme', '/applications/shop')
  store[later] = store[mine]
  assert.deepEqual(draftOf(later), { application: 'shop', values: { title: 'Half' } })
  dropDraft(mine)
  assert.equal(draftOf(mine), null)
  store[mine] = 'no JSON'
  assert.equal(draftOf(mine), null)
  dropDrafts()
  assert.deepEqual(Object.keys(store), ['other'])
})

const typedInto = (before, change) => { const form = beginning(before); Object.assign(form.values, change); return form }
test('what nobody has typed in follows the newer commit, what was typed stays, and fields of which both is true are named', () => {
  const before = { copies: 2, prefix: 'wp_', limits: { cpu: 1, memory: 2 }, hosts: ['a'] }
  const follows = (change, theirs) => { const { values, both } = follow(typedInto(before, change), { ...before, ...theirs }); return { values, both } }
  const rows = [
    [{ prefix: 'dana_' }, { copies: 3 }, { prefix: 'dana_', copies: 3 }, []],
    [{ prefix: 'dana_' }, { prefix: 'adam_' }, { prefix: 'dana_' }, ['/prefix']],
    [{ prefix: 'both_' }, { prefix: 'both_' }, { prefix: 'both_' }, []],
    [{ limits: { cpu: 4, memory: 2 } }, { limits: { cpu: 1, memory: 8 } }, { limits: { cpu: 4, memory: 8 } }, []],
    [{ limits: { cpu: 4, memory: 2 } }, { limits: { cpu: 3, memory: 8 } }, { limits: { cpu: 4, memory: 8 } }, ['/limits/cpu']],
    [{ hosts: ['a', 'b'] }, { hosts: ['c'] }, { hosts: ['a', 'b'] }, ['/hosts']],
    [{ hosts: ['a', 'b'] }, { limits: undefined, copies: undefined }, { hosts: ['a', 'b'], limits: undefined, copies: undefined }, []],
    [{ prefix: undefined }, { copies: 3, 'a/b': 1 }, { prefix: undefined, copies: 3, 'a/b': 1 }, []],
    [{}, { copies: 7 }, { copies: 7 }, []]
  ]
  for (const [mine, theirs, values, both] of rows) {
    const found = follows(mine, theirs)
    assert.ok(same(found.values, { ...before, ...values }), JSON.stringify([mine, theirs, found.values]))
    assert.deepEqual(found.both, both)
  }
})

test('a form that followed goes on from there: the next change is followed too, and what was put back is named no more', () => {
  let form = follow(typedInto({ copies: 2, prefix: 'wp_' }, { prefix: 'dana_' }), { copies: 3, prefix: 'adam_' })
  assert.deepEqual(form.both, ['/prefix'])
  form = follow(form, { copies: 4, prefix: 'adam_' })
  assert.deepEqual([form.values, form.both], [{ copies: 4, prefix: 'dana_' }, ['/prefix']])
  form.values.prefix = 'adam_'
  assert.equal(hasTyped(form), false)
  assert.deepEqual(follow(form, { copies: 4, prefix: 'eve_' }), { before: { copies: 4, prefix: 'eve_' }, begun: { copies: 4, prefix: 'eve_' }, values: { copies: 4, prefix: 'eve_' }, both: [] })
})

test('what a form fills in by itself is not what somebody typed', () => {
  const form = beginning({ copies: 2 })
  const before = structuredClone(form.values)
  form.values.store = { kind: 'volume' }
  const filled = filledBy(form, before)
  assert.equal(hasTyped(filled), false)
  assert.deepEqual(follow(filled, { copies: 2, store: { kind: 'bucket' } }).values, { copies: 2, store: { kind: 'bucket' } })
})

test('what is typed for several places is kept for each, without its secrets, and the one that is carried out goes alone', () => {
  const stored = {}
  globalThis.sessionStorage = { getItem: name => stored[name] ?? null, setItem: (name, value) => { stored[name] = value }, removeItem: name => { delete stored[name] } }
  const mine = draftName('dana', 'acme', '/applications/places')
  const forms = { '': typedInto({ copies: 2 }, { copies: 4, word: 'hidden' }), 'acme-dev': typedInto({ copies: 2 }, { copies: 1 }) }
  keepDraft(mine, { scope: 'acme-dev', forms }, { properties: { copies: {}, word: SECRET } })
  assert.ok(!JSON.stringify(stored).includes('hidden'))
  dropForm(mine, 'acme-dev')
  assert.deepEqual(Object.keys(draftOf(mine).forms), [''])
  assert.equal(draftOf(mine).scope, '', 'the place that is left is shown')
  assert.deepEqual(Object.keys(JSON.parse(stored[mine]).forms), [''])
  assert.equal(draftOf(mine).forms[''].values.word, 'hidden')
  assert.ok(!JSON.stringify(stored).includes('hidden'))
  dropForm(mine, '')
  assert.equal(draftOf(mine), null)
  assert.deepEqual(stored, {})
})

test('a field is called what its form calls it, and its name where it has no title', () => {
  const schema = { $defs: { host: { title: 'Host name' } }, properties: {
    memoryMb: { title: 'Memory for data, in MB' }, plain: {}, limits: { title: 'Limits', properties: { cpu: { title: 'Processors' } } }, hosts: { title: 'Hosts', items: { $ref: '#/$defs/host' } },
    store: { oneOf: [{ properties: { size: { title: 'Gigabytes' } } }] }, more: { additionalProperties: { title: 'One more' } } } }
  for (const [pointer, name] of [['/memoryMb', 'Memory for data, in MB'], ['/plain', 'plain'], ['/limits/cpu', 'Limits › Processors'], ['/hosts/1', 'Hosts › Host name 2'], ['/store/size', 'store › Gigabytes'], ['/more/x', 'more › One more'], ['/a~1b', 'a/b'], ['', '']]) assert.equal(fieldName(schema, pointer), name)
})

test('what Git has and a Blueprint does not take stands at the field of the form that shows it', () => {
  const problems = [{ pointer: '/values/memoryMb', message: 'everybody' }, { pointer: '/values/a~1b/0', message: 'deep' }, { pointer: '/overlays/dev/memoryMb', message: 'dev' }, { pointer: '/values', message: 'all of it' }]
  assert.deepEqual(problemsIn(problems, '').map(one => `${one.pointer} ${one.message}`), ['/memoryMb everybody', '/a~1b/0 deep'])
  assert.deepEqual(problemsIn(problems, 'acme-dev').map(one => `${one.pointer} ${one.message}`), ['/memoryMb dev', '/a~1b/0 deep'])
  assert.deepEqual(problemsIn(problems, 'acme-prod'), problemsIn(problems, ''))
  for (const [pointer, expected] of [['/values', { place: '', pointer: '' }], ['/values/x', { place: '', pointer: '/x' }], ['/overlays/dev', { place: 'dev', pointer: '' }], ['/overlays/dev/x/y', { place: 'dev', pointer: '/x/y' }]]) assert.deepEqual(placeOfProblem(pointer), expected)
})

test('operations come the newest first, are found by all that they are about, and say at which step they are', () => {
  const rows = new Rows()
  const step = status => ({ name: status, title: status, status })
  const operation = (id, startedAt, change) => ({ key: `operation/_/${id}`, kind: 'operation', name: id, environment: 'acme-dev', revision: 1, sequence: 1, action: 'install', application: 'blog', status: 'Succeeded', startedAt, steps: [step('Succeeded'), step('Running'), step('Pending')], ...change })
  rows.apply('snapshot', { environment: 'acme-dev', revision: 1, rows: [operation('a', '2026-01-01T00:00:00Z'), operation('b', '2026-01-03T00:00:00Z', { action: 'configure', status: 'Waiting', applications: ['blog', 'db'], environments: ['acme-dev'], message: 'The source is suspended' }), operation('c', '2026-01-02T00:00:00Z', { application: 'shop', status: 'Failed' })] })
  const all = rows.operations()
  assert.deepEqual(all.map(one => one.name), ['b', 'c', 'a'])
  const look = { q: '', kind: '', status: '', application: '', environment: '' }
  const names = wanted => chosenOperations(all, { ...look, ...wanted }).map(one => one.name).join()
  assert.equal(names({}), 'b,c,a')
  assert.equal(names({ application: 'db' }), 'b')
  assert.equal(names({ kind: 'install' }), 'c,a')
  assert.equal(names({ status: 'Failed' }), 'c')
  assert.equal(names({ environment: 'acme-dev' }), 'b')
  assert.equal(names({ q: 'suspended' }), 'b')
  const { at, of } = standing(all[0].steps)
  assert.deepEqual([at, of], [2, 3])
  assert.equal(standing([step('Succeeded'), step('Skipped')]).at, 2)
  assert.equal(standing([]).of, 0)
  assert.equal(telling(all, 'db').name, 'b')
  assert.equal(telling(all, 'shop').name, 'c')
  rows.apply('row', operation('d', '2026-01-04T00:00:00Z', { application: 'shop' }))
  assert.equal(telling(rows.operations(), 'shop'), undefined, 'what failed before the last success is history')
  rows.apply('delete', { environment: 'acme-dev', key: 'operation/_/b', revision: 9 })
  assert.equal(telling(rows.operations(), 'blog'), undefined)
  assert.equal(formOf({ kind: 'install', application: 'x', blueprint: { source: 'catalog', name: 'bp-x' } }), '/install/catalog/bp-x')
  assert.equal(formOf({ kind: 'uninstall', application: 'x' }), '/applications/x')
})

const who = (organization, anywhere, ...memberships) => ({ organization, anywhere, memberships: memberships.map(name => ({ organization: name, roles: [], environments: {} })) })
test('each role finds in the menu what it may see, and nothing else', () => {
  const READ = ['read', 'read-secrets']
  const rows = [
    ['org-viewer', who('acme', READ, 'acme'), '/ /marketplace /operations /environments /secrets /git'],
    ['org-admin', who('acme', ['read', 'write', 'manage', 'read-money', 'read-secrets'], 'acme'), '/ /marketplace /operations /environments /usage /secrets /git'],
    ['billing-admin', who('acme', ['read-money'], 'acme'), '/usage'],
    ['security-officer', who('acme', ['read-policy', 'write-policy', 'read-audit', 'read-secrets'], 'acme'), '/secrets'],
    ['sovereign-admin in no Organization', who('system', ['read', 'onboard', 'read-money'], 'system'), '/organizations'],
    ['sovereign-admin in one that is not their own', who('acme', ['read', 'onboard', 'read-money'], 'system'), '/ /marketplace /operations /environments /usage /organizations'],
    ['sovereign-admin in their own', who('acme', ['read', 'onboard', 'read-money'], 'acme', 'system'), '/ /marketplace /operations /environments /usage /git /organizations']
  ]
  for (const [name, me, expected] of rows) assert.equal(menu(me).map(one => one.path).join(' '), expected, name)
})

test('an address belongs to the place above it, and one that is nowhere to none', () => {
  for (const [first, path] of [['', '/'], ['applications', '/'], ['install', '/marketplace'], ['plans', '/'], ['organizations', '/organizations'], ['git', '/git'], ['nothing', undefined]]) assert.equal(placeOf(first)?.path, path)
})

test('a repository is cloned with the user name in its address, and each Environment has a branch', () => {
  assert.equal(cloneCommand('http://localhost:8080/git', 'dana', 'acme', 'blog'), 'git clone http://dana@localhost:8080/git/acme/blog.git')
  assert.equal(cloneCommand('https://git.example.org/', 'd@na', 'acme', 'blog'), 'git clone https://d%40na@git.example.org/acme/blog.git')
  assert.deepEqual(['acme-dev', 'acme-stg', 'acme-prod', 'a-b-uat', 'acme-poc', 'acme'].map(branchOf), ['develop', 'staging', 'main', 'uat', 'poc', ''])
  const me = { who: { write: ['org-admin', 'sovereign-admin'] }, whoEarly: { write: ['org-developer', 'org-admin', 'sovereign-admin'] } }
  assert.deepEqual([pushers(me, 'acme-dev'), pushers(me, 'acme-prod')], [['org-developer', 'org-admin'], ['org-admin']])
})

test('usage is told in hours of what people know, and times have both their ends', () => {
  const hour = { cpuMilliSeconds: 3_600_000, memoryByteSeconds: 2 * 1024 ** 3 * 3_600, storageByteSeconds: 0 }
  assert.equal(coreHours(sum([hour, hour])), 2)
  assert.equal(memoryGibHours(hour), 2)
  assert.deepEqual([0, 0.001, 1.005, 1234.5].map(amount), ['0', '< 0.01', '1.01', '1,234.50'])
  const now = new Date(2026, 2, 15, 13, 30).getTime()
  assert.equal(bounds('day', now).from, new Date(2026, 2, 15).toISOString())
  assert.equal(bounds('week', now).from, new Date(2026, 2, 9).toISOString())
  assert.deepEqual(bounds('before', now), { from: new Date(2026, 1, 1).toISOString(), to: new Date(2026, 2, 1).toISOString() })
  assert.deepEqual(bounds('own', now, '2026-01-05', '2026-01-05'), { from: new Date(2026, 0, 5).toISOString(), to: new Date(2026, 0, 6).toISOString() })
  assert.deepEqual(bounds('own', now, '2026-01-06', '2026-01-05'), bounds('own', now, '2026-01-05', '2026-01-06'))
  assert.deepEqual(bounds('own', now, 'abc', '2026-02-31x'), bounds('week', now))
})

test('a form of onboarding offers the types that are free, and sends what was filled in alone', () => {
  assert.deepEqual(environmentForm(['stg', 'uat']).properties.envType.oneOf.map(one => one.const), ['stg', 'uat'])
  assert.deepEqual(filledIn({ envType: 'stg', displayName: '', placement: { mode: undefined, regions: [] } }), { envType: 'stg' })
  assert.deepEqual(filledIn({ envType: 'stg', placement: { mode: 'active-active', regions: ['fsn', 'nbg'] } }), { envType: 'stg', placement: { mode: 'active-active', regions: ['fsn', 'nbg'] } })
})

/* What the service takes stands in proto/openapi/provisioning.yaml; a form that leaves a field out leaves people without it. */
test('the forms of a new Environment and a new Organization have every field that the service takes', () => {
  const said = readFileSync(new URL('../../../proto/openapi/provisioning.yaml', import.meta.url), 'utf8').split('\n')
  const members = (from, indent) => {
    const start = said.findIndex(from)
    const own = said.slice(start + 1)
    const end = own.findIndex(line => line.trim() !== '' && line.search(/\S/) < indent)
    return own.slice(0, end).filter(line => line.search(/\S/) === indent).map(line => line.trim().split(':')[0])
  }
  const wish = said.findIndex(line => line === '    EnvironmentWish:')
  assert.deepEqual(Object.keys(environmentForm(['dev']).properties).sort(), members((line, index) => index > wish && line.trim() === 'properties:', 8).sort())
  const placement = said.findIndex((line, index) => index > wish && line.trim() === 'placement:')
  assert.deepEqual(Object.keys(environmentForm(['dev']).properties.placement.properties).sort(), members((line, index) => index > placement && line.trim() === 'properties:', 12).sort())
  const post = said.findIndex(line => line.trim() === 'operationId: makeOrganization')
  assert.ok(wish > 0 && placement > 0 && post > 0)
  // The first Environments are asked for beside the form.
  assert.deepEqual([...Object.keys(organizationForm().properties), 'environments'].sort(), members((line, index) => index > post && line.trim() === 'properties:', 16).sort())
  const quotas = said.findIndex((line, index) => index > post && line.trim() === 'quotas:')
  assert.deepEqual(Object.keys(organizationForm().properties.quotas.properties).sort(), members((line, index) => index > quotas && line.trim() === 'properties:', 20).sort())
})

test('what is filled in of the new fields is sent as the service takes it, and what is not is left out', () => {
  assert.deepEqual(filledIn({ envType: 'dev', placement: { buildingBlocks: ['dmz'], regions: [] }, policyRef: { name: 'strict' } }), { envType: 'dev', placement: { buildingBlocks: ['dmz'] }, policyRef: { name: 'strict' } })
  assert.deepEqual(filledIn({ name: 'acme', plan: 'medium', owners: ['dana'], quotas: { cpu: '2', applications: 5, memory: '' } }), { name: 'acme', plan: 'medium', owners: ['dana'], quotas: { cpu: '2', applications: 5 } })
  assert.deepEqual(filledIn({ name: 'acme', owners: [], quotas: {}, policyRef: { name: '' } }), { name: 'acme' })
  const quotas = organizationForm().properties.quotas
  assert.deepEqual(check(quotas, { cpu: '500m', memory: '512Mi', applications: 3 }), [])
  for (const wrong of [{ cpu: '2 cores' }, { memory: '512MB' }, { applications: -1 }]) assert.equal(check(quotas, wrong).length, 1)
})

test('a list of names is a phrase, and the user name of a token is read from it', () => {
  assert.equal(listed(['a', 'b', 'c']), 'a, b, or c')
  assert.equal(userOf(`x.${Buffer.from(JSON.stringify({ preferred_username: 'zoë' })).toString('base64url')}.y`), 'zoë')
  assert.equal(userOf('nothing'), '')
})

test('an address is a link where something answers: in a cluster as it is, simulated at the front door and only below its own domain', () => {
  const cluster = platformOf(null)
  const machine = platformOf({ pods: 'simulated', applications: { domain: 'catalyst.localhost', port: 8080 } })
  for (const [url, in_cluster, on_machine] of [
    ['https://blog.acme-dev.example.org/', 'https://blog.acme-dev.example.org/', null],
    ['https://blog.acme-dev.catalyst.localhost/en', 'https://blog.acme-dev.catalyst.localhost/en', 'http://blog.acme-dev.catalyst.localhost:8080/en'],
    ['http://evilcatalyst.localhost', 'http://evilcatalyst.localhost', null],
    ['http://', null, null],
    ['javascript:alert(1)', null, null]
  ]) {
    assert.equal(linkOf(url, cluster), in_cluster)
    assert.equal(linkOf(url, machine), on_machine)
  }
})

test('what the front door does not say is a cluster, where nothing is simulated', () => {
  for (const said of [null, undefined, 'x', {}, { pods: 'real' }, { pods: 'SIMULATED' }, []]) assert.equal(platformOf(said).pods, 'real')
  assert.deepEqual(platformOf({ pods: 'simulated', applications: { domain: 7, port: 'x' } }), { pods: 'simulated', applications: null })
})

test('a new Application goes into development, or into the only Environment that there is', () => {
  assert.deepEqual(preselected(['acme-dev', 'acme-stg']), ['acme-dev'])
  assert.deepEqual(preselected(['acme-prod']), ['acme-prod'])
  assert.deepEqual(preselected(['acme-stg', 'acme-prod']), [])
  assert.deepEqual(preselected([]), [])
})
