// The pure modules as JavaScript, for Node versions that do not read TypeScript by themselves.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import ts from 'typescript'

mkdirSync(new URL('../build/', import.meta.url), { recursive: true })
for (const name of ['stream', 'rows', 'config', 'schema', 'messages', 'views', 'markdown', 'rejections', 'tokens', 'api', 'answers', 'watchdog', 'renewal', 'drafts', 'typing', 'operations', 'plans', 'numbers', 'places', 'git', 'usage', 'onboarding', 'auth', 'platform']) {
  const source = readFileSync(new URL(`../src/lib/${name}.ts`, import.meta.url), 'utf8')
  const compilerOptions = { target: 'ES2022', module: 'ESNext', verbatimModuleSyntax: true, rewriteRelativeImportExtensions: true }
  writeFileSync(new URL(`../build/${name}.js`, import.meta.url), ts.transpileModule(source, { compilerOptions }).outputText)
}
