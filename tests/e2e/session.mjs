// A session that is longer than its access token, and its end. The console's tokens live for 20 s while this runs; the setting is put back afterwards.
import { readFileSync } from 'node:fs'
import { check, env, expect, open, picture, signedIn, until } from './lib.mjs'

const base = env('KEYCLOAK_URL')
async function administrator() {
  const password = readFileSync(`${process.env.CATALYST_TEST_INSTANCE_DIR}/secrets/keycloak-admin.password`, 'utf8').trim()
  const answer = await fetch(`${base}/realms/master/protocol/openid-connect/token`, { method: 'POST', body: new URLSearchParams({ grant_type: 'password', client_id: 'admin-cli', username: 'admin', password }) })
  return (await answer.json()).access_token
}
export async function ask(method, path, body) {
  const answer = await fetch(`${base}/admin/realms/catalyst${path}`, { method, headers: { Authorization: `Bearer ${await administrator()}`, 'Content-Type': 'application/json' }, body: body && JSON.stringify(body) })
  expect(answer.ok, `Keycloak said ${answer.status} to ${method} ${path}`)
  return answer.status === 204 ? null : answer.json()
}

export async function session() {
  const [client] = await ask('GET', '/clients?clientId=catalyst-console')
  const tokensLive = seconds => ask('PUT', `/clients/${client.id}`, { ...client, attributes: { ...client.attributes, 'access.token.lifespan': seconds } })
  await tokensLive('20')
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
  } finally { await tokensLive('') }
}
