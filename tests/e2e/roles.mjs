// Each role's first minute: whoever signs in finds in the menu what is theirs, every screen of it is true and whole, and what is not theirs says whose it is. Then what only some may do:
// work with Git alone, make an Environment, make an Organization and look into others, read usage and secrets. Alone: node roles.mjs
import { execFileSync } from 'node:child_process'
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { check, env, expect, findings as findingsIn, finish, newPage, open, password, picture, until, url } from './lib.mjs'

const stamp = Date.now().toString(36).slice(-5)
const LONG = 120_000
const RUNS = ['Applications', 'Marketplace', 'Operations', 'Environments']
/* Each role of the seed: where it begins, what its menu has, an address that is not its own, and who is named there. */
const ROLES = [
  { who: 'ACME_ORG_VIEWER', start: 'Applications', menu: [...RUNS, 'Secrets', 'Git access'], not: '/usage', has: 'org-admin or billing-admin' },
  { who: 'ACME_ORG_DEVELOPER', start: 'Applications', menu: [...RUNS, 'Secrets', 'Git access'], not: '/organizations', has: 'sovereign-admin' },
  { who: 'ACME_ORG_ADMIN', start: 'Applications', menu: [...RUNS, 'Usage', 'Secrets', 'Git access'], not: '/organizations/new', has: 'sovereign-admin' },
  { who: 'ACME_BILLING_ADMIN', start: 'Usage', menu: ['Usage'], not: '/applications/blog', has: 'org-viewer, org-developer, or org-admin' },
  { who: 'ACME_SECURITY_OFFICER', start: 'Secrets', menu: ['Secrets'], not: '/environments', has: 'org-viewer, org-developer, or org-admin' },
  { who: 'SYSTEM_SOVEREIGN_ADMIN', start: 'Organizations', menu: ['Organizations'], not: '/marketplace', has: 'Choose an Organization first' }
]

/* Signed in, with what failed on the way. */
async function entered(who, start) {
  const page = await newPage()
  const failures = []
  page.on('response', answer => { if (answer.status() >= 400) failures.push(`${answer.status()} ${new URL(answer.url()).pathname}`) })
  page.on('console', message => { if (message.type() === 'error') failures.push(message.text()) })
  await page.goto(url)
  await page.getByRole('button', { name: 'Sign in' }).click({ timeout: 30_000 })
  await page.fill('#username', env(`USER_${who}`))
  await page.fill('#password', password(who))
  await page.press('#password', 'Enter')
  await page.getByRole('heading', { name: start, exact: true, level: 1 }).waitFor({ timeout: 30_000 })
  return { page, failures }
}
const links = page => page.locator('nav.side a').allInnerTexts()
/* A screen whose heading, title and place in the menu are one thing. */
async function stands(page, name) {
  await page.getByRole('heading', { name, exact: true, level: 1 }).waitFor({ timeout: 15_000 })
  await until(`the title of ${name} is ${await page.title()}`, async () => (await page.title()).startsWith(`${name} · `), 5)
  expect((await page.locator('h1').count()) === 1, `${name} has ${await page.locator('h1').count()} headings of the first level`)
  expect((await page.getByText('Not connected').count()) === 0, `${name} says Not connected`)
  expect((await page.locator('nav.side a[aria-current]').innerText()) === name, `the menu does not say ${name}`)
  await until(`${name} still loads`, async () => (await page.getByText('Loading…').count()) === 0, 20)
}

const findings = (page, name) => findingsIn(page, name, [360, 1280])
const looked = new Set()
async function firstMinute({ who, start, menu, not, has }) {
  const role = who.toLowerCase().replaceAll('_', '-')
  let page
  let failures = []
  await check(`${role}: begins with ${start}`, async () => { ({ page, failures } = await entered(who, start)) })
  if (!page) return undefined
  await check(`${role}: the menu is what the role may see, and every screen of it is whole, in both themes and at 360 px`, async () => {
    const shown = await links(page)
    expect(shown.join() === menu.join(), `the menu is ${shown.join(', ')}`)
    const found = []
    for (const name of menu) {
      await page.locator('nav.side').getByRole('link', { name, exact: true }).click()
      await stands(page, name)
      await picture(page, `role-${role}-${name.toLowerCase().replace(' ', '-')}`)
      // The same screen of another role differs in little: it is looked at once, and each role's first one always.
      if (name === start || !looked.has(name)) found.push(...await findings(page, `${role} ${name}`))
      looked.add(name)
    }
    expect(found.length === 0, [...new Set(found)].slice(0, 8).join('\n'))
  })
  await check(`${role}: an address that is not the role's says so, once, and who has it`, async () => {
    await open(page, not)
    await page.locator('.panel.empty').filter({ hasText: has }).waitFor({ timeout: 10_000 })
    expect((await page.getByRole('alert').count()) === 0, 'it is told as a failure')
    expect((await page.getByText('Not connected').count()) === 0, 'it says Not connected')
    await picture(page, `role-${role}-not-theirs`)
    const found = await findings(page, `${role} ${not}`)
    expect(found.length === 0, found.slice(0, 8).join('\n'))
    await page.reload()
    await page.locator('.panel.empty').filter({ hasText: has }).waitFor({ timeout: 30_000 })
  })
  await check(`${role}: nothing was asked for in vain, and the console has no error`, async () => expect(failures.length === 0, failures.slice(0, 5).join('\n')))
  return page
}

