import assert from 'node:assert/strict'
import { test } from 'node:test'
import { StreamReader } from '../build/stream.js'
import { chosen, newerCommit, newName, Rows, summary } from '../build/rows.js'
import { defaultsOf, fieldErrors } from '../build/config.js'
import { check, checkOne, pathOf } from '../build/schema.js'
import { day, filled, instant, t } from '../build/messages.js'
import { dropView, savedViews, saveView } from '../build/views.js'
import { components, wordsOutside } from './words.mjs'
import { blocks, inline } from '../build/markdown.js'
import { inGit } from '../build/rejections.js'
import { dayAfter, endsSoon } from '../build/tokens.js'
import { addressed } from '../build/api.js'

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

test('of an operation in several Environments the furthest row counts', () => {
  const rows = new Rows()
  const row = (environment, sequence, status) => ({ key: 'operation/_/x', kind: 'operation', name: 'x', environment, revision: 1, sequence, status })
  rows.apply('snapshot', { environment: 'acme-dev', revision: 1, rows: [row('acme-dev', 4, 'Running')] })
  rows.apply('snapshot', { environment: 'acme-stg', revision: 1, rows: [row('acme-stg', 9, 'Succeeded')] })
  assert.equal(rows.operation('x').status, 'Succeeded')
})

test('a form starts with the defaults of its schema and knows which field an error means', () => {
  const schema = { type: 'object', properties: { title: { type: 'string', default: 'Shop' }, on: { type: 'boolean' }, deep: { type: 'object', properties: { n: { type: 'integer', default: 2 } } } } }
  assert.deepEqual(defaultsOf(schema), { title: 'Shop', deep: { n: 2 } })
  const errors = fieldErrors([{ pointer: '/config/title', message: 'is too long' }, { pointer: '/application', message: 'x' }], '/config')
  assert.deepEqual(errors, [{ pointer: '/title', message: 'is too long' }])
  assert.deepEqual(pathOf('/a/0/b~1c', { a: [{}] }), ['a', 0, 'b/c'])
  assert.equal(newName('bp-wordpress', new Set(['wordpress', 'wordpress-2'])), 'wordpress-3')
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
    [{ title: 'abc', copies: 'x' }, { '/copies': 'Has to be of type integer' }],
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
