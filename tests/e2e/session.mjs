// A session that is longer than its access token, and its end. The console's tokens live for 20 s while this runs; the setting is put back afterwards.
import { readFileSync } from 'node:fs'
import { check, env, expect, open, password, picture, signedIn, until, url, watched } from './lib.mjs'

const base = env('KEYCLOAK_URL')
async function administrator() {
  const password = readFileSync(`${process.env.CATALYST_TEST_INSTANCE_DIR}/secrets/keycloak-admin.password`, 'utf8').trim()
  const answer = await fetch(`${base}/realms/master/protocol/openid-connect/token`, { method: 'POST', body: new URLSearchParams({ grant_type: 'password', client_id: 'admin-cli', username: 'admin', password }) })
  return (await answer.json()).access_token
}
export async function ask(method, path, body) {
  const answer = await fetch(`${base}/admin/realms/catalyst${path}`, { method, headers: { Authorization: `Bearer ${await administrator()}`, 'Content-Type': 'application/json' }, body: body && JSON.stringify(body) })
  expect(answer.ok, `Keycloak said ${answer.status} to ${method} ${path}`)
  const said = await answer.text()
  return said ? JSON.parse(said) : null
}

/* The console's tokens live that many seconds from now on; what is answered puts the setting back. */
export async function tokensLive(seconds) {
  const [client] = await ask('GET', '/clients?clientId=catalyst-console')
  const live = value => ask('PUT', `/clients/${client.id}`, { ...client, attributes: { ...client.attributes, 'access.token.lifespan': value } })
  await live(seconds)
  return () => live('')
}

export async function session() {
  const back = await tokensLive('20')
  try {
    const page = await signedIn('ACME_ORG_VIEWER')
    let renewals = 0
    page.on('response', answer => { if (answer.url().endsWith('/token') && answer.ok()) renewals++ })
    await check('a session outlives its tokens without a word: it is renewed, and the page stays live', async () => {
      await page.evaluate(() => {
        window.heard = []
        new MutationObserver(() => window.heard.push(document.querySelector('header [role=status]')?.textContent ?? 'gone')).observe(document.body, { subtree: true, childList: true, characterData: true })
      })
      await until('it was not renewed twice', () => renewals >= 2, 60)
      await page.waitForTimeout(8_000)
      expect((await page.evaluate(() => window.heard)).every(text => text === 'Live'), `the page said: ${[...new Set(await page.evaluate(() => window.heard))].join(', ')}`)
      await open(page, '/marketplace')
      await page.getByRole('heading', { name: 'WordPress' }).waitFor({ timeout: 10_000 })
    })
    await check('the end of a session is said, with what to do, and nothing of it stays on the page', async () => {
      const [user] = await ask('GET', `/users?exact=true&username=${env('USER_ACME_ORG_VIEWER')}`)
      await ask('POST', `/users/${user.id}/logout`)
      await page.getByRole('heading', { name: 'Your session has ended' }).waitFor({ timeout: 60_000 })
      await picture(page, 'ended')
      await until('the focus is not at Sign in', () => page.evaluate(() => document.activeElement?.textContent === 'Sign in'), 5)
      expect((await page.getByText('Marketplace').count()) === 0, 'the screen is still there')
    })
    await page.context().close()
    await signOut()
  } finally { await back() }
}

const mark = page => page.evaluate(() => localStorage.getItem('signed-out'))
async function signOut() {
  const page = await signedIn('ACME_ORG_VIEWER')
  const other = watched(await page.context().newPage())
  const heard = []
  for (const one of [page, other]) one.on('response', answer => { if (answer.url().includes('/auth/') && answer.status() >= 400) heard.push(`${answer.status()} ${answer.url()}`) })
  await other.goto(url)
  await other.getByRole('heading', { name: 'Applications', exact: true }).waitFor({ timeout: 30_000 })
  let renewals = 0
  for (const one of [page, other]) one.on('request', request => { if (request.url().includes('prompt=none')) renewals++ })
  await check('signing out takes one click, asks nothing, and fails at nothing', async () => {
    await page.getByRole('button', { name: 'Sign out' }).click()
    await page.waitForLoadState()
    await page.getByRole('heading', { name: 'You are signed out' }).waitFor({ timeout: 20_000 })
    // It may be on its way to the identity provider and back, after which the page is drawn anew.
    await page.getByRole('button', { name: 'Sign in' }).waitFor({ timeout: 20_000 })
    await page.waitForURL(where => where.pathname === '/', { timeout: 20_000 })
    expect(heard.length === 0, heard.join('\n'))
  })
  await check('the other tab is signed out at once, and shows nothing of it any more', async () => {
    await other.getByRole('heading', { name: 'You are signed out' }).waitFor({ timeout: 5_000 })
    await picture(other, 'signed-out')
    expect((await other.getByText('Marketplace').count()) === 0, 'the screen is still there')
  })
  await check('no tab signs in again by itself, also when the token would have ended, when it is loaded anew, or in a new one', async () => {
    await page.waitForTimeout(25_000)
    for (const one of [page, other]) { await one.reload(); await one.getByRole('heading', { name: 'You are signed out' }).waitFor({ timeout: 10_000 }) }
    const third = watched(await page.context().newPage())
    await third.goto(`${url}/marketplace`)
    await third.getByRole('heading', { name: 'You are signed out' }).waitFor({ timeout: 10_000 })
    await third.close()
    expect(renewals === 0, `${renewals} silent renewals were tried`)
  })
  await check('the session at the identity provider has ended too', async () => {
    const [user] = await ask('GET', `/users?exact=true&username=${env('USER_ACME_ORG_VIEWER')}`)
    const sessions = await ask('GET', `/users/${user.id}/sessions`)
    expect(!sessions.some(one => Object.values(one.clients ?? {}).includes('catalyst-console')), JSON.stringify(sessions))
  })
  await check('signing in again asks for the password, and both tabs go on', async () => {
    await page.getByRole('button', { name: 'Sign in' }).click()
    await page.fill('#username', env('USER_ACME_ORG_VIEWER'))
    await page.fill('#password', password('ACME_ORG_VIEWER'))
    await page.press('#password', 'Enter')
    for (const one of [page, other]) await one.getByRole('heading', { name: 'Applications', exact: true }).waitFor({ timeout: 30_000 })
    expect((await mark(page)) === null, 'the mark of a sign-out is still there')
  })
  await check('signing out holds where the identity provider is not reached: nobody is signed in by its session', async () => {
    await page.context().route('**/auth/realms/catalyst/protocol/openid-connect/logout', route => route.fulfill({ status: 502, contentType: 'text/plain', body: 'away' }))
    await page.getByRole('button', { name: 'Sign out' }).click()
    await other.getByRole('heading', { name: 'You are signed out' }).waitFor({ timeout: 5_000 })
    await page.getByText('away').waitFor({ timeout: 10_000 })
    await page.goto(url)
    await page.getByRole('heading', { name: 'You are signed out' }).waitFor({ timeout: 10_000 })
    await page.getByRole('button', { name: 'Sign in' }).click()
    await page.locator('#password').waitFor({ timeout: 10_000 })
    expect(new URL(page.url()).pathname.startsWith('/auth/'), 'it was signed in without a password')
  })
  await page.context().close()
}
