// Secrets have no place in a log line, an answer of the admin listener or an error text. Whatever comes from
// outside passes through here before a person sees it.

import { secretParameter } from '../config/upstream-url.ts'

const MASK = '***'
const MAX_TEXT = 8192

const secretHeader =
  /^(?:(?:proxy-)?authorization|(?:set-)?cookie2?)$|token|secret|passw|api-?key|credential|signature/i
// The scheme is left out on purpose: a match that begins at a literal stays linear on hostile text.
const userinfo = /:\/\/[^/?#\s]*@/g
const authorization = /\b(basic|bearer)\s+[a-z0-9+/=_.~-]{6,}/gi

/**
 * A text with URL user names and passwords, secret query parameters and Basic or Bearer credentials masked,
 * cut to 8192 characters.
 */
export function redactText(text: string): string {
  return truncate(text, MAX_TEXT)
    .replace(userinfo, `://${MASK}@`)
    .replace(secretParameter, `$1${MASK}`)
    .replace(authorization, `$1 ${MASK}`)
}

/** Header values with the secret ones masked, judged by name; names keep their case. */
export function redactHeaders(
  headers: Readonly<Record<string, string | readonly string[] | undefined>>,
): Record<string, string> {
  const shown: [string, string][] = []
  for (const [name, value] of Object.entries(headers)) {
    if (value === undefined) continue
    const text = typeof value === 'string' ? value : value.join(', ')
    shown.push([name, secretHeader.test(name) ? MASK : redactText(text)])
  }
  return Object.fromEntries(shown)
}

/** The first `max` UTF-16 units; a cut is marked by `…` and never splits a surrogate pair. */
export function truncate(text: string, max: number): string {
  if (text.length <= max) return text
  const last = text.charCodeAt(max - 1)
  return `${text.slice(0, last >= 0xd800 && last <= 0xdbff ? max - 1 : max)}…`
}
