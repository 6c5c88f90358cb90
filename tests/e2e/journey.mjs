// The main job in a real browser, on the running system: sign in, install with a new database, reuse it, change, drift, a broken image, a push by hand, uninstall; then by
// keyboard alone (keyboard.mjs), with ten thousand Applications (many.mjs), every kind of field (forms.mjs), a Blueprint version that is not accepted (rejected.mjs), one that needs what has to be granted (granted.mjs), an Application that is being removed (removed.mjs), several Organizations and none (organizations.mjs), each role's first minute (roles.mjs), what is typed, planned and under way (kept.mjs), two people at one Application (together.mjs), what is said without an answer or with a refusal (told.mjs), a line and a sign-in service that do not answer for a while (line.mjs), and a session to its end (session.mjs).
// Reads the addresses and passwords that ./dev up wrote (CATALYST_TEST_…). The last line is the sum: N passed, N failed.
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { walk } from './keyboard.mjs'
import { check, env, expect, findings, finish, kubectl, open, picture, signedIn, stage, until } from './lib.mjs'
import { many } from './many.mjs'
import { forms } from './forms.mjs'
import { rejected } from './rejected.mjs'
import { granted } from './granted.mjs'
import { removed } from './removed.mjs'
import { organizations } from './organizations.mjs'
import { kept } from './kept.mjs'
import { line } from './line.mjs'
import { roles } from './roles.mjs'
import { session } from './session.mjs'
import { together } from './together.mjs'
import { told } from './told.mjs'

const site = `site-${Date.now().toString(36).slice(-5)}`
const blog = `blog-${Date.now().toString(36).slice(-5)}`
const LONG = 120_000
const succeeded = page => page.getByRole('status').filter({ hasText: 'Succeeded' }).first().waitFor({ timeout: LONG })

const page = await signedIn('ACME_ORG_DEVELOPER')