async function mayNotMake(page) {
  await check('who does not manage the Organization sees New Environment, that it is not theirs, and whose it is', async () => {
    await open(page, '/environments')
    const button = page.getByRole('button', { name: 'New Environment' })
    await button.waitFor({ timeout: 10_000 })
    expect((await button.getAttribute('aria-disabled')) === 'true', 'it can be pressed')
    const id = await button.getAttribute('aria-describedby')
    expect(/org-admin/.test(await page.locator(`#${id}`).innerText()), 'it does not say who')
    await open(page, '/environments/new')
    await page.getByText('An Environment is made by org-admin or sovereign-admin.').waitFor({ timeout: 10_000 })
  })
}

const config = async (method, path, branch, body) => {
  const answer = await fetch(`${env('GITEA_URL')}/api/v1/repos/system/catalyst-config/contents/${path}?ref=${encodeURIComponent(branch)}`, {
    method, headers: { Authorization: `token ${env('GITEA_TOKEN')}`, 'Content-Type': 'application/json' }, body: body && JSON.stringify({ branch, ...body })
  })
  return answer.ok ? answer.json() : null
}
async function forget(path, branch) {
  const file = await config('GET', path, branch)
  if (file?.sha) await config('DELETE', path, branch, { sha: file.sha, message: `Remove ${path}` })
}

async function newEnvironment() {
  let page
  try {
    await check('an org-admin makes an Environment by its form, sees its progress, and finds it in the list', async () => {
      ({ page } = await entered('BLUE_ORG_ADMIN', 'Applications'))
      await open(page, '/environments')
      await page.getByRole('link', { name: 'New Environment' }).click()
      await page.getByLabel('Type').selectOption({ label: 'Acceptance (uat), from branch uat' })
      await picture(page, 'environment-new')
      const found = await findings(page, '/environments/new')
      expect(found.length === 0, found.slice(0, 8).join('\n'))
      await page.getByRole('button', { name: 'Make the Environment' }).click()
      await page.getByRole('status').filter({ hasText: 'Succeeded' }).first().waitFor({ timeout: LONG })
      await picture(page, 'environment-progress')
      await open(page, '/environments')
      await page.getByRole('heading', { name: 'blue-uat' }).waitFor({ timeout: 30_000 })
    })
    await check('a type that the Organization has is not offered again, and what the service refuses stands at its field, and stays', async () => {
      await page.route('**/api/state/v1/environments*', async route => { const answer = await route.fetch(); const body = await answer.json(); await route.fulfill({ response: answer, json: { ...body, items: [] } }) })
      await open(page, '/environments/new')
      await page.getByLabel('Type').selectOption({ label: 'Production (prod), from branch main' })
      await page.getByRole('button', { name: 'Make the Environment' }).click()
      await page.locator('.field .error').filter({ hasText: 'has an Environment of this type already' }).waitFor({ timeout: 15_000 })
      await page.waitForTimeout(600) // as long as a check of what was chosen a moment ago may wait
      await page.locator('.field .error').filter({ hasText: 'has an Environment of this type already' }).waitFor({ timeout: 1_000 })
      await page.unrouteAll({ behavior: 'wait' })
      await open(page, '/environments')
      await open(page, '/environments/new')
      await until('it is offered', async () => !(await page.getByLabel('Type').innerText()).includes('Production'), 10)
    })
  } finally {
    await forget('environments/blue-uat.yaml', 'org/blue')
    await page?.context().close()
  }
}

