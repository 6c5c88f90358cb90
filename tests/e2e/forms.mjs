// A form with every kind of field. The page and the sign-in are the running system's; only the schema and one refusal are made here.
import { check, expect, findings, open, picture, until } from './lib.mjs'

const rich = {
  type: 'object', additionalProperties: false, required: ['title', 'store'],
  properties: {
    title: { type: 'string', title: 'Site title', description: 'Shown at the top of every page.', minLength: 3, maxLength: 20, default: 'Shop' },
    secret: { type: 'string', title: 'Passphrase', 'x-catalyst-ui-hint': 'password' },
    domain: { type: 'string', title: 'Address', 'x-catalyst-ui-hint': 'domain-picker' },
    database: { type: 'string', title: 'Database to share', 'x-catalyst-ui-hint': 'application-ref' },
    level: { type: 'string', title: 'How much it logs', enum: ['debug', 'info'], default: 'info' },
    copies: { type: 'integer', title: 'Copies', minimum: 1, maximum: 5, default: 1 },
    on: { type: 'boolean', title: 'Keep visitors out', default: false },
    hosts: { type: 'array', title: 'Host names', minItems: 1, uniqueItems: true, items: { type: 'string', title: 'Host name', pattern: '^[a-z.]+$' }, default: ['a.example'] },
    limits: { type: 'object', title: 'Limits', properties: { cpu: { type: 'integer', title: 'Processors', minimum: 1, default: 2 } } },
    store: {
      title: 'Where files go', type: 'object',
      oneOf: [
        { title: 'Own volume', properties: { kind: { const: 'volume', default: 'volume', title: 'Kind' }, gigabytes: { type: 'integer', title: 'Gigabytes', minimum: 1, default: 5 } }, required: ['kind', 'gigabytes'] },
        { title: 'Object storage', properties: { kind: { const: 'bucket', default: 'bucket', title: 'Kind' }, bucket: { type: 'string', title: 'Bucket', minLength: 3 } }, required: ['kind', 'bucket'] }
      ]
    }
  },
  allOf: [{ if: { properties: { level: { const: 'debug' } }, required: ['level'] }, then: { properties: { copies: { maximum: 1 } } } }]
}