await check('the token is in no storage of the page', async () => {
  const stored = await page.evaluate(() => JSON.stringify({ ...localStorage }) + JSON.stringify({ ...sessionStorage }) + document.cookie)
  expect(!/eyJ/.test(stored), 'something that looks like a token is stored')
})
await check('the marketplace finds WordPress as one types', async () => {
  await page.getByRole('link', { name: 'Marketplace' }).first().click()
  await page.getByRole('searchbox').fill('wordp')
  await page.getByRole('heading', { name: 'WordPress' }).waitFor({ timeout: 10_000 })
  await picture(page, 'marketplace')
  await page.getByRole('heading', { name: 'WordPress' }).click()
  await page.getByRole('link', { name: 'Install', exact: true }).waitFor({ timeout: 10_000 })
  await picture(page, 'blueprint')
})
await check('a site with a new Postgres is planned, installed, and both run', async () => {
  await page.getByRole('link', { name: 'Install', exact: true }).click()
  await page.getByLabel('Name', { exact: false }).first().fill(site)
  await picture(page, 'install')
  await page.getByRole('button', { name: 'Show what would change' }).click()
  await page.getByText(`${site}-postgres`, { exact: true }).first().waitFor({ timeout: 30_000 })
  await picture(page, 'plan')
  await page.getByRole('button', { name: 'Do it' }).click()
  await page.getByRole('heading', { name: 'Progress' }).waitFor({ timeout: 30_000 })
  await page.waitForTimeout(1500)
  await picture(page, 'progress')
  await succeeded(page)
  await open(page, '/')
  for (const name of [site, `${site}-postgres`]) await page.locator('tr').filter({ has: page.getByRole('link', { name, exact: true }) }).getByText('Running').first().waitFor({ timeout: LONG })
  await picture(page, 'applications')
})
await check('a second site reuses the database', async () => {
  await open(page, '/install/catalog/bp-wordpress')
  await page.getByLabel('Name', { exact: false }).first().fill(blog)
  await page.getByLabel('Use an existing one').first().check({ timeout: 15_000 })
  await page.getByRole('group', { name: 'Needs postgres' }).getByRole('combobox').selectOption(`${site}-postgres`)
  await page.getByRole('button', { name: 'Show what would change' }).click()
  await page.getByText('is used').waitFor({ timeout: 30_000 })
  await picture(page, 'plan-reuse')
  await page.getByRole('button', { name: 'Do it' }).click()
  await succeeded(page)
})
await check('a value changed in the form shows its difference, becomes a commit and rolls out', async () => {
  await open(page, `/applications/${blog}`)
  await page.getByLabel('Prefix of the tables').fill('shop_', { timeout: 15_000 })
  await page.getByRole('button', { name: 'Show what would change' }).click()
  await page.locator('.diff .add').filter({ hasText: 'shop_' }).waitFor({ timeout: 30_000 })
  await picture(page, 'change')
  await page.getByRole('button', { name: 'Do it' }).click()
  await succeeded(page)
  expect(kubectl('-n', `${blog}-dev`, 'get', 'deployment', blog, '-o', 'yaml').includes('shop_'), 'the Deployment does not have it')
})
await check('a wrong value is explained at its field, and nothing is planned', async () => {
  await open(page, '/')
  await open(page, `/applications/${blog}`)
  await page.getByLabel('Prefix of the tables').fill('9 wrong', { timeout: 15_000 })
  await page.getByRole('button', { name: 'Show what would change' }).click()
  await page.locator('.field .error').waitFor({ timeout: 15_000 })
  await page.getByLabel('Prefix of the tables').fill('shop_')
  await page.locator('.field .error').waitFor({ state: 'detached', timeout: 5_000 })
})
await check('a scale behind Flux is told as drift, with who did it, and is told as gone when Flux has put it back', async () => {
  await open(page, `/applications/${blog}`)
  await stage(page, 'acme-dev').locator('.st.ok').waitFor({ timeout: LONG })
  // Seen in the page itself, as Flux may put it back before anybody could look twice.
  await page.evaluate(() => {
    window.drifts = []
    new MutationObserver(() => { for (const one of document.querySelectorAll('.why')) if (/Drift in/.test(one.textContent)) window.drifts.push(one.textContent) }).observe(document.querySelector('main'), { subtree: true, childList: true, characterData: true })
  })
  kubectl('-n', `${blog}-dev`, 'scale', 'deployment', blog, '--replicas=3')
  await until('the page does not say drift', () => page.evaluate(() => window.drifts.length > 0))
  const said = await page.evaluate(() => window.drifts[0])
  expect(said.includes(`Drift in acme-dev: kubectl changed deployment ${blog} outside Git`), `it says: ${said}`)
  await until('it is still scaled', () => kubectl('-n', `${blog}-dev`, 'get', 'deployment', blog, '-o', 'jsonpath={.spec.replicas}') === '1')
  await page.locator('.why').filter({ hasText: 'Drift in' }).waitFor({ state: 'detached', timeout: LONG })
  await page.getByText(`Put back in acme-dev: deployment ${blog}, which kubectl had changed outside Git.`).waitFor({ timeout: LONG })
  await stage(page, 'acme-dev').locator('.st.ok').waitFor({ timeout: LONG })
  await picture(page, 'drift')
})
await check('a broken image is explained with its name and the commit, and can be put right', async () => {
  const image = 'docker.io/library/wordpress:6.8.3-broken'
  const change = async value => {
    await open(page, '/')
    await open(page, `/applications/${blog}`)
    await page.getByLabel('Image').fill(value, { timeout: 15_000 })
    await page.getByRole('button', { name: 'Show what would change' }).click()
    await page.getByRole('button', { name: 'Do it' }).click({ timeout: 30_000 })
    await page.getByRole('heading', { name: 'Progress' }).waitFor({ timeout: 30_000 })
  }
  await change(image)
  await open(page, `/applications/${blog}`)
  await page.locator('.why').filter({ hasText: /Degraded in .*broken/s }).waitFor({ timeout: LONG })
  await picture(page, 'broken')
  await change('docker.io/library/wordpress:6.8.3-php8.3-apache')
  await succeeded(page)
})
await check('the history names the commits', async () => {
  await open(page, `/applications/${blog}`)
  await page.getByRole('tab', { name: 'History' }).click()
  await page.getByText('Configure').first().waitFor({ timeout: 30_000 })
})
const git = (...args) => execFileSync('git', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, GIT_TERMINAL_PROMPT: '0' } })
async function tokenFor(one) {
  await open(one, '/git')
  await one.getByLabel('Name of the token').fill(site)
  await one.getByRole('button', { name: 'Make a token' }).click()
  const shown = one.getByRole('status').filter({ hasText: 'Copy it now' })
  await shown.waitFor({ timeout: 20_000 })
  const token = await shown.locator('code').innerText()
  const user = await shown.locator('p').first().innerText()
  const address = new URL(`${env('GITEA_URL')}/acme/${blog}.git`)
  address.username = user.split(' · ')[0].trim()
  address.password = token.trim()
  return address.href
}
async function withdraw(one) {
  await open(one, '/git')
  await one.locator('li').filter({ hasText: site }).getByRole('button', { name: 'Withdraw' }).click()
  await one.getByRole('dialog').getByRole('button', { name: 'Withdraw it' }).click()
  await one.locator('li').filter({ hasText: site }).waitFor({ state: 'detached', timeout: 20_000 })
}
await check('a token for Git serves a plain push, an open form says that it is there, and a withdrawn one serves nothing', async () => {
  const address = await tokenFor(page)
  const folder = mkdtempSync(join(tmpdir(), 'catalyst-e2e-'))
  try {
    git('clone', '-q', '-b', 'develop', address, folder)
    writeFileSync(join(folder, 'NOTES.md'), `Written by hand for ${blog}.\n`)
    git('-C', folder, 'add', 'NOTES.md')
    git('-C', folder, '-c', 'user.name=Hand', '-c', 'user.email=hand@example.org', 'commit', '-q', '-m', `Note by hand in ${blog}`)
    await open(page, `/applications/${blog}`)
    await page.getByLabel('Site title').fill('Half a thought', { timeout: 15_000 })
    git('-C', folder, 'push', '-q', 'origin', 'develop')
    await page.getByText('This Application was changed meanwhile').waitFor({ timeout: 60_000 })
    expect((await page.getByLabel('Site title').inputValue()) === 'Half a thought', 'what was typed is gone')
    await picture(page, 'changed-meanwhile')
    await page.getByRole('button', { name: 'Drop what I typed' }).click()
    await page.getByText('This Application was changed meanwhile').waitFor({ state: 'detached', timeout: 20_000 })
    await until('what was typed is still there', async () => (await page.getByLabel('Site title').inputValue()) !== 'Half a thought', 10)
  } finally { rmSync(folder, { recursive: true, force: true }) }
  await withdraw(page)
  let refused = false
  try { git('ls-remote', address) } catch { refused = true }
  expect(refused, 'the withdrawn token still reads')
  await open(page, `/applications/${blog}`)
  await page.getByRole('tab', { name: 'History' }).click()
  await page.getByText(`Note by hand in ${blog}`).first().waitFor({ timeout: 30_000 })
})
await check('two browsers show the same revision of a row', async () => {
  const other = await signedIn('ACME_ORG_VIEWER')
  const title = async one => { await open(one, `/applications/${site}`); await stage(one, 'acme-dev').waitFor({ timeout: 20_000 }); return stage(one, 'acme-dev').getAttribute('title') }
  let same = false
  for (let tries = 0; tries < 10 && !same; tries++) same = (await title(page)) === (await title(other))
  expect(same, 'they differ')
  await other.context().close()
})
await check("another Organization's person sees nothing of it, by page, by REST or by Git", async () => {
  const other = await signedIn('BLUE_ORG_ADMIN')
  await other.waitForTimeout(1500)
  expect((await other.getByText(site).count()) === 0, 'the page shows it')
  const asked = other.waitForResponse(answer => answer.url().includes(`/applications/${site}/config`), { timeout: 15_000 })
  await open(other, `/applications/${site}`)
  expect((await asked).status() === 404, 'REST knows it')
  const address = await tokenFor(other)
  let said = ''
  try { git('ls-remote', address) } catch (error) { said = String(error.stderr) }
  expect(/not found/i.test(said), `Git said: ${said || 'its branches'}`)
  await withdraw(other)
  await other.context().close()
})
await check('every screen is without findings of axe, in both themes and three widths', async () => {
  const found = []
  for (const path of ['/', '/marketplace', '/marketplace/catalog/bp-wordpress', '/install/catalog/bp-wordpress', `/applications/${site}`, `/applications/${site}?tab=resources`, `/applications/${site}?tab=history`, '/operations', '/environments', '/git']) {
    await open(page, path)
    await page.waitForTimeout(700)
    found.push(...await findings(page, path))
  }
  expect(found.length === 0, [...new Set(found)].slice(0, 8).join('\n'))
})
await check('an install that cannot go on says why, and is given up from its progress', async () => {
  const late = `late-${Date.now().toString(36).slice(-5)}`
  await open(page, '/install/catalog/bp-podinfo')
  await page.getByLabel('Name', { exact: false }).first().fill(late)
  await page.getByRole('button', { name: 'Show what would change' }).click()
  await page.getByRole('button', { name: 'Do it' }).waitFor({ timeout: 30_000 })
  // Somebody takes the name between the plan and its carrying out.
  const made = await fetch(`${env('GITEA_URL')}/api/v1/orgs/acme/repos`, { method: 'POST', headers: { Authorization: `token ${env('GITEA_TOKEN')}`, 'Content-Type': 'application/json' },
    body: JSON.stringify({ name: late, auto_init: true, default_branch: 'develop' }) })
  expect(made.status === 201, `the repository was not made: ${made.status}`)
  await page.getByRole('button', { name: 'Do it' }).click()
  await page.getByRole('status').filter({ hasText: 'holds something else already' }).first().waitFor({ timeout: LONG })
  await picture(page, 'failed')
  await page.getByRole('button', { name: 'Give up and uninstall what is there' }).click()
  await page.getByLabel(`Type ${late} to confirm`).fill(late)
  await page.getByRole('button', { name: 'Show what would change' }).first().click()
  await page.getByRole('button', { name: 'Do it' }).click({ timeout: 30_000 })
  await succeeded(page)
})
async function askToUninstall(name) {
  await open(page, `/applications/${name}`)
  const button = page.getByRole('button', { name: 'Uninstall' })
  await page.waitForFunction(() => document.querySelector('.btn.danger')?.getAttribute('aria-disabled') === 'false', null, { timeout: 20_000 })
  await button.click()
  await page.getByLabel(`Type ${name} to confirm`).fill(name)
  await page.getByRole('button', { name: 'Show what would change' }).first().click()
}
async function uninstall(name) {
  await askToUninstall(name)
  await page.getByRole('button', { name: 'Do it' }).click({ timeout: 30_000 })
  await succeeded(page)
}
await check('what others use is not uninstalled, and who uses it is said', async () => {
  await askToUninstall(`${site}-postgres`)
  await page.getByRole('alert').filter({ hasText: blog }).waitFor({ timeout: 20_000 })
  expect((await page.getByRole('button', { name: 'Do it' }).count()) === 0, 'there is a plan')
})
await check('what is uninstalled goes from the list', async () => {
  await uninstall(blog)
  await uninstall(site)
  await uninstall(`${site}-postgres`)
  await open(page, '/')
  await page.getByRole('link', { name: site, exact: true }).waitFor({ state: 'detached', timeout: 60_000 })
})
await Promise.all([walk(), many()])
await forms(page)
await rejected(page)
await granted(page)
await removed()
await organizations()
await roles()
await kept()
await together()
await told()
await line()
await session()
await finish()