async function organizations(page) {
  const name = `first-${stamp}`
  await check('a sovereign-admin looks into an Organization and comes back, by the page of all and by the switch', async () => {
    await open(page, '/organizations')
    await page.getByRole('button', { name: 'Look into acme' }).click()
    await page.getByRole('heading', { name: 'Applications', exact: true, level: 1 }).waitFor({ timeout: 15_000 })
    expect((await links(page)).includes('Environments'), `the menu is ${(await links(page)).join()}`)
    await picture(page, 'role-sovereign-in-acme')
    await page.getByRole('link', { name: 'Environments' }).click()
    await page.getByRole('heading', { name: 'acme-dev' }).waitFor({ timeout: 15_000 })
    await open(page, '/git')
    await page.getByText('are reached with Git by its own people alone').waitFor({ timeout: 10_000 })
    await page.getByRole('combobox', { name: 'Organization' }).selectOption('system')
    await page.getByRole('heading', { name: 'Organizations', exact: true, level: 1 }).waitFor({ timeout: 15_000 })
  })
  try {
    await check('a name that is taken is said at its field', async () => {
      await page.getByRole('link', { name: 'New Organization' }).click()
      await page.getByLabel('Name', { exact: false }).first().fill('acme', { timeout: 15_000 })
      await page.getByRole('button', { name: 'Make the Organization' }).click()
      await page.locator('.field .error').filter({ hasText: 'there is an Organization of this name already' }).waitFor({ timeout: 15_000 })
      await picture(page, 'organization-new')
      const found = await findings(page, '/organizations/new')
      expect(found.length === 0, found.slice(0, 8).join('\n'))
    })
    await check('a sovereign-admin makes an Organization by its form, sees its progress in it, and finds it among all', async () => {
      await page.getByLabel('Name', { exact: false }).first().fill(name)
      await page.getByRole('checkbox', { name: 'Development' }).uncheck()
      await page.getByRole('button', { name: 'Make the Organization' }).click()
      await page.getByRole('status').filter({ hasText: 'Succeeded' }).first().waitFor({ timeout: LONG })
      await picture(page, 'organization-progress')
      expect((await page.locator('header select').inputValue()) === name, 'one is not in it')
      await page.getByRole('link', { name: 'Organizations', exact: true }).click()
      await page.getByRole('heading', { name, exact: true }).waitFor({ timeout: 30_000 })
    })
  } finally { await forget(`organizations/${name}.yaml`, 'main') }
}

/* Applications with a secret and a pod: what usage, secrets and Git are about. */
async function install(page, app) {
  await open(page, '/install/catalog/bp-postgres')
  await page.getByLabel('Name', { exact: false }).first().fill(app, { timeout: 15_000 })
  await page.getByRole('button', { name: 'Show what would change' }).click()
  await page.getByRole('button', { name: 'Do it' }).click({ timeout: 30_000 })
  await page.getByRole('status').filter({ hasText: 'Succeeded' }).first().waitFor({ timeout: LONG })
}
async function uninstall(page, app) {
  await open(page, '/')
  await open(page, `/applications/${app}`)
  await page.waitForFunction(() => document.querySelector('.btn.danger')?.getAttribute('aria-disabled') === 'false', null, { timeout: 20_000 })
  await page.getByRole('button', { name: 'Uninstall' }).click()
  await page.getByLabel(`Type ${app} to confirm`).fill(app)
  await page.getByRole('button', { name: 'Show what would change' }).first().click()
  await page.getByRole('button', { name: 'Do it' }).click({ timeout: 30_000 })
  await page.getByRole('status').filter({ hasText: 'Succeeded' }).first().waitFor({ timeout: LONG })
}