export async function forms(page) {
  let asked = null
  await page.route('**/api/catalog/v1/blueprints/catalog/bp-podinfo*', async route => {
    const answer = await route.fetch()
    await route.fulfill({ response: answer, json: { ...(await answer.json()), configSchema: rich } })
  })
  await page.route('**/api/provisioning/v1/plans*', async route => {
    asked = route.request().postDataJSON()
    await route.fulfill({ status: 422, contentType: 'application/problem+json', json: { title: 'The config is wrong', code: 'config-invalid', errors: [{ pointer: '/config/store/bucket', message: 'there is no such bucket' }] } })
  })
  await check('a form draws text, choices, numbers, lists, objects, alternatives and the three hints', async () => {
    await open(page, '/install/catalog/bp-podinfo')
    await page.getByLabel('Site title').waitFor({ timeout: 20_000 })
    expect(await page.getByLabel('Passphrase').getAttribute('type') === 'password', 'the passphrase can be read')
    expect(await page.getByLabel('Database to share').evaluate(one => one.tagName) === 'SELECT', 'the reference is not a choice')
    expect(await page.getByLabel('Address').evaluate(one => one.tagName) === 'INPUT', 'the address is no line of text')
    await page.getByRole('group', { name: 'Limits' }).getByLabel('Processors').waitFor()
    await page.getByLabel('Gigabytes').waitFor()
    await picture(page, 'form')
  })
  await check('what is wrong is said at its field as one types, with its help, and goes when it is right', async () => {
    const title = page.getByLabel('Site title')
    await title.fill('ab')
    const error = page.getByText('Needs at least 3 characters')
    await error.waitFor({ timeout: 5_000 })
    expect(await title.getAttribute('aria-invalid') === 'true', 'it is not marked as wrong')
    const described = await title.getAttribute('aria-describedby')
    const words = await page.evaluate(ids => ids.split(' ').map(id => document.getElementById(id)?.textContent).join(' | '), described)
    expect(/at the top of every page.*Needs at least 3/.test(words), `it is described by: ${words}`)
    await title.fill('abc')
    await error.waitFor({ state: 'detached', timeout: 5_000 })
  })
  await check('a field that is emptied stays empty, and a required one says so', async () => {
    const title = page.getByLabel('Site title')
    await title.fill('')
    await page.getByText('Is required').waitFor({ timeout: 5_000 })
    expect(await title.inputValue() === '', 'the default came back')
    await title.fill('My shop')
  })
  await check('a list takes and loses entries, and the focus stays in it', async () => {
    const hosts = page.getByRole('group', { name: 'Host names' })
    await hosts.getByRole('button', { name: 'Add to Host names' }).click()
    await hosts.getByRole('textbox').nth(1).fill('B!')
    await hosts.getByText('Has to look like').waitFor({ timeout: 5_000 })
    await hosts.getByRole('button', { name: 'Remove Host name 2' }).click()
    await until('the entry is still there', async () => (await hosts.getByRole('textbox').count()) === 1, 5)
    expect(await page.evaluate(() => document.activeElement?.getAttribute('aria-label')) === 'Add to Host names', 'the focus is lost')
  })
  await check('what is typed into a field of whole numbers stays as it was typed, and what is none is said at the field and sent to nobody', async () => {
    const copies = page.getByLabel('Copies')
    for (const typed of ['2,5', '2.9', '5x', '1 000', 'two']) {
      await copies.fill('')
      await copies.pressSequentially(typed)
      expect(await copies.inputValue() === typed, `${typed} became ${await copies.inputValue()}`)
      await page.getByText('Has to be a whole number').waitFor({ timeout: 5_000 })
    }
    await page.getByRole('button', { name: 'Show what would change' }).click()
    await until('the focus is not at the wrong field', () => copies.evaluate(one => one === document.activeElement), 5)
    expect(asked === null, 'a wrong form was sent')
    await copies.fill('2')
    await page.getByText('Has to be a whole number').waitFor({ state: 'detached', timeout: 5_000 })
  })
  await check('a condition of the schema counts as soon as it holds', async () => {
    await page.getByLabel('Copies').fill('3')
    await page.getByLabel('How much it logs').selectOption('debug')
    await page.getByRole('button', { name: 'Show what would change' }).click()
    await page.getByText('Has to be at most 1').waitFor({ timeout: 5_000 })
    await until('the focus is not at the wrong field', () => page.getByLabel('Copies').evaluate(one => one === document.activeElement), 5)
    expect(asked === null, 'a wrong form was sent')
    await page.getByLabel('Copies').fill('1')
  })
  await check('another alternative shows its own fields, only its own errors, and the services\' errors by their pointer', async () => {
    await page.getByRole('group', { name: 'Where files go' }).getByLabel('Choice').selectOption({ label: 'Object storage' })
    await page.getByLabel('Bucket').waitFor({ timeout: 5_000 })
    await page.getByRole('button', { name: 'Show what would change' }).click()
    await page.getByText('1 field is not right yet').waitFor({ timeout: 5_000 })
    await picture(page, 'form-wrong')
    await page.getByLabel('Bucket').fill('files')
    await page.getByRole('button', { name: 'Show what would change' }).click()
    await page.getByText('there is no such bucket', { exact: true }).waitFor({ timeout: 10_000 })
    expect(asked?.config.store.kind === 'bucket' && asked.config.store.bucket === 'files' && asked.config.store.gigabytes === undefined, `it sent ${JSON.stringify(asked?.config)}`)
  })
  await check('the form is without findings of axe, in both themes and three widths', async () => {
    const found = await findings(page, 'form')
    expect(found.length === 0, [...new Set(found)].slice(0, 8).join('\n'))
  })
  for (const address of ['**/api/catalog/v1/blueprints/catalog/bp-podinfo*', '**/api/provisioning/v1/plans*']) await page.unroute(address)
}
