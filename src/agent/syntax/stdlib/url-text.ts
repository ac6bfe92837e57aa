// Texts in the query of a URL, as Go's net/url escapes and unescapes them.

import { CallError } from '../value-error.ts'

/** Everything but letters, digits and `-_.~` is escaped; a space becomes `+`. */
export function escapeQuery(text: string): string {
  let escaped = ''
  for (const byte of Buffer.from(text)) {
    const char = String.fromCharCode(byte)
    if (/[A-Za-z0-9_.~-]/.test(char)) escaped += char
    else escaped += char === ' ' ? '+' : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`
  }
  return escaped
}

/** The bytes that an escaped text stands for. Throws CallError at a `%` without two hex digits. */
export function unescapeQuery(text: string): Uint8Array {
  const wrong = /%(?![0-9A-Fa-f]{2})[\s\S]{0,2}/u.exec(text)
  if (wrong !== null) throw new CallError(`invalid URL escape ${JSON.stringify(wrong[0])}`)
  const parts = text.replaceAll('+', ' ').split(/%([0-9A-Fa-f]{2})/)
  return Buffer.concat(parts.map((part, i) => (i % 2 === 0 ? Buffer.from(part) : Buffer.from(part, 'hex'))))
}
