// An Application while it is being removed, and what somebody holds in its namespace keeps that from ending: each tab says what is true, and nothing asks to try again.
import { check, expect, findings, kubectl, open, picture, signedIn, until } from './lib.mjs'

const app = `leaving-${Date.now().toString(36).slice(-5)}`
const LONG = 120_000
const held = state => kubectl('-n', `${app}-dev`, 'patch', 'configmap', 'held', '--type', 'merge', '-p', JSON.stringify({ metadata: { finalizers: state ? ['example.org/held'] : null } }))
async function carriedOut(page) {
  await page.getByRole('button', { name: 'Do it' }).click({ timeout: 30_000 })
  await page.getByRole('heading', { name: /^Progress: / }).waitFor({ timeout: 30_000 })
}
async function named(page) {
  await open(page, '/install/catalog/bp-podinfo')
  await page.getByLabel('Name', { exact: false }).first().fill(app)
  await page.getByRole('button', { name: 'Show what would change' }).click()
}

export async function removed() {
  // A page of its own: what was typed on the walks before is kept in theirs.
  const page = await signedIn('ACME_ORG_DEVELOPER')
  await check('an Application is installed, and something in its namespace is held', async () => {
    await named(page)
    await carriedOut(page)
    await page.getByRole('status').filter({ hasText: 'Succeeded' }).first().waitFor({ timeout: LONG })
    kubectl('-n', `${app}-dev`, 'create', 'configmap', 'held')
    held(true)
  })
  await check('while it is being removed, its config and its use with Git say so, and it cannot be uninstalled twice', async () => {
    await open(page, `/applications/${app}`)
    await page.waitForFunction(() => document.querySelector('.btn.danger')?.getAttribute('aria-disabled') === 'false', null, { timeout: 20_000 })
    await page.getByRole('button', { name: 'Uninstall' }).click()
    await page.getByLabel(`Type ${app} to confirm`).fill(app)
    await page.getByRole('button', { name: 'Show what would change' }).first().click()
    await carriedOut(page)
    await page.getByText('finalizer example.org/held').first().waitFor({ timeout: LONG })
    await open(page, `/applications/${app}`)
    await page.locator('#panel-config').getByText(`${app} is being removed`).waitFor({ timeout: 20_000 })
    await picture(page, 'removed')
    expect((await page.locator('.btn.danger').getAttribute('aria-disabled')) === 'true', 'it can be uninstalled once more')
    expect((await page.getByRole('button', { name: 'Try again' }).count()) === 0, 'one is asked to try again')
    const found = await findings(page, 'removed', [360, 1280])
    expect(found.length === 0, found.join('\n'))
    await page.getByRole('tab', { name: 'Git' }).click()
    await page.locator('#panel-git').getByText(`${app} is being removed`).waitFor({ timeout: 5_000 })
    expect((await page.getByText('You may push to it').count()) === 0, 'one may push to it')
  })
  await check('whoever comes to its page then sees the same, without an error', async () => {
    const other = await signedIn('ACME_ORG_ADMIN')
    await open(other, `/applications/${app}`)
    await other.locator('#panel-config').getByText(`${app} is being removed`).waitFor({ timeout: 20_000 })
    expect((await other.getByRole('alert').count()) === 0, 'there is an error')
    await other.context().close()
  })
  await check('its name is not free, and leads to the operation that removes it', async () => {
    await named(page)
    await page.getByRole('alert').filter({ hasText: 'is being removed, by operation' }).waitFor({ timeout: 30_000 })
    await page.getByRole('link', { name: `Progress: Uninstall ${app}` }).click()
    await page.getByRole('heading', { name: `Progress: Uninstall ${app}` }).waitFor({ timeout: 20_000 })
  })
  await check('when it is let go, its page ends as gone by itself', async () => {
    await open(page, `/applications/${app}`)
    await page.locator('#panel-config').getByText(`${app} is being removed`).waitFor({ timeout: 20_000 })
    held(false)
    await page.getByRole('heading', { name: 'There is no Application of this name' }).waitFor({ timeout: LONG })
    await until('its namespace stays', async () => !kubectl('get', 'namespaces', '-o', 'name').includes(`/${app}-dev`), 30)
  })
  await page.context().close()
}
