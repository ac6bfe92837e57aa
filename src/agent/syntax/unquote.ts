// What a string literal stands for. Alloy's strings are bytes, ours are text: \x and octal escapes give bytes, which
// are read as UTF-8 together with what stands around them, and each byte that is not part of a valid character becomes
// U+FFFD, which is what Go shows for it.

import type { Literal } from './ast.ts'

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
  return decodeEachByte(Buffer.concat(parts))
}

/** As Go ranges over a string: one U+FFFD for each byte of a sequence that is not whole. */
function decodeEachByte(bytes: Buffer): string {
  let text = ''
  let from = 0
  for (let at = 0; at < bytes.length; ) {
    const length = sequenceLength(bytes, at)
    if (length === 0) {
      text += `${bytes.toString('utf8', from, at)}\ufffd`
      from = at + 1
    }
    at += length || 1
  }
  return text + bytes.toString('utf8', from)
}

/** Length of the well-formed UTF-8 sequence at an offset; 0 where there is none. */
export function sequenceLength(bytes: Uint8Array, at: number): number {
  const first = bytes[at] as number
  if (first < 0x80) return 1
  const length = first >= 0xc2 && first <= 0xdf ? 2 : first >= 0xe0 && first <= 0xef ? 3 : 4
  if (first < 0xc2 || first > 0xf4 || at + length > bytes.length) return 0
  for (let i = 1; i < length; i++) if (((bytes[at + i] as number) & 0xc0) !== 0x80) return 0
  const second = bytes[at + 1] as number
  if ((first === 0xe0 && second < 0xa0) || (first === 0xed && second > 0x9f)) return 0
  return (first === 0xf0 && second < 0x90) || (first === 0xf4 && second > 0x8f) ? 0 : length
}
