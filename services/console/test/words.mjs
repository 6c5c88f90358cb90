// Finds texts that people would read and that do not come from the catalogue: in the markup of components, between tags and in the attributes that are read out or shown.
import { readdirSync, readFileSync } from 'node:fs'
import { parse } from 'svelte/compiler'

const SHOWN = new Set(['title', 'alt', 'placeholder', 'label', 'aria-label', 'aria-description', 'aria-roledescription', 'aria-valuetext'])
const WORD = /\p{L}{2,}/u

export function wordsOutside(source) {
  const found = []
  const literal = (node, where) => {
    if (!node || typeof node !== 'object') return
    if (node.type === 'Literal' && typeof node.value === 'string' && WORD.test(node.value)) found.push(`${where}: ${node.value}`)
    if (node.type === 'TemplateLiteral') for (const part of node.quasis) if (WORD.test(part.value.cooked ?? '')) found.push(`${where}: ${part.value.cooked}`)
    if (node.type === 'ConditionalExpression') { literal(node.consequent, where); literal(node.alternate, where) }
    if (node.type === 'LogicalExpression' || node.type === 'BinaryExpression') { if (!/[=!<>]/.test(node.operator)) { literal(node.left, where); literal(node.right, where) } }
  }
  const walk = node => {
    if (!node || typeof node !== 'object') return
    if (Array.isArray(node)) { node.forEach(walk); return }
    if (node.type === 'Text') { if (WORD.test(node.data)) found.push(`text: ${node.data.trim()}`); return }
    if (node.type === 'ExpressionTag') { literal(node.expression, 'text'); return }
    if (node.type === 'Attribute') {
      if (SHOWN.has(node.name)) for (const part of [node.value].flat()) {
        if (part?.type === 'Text' && WORD.test(part.data)) found.push(`${node.name}: ${part.data}`)
        if (part?.type === 'ExpressionTag') literal(part.expression, node.name)
      }
      return
    }
    for (const [name, value] of Object.entries(node)) if (name !== 'instance' && name !== 'module' && name !== 'css' && name !== 'expression' && typeof value === 'object') walk(value)
  }
  walk(parse(source, { modern: true }).fragment)
  return found
}

export function components(folder = new URL('../src/', import.meta.url)) {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter(name => name.endsWith('.svelte')).map(name => ({ name, source: readFileSync(new URL(name, folder), 'utf8') }))
}
