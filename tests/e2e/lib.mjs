// What the walks in a browser share: the running system's addresses, a signed-in page, and the sum at the end.
import { execFileSync } from 'node:child_process'
import { mkdirSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { chromium } from 'playwright-core'

export const env = name => {
  const value = process.env[`CATALYST_TEST_${name}`]
  if (!value) { console.error(`CATALYST_TEST_${name} is not set: run ./dev test e2e, or read the instance's env file first`); process.exit(2) }
  return value
}
export const url = env('URL')
export const password = who => readFileSync(env(`PASSWORD_${who}`), 'utf8').trim()
const out = new URL('./out/', import.meta.url).pathname
mkdirSync(out, { recursive: true })
const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

let passed = 0
let failed = 0
export const reports = []
export async function check(sentence, run) {
  try { await run(); passed++; console.log(`ok     ${sentence}`) }
  catch (error) { failed++; console.log(`FAILED ${sentence}\n       ${String(error?.message ?? error).split('\n').slice(0, 8).join('\n       ')}`) }
}
export const expect = (truth, what) => { if (!truth) throw new Error(what) }
export async function until(what, truth, seconds = 60) {
  for (let tries = 0; ; tries++) {
    if (await truth()) return
    expect(tries < seconds * 4, what)
    await new Promise(resolve => setTimeout(resolve, 250))
  }
}

const browser = await chromium.launch({
  executablePath: process.env.CATALYST_TEST_CHROMIUM ?? '/usr/bin/chromium-headless-shell',
  args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking', '--disable-component-update', '--disable-sync', '--no-first-run']
})

export function watched(page) {
  page.on('console', message => { if (/Content Security Policy/i.test(message.text())) reports.push(`${page.url()}: ${message.text()}`) })
  page.on('pageerror', error => reports.push(`${page.url()}: ${error.message}`))
  return page
}
export async function newPage(options = {}) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, ...options })
  return watched(await context.newPage())
}
export async function signedIn(who, options = {}) {
  const page = await newPage(options)
  await page.goto(url)
  await page.getByRole('button', { name: 'Sign in' }).click({ timeout: 30_000 })
  await page.fill('#username', env(`USER_${who}`))
  await page.fill('#password', password(who))
  await page.press('#password', 'Enter')
  await page.getByRole('heading', { name: 'Applications', exact: true }).waitFor({ timeout: 30_000 })
  return page
}
const vcluster = `${process.env.CATALYST_TEST_INSTANCE_DIR}/clusters/${env('HOST_CLUSTER')}-acme/kc/admin.yaml`
export const kubectl = (...args) => execFileSync(env('KUBECTL'), ['--kubeconfig', vcluster, '--request-timeout=20s', ...args], { encoding: 'utf8' })

export const picture = (page, name, fullPage = true) => page.screenshot({ path: `${out}${name}.png`, fullPage })
export const stage = (page, environment) => page.locator('.stage').filter({ hasText: environment })
export const open = async (page, path) => {
  await page.evaluate(where => { history.pushState(null, '', where); dispatchEvent(new PopStateEvent('popstate')) }, path)
  await page.waitForTimeout(300)
}

/* What axe finds, and whether the page scrolls sideways, in both themes and three widths, or in fewer. */
export async function findings(page, name, widths = [360, 1280, 2560]) {
  const found = []
  const debug = await page.context().newCDPSession(page)
  for (const colorScheme of ['light', 'dark']) {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
    await page.waitForTimeout(250)
    for (const width of widths) {
      await page.setViewportSize({ width, height: 900 })
      // Through the debugger, which the policy does not bind: so every report of the policy is the page's own.
      await debug.send('Runtime.evaluate', { expression: axe })
      const violations = await page.evaluate(async () => (await window.axe.run(document, { resultTypes: ['violations'] })).violations.map(one => `${one.id}: ${one.nodes[0]?.html?.slice(0, 120)}`))
      for (const one of violations) found.push(`${name} ${colorScheme} ${width}: ${one}`)
      if (await page.evaluate(() => document.documentElement.scrollWidth > innerWidth + 1)) found.push(`${name} ${width}: scrolls sideways`)
    }
  }
  await page.emulateMedia({ colorScheme: 'light' })
  await page.setViewportSize({ width: 1280, height: 800 })
  await debug.detach()
  return found
}

export async function finish() {
  await check('the content security policy had nothing to report, and no script failed', async () => {
    expect(reports.length === 0, reports.slice(0, 3).join('\n'))
  })
  await browser.close()
  console.log(`${passed} passed, ${failed} failed`)
  process.exit(failed ? 1 : 0)
}
