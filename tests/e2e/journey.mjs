// The main job in a real browser, on the running system: sign in, install with a new database, reuse it, change, drift, a broken image, uninstall.
// Reads the addresses and passwords that ./dev up wrote (CATALYST_TEST_…). The last line is the sum: N passed, N failed.
import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { chromium } from 'playwright-core'

const env = name => {
  const value = process.env[`CATALYST_TEST_${name}`]
  if (!value) { console.error(`CATALYST_TEST_${name} is not set: run ./dev test e2e, or read the instance's env file first`); process.exit(2) }
  return value
}
const url = env('URL')
const password = who => readFileSync(env(`PASSWORD_${who}`), 'utf8').trim()
const out = new URL('./out/', import.meta.url).pathname
mkdirSync(out, { recursive: true })
const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')
const site = `site-${Date.now().toString(36).slice(-5)}`
const blog = `blog-${Date.now().toString(36).slice(-5)}`
const LONG = 120_000

let passed = 0
let failed = 0
const reports = []
async function check(sentence, run) {
  try { await run(); passed++; console.log(`ok     ${sentence}`) }
  catch (error) { failed++; console.log(`FAILED ${sentence}\n       ${String(error?.message ?? error).split('\n').slice(0, 6).join('\n       ')}`) }
}
const expect = (truth, what) => { if (!truth) throw new Error(what) }

const browser = await chromium.launch({
  executablePath: process.env.CATALYST_TEST_CHROMIUM ?? '/usr/bin/chromium-headless-shell',
  args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking', '--disable-component-update', '--disable-sync', '--no-first-run']
})

async function signedIn(who, options = {}) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, ...options })
  const page = await context.newPage()
  page.on('console', message => { if (/Content Security Policy/i.test(message.text())) reports.push(`${page.url()}: ${message.text()}`) })
  page.on('pageerror', error => reports.push(`${page.url()}: ${error.message}`))
  await page.goto(url)
  await page.getByRole('button', { name: 'Sign in' }).click({ timeout: 30_000 })
  await page.fill('#username', env(`USER_${who}`))
  await page.fill('#password', password(who))
  await page.press('#password', 'Enter')
  await page.getByRole('heading', { name: 'Applications', exact: true }).waitFor({ timeout: 30_000 })
  return page
}
const picture = (page, name) => page.screenshot({ path: `${out}${name}.png`, fullPage: true })
const stage = (page, environment) => page.locator('.stage').filter({ hasText: environment })
const open = async (page, path) => {
  await page.evaluate(where => { history.pushState(null, '', where); dispatchEvent(new PopStateEvent('popstate')) }, path)
  await page.waitForTimeout(300)
}
const succeeded = page => page.getByRole('status').filter({ hasText: 'Succeeded' }).first().waitFor({ timeout: LONG })

const vcluster = `${process.env.CATALYST_TEST_INSTANCE_DIR}/clusters/${env('HOST_CLUSTER')}-acme/kc/admin.yaml`
const kubectl = (...args) => execFileSync(env('KUBECTL'), ['--kubeconfig', vcluster, '--request-timeout=20s', ...args], { encoding: 'utf8' })

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
})
await check('a scale behind Flux is put back, and the page stays true', async () => {
  kubectl('-n', `${blog}-dev`, 'scale', 'deployment', blog, '--replicas=3')
  await page.waitForFunction(() => true)
  for (let tries = 0; ; tries++) {
    if (kubectl('-n', `${blog}-dev`, 'get', 'deployment', blog, '-o', 'jsonpath={.spec.replicas}') === '1') break
    expect(tries < 60, 'it is still scaled')
    await page.waitForTimeout(500)
  }
  await stage(page, 'acme-dev').getByText(/\d of \d ready/).waitFor({ timeout: 30_000 })
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
  await page.locator('.why').filter({ hasText: 'broken' }).waitFor({ timeout: LONG })
  await picture(page, 'broken')
  await change('docker.io/library/wordpress:6.8.3-php8.3-apache')
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
  const [token, user] = await shown.locator('p').allInnerTexts()
  const address = new URL(`${env('GITEA_URL')}/acme/${blog}.git`)
  address.username = user.split(' · ')[0].trim()
  address.password = token.trim()
  return address.href
}
async function withdraw(one) {
  await one.locator('li').filter({ hasText: site }).getByRole('button', { name: 'Withdraw' }).click()
  await one.locator('li').filter({ hasText: site }).waitFor({ state: 'detached', timeout: 20_000 })
}
await check('a token for Git serves a plain push, the page shows its commit, and a withdrawn one serves nothing', async () => {
  const address = await tokenFor(page)
  const folder = mkdtempSync(join(tmpdir(), 'catalyst-e2e-'))
  try {
    git('clone', '-q', '-b', 'develop', address, folder)
    writeFileSync(join(folder, 'NOTES.md'), `Written by hand for ${blog}.\n`)
    git('-C', folder, 'add', 'NOTES.md')
    git('-C', folder, '-c', 'user.name=Hand', '-c', 'user.email=hand@example.org', 'commit', '-q', '-m', `Note by hand in ${blog}`)
    git('-C', folder, 'push', '-q', 'origin', 'develop')
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
  const findings = []
  const debug = await page.context().newCDPSession(page)
  for (const path of ['/', '/marketplace', '/marketplace/catalog/bp-wordpress', '/install/catalog/bp-wordpress', `/applications/${site}`, '/environments', '/git']) {
    await open(page, path)
    await page.waitForTimeout(700)
    for (const colorScheme of ['light', 'dark']) {
      await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
      await page.waitForTimeout(250)
      for (const width of [360, 1280, 2560]) {
        await page.setViewportSize({ width, height: 900 })
        // Through the debugger, which the policy does not bind: so every report of the policy is the page's own.
        await debug.send('Runtime.evaluate', { expression: axe })
        const found = await page.evaluate(async () => (await window.axe.run(document, { resultTypes: ['violations'] })).violations.map(one => `${one.id}: ${one.nodes[0]?.html?.slice(0, 120)}`))
        for (const one of found) findings.push(`${path} ${colorScheme} ${width}: ${one}`)
        const wide = await page.evaluate(() => document.documentElement.scrollWidth > innerWidth + 1)
        if (wide) findings.push(`${path} ${width}: scrolls sideways`)
      }
    }
  }
  await page.emulateMedia({ colorScheme: 'light' })
  await page.setViewportSize({ width: 1280, height: 800 })
  expect(findings.length === 0, [...new Set(findings)].slice(0, 8).join('\n'))
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
await check('the content security policy had nothing to report, and no script failed', async () => {
  expect(reports.length === 0, reports.slice(0, 3).join('\n'))
})
await browser.close()
console.log(`${passed} passed, ${failed} failed`)
process.exit(failed ? 1 : 0)
