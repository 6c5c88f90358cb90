// What each service asks of the spine, overheard by a user who may hear everything in an account: who asked stands in where the answer shall go.
//   node overhear.mjs URL CREDENTIALS ACCOUNT      prints {service, account, subject} a line, each once, until it is stopped
import { createPrivateKey, sign } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { connect } from 'node:net'

const [url, credentials, account] = process.argv.slice(2)
const text = readFileSync(credentials, 'utf8')
const jwt = /BEGIN NATS USER JWT-+\s+(\S+)/.exec(text)[1]
const seed = /BEGIN USER NKEY SEED-+\s+(\S+)/.exec(text)[1]

function base32(letters) {
  let bits = ''
  for (const letter of letters) bits += 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.indexOf(letter).toString(2).padStart(5, '0')
  return Buffer.from(bits.match(/.{8}/g).map(byte => parseInt(byte, 2)))
}
const key = createPrivateKey({ key: Buffer.concat([Buffer.from('302e020100300506032b657004220420', 'hex'), base32(seed).subarray(2, 34)]), format: 'der', type: 'pkcs8' })

const { hostname, port } = new URL(url)
const socket = connect(Number(port), hostname)
socket.on('error', error => { console.error(error.message); process.exit(1) })
socket.on('close', () => process.exit(1))
process.on('SIGTERM', () => process.exit(0))
let waiting = Buffer.alloc(0), greeted = false
const told = new Set()
socket.on('data', bytes => {
  waiting = waiting.length ? Buffer.concat([waiting, bytes]) : bytes
  let at = 0
  for (let next = take(at); next > at; next = take(at)) at = next
  waiting = waiting.subarray(at)
})

function take(from) {
  const lineEnd = waiting.indexOf('\r\n', from)
  if (lineEnd < 0) return from
  const words = waiting.toString('utf8', from, lineEnd).split(' ')
  const size = /^H?MSG$/.test(words[0]) ? Number(words.at(-1)) + 2 : 0
  if (waiting.length < lineEnd + 2 + size) return from
  if (size) message(words[1], words.length > (words[0] === 'HMSG' ? 5 : 4) ? words[3] : '')
  else if (words[0] === 'INFO' && !greeted) greet(JSON.parse(words.slice(1).join(' ')))
  else if (words[0] === 'PING') socket.write('PONG\r\n')
  else if (words[0] === '-ERR') { console.error(words.join(' ')); process.exit(1) }
  return lineEnd + 2 + size
}
function greet({ nonce }) {
  greeted = true
  const options = { jwt, sig: sign(null, Buffer.from(nonce), key).toString('base64url'), lang: 'test', version: '1', protocol: 1, verbose: false, pedantic: false, headers: true }
  socket.write(`CONNECT ${JSON.stringify(options)}\r\nSUB > 1\r\nPING\r\n`)
}
// A subject's own names (an Application's, a sequence) are left out where they make many of one kind.
function message(subject, reply) {
  const asked = /^_INBOX\.([a-z-]+)\./.exec(reply)
  if (!asked || subject.startsWith('_INBOX')) return
  const short = /^(ws|\$KV|catalyst|dead-letter|\$JS\.ACK)/.test(subject) ? subject.split('.').slice(0, 4).join('.') : subject
  const line = JSON.stringify({ service: asked[1], account, subject })
  const mark = `${asked[1]} ${short}`
  if (told.has(mark)) return
  told.add(mark)
  console.log(line)
}
