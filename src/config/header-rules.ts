// Which header names and values settings may put on a request to upstream (RFC 9110, sections 5.1, 5.5 and 5.6.2;
// Prometheus' list of reserved headers).

import { quoted } from './diagnostics.ts'

const reservedNames: ReadonlySet<string> = new Set([
  'accept-encoding',
  'authorization',
  'connection',
  'content-encoding',
  'content-length',
  'content-type',
  'expect',
  'host',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'user-agent',
  'www-authenticate',
  'x-amz-content-sha256',
  'x-amz-date',
  'x-amz-security-token',
  'x-prometheus-remote-read-version',
  'x-prometheus-remote-write-version',
])

/** Why this is no header's name at all, as a sentence; undefined if it is one. */
export const headerTokenProblem = (name: string): string | undefined =>
  /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/.test(name) ? undefined : `${quoted(name)} is not a header name`

/** Why this can't be the name of a header that a setting adds, as a sentence; undefined if it can. */
export function headerNameProblem(name: string): string | undefined {
  const problem = headerTokenProblem(name)
  if (problem !== undefined) return problem
  const lower = name.toLowerCase()
  if (lower === 'authorization') return 'the header `Authorization` is set by authentication settings only'
  return reservedNames.has(lower) ? `the header \`${name}\` is reserved` : undefined
}

/** The same for a value; it never says what the value is, which may be a secret. */
export const headerValueProblem = (value: string): string | undefined =>
  /[\0-\x08\n-\x1f\x7f\p{Surrogate}]/u.test(value)
    ? 'the value contains a line break or another character that no header value may have'
    : undefined

/** A text as the value of a message's header, where each character is a byte: its UTF-8, which Go sends too. */
export const headerBytes = (text: string): string => Buffer.from(text, 'utf8').toString('latin1')
