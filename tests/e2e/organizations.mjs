// Somebody of two Organizations chooses, changes over and stays; somebody of none is told so, and what to do.
import { check, env, expect, findings, newPage, password, picture, until, url } from './lib.mjs'
import { ask } from './session.mjs'

async function enter(page, user, secret) {
  await page.goto(url)
  await page.getByRole('button', { name: 'Sign in' }).click({ timeout: 30_000 })
  await page.fill('#username', user)
  await page.fill('#password', secret)
  await page.press('#password', 'Enter')
}

export async function organizations() {
  const page = await newPage()
  const shown = () => page.locator('header select').inputValue()
  await check('who belongs to several Organizations chooses one', async () => {
    await enter(page, env('USER_BLUE_ORG_VIEWER'), password('BLUE_ORG_VIEWER'))
    await page.getByRole('heading', { name: 'Choose an Organization' }).waitFor({ timeout: 30_000 })
    await picture(page, 'choose')
    const found = await findings(page, 'choose')
    expect(found.length === 0, found.join('\n'))
    await until('the focus is not at the first choice', () => page.evaluate(() => document.activeElement?.textContent === 'acme'), 5)
    await page.getByRole('button', { name: 'blue' }).click()
    await page.getByRole('heading', { name: 'Applications', exact: true }).waitFor({ timeout: 30_000 })
    expect((await shown()) === 'blue', `it is ${await shown()}`)
    expect(new URL(page.url()).searchParams.get('organization') === 'blue', page.url())
  })
  const environments = () => page.locator('select[aria-label=Environment] option').allInnerTexts()
  await check('and sees nothing of the other', async () => {
    await until('blue-prod is not offered', async () => (await environments()).includes('blue-prod'), 20)
    expect((await environments()).every(name => !name.startsWith('acme-')), (await environments()).join())
  })
  await check('one changes over with the keyboard, at the top of the page, and the screen follows', async () => {
    await page.getByRole('combobox', { name: 'Organization' }).focus()
    await page.keyboard.press('ArrowUp')
    await until('it does not show acme', async () => (await shown()) === 'acme' && (await environments()).includes('acme-prod'), 30)
    await page.getByRole('status').filter({ hasText: 'What is shown is of acme' }).first().waitFor({ timeout: 10_000, state: 'attached' })
    await until('it still offers blue', async () => (await environments()).every(name => !name.startsWith('blue-')), 10)
    expect(new URL(page.url()).searchParams.get('organization') === 'acme', page.url())
    await until('it is not live', async () => (await page.locator('header [role=status]').allInnerTexts()).includes('Live'), 30)
  })
  await check('the address keeps it, on other screens and when it is loaded anew', async () => {
    await page.getByRole('link', { name: 'Marketplace' }).first().click()
    await page.getByRole('heading', { name: 'Marketplace' }).waitFor()
    await until('the address lost it', () => new URL(page.url()).searchParams.get('organization') === 'acme', 5)
    await page.goto(`${url}/environments?organization=blue`)
    await page.getByText('blue-prod').first().waitFor({ timeout: 30_000 })
    expect((await shown()) === 'blue', 'the address did not count')
    await page.goto(url)
    await page.getByRole('heading', { name: 'Applications', exact: true }).waitFor({ timeout: 30_000 })
    expect((await shown()) === 'blue', 'what was chosen last did not count')
  })
  await check('an Organization that is not one\'s own cannot be chosen by its address', async () => {
    await page.goto(`${url}/?organization=system`)
    await page.getByRole('heading', { name: 'Applications', exact: true }).waitFor({ timeout: 30_000 })
    expect((await shown()) === 'blue', `it is ${await shown()}`)
  })
  await page.context().close()

  const name = `nobody-${Date.now().toString(36).slice(-5)}`
  const secret = crypto.randomUUID()
  await ask('POST', '/users', { username: name, enabled: true, email: `${name}@example.org`, emailVerified: true, firstName: 'No', lastName: 'Body', credentials: [{ type: 'password', value: secret, temporary: false }] })
  try {
    const alone = await newPage()
    let visits = 0
    alone.on('request', request => { if (request.url().includes('/protocol/openid-connect/auth')) visits++ })
    await check('who belongs to no Organization is told so, and is not signed in again and again', async () => {
      await enter(alone, name, secret)
      await alone.getByRole('heading', { name: 'You belong to no Organization yet' }).waitFor({ timeout: 30_000 })
      await picture(alone, 'nowhere')
      const found = await findings(alone, 'nowhere')
      expect(found.length === 0, found.join('\n'))
      const before = visits
      await alone.waitForTimeout(5_000)
      expect(visits === before, `${visits - before} more sign-ins`)
      expect((await alone.getByRole('button', { name: 'Sign out' }).count()) === 1, 'there is no way out')
    })
    await check('once a group is given, trying again is enough', async () => {
      const [user] = await ask('GET', `/users?exact=true&username=${name}`)
      const group = await ask('GET', '/group-by-path/acme/org-viewer')
      await ask('PUT', `/users/${user.id}/groups/${group.id}`)
      await alone.getByRole('button', { name: 'Try again' }).click()
      await alone.getByRole('heading', { name: 'Applications', exact: true }).waitFor({ timeout: 30_000 })
      expect(await alone.locator('header b').first().innerText() === 'acme', 'it is not acme')
      await ask('DELETE', `/users/${user.id}`)
      await alone.getByRole('heading', { name: /You belong to no Organization yet|Your session has ended/ }).waitFor({ timeout: 60_000 })
    })
    await alone.context().close()
  } finally {
    const [user] = await ask('GET', `/users?exact=true&username=${name}`)
    if (user) await ask('DELETE', `/users/${user.id}`)
  }
}
