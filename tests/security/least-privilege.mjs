// Holds what each service is granted against what it was seen to use, and prints the table.
//   node least-privilege.mjs FOLDER OUTPUT       FOLDER has rights, overheard, roles, audit, scopes, access; seldom.json stands beside this file
// The exit code is 1 where something used is not granted, or something granted was not used and nobody says why.
import { readFileSync, writeFileSync, existsSync } from 'node:fs'

const [folder, output] = process.argv.slice(2)
const read = name => (existsSync(`${folder}/${name}`) ? readFileSync(`${folder}/${name}`, 'utf8') : '')
const lines = name => read(name).split('\n').filter(line => line)
const seldom = JSON.parse(readFileSync(new URL('./seldom.json', import.meta.url)))
const reason = (service, right) => (seldom.find(one => (one.service === service || one.service === '*') && one.right === right) || {}).why
// What a right is for: said of a verb of a resource, else of the resource; of a scope of Git's by the account. Of the spine domain/spine_rights.c says it.
const purposes = JSON.parse(readFileSync(new URL('./purposes.json', import.meta.url)))
const told = new Set()
function purpose(holder, verb, resource) {
  const found = purposes.find(one => one.service === holder && one.right === `${verb} ${resource}`) || purposes.find(one => one.service === holder && one.right === resource)
  if (found) told.add(found)
  return found ? found.why : ''
}
const SERVICES = readFileSync(new URL('../../services/table', import.meta.url), 'utf8').match(/^[a-z-]+/gm)
const problems = []
const rows = [] // {service, kind, right, why, used, reason}

// --- the spine ---

function matches(pattern, subject) {
  const wanted = pattern.split('.'), given = subject.split('.')
  for (let i = 0; i < wanted.length; i++) {
    if (wanted[i] === '>') return given.length > i
    if (i >= given.length || (wanted[i] !== '*' && wanted[i] !== given[i])) return false
  }
  return wanted.length === given.length
}
const rights = lines('rights').map(JSON.parse)
const heard = lines('overheard').map(JSON.parse)
for (const right of rights) {
  // The server takes acknowledgements before anybody can overhear them: whoever pulls from a consumer that wants them gives them.
  const acknowledges = /^\$JS\.ACK\.(.*)\.>$/.exec(right.subject)
  const used = acknowledges ? heard.some(one => one.service === right.service && one.subject === `$JS.API.CONSUMER.MSG.NEXT.${acknowledges[1]}`)
    : right.verb === 'subscribe'
    ? heard.some(one => one.service === right.service && one.account === right.account) // whoever asked hears the answer
    : heard.some(one => one.service === right.service && one.account === right.account && matches(right.subject, one.subject))
  rows.push({ service: right.service, kind: `spine ${right.account}`, right: `${right.verb} \`${right.subject}\``, why: right.why, used, reason: right.seldom })
}
for (const one of heard) {
  if (!SERVICES.includes(one.service)) continue
  if (!rights.some(right => right.service === one.service && right.account === one.account && right.verb === 'publish' && matches(right.subject, one.subject)))
    problems.push(`${one.service} published ${one.subject} in ${one.account}, which the table does not grant`)
}

// --- the management cluster ---

const events = lines('audit').map(line => { try { return JSON.parse(line) } catch { return null } }).filter(Boolean)
const began = Number(read('began')) || 0
const nameOf = event => ((event.user || {}).username || '').split(':').at(-1)
const resourceOf = reference => reference.resource + (reference.subresource ? `/${reference.subresource}` : '')
const used = new Set()
for (const event of events) {
  const reference = event.objectRef
  if (!reference || !reference.resource) continue
  const denied = (event.annotations || {})['authorization.k8s.io/decision'] === 'forbid'
  const what = `${reference.apiGroup || ''} ${resourceOf(reference)} ${event.verb}`
  if (denied && Date.parse(event.requestReceivedTimestamp) >= began * 1000)
    problems.push(`${nameOf(event)} asked for ${what} in ${reference.namespace || 'all namespaces'}, which is not granted`)
  if (denied) continue
  used.add(`${nameOf(event)} ${what}`)
  // An object that is applied and not there yet is made: the API server asks for both rights.
  if (event.verb === 'patch' && (event.responseStatus || {}).code === 201) used.add(`${nameOf(event)} ${reference.apiGroup || ''} ${resourceOf(reference)} create`)
}
const { items } = JSON.parse(read('roles') || '{"items": []}')
const subjects = items.filter(item => /Binding$/.test(item.kind)).flatMap(binding =>
  (binding.subjects || []).filter(subject => /^catalyst-/.test(subject.namespace || '') && SERVICES.includes(subject.name)).map(subject => ({ binding, service: subject.name })))
