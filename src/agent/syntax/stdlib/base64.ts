// Base64 as Go decodes it: padded, strict about every character, blind to line breaks; errors say where.

import { CallError } from '../value-error.ts'

const illegal = (at: number): CallError => new CallError(`illegal base64 data at input byte ${at}`)

const isBreak = (char: string | undefined): boolean => char === '\n' || char === '\r'

/** Position of the first mistake; undefined: there is none. */
function mistakeIn(text: string, alphabet: RegExp): number | undefined {
  let inGroup = 0
  for (let i = 0; i < text.length; i++) {
    const char = text[i] as string
    if (isBreak(char)) continue
    if (char !== '=') {
      if (!alphabet.test(char)) return i
      inGroup = (inGroup + 1) % 4
      continue
    }
    if (inGroup < 2) return i
    let next = i + 1
    const skipBreaks = (): void => {
      while (isBreak(text[next])) next++
    }
    if (inGroup === 2) {
      skipBreaks()
      if (next === text.length) return text.length
      if (text[next] !== '=') return next - 1
      next++
    }
    skipBreaks()
    return next < text.length ? next : undefined
  }
  return inGroup === 0 ? undefined : text.length - inGroup
}

/** Bytes of a base64 text. Throws CallError. */
export function decodeBase64(text: string, variant: 'base64' | 'base64url'): Uint8Array {
  const mistake = mistakeIn(text, variant === 'base64' ? /[A-Za-z0-9+/]/ : /[A-Za-z0-9_-]/)
  if (mistake !== undefined) throw illegal(mistake)
  return Buffer.from(text.replace(/[\r\n]/g, ''), variant)
}

/** Padded, in both alphabets. */
export function encodeBase64(text: string, variant: 'base64' | 'base64url'): string {
  const encoded = Buffer.from(text).toString('base64')
  return variant === 'base64' ? encoded : encoded.replaceAll('+', '-').replaceAll('/', '_')
}
