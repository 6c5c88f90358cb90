import assert from 'node:assert/strict'
import { test } from 'node:test'
import { StreamReader } from '../build/stream.js'
import { Rows, summary } from '../build/rows.js'
import { defaultsOf, fieldErrors, newName } from '../build/form.js'
import { blocks, inline } from '../build/markdown.js'

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
  assert.deepEqual(fieldErrors([{ pointer: '/config/title', message: 'is too long' }, { pointer: '/application', message: 'x' }], '/config'), { '/title': 'is too long' })
  assert.equal(newName('bp-wordpress', new Set(['wordpress', 'wordpress-2'])), 'wordpress-3')
})

test('a readme becomes blocks, and its text stays text', () => {
  const found = blocks('# Title\n\nOne *two* **three**\nfour\n\n| a | b |\n| --- | --- |\n| 1 | `2` |\n\n- x\n  y\n- z\n\n```\n<b>\n```\n')
  assert.deepEqual(found.map(block => block.kind), ['heading', 'paragraph', 'table', 'list', 'code'])
  assert.deepEqual(found[2].rows, [['a', 'b'], ['1', '`2`']])
  assert.deepEqual(found[3].items, ['x y', 'z'])
  assert.deepEqual(inline('a `<b>` **c**').map(part => part.kind), ['text', 'code', 'text', 'bold'])
})
