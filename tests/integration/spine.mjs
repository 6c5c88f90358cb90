// One request to the spine in its plain protocol, with the credentials of a file, so that nothing but the server decides what is allowed:
//   node spine.mjs URL CREDENTIALS request SUBJECT [BODY]     prints the answer; "nobody answers" where nobody listens
//   node spine.mjs URL CREDENTIALS read STREAM [AFTER]        prints {seq, subject, id, data} of each message that the stream has, one a line
//   node spine.mjs URL CREDENTIALS listen SUBJECT SECONDS     prints the subject of each message that comes
//   node spine.mjs URL CREDENTIALS may-not-publish|may-not-hear SUBJECT...   prints what the server permits of it; 0 where it is nothing
// Refusals of the server ("-ERR …") are printed. The exit code is 0 where there was an answer, 1 where there was none or a refusal.
import { createPrivateKey, sign } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { connect } from 'node:net'

const [url, credentials, what, subject, argument = ''] = process.argv.slice(2)
const tried = what.startsWith('may-not-') ? process.argv.slice(5) : []
const denied = new Set()
const text = readFileSync(credentials, 'utf8')
const jwt = /BEGIN NATS USER JWT-+\s+(\S+)/.exec(text)[1]
// A user's answers come where it alone may listen.
const INBOX = `_INBOX.${JSON.parse(Buffer.from(jwt.split('.')[1], 'base64url').toString()).name}.${process.pid}${Date.now()}`
const seed = /BEGIN USER NKEY SEED-+\s+(\S+)/.exec(text)[1]

function base32(letters) {
  let bits = ''
  for (const letter of letters) bits += 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.indexOf(letter).toString(2).padStart(5, '0')
  return Buffer.from(bits.match(/.{8}/g).map(byte => parseInt(byte, 2)))
}
// Two bytes say what the key is for, then come the 32 of Ed25519's seed; node takes them as PKCS #8.
const key = createPrivateKey({ key: Buffer.concat([Buffer.from('302e020100300506032b657004220420', 'hex'), base32(seed).subarray(2, 34)]), format: 'der', type: 'pkcs8' })

function end(code, said) {
  if (said) console.log(said)
  process.exit(code)
}
const LIMIT_S = { listen: Number(argument), read: 120 }
let next = what === 'read' ? Number(argument || 0) + 1 : 0
setTimeout(() => end(what === 'listen' ? 0 : 1, what === 'listen' ? '' : 'no answer'), (LIMIT_S[what] ?? 10) * 1000)

const { hostname, port } = new URL(url)
const socket = connect(Number(port), hostname)
let greeted = false
socket.on('error', error => end(1, error.message))
socket.on('close', () => end(1, 'the server hung up'))
let waiting = Buffer.alloc(0)
socket.on('data', bytes => {
  waiting = Buffer.concat([waiting, bytes])
  while (take());
})

// One operation of the protocol, when it is there as a whole.
function take() {
  const lineEnd = waiting.indexOf('\r\n')
  if (lineEnd < 0) return false
  const line = waiting.toString('utf8', 0, lineEnd)
  const words = line.split(' ')
  const size = /^H?MSG /.test(line) ? Number(words.at(-1)) + 2 : 0
  if (waiting.length < lineEnd + 2 + size) return false
  const payload = waiting.subarray(lineEnd + 2, lineEnd + size)
  waiting = waiting.subarray(lineEnd + 2 + size)
  if (size) message(words, payload)
  else if (words[0] === 'INFO' && !greeted) greet(JSON.parse(line.slice(5)))
  else if (words[0] === 'PING') socket.write('PONG\r\n')
  else if (words[0] === '-ERR' && tried.length) denied.add(/Permissions Violation for \w+ (?:to )?"([^"]+)"/.exec(line)?.[1])
  else if (words[0] === 'PONG' && tried.length) count()
  else if (words[0] === '-ERR') end(1, line)
  return true
}

function greet({ nonce }) {
  greeted = true
  const options = { jwt, sig: sign(null, Buffer.from(nonce), key).toString('base64url'), lang: 'test', version: '1', protocol: 1, verbose: false, pedantic: false, headers: true, no_responders: true }
  const listening = what === 'listen' ? subject : INBOX
  socket.write(`CONNECT ${JSON.stringify(options)}\r\nSUB ${listening} 1\r\n`)
  if (what === 'request') socket.write(`PUB ${subject} ${INBOX} ${Buffer.byteLength(argument)}\r\n${argument}\r\n`)
  if (what === 'read') askForNext()
  tried.forEach((one, i) => socket.write(what === 'may-not-hear' ? `SUB ${one} ${i + 2}\r\n` : `PUB ${one} ${INBOX} 2\r\n{}\r\n`))
  socket.write('PING\r\n')
}

function askForNext() {
  const body = JSON.stringify({ seq: next, next_by_subj: '>' })
  socket.write(`PUB $JS.API.STREAM.MSG.GET.${subject} ${INBOX} ${Buffer.byteLength(body)}\r\n${body}\r\n`)
}
function stored(answer) {
  const { message: found, error } = JSON.parse(answer)
  if (!found) return end(error.err_code === 10037 ? 0 : 1, error.err_code === 10037 ? '' : answer) // no message found: that was all
  const headers = Buffer.from(found.hdrs ?? '', 'base64').toString()
  const data = Buffer.from(found.data ?? '', 'base64').toString()
  let parsed
  try { parsed = JSON.parse(data) } catch { parsed = data }
  console.log(JSON.stringify({ seq: found.seq, subject: found.subject, id: /^Nats-Msg-Id: *(.*)\r$/m.exec(headers)?.[1], data: parsed }))
  next = found.seq + 1
  askForNext()
}

function count() {
  const permitted = tried.filter(one => !denied.has(one))
  end(permitted.length ? 1 : 0, permitted.map(one => `permitted: ${one}`).join('\n'))
}

function message(words, payload) {
  if (tried.length) return
  if (what === 'listen') return console.log(words[1])
  const headers = words[0] === 'HMSG' ? Number(words.at(-2)) : 0
  if (/^NATS\/1\.0 503/.test(payload.toString('utf8', 0, headers))) end(1, 'nobody answers')
  if (what === 'read') return stored(payload.toString('utf8', headers))
  end(0, payload.toString('utf8', headers))
}
