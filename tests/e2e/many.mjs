// An Organization with ten thousand Applications. The browser goes through a proxy of ours, which answers the stream of changes itself; everything else is the running system's.
import { check, expect, findings, open, picture, signedIn, until, watched } from './lib.mjs'
import { proxy } from './proxy.mjs'

const MANY = 10_000
const app = (count, change = {}) => ({
  key: `application/_/app-${count}`, kind: 'application', name: `app-${count}`, environment: 'acme-dev', organization: 'acme', application: `app-${count}`, blueprint: count % 3 ? 'bp-podinfo' : 'bp-postgres', version: '1.0.0',
  status: count % 100 === 0 ? 'Degraded' : 'Running', message: count % 100 === 0 ? 'The image cannot be pulled' : '2 of 2 objects are ready', since: '2026-01-01T00:00:00Z', revision: 7,
  wanted: { commit: 'c0ffee0000', at: '2026-01-01T00:00:00Z', author: 'Dana', message: 'Install' }, running: { commit: 'c0ffee0000' }, resources: { total: 2, ready: 2 }, ...change
})
const pod = count => ({ key: `pod/app-1-dev/pod-${count}`, kind: count % 2 ? 'pod' : 'configmap', name: `pod-${count}`, namespace: 'app-1-dev', environment: 'acme-dev', application: 'app-1', status: 'Running', revision: 7 })

async function stocked() {
  const streams = []
  const between = await proxy((target, _, answer) => {
    if (target.pathname !== '/api/state/v1/stream') return false
    answer.writeHead(200, { 'Content-Type': 'text/event-stream', 'Cache-Control': 'no-store' })
    const tell = (event, value, id) => answer.write(`id: ${id}\nevent: ${event}\ndata: ${JSON.stringify(value)}\n\n`)
    for (const environment of ['_', 'acme-prod', 'acme-stg', 'acme-dev']) {
      const rows = environment === 'acme-dev' ? [...Array.from({ length: MANY }, (_, count) => app(count)), ...Array.from({ length: 1_500 }, (_, count) => pod(count))] : []
      tell('snapshot', { environment, revision: 7, rows }, `${environment}:x.7`)
    }
    const beat = setInterval(() => answer.write('event: heartbeat\ndata: {"everyMs":15000}\n\n'), 15_000)
    answer.on('close', () => clearInterval(beat))
    streams.push(tell)
    return true
  })
  return { ...between, tell: (...one) => streams.forEach(tell => tell(...one)) }
}

export async function many() {
  const between = await stocked()
  const page = await signedIn('ACME_ORG_DEVELOPER', between.options)
  const rows = page.locator('tbody tr')
  await check('a list of ten thousand shows one page, is found by its address, and stays live', async () => {
    await page.getByText('10,000 of 10,000').waitFor({ timeout: 60_000 })
    expect((await rows.count()) === 50, `${await rows.count()} rows are drawn`)
    await page.getByRole('searchbox').fill('app-77')
    await page.getByText('111 of 10,000').waitFor({ timeout: 10_000 })
    await page.getByRole('button', { name: 'Next page' }).click()
    await page.getByText('Page 2 of 3').waitFor()
    expect(/\?q=app-77&page=2$/.test(page.url()), page.url())
    await page.reload()
    await page.getByText('Page 2 of 3').waitFor({ timeout: 60_000 })
    await page.getByRole('combobox', { name: 'Status' }).selectOption('Degraded')
    await page.getByText('1 of 10,000').waitFor({ timeout: 10_000 })
    between.tell('row', app(771, { status: 'Degraded', message: 'It ran out of memory', revision: 8 }), 'acme-dev:x.8')
    await page.getByText('It ran out of memory').waitFor({ timeout: 10_000 })
    await picture(page, 'many')
  })
  await check('a view is saved in this browser, is one step away later, and holds no token', async () => {
    await page.getByRole('button', { name: 'Save this view' }).click()
    await page.getByRole('textbox', { name: 'Name of the view' }).fill('Broken 77')
    await page.keyboard.press('Enter')
    await open(page, '/')
    await page.getByText('10,000 of 10,000').waitFor({ timeout: 10_000 })
    await page.getByRole('link', { name: 'Broken 77' }).click()
    await page.getByText('2 of 10,000').waitFor({ timeout: 10_000 })
    expect(!/eyJ/.test(await page.evaluate(() => JSON.stringify({ ...localStorage }))), 'a token is kept')
    const found = await findings(page, 'many')
    expect(found.length === 0, [...new Set(found)].slice(0, 8).join('\n'))
    await page.getByRole('button', { name: 'Forget the view Broken 77' }).click()
    await page.getByRole('link', { name: 'Broken 77' }).waitFor({ state: 'detached', timeout: 5_000 })
  })
  await check('an Application of 1,500 objects shows a page of them, searched and by kind', async () => {
    await open(page, '/applications/app-1?tab=resources')
    await page.getByText('1,500 of 1,500').waitFor({ timeout: 20_000 })
    expect((await rows.count()) === 50, `${await rows.count()} rows are drawn`)
    await page.getByRole('combobox', { name: 'Kind' }).selectOption('pod')
    await page.getByText('750 of 1,500').waitFor({ timeout: 5_000 })
    await page.getByRole('searchbox').fill('pod-149')
    await page.getByText('6 of 1,500').waitFor({ timeout: 5_000 })
  })
  await check('screens at rest ask the services for nothing', async () => {
    for (const path of ['/', '/marketplace', '/environments', '/applications/app-1', '/git']) {
      await open(page, path)
      await page.waitForTimeout(2_000)
      const asked = []
      const listen = one => { if (one.url().includes('/api/')) asked.push(one.url()) }
      page.on('request', listen)
      await page.waitForTimeout(2_500)
      page.off('request', listen)
      expect(asked.length === 0, `${path} asked ${asked.join(', ')}`)
    }
  })
  await check('a second tab gets all that is known without a new stream, and the first one stays live', async () => {
    const before = between.count('/api/state/v1/stream')
    await page.evaluate(() => {
      window.heard = []
      new MutationObserver(() => window.heard.push(document.querySelector('header [role=status]').textContent)).observe(document.querySelector('header'), { subtree: true, childList: true, characterData: true })
    })
    const second = watched(await page.context().newPage())
    await second.goto(new URL('/', page.url()).href)
    await second.getByText('10,000 of 10,000').waitFor({ timeout: 60_000 })
    between.tell('row', app(5, { name: 'app-5', message: 'Seen in both', status: 'Degraded', revision: 9 }), 'acme-dev:x.9')
    for (const one of [page, second]) { await open(one, '/?status=Degraded&q=both'); await one.getByText('Seen in both').waitFor({ timeout: 10_000 }) }
    expect(between.count('/api/state/v1/stream') === before, 'the stream was asked for again')
    expect((await page.evaluate(() => window.heard)).every(text => text === 'Live'), 'the first tab blinked')
    await second.close()
    await until('the first tab is not live', async () => (await page.locator('header [role=status]').textContent()) === 'Live', 5)
  })
  await page.context().close()
  between.stop()
}
