// Runs the tests and ends with a line that every part of the project ends with.
import { run } from 'node:test'
import { fileURLToPath } from 'node:url'

let passed = 0
let failed = 0
const tests = run({ files: [fileURLToPath(new URL('./console.test.mjs', import.meta.url))] })
tests
  .on('test:pass', test => { if (test.details?.type !== 'suite') { passed++; console.log(`ok     ${test.name}`) } })
  .on('test:fail', test => { failed++; console.log(`FAILED ${test.name}\n       ${test.details?.error?.cause ?? test.details?.error}`) })
  .on('end', () => { console.log(`${passed} passed, ${failed} failed`); process.exitCode = failed > 0 || passed === 0 ? 1 : 0 })
tests.resume() // nothing reads the reports themselves, and without a reader the stream never ends
