// A proxy of ours between the browser and the running system: it can answer by itself, and it can fall silent as a network does whose packets are dropped, without an end of any connection.
import { createServer, request } from 'node:http'

/* `meet(target, incoming, answer)`: true when it has taken care of the request. */
export function proxy(meet = () => false) {
  let silent = false
  const seen = []
  const server = createServer((incoming, answer) => {
    const target = new URL(incoming.url)
    seen.push(target.pathname + target.search)
    // What comes while it is silent is never answered, and stays so: the browser has to find another way by itself.
    if (silent || meet(target, incoming, answer)) return
    const onward = request({ host: target.hostname, port: target.port || 80, path: target.pathname + target.search, method: incoming.method, headers: incoming.headers }, came => {
      answer.writeHead(came.statusCode, came.headers)
      answer.flushHeaders()
      let dead = false
      came.on('data', bytes => { dead ||= silent; if (!dead) answer.write(bytes) })
      came.on('end', () => { dead ||= silent; if (!dead) answer.end() })
    })
    onward.on('error', () => { if (!silent) answer.destroy() })
    answer.on('close', () => onward.destroy())
    incoming.pipe(onward)
  })
  return new Promise(resolve => server.listen(0, '127.0.0.1', () => resolve({
    options: { proxy: { server: `http://127.0.0.1:${server.address().port}`, bypass: '<-loopback>' } },
    silence: is => { silent = is },
    /* How many requests began with this path. */
    count: path => seen.filter(one => one.startsWith(path)).length,
    asked: words => seen.filter(one => one.includes(words)).length,
    stop: () => { server.closeAllConnections(); server.close() }
  })))
}
