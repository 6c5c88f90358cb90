// A Blueprint version that is wrong: the Marketplace says so to its Organization, a page tells what and where, and it goes by itself when its tag does.
import { check, env, expect, findings, open, picture, signedIn, until } from './lib.mjs'

const name = `bp-wrong-${Date.now().toString(36).slice(-5)}`
const tag = `${name}/v1.0.0`
async function gitea(method, path, body) {
  const answer = await fetch(`${env('GITEA_URL')}/api/v1/repos/acme/shared-blueprints${path}`, { method, headers: { Authorization: `token ${env('GITEA_TOKEN')}`, 'Content-Type': 'application/json' }, body: body && JSON.stringify(body) })
  expect(answer.ok, `${method} ${path}: ${answer.status} ${await answer.text()}`)
}

export async function rejected(page) {
  const notice = page.getByRole('status').getByRole('link', { name: /not accepted/ })
  const entry = page.getByRole('region', { name: `${name} 1.0.0` })
  await check('a version that is not accepted is told in the Marketplace, with what is wrong on which line', async () => {
    await gitea('POST', `/contents/${name}/blueprint.yaml`, { branch: 'main', message: name, content: Buffer.from('apiVersion: catalyst.openova.io/v1alpha1\nkind: Blueprint\ncolour: red\n').toString('base64') })
    await gitea('POST', '/tags', { tag_name: tag, target: 'main' })
    await until('the Marketplace says nothing', async () => { await open(page, '/'); await open(page, '/marketplace'); await page.waitForTimeout(1_000); return (await notice.count()) === 1 }, 30)
    await picture(page, 'rejected-notice')
    await notice.focus()
    await page.keyboard.press('Enter')
    await page.getByRole('heading', { name: 'Not accepted' }).waitFor({ timeout: 10_000 })
    await entry.getByText('colour').first().waitFor({ timeout: 10_000 })
    const line = entry.getByText(/^blueprint.yaml:3:\d+$/)
    expect((await line.count()) === 1, `nothing says line 3: ${(await entry.innerText()).replace(/\s+/g, " ")}`)
    expect((await entry.getByRole('link').count()) === 0, 'it leads to a page of Git on the console\'s own origin')
    await picture(page, 'rejected')
  })
  await check('that page and the notice are without findings of axe, in both themes and three widths', async () => {
    const found = await findings(page, '/marketplace/rejected')
    await open(page, '/marketplace')
    await notice.waitFor({ timeout: 10_000 })
    found.push(...await findings(page, '/marketplace'))
    expect(found.length === 0, [...new Set(found)].slice(0, 8).join('\n'))
  })
  await check('nobody of another Organization is told of it', async () => {
    const other = await signedIn('BLUE_ORG_ADMIN')
    await open(other, '/marketplace/rejected')
    await other.getByText('Every version that was tagged was accepted').waitFor({ timeout: 10_000 })
    await other.context().close()
  })
  await check('when the tag goes, the entry goes from the open page by itself', async () => {
    await open(page, '/marketplace/rejected')
    await entry.waitFor({ timeout: 10_000 })
    await gitea('DELETE', `/tags/${tag}`)
    await entry.waitFor({ state: 'detached', timeout: 30_000 })
  })
}
