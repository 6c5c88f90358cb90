export type Block =
  | { kind: 'heading' | 'paragraph' | 'code'; text: string }
  | { kind: 'list'; items: string[] }
  | { kind: 'table'; rows: string[][] }
export type Part = { kind: 'text' | 'code' | 'bold' | 'em'; text: string }

export function blocks(text: string): Block[] {
  const found: Block[] = []
  const lines = text.split('\n')
  for (let at = 0; at < lines.length; ) {
    const line = lines[at]!
    if (line.trim() === '') { at++; continue }
    if (line.startsWith('```')) {
      const end = lines.findIndex((other, index) => index > at && other.startsWith('```'))
      found.push({ kind: 'code', text: lines.slice(at + 1, end < 0 ? undefined : end).join('\n') })
      at = end < 0 ? lines.length : end + 1
    } else if (/^#{1,6} /.test(line)) {
      found.push({ kind: 'heading', text: line.replace(/^#+ /, '') })
      at++
    } else {
      const first = at
      const like = line.startsWith('|') ? /^\|/ : /^[-*] /.test(line) ? /^([-*] | {2,})/ : /^(?!#|```|\||[-*] )\S/
      while (at < lines.length && like.test(lines[at]!)) at++
      if (at === first) at++
      found.push(grouped(lines.slice(first, at)))
    }
  }
  return found
}

function grouped(lines: string[]): Block {
  if (lines[0]!.startsWith('|'))
    return { kind: 'table', rows: lines.filter(line => !/^\|[\s|:-]+\|?$/.test(line)).map(line => line.replace(/^\||\|\s*$/g, '').split('|').map(cell => cell.trim())) }
  if (/^[-*] /.test(lines[0]!)) {
    const items: string[] = []
    for (const line of lines) {
      if (/^[-*] /.test(line)) items.push(line.slice(2))
      else items[items.length - 1] += ` ${line.trim()}`
    }
    return { kind: 'list', items }
  }
  return { kind: 'paragraph', text: lines.map(line => line.trim()).join(' ') }
}

export function inline(text: string): Part[] {
  const parts: Part[] = []
  for (const piece of text.split(/(`[^`]+`|\*\*[^*]+\*\*|\*[^*\s][^*]*\*)/)) {
    if (!piece) continue
    if (piece.startsWith('`')) parts.push({ kind: 'code', text: piece.slice(1, -1) })
    else if (piece.startsWith('**')) parts.push({ kind: 'bold', text: piece.slice(2, -2) })
    else if (piece.startsWith('*') && piece.endsWith('*') && piece.length > 2) parts.push({ kind: 'em', text: piece.slice(1, -1) })
    else parts.push({ kind: 'text', text: piece })
  }
  return parts
}
