// The main job with Tab, Enter, Space and typing alone: sign in, install in three Environments, change, uninstall. At every stop the focus can be seen.
import { check, env, expect, newPage, password, picture, stage, until, url, kubectl } from './lib.mjs'

const LONG = 120_000
const name = `keys-${Date.now().toString(36).slice(-5)}`

export async function walk() {
  const page = await newPage()
  const focused = () => page.evaluate(() => {
    const one = document.activeElement
    if (!one || one === document.body) return { words: '', seen: true, inDialog: false }
    const label = one.getAttribute('aria-label') ?? [...(one.labels ?? [])].map(other => other.textContent).join(' ') ?? ''
    const style = getComputedStyle(one)
    return { words: `${label || one.textContent}`.trim(), seen: one.tagName.startsWith('H') || one.tagName === 'MAIN' || (style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) > 0), inDialog: one.closest('dialog') !== null }
  })
  async function tabTo(words, most = 60) {
    for (let tries = 0; tries < most; tries++) {
      await page.keyboard.press('Tab')
      const now = await focused()
      expect(now.seen, `the focus cannot be seen at "${now.words}"`)
      if (typeof words === 'string' ? now.words === words : words.test(now.words)) return
    }
    throw new Error(`Tab does not come to ${words}`)
  }
  const heading = words => until(`the focus is not at the heading ${words}`, async () => words.test((await focused()).words), 30)
  const type = async text => { await page.keyboard.press('Control+A'); await page.keyboard.type(text) }
  const enter = () => page.keyboard.press('Enter')
  const succeeded = async () => {
    await heading(/^Progress/)
    await page.getByRole('status').filter({ hasText: 'Succeeded' }).first().waitFor({ timeout: LONG })
  }

  await check('by keyboard: one signs in', async () => {
    await page.goto(url)
    await until('the focus is not at Sign in', async () => (await focused()).words === 'Sign in', 30)
    await enter()
    await page.waitForSelector('#username', { timeout: 30_000 })
    await page.focus('#username')
    await page.keyboard.type(env('USER_ACME_ORG_ADMIN'))
    await page.keyboard.press('Tab')
    await page.keyboard.type(password('ACME_ORG_ADMIN'))
    await enter()
    await page.getByRole('heading', { name: 'Applications', exact: true }).waitFor({ timeout: 30_000 })
  })
  await check('by keyboard: one finds a Blueprint and installs it in dev, staging and production', async () => {
    await tabTo('Marketplace')
    await enter()
    await heading(/^Marketplace$/)
    await tabTo('Search Blueprints')
    await page.keyboard.type('podinfo')
    // An Organization may have Blueprints of its own that match too.
    await until('it is not found alone', async () => {
      const titles = (await page.locator('a.card').allInnerTexts()).map(text => text.trim())
      return titles.some(text => text.startsWith('Podinfo')) && !titles.some(text => text.startsWith('WordPress'))
    }, 20)
    await tabTo(/^Podinfo/)
    await enter()
    await heading(/^Podinfo$/)
    await tabTo('Install')
    await enter()
    await heading(/^Install Podinfo/)
    await page.getByLabel('Greeting').waitFor({ timeout: 20_000 })
    await tabTo(/^Name/)
    await type(name)
    for (const environment of ['acme-stg', 'acme-prod']) { await tabTo(environment); await page.keyboard.press('Space') }
    await tabTo('Show what would change')
    await enter()
    await heading(/^Plan: /)
    await picture(page, 'keyboard-plan', false)
    await tabTo('Do it')
    await enter()
    await succeeded()
    await tabTo(`Open ${name}`)
    await enter()
    await heading(new RegExp(`^${name}$`))
    for (const environment of ['acme-dev', 'acme-stg', 'acme-prod']) await stage(page, environment).locator('.st.ok').waitFor({ timeout: LONG })
    expect((await page.locator('.stage').allInnerTexts()).map(text => text.split('\n')[0].trim()).join() === 'acme-dev,acme-stg,acme-prod', 'the lanes are not dev, staging, production')
  })
  await check('by keyboard: a change reaches production', async () => {
    await tabTo(/^Greeting/)
    await type(`Greetings from ${name}`)
    await tabTo('Show what would change')
    await enter()
    await heading(/^Plan: /)
    await tabTo('Do it')
    await enter()
    await succeeded()
    await until('production does not have it', () => kubectl('-n', `${name}-prod`, 'get', 'deployment', name, '-o', 'yaml').includes(`Greetings from ${name}`), 60)
    await tabTo(`Open ${name}`)
    await enter()
    await heading(new RegExp(`^${name}$`))
  })
  await check('by keyboard: a question keeps the focus, Escape takes it back to where it was', async () => {
    await until('it cannot be uninstalled', () => page.locator('.btn.danger[aria-disabled=false]').count(), 20)
    await tabTo('Uninstall')
    await enter()
    for (let stops = 0; stops < 8; stops++) {
      const now = await focused()
      expect(now.inDialog || now.words === '', `the focus is outside, at "${now.words}"`)
      await page.keyboard.press('Tab')
    }
    await picture(page, 'dialog', false)
    await page.keyboard.press('Escape')
    await until('the focus did not come back', async () => (await focused()).words === 'Uninstall' && (await page.locator('dialog').count()) === 0, 5)
  })
  await check('by keyboard: it is uninstalled', async () => {
    await enter()
    await until('the question is not asked', async () => (await focused()).inDialog, 5)
    await page.keyboard.type(name)
    await enter()
    await heading(/^Plan: /)
    await tabTo('Do it')
    await enter()
    await succeeded()
    await tabTo('Applications')
    await enter()
    await heading(/^Applications$/)
    await page.getByRole('link', { name, exact: true }).waitFor({ state: 'detached', timeout: 60_000 })
  })
  await page.context().close()
}
