// A Blueprint that needs an object of the whole cluster: its plan says so, a developer cannot carry it out, and an org-admin does when he says that he grants it.
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { check, env, expect, findings, kubectl, open, picture, signedIn, until } from './lib.mjs'

const stamp = Date.now().toString(36).slice(-5)
const name = `bp-granted-${stamp}`
const app = `granted-${stamp}`
const role = `granted-${stamp}`
const like = new URL('../../blueprints/bp-podinfo/', import.meta.url).pathname
const filesBelow = folder => readdirSync(like + folder).flatMap(file => (statSync(like + folder + file).isDirectory() ? filesBelow(`${folder}${file}/`) : [folder + file]))

async function gitea(method, path, body) {
  const answer = await fetch(`${env('GITEA_URL')}/api/v1/repos/acme/shared-blueprints${path}`, { method, headers: { Authorization: `token ${env('GITEA_TOKEN')}`, 'Content-Type': 'application/json' }, body: body && JSON.stringify(body) })
  expect(answer.ok, `${method} ${path}: ${answer.status} ${await answer.text()}`)
}
function blueprint() {
  const texts = Object.fromEntries(filesBelow('').map(path => [path, readFileSync(like + path, 'utf8')]))
  texts['blueprint.yaml'] = texts['blueprint.yaml'].replace('name: bp-podinfo', `name: ${name}`).replace(/^  version: .*$/m, '  version: 1.0.0').replace('title: Podinfo', `title: ${name}`).replace('visibility: listed', `visibility: private\n  clusterScope: [{kind: ClusterRole, names: [${role}]}]`)
  texts['manifests/kustomization.yaml'] += '  - role.yaml\n'
  texts['manifests/role.yaml'] = `apiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRole\nmetadata: {name: ${role}}\nrules: []\n`
  return texts
}
async function planned(page) {
  await open(page, `/install/acme/${name}`)
  await page.getByLabel('Name', { exact: false }).first().fill(app, { timeout: 30_000 })
  await page.getByRole('button', { name: 'Show what would change' }).click()
  await page.getByText(`Needs outside its namespace: ClusterRole ${role}`).waitFor({ timeout: 30_000 })
}

export async function granted(developer) {
  await check('a Blueprint that needs an object of the whole cluster is registered', async () => {
    await gitea('POST', '/contents', { branch: 'main', message: name, files: Object.entries(blueprint()).map(([path, text]) => ({ operation: 'create', path: `${name}/${path}`, content: Buffer.from(text).toString('base64') })) })
    await gitea('POST', '/tags', { tag_name: `${name}/v1.0.0`, target: 'main' })
    await until('the Marketplace does not know it', async () => { await open(developer, '/'); await open(developer, `/marketplace/acme/${name}`); await developer.waitForTimeout(500); return (await developer.getByRole('link', { name: 'Install', exact: true }).count()) > 0 }, 30)
  })
  await check('a developer sees what it needs, and who can grant it, and cannot carry it out', async () => {
    await planned(developer)
    await developer.getByText('an org-admin of the Organization installs it').waitFor()
    const button = developer.getByRole('button', { name: 'Do it' })
    expect((await button.getAttribute('aria-disabled')) === 'true', 'the button says that it can be pressed')
    await button.click({ force: true })
    await developer.waitForTimeout(500)
    expect(developer.url().includes('/plans/'), 'it was carried out')
    await picture(developer, 'granted-developer')
  })
  const admin = await signedIn('ACME_ORG_ADMIN')
  await check('an org-admin who does not say that he grants it is asked to, with the keyboard as well', async () => {
    await planned(admin)
    await admin.getByRole('button', { name: 'Do it' }).focus()
    await admin.keyboard.press('Enter')
    await admin.getByRole('alert').getByText('Grant what it needs').waitFor({ timeout: 5_000 })
    await picture(admin, 'granted-admin')
    const found = await findings(admin, 'plan with a grant')
    expect(found.length === 0, found.slice(0, 5).join('\n'))
  })
  await check('when he does it is installed, with its object', async () => {
    await admin.getByLabel('I grant what stands above').check()
    await admin.getByRole('button', { name: 'Do it' }).click()
    await admin.waitForURL(/\/operations\//, { timeout: 15_000 })
    await until('it does not run', async () => kubectl('get', 'clusterroles', '-o', 'name').includes(role), 120)
  })
  await admin.context().close()
}
