// "Live" is true: a line that is dead without having ended, one stream for all tabs, and a sign-in service that does not answer for a while.
import { check, expect, findings, open, picture, signedIn, until, watched } from './lib.mjs'
import { proxy } from './proxy.mjs'
import { tokensLive } from './session.mjs'

const STREAM = '/api/state/v1/stream'
const said = page => page.locator('header [role=status]').first().innerText()
const isLive = async page => (await said(page)) === 'Live'
const is503 = answer => { answer.writeHead(503, { 'Content-Type': 'text/html' }); answer.end('<h1>503</h1>') }
// What each answer of Keycloak's means is the console's own test; here is one that comes at once and one that never does.
const MISHAPS = { 'a connection that breaks off': answer => answer.destroy(), 'no answer at all': () => {} }

async function deadLine() {
  const between = await proxy()
  const page = await signedIn('ACME_ORG_DEVELOPER', between.options)
  const other = watched(await page.context().newPage())
  await check('two tabs share one stream, and one that comes or goes is not noticed by the other', async () => {
    await until('it is not live', () => isLive(page), 20)
    const before = between.count(STREAM)
    await page.evaluate(() => { window.heard = []; new MutationObserver(() => window.heard.push(document.querySelector('header [role=status]')?.textContent ?? 'gone')).observe(document.querySelector('header'), { subtree: true, childList: true, characterData: true }) })
    await other.goto(page.url())
    await until('the other is not live', () => isLive(other), 20)
    const third = watched(await page.context().newPage())
    await third.goto(page.url())
    await until('the third is not live', () => isLive(third), 20)
    await third.close()
    await page.waitForTimeout(1_000)
    expect(between.count(STREAM) === before, `${between.count(STREAM) - before} more streams were opened`)
    expect((await page.evaluate(() => window.heard)).every(one => one === 'Live'), `it said ${await page.evaluate(() => window.heard)}`)
  })
  await check('a line that is dead without having ended is noticed in every tab, and what is shown says how old it is', async () => {
    between.silence(true)
    // Twice the heartbeat is half a minute.
    for (const one of [page, other]) await until('it still says Live', async () => (await said(one)) === 'Reconnecting', 45)
    await page.locator('header .st').getByText(/as of .* ago/).waitFor({ timeout: 10_000 })
    expect((await page.locator('main.old').count()) === 1, 'the rows are not greyed')
    await picture(page, 'line-dead')
    const found = await findings(page, 'dead line')
    expect(found.length === 0, found.join('\n'))
  })
  await check('what cannot be asked says that there was no answer, not that one is signed out, and comes by itself when the line is back', async () => {
    await open(page, '/environments')
    await page.evaluate(() => { const real = window.fetch; window.fetch = () => Promise.reject(new TypeError('Failed to fetch')); setTimeout(() => { window.fetch = real }, 1_500) })
    await open(page, '/git')
    await page.getByRole('alert').getByText('No answer').waitFor({ timeout: 10_000 })
    await picture(page, 'no-answer')
    const found = await findings(page, 'no answer')
    expect(found.length === 0, found.join('\n'))
    expect((await page.getByText('session has ended').count()) === 0, 'it says that the session has ended')
    await page.waitForTimeout(1_500)
    between.silence(false)
    for (const one of [page, other]) await until('it is not live again', () => isLive(one), 60)
    await page.getByRole('alert').waitFor({ state: 'detached', timeout: 15_000 })
    expect((await page.locator('main.old').count()) === 0, 'it is still greyed')
  })
  await page.context().close()
  between.stop()
}

async function unansweredRenewal() {
  let mishap = null
  let met = 0
  const between = await proxy((target, incoming, answer) => {
    if (!mishap || !target.pathname.startsWith('/auth/')) return false
    met++
    mishap(answer)
    return true
  })
  const back = await tokensLive('20')
  try {
    const page = await signedIn('ACME_ORG_DEVELOPER', between.options)
    const other = watched(await page.context().newPage())
    await other.goto(page.url())
    await until('the other tab is not live', () => isLive(other), 30)
    await check('tabs that renew at the same time ask Keycloak once', async () => {
      const before = between.asked('prompt=none')
      const tokens = between.count('/auth/realms/catalyst/protocol/openid-connect/token')
      await page.waitForTimeout(40_000)
      const asked = between.asked('prompt=none') - before
      expect(asked >= 1 && asked <= 4, `it asked ${asked} times in 40 s for tokens of 20 s`)
      expect(between.count('/auth/realms/catalyst/protocol/openid-connect/token') - tokens <= asked + 1, 'a code was exchanged more than once')
    })
    await open(page, '/install/catalog/bp-podinfo')
    const title = page.getByLabel('Greeting')
    await title.fill('Half a thought', { timeout: 20_000 })
    for (const [name, run] of Object.entries(MISHAPS)) {
      await check(`a renewal that meets ${name} ends no session and loses no form`, async () => {
        met = 0
        mishap = run
        // Longer than the token lives, so that it has ended and nobody could renew it.
        await until('the renewal was not tried', () => met > 0, 40)
        await until('it does not say that nobody answers', async () => (await page.getByText('The sign-in service does not answer').count()) > 0, 60)
        await picture(page, 'unrenewed')
        expect((await title.inputValue()) === 'Half a thought', 'what was typed is gone')
        mishap = null
        await until('it still says that nobody answers', async () => (await page.getByText('The sign-in service does not answer').count()) === 0, 60)
        await until('it is not live', () => isLive(page), 30)
        expect((await title.inputValue()) === 'Half a thought', 'what was typed is gone')
      })
    }
    await check('a page that is loaded while nobody answers says so, and goes on by itself', async () => {
      mishap = is503
      const late = watched(await (await page.context().browser().newContext({ storageState: await page.context().storageState(), ...between.options })).newPage())
      await late.goto(new URL('/environments', page.url()).href)
      await late.getByRole('heading', { name: 'No answer' }).waitFor({ timeout: 30_000 })
      await picture(late, 'unanswered')
      const found = await findings(late, 'unanswered')
      expect(found.length === 0, found.join('\n'))
      mishap = null
      await late.getByRole('heading', { name: 'Environments' }).waitFor({ timeout: 60_000 })
      await late.context().close()
    })
    await page.context().close()
  } finally { await back(); between.stop() }
}

export async function line() {
  await deadLine()
  await unansweredRenewal()
}