const panelCommand = async (page, what) => page.locator('.copy').filter({ has: page.getByRole('button', { name: `Copy: ${what}` }) }).locator('code').innerText()
async function gitAlone(page, app) {
  const folder = mkdtempSync(join(tmpdir(), 'catalyst-roles-'))
  const token = `roles-${stamp}`
  await check('the commands of the Git panel, typed as they stand with a token made on the page, change what runs', async () => {
    await open(page, '/git')
    await page.getByLabel('Name of the token').fill(token)
    await page.getByRole('button', { name: 'Make a token' }).click()
    const text = await page.getByRole('status').filter({ hasText: 'Copy it now' }).locator('code').innerText({ timeout: 20_000 })
    await picture(page, 'git-token')
    await open(page, `/applications/${app}?tab=git`)
    await page.getByText('A branch for each Environment').waitFor({ timeout: 15_000 })
    await picture(page, 'git-panel')
    const found = await findings(page, 'the Git panel')
    expect(found.length === 0, found.slice(0, 8).join('\n'))
    // What Git asks for is answered as a person would: the password, and nothing else.
    writeFileSync(join(folder, 'ask'), `#!/bin/sh\ncase $1 in Password*) echo ${text.trim()};; *) exit 1;; esac\n`)
    chmodSync(join(folder, 'ask'), 0o700)
    const shell = (command, where = folder) => execFileSync('sh', ['-ec', command], { cwd: where, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'],
      env: { PATH: process.env.PATH, HOME: folder, GIT_ASKPASS: join(folder, 'ask'), GIT_TERMINAL_PROMPT: '0', GIT_AUTHOR_NAME: 'Dana', GIT_AUTHOR_EMAIL: 'dana@example.org', GIT_COMMITTER_NAME: 'Dana', GIT_COMMITTER_EMAIL: 'dana@example.org' } })
    shell(await panelCommand(page, 'Clone'))
    shell(await panelCommand(page, 'Change to the branch'))
    const file = join(folder, app, 'values.yaml')
    const before = readFileSync(file, 'utf8')
    writeFileSync(file, `${before.replace(/\n?$/, '\n')}# By hand ${stamp}\n`)
    shell(await panelCommand(page, 'Commit and push'), join(folder, app))
    await page.getByRole('tab', { name: 'History' }).click()
    await page.getByText('Change the values').first().waitFor({ timeout: 60_000 })
  })
  await check('a text is copied, and without the clipboard\'s leave it is marked for the keyboard', async () => {
    await open(page, `/applications/${app}?tab=git`)
    const line = page.locator('.copy').first()
    await page.evaluate(() => { navigator.clipboard.writeText = () => Promise.reject(new Error('not allowed')); document.execCommand = () => false })
    await line.getByRole('button').click()
    await line.getByText('Marked: copy it with the keyboard').waitFor({ timeout: 5_000 })
    expect((await page.evaluate(() => String(getSelection()))).trim() === (await line.locator('code').innerText()).trim(), 'something else is marked')
    await page.evaluate(() => { navigator.clipboard.writeText = text => { window.taken = text; return Promise.resolve() } })
    await line.getByRole('button').click()
    await line.getByText('Copied').waitFor({ timeout: 5_000 })
    expect((await page.evaluate(() => window.taken)).startsWith('git clone '), 'something else was copied')
  })
  rmSync(folder, { recursive: true, force: true })
  await check('and the token is withdrawn', async () => {
    await open(page, '/git')
    await page.locator('li').filter({ hasText: token }).getByRole('button', { name: 'Withdraw' }).click({ timeout: 10_000 })
    await page.getByRole('dialog').getByRole('button', { name: 'Withdraw it' }).click()
  })
}

async function told(pages, app) {
  await check('a billing-admin reads what an Application asked for, with units, and a time without usage is said to be one', async () => {
    const page = pages.ACME_BILLING_ADMIN
    await until('the Application has no usage', async () => { await open(page, '/usage?range=day'); await page.waitForTimeout(2_000); await open(page, '/usage'); await page.waitForTimeout(500); return (await page.getByRole('combobox', { name: 'Application' }).locator('option').filter({ hasText: app }).count()) > 0 }, 15) // it may stand on a later page of the table
    await page.getByText(/core-hours/).first().waitFor()
    await picture(page, 'usage')
    const found = await findings(page, 'usage with records')
    expect(found.length === 0, found.slice(0, 8).join('\n'))
    await page.getByRole('combobox', { name: 'Application' }).selectOption(app)
    await until('others are listed too', async () => (await page.locator('tbody tr').count()) === 1, 10)
    await open(page, '/usage?range=own&from=2001-01-01&to=2001-01-02')
    await page.getByText('Nothing was used in this time').waitFor({ timeout: 10_000 })
  })
  await check('a security-officer sees which secrets there are, and no value', async () => {
    const page = pages.ACME_SECURITY_OFFICER
    await open(page, '/secrets')
    await page.getByRole('searchbox').fill(app)
    await page.getByRole('list', { name: 'Secrets' }).getByText(app).first().waitFor({ timeout: 30_000 })
    await picture(page, 'secrets')
    const found = await findings(page, 'secrets')
    expect(found.length === 0, found.slice(0, 8).join('\n'))
  })
}

export async function roles() {
  const app = `roles-${stamp}`
  const pages = {}
  for (const role of ROLES) pages[role.who] = await firstMinute(role)
  const { ACME_ORG_VIEWER: viewer, ACME_ORG_DEVELOPER: developer, SYSTEM_SOVEREIGN_ADMIN: sovereign } = pages
  if (viewer) await mayNotMake(viewer)
  if (developer) {
    await check('a developer installs what the others look at', () => install(developer, app))
    await gitAlone(developer, app)
    await told(pages, app)
  }
  if (sovereign) await organizations(sovereign)
  await newEnvironment()
  if (developer) await check('and uninstalls it', () => uninstall(developer, app))
  for (const page of Object.values(pages)) await page?.context().close()
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  await roles()
  await finish()
}
