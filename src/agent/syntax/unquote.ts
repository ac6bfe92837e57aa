// What a string literal stands for. Alloy's strings are bytes, ours are text: \x and octal escapes give bytes, which
// are read as UTF-8 together with what stands around them, and each byte that is not part of a valid character becomes
// U+FFFD, which is what Go shows for it.

import type { Literal } from './ast.ts'
import { decodeUtf8 } from './utf8.ts'

const byteOf: Readonly<Record<string, number>> = {
  a: 7,
  b: 8,
  f: 12,
  n: 10,
  r: 13,
  t: 9,
  v: 11,
  '\\': 92,
  '"': 34,
}

/** Escapes that the scanner lets through; anything else after a backslash is kept as it is. */
const escapes = /\\(?:([abfnrtv\\"])|([0-7]{3})|x([\da-fA-F]{2})|u([\da-fA-F]{4})|U([\da-fA-F]{8}))/g
const givesBytes = /\\(?:[0-7]|x)/

/**
 * The text of a string literal: quotes or backticks off, escapes undone. Raw strings lose their carriage returns, as
 * in Go. Never throws: of a literal that the scanner has refused, what can be read is read.
 */
export function stringOf(literal: Literal): string {
  const { text } = literal
  const quote = text[0]
  const inner = text.length > 1 && text.endsWith(quote as string) ? text.slice(1, -1) : text.slice(1)
  if (quote === '`') return inner.replaceAll('\r', '')
  if (!inner.includes('\\')) return inner
  return givesBytes.test(inner) ? throughBytes(inner) : inner.replace(escapes, (...match) => charOf(match))
}

function charOf([whole, short, , , four, eight]: readonly string[]): string {
  if (short !== undefined) return String.fromCharCode(byteOf[short] as number)
  const code = Number.parseInt((four ?? eight) as string, 16)
  return code <= 0x10ffff ? String.fromCodePoint(code) : (whole as string)
}

function throughBytes(inner: string): string {
  const parts: Buffer[] = []
  let at = 0
  for (const match of inner.matchAll(escapes)) {
    const [whole, , octal, hex] = match
    parts.push(Buffer.from(inner.slice(at, match.index)))
    if (octal !== undefined) parts.push(Buffer.from([Number.parseInt(octal, 8)]))
    else if (hex !== undefined) parts.push(Buffer.from([Number.parseInt(hex, 16)]))
    else parts.push(Buffer.from(charOf(match)))
    at = match.index + whole.length
  }
  parts.push(Buffer.from(inner.slice(at)))
  return decodeUtf8(Buffer.concat(parts), () => '\ufffd')
}
