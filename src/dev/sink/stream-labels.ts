// Reads the label text of a log stream, `{a="b", c="d"}`, as Loki does: names, then quoted strings with Go's escapes.

import type { DecodedLabel } from '../decode.ts'

const pair = /\s*([A-Za-z_][A-Za-z0-9_]*)\s*=\s*("(?:[^"\\\n]|\\[^\n])*"|`[^`]*`)\s*/y
const escaped = /\\(?:x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|([0-7]{3})|([\s\S]))/g
const plain: Readonly<Record<string, string>> = {
  a: '\x07',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
  '\\': '\\',
  '"': '"',
  "'": "'",
}

/** The labels in the order of the text, or one sentence about what is wrong with it. */
export function readStreamLabels(text: string): DecodedLabel[] | string {
  const body = /^\s*\{([\s\S]*)\}\s*$/.exec(text)?.[1]
  if (body === undefined) return `stream labels ${JSON.stringify(text)} are not in braces`
  const labels: DecodedLabel[] = []
  let at = 0
  while (body.slice(at).trim() !== '') {
    pair.lastIndex = at
    const found = pair.exec(body)
    if (found === null)
      return `stream labels ${JSON.stringify(text)} cannot be read at ${JSON.stringify(body.slice(at))}`
    const value = unquote(found[2] as string)
    if (value === undefined) return `stream labels ${JSON.stringify(text)} hold an escape that Go does not know`
    labels.push([found[1] as string, value])
    at = pair.lastIndex
    if (at === body.length) break
    if (body[at] !== ',')
      return `stream labels ${JSON.stringify(text)} lack a comma at ${JSON.stringify(body.slice(at))}`
    at++
  }
  return labels
}

function unquote(quoted: string): string | undefined {
  const inner = quoted.slice(1, -1)
  if (quoted[0] === '`') return inner
  let known = true
  const value = inner.replace(
    escaped,
    (_all, hex2?: string, hex4?: string, hex8?: string, octal?: string, one?: string) => {
      const code = hex2 ?? hex4 ?? hex8
      if (code !== undefined)
        return Number.parseInt(code, 16) < 0x110000 ? String.fromCodePoint(Number.parseInt(code, 16)) : '\ufffd'
      if (octal !== undefined) return String.fromCharCode(Number.parseInt(octal, 8))
      const character = plain[one as string]
      if (character === undefined) known = false
      return character ?? ''
    },
  )
  return known ? value : undefined
}