for (const { binding, service } of subjects) {
  const role = items.find(item => item.kind === binding.roleRef.kind && item.metadata.name === binding.roleRef.name && item.metadata.namespace === (binding.roleRef.kind === 'Role' ? binding.metadata.namespace : undefined))
  const where = binding.metadata.namespace ? `in ${binding.metadata.namespace.replace(/^(catalyst-secrets-).*/, '$1{org}')}` : 'everywhere'
  for (const rule of (role || {}).rules || []) for (const group of rule.apiGroups) for (const resource of rule.resources) for (const verb of rule.verbs) {
    const right = `${verb} ${resource}${group ? `.${group}` : ''}${rule.resourceNames ? ` named ${rule.resourceNames.join(', ')}` : ''} ${where}`
    if (rows.some(row => row.service === service && row.right === right)) continue
    rows.push({ service, kind: 'cluster', right, why: purpose(service, verb, resource), used: used.has(`${service} ${group} ${resource} ${verb}`), reason: reason(service, `${verb} ${resource}`) })
  }
}

// --- Git ---

const HOLDERS = { 'catalyst-environment': 'environment-controller', 'catalyst-provisioning': 'provisioning', 'catalyst-blueprints': 'blueprint-controller', 'catalyst-projector': 'projector', 'catalyst-merge': 'catalyst-merge', 'flux-system': 'the host\'s Flux' }
function scopeOf(method, path) {
  const category = /^\/api\/v1\/admin\b/.test(path) ? 'admin'
    : /^\/api\/v1\/(orgs?|teams)\b/.test(path) ? 'organization'
    : /^\/api\/v1\/users?\b/.test(path) ? 'user'
    : /^\/api\/v1\/repos\/[^/]+\/[^/]+\/issues\b/.test(path) ? 'issue'
    : /^\/api\/v1\/(repos|repositories)\b/.test(path) || /^\/[^/]+\/[^/]+\.git\//.test(path) ? 'repository' : null
  if (!category) return null
  const writes = path.includes('.git/') ? /git-receive-pack/.test(path) : method !== 'GET'
  return `${writes ? 'write' : 'read'}:${category}`
}
const scopesUsed = {}
for (const line of lines('access')) {
  const found = /- (\S+) \[[^\]]*\] "(\w+) (\S+) [^"]*" (\d+)/.exec(line)
  if (!found) continue
  const scope = scopeOf(found[2], found[3])
  if (!scope || found[4] === '401' || found[4] === '403') continue
  ;(scopesUsed[found[1]] ||= new Set()).add(scope)
}
for (const line of lines('scopes')) {
  const [account, list] = line.split(' ')
  for (const scope of list.split(','))
    rows.push({ service: HOLDERS[account] || account, kind: `Git ${account}`, right: scope, why: purpose(account, '', scope), used: !!scopesUsed[account] && scopesUsed[account].has(scope), reason: reason(account, scope) })
}

// --- the table ---

for (const one of seldom) if (!rows.some(row => row.reason === one.why)) problems.push(`seldom.json has a reason for ${one.right} of ${one.service}, which is not granted`)
for (const one of purposes) if (!told.has(one)) problems.push(`purposes.json says what ${one.right} of ${one.service} is for, which is not granted`)
for (const row of rows) if (!row.why) problems.push(`${row.service} is granted ${row.right} (${row.kind}), and nobody says what for`)
for (const row of rows) if (!row.used && !row.reason) problems.push(`${row.service} is granted ${row.right} (${row.kind}), did not use it, and nobody says why`)
const mark = row => (row.used ? 'yes' : row.reason || 'no')
const table = service => {
  const own = rows.filter(row => row.service === service).sort((a, b) => a.kind.localeCompare(b.kind) || a.right.localeCompare(b.right))
  return `## ${service}\n\n| where | granted | for | used |\n| --- | --- | --- | --- |\n` + own.map(row => `| ${row.kind} | ${row.right} | ${row.why} | ${mark(row)} |`).join('\n') + '\n'
}
const names = [...SERVICES, ...new Set(rows.map(row => row.service).filter(name => !SERVICES.includes(name)))]
writeFileSync(output, `# Least privilege

What each service is granted on the spine, on the management cluster and in Git, and whether it was seen to use it. Made by \`tests/security/least-privilege.sh\` from \`domain/spine_rights.c\`, the roles on
the cluster and the scopes of Git's tokens; "used" comes from the peers: what a user who hears everything overhears on the spine, the API server's audit log, Gitea's access log. What was not used in the run
says why it is granted. The test fails where something was used that is not granted, and where something is granted that was not used without a reason.

${names.map(table).join('\n')}`)
for (const problem of problems) console.log(problem)
console.log(`${rows.length} rights, ${rows.filter(row => row.used).length} used, ${rows.filter(row => !row.used && row.reason).length} with a reason, ${problems.length} problems`)
process.exit(problems.length ? 1 : 0)
