// One question to a token server, and its answer read with suspicion: whatever is not a token that ends becomes an
// error in words. What was sent along (secrets, assertions) is in none of them.

import { secretMask } from '../config/secret.ts'
import { SluiceError } from '../errors.ts'
import type { HttpResponse, Send } from '../wire/message.ts'
import type { IssuedToken } from './token-cache.ts'

export interface TokenRequest {
  /** Begins every error: `azuread: oauth`. */
  readonly what: string
  readonly url: string
  readonly headers?: Readonly<Record<string, string>>
  /** Sent by POST as application/x-www-form-urlencoded; absent: GET. */
  readonly form?: Readonly<Record<string, string>>
  /** What of it opens doors: never shown, even if the server quotes it. */
  readonly secrets?: readonly string[]
  /** Name (lower-case) and value of a header by which the server is known: another that answers there is not it. */
  readonly answerHeader?: readonly [string, string]
}

/** How long a token server may take, in ms. */
const timeoutMs = 30_000
const maxQuotedLength = 300

/** Throws SluiceError CREDENTIALS_UNAVAILABLE if there is no answer. */
export async function askTokenServer(tokenClient: Send, request: TokenRequest): Promise<HttpResponse> {
  const { what, url, headers = {}, form } = request
  const contentType = { 'content-type': 'application/x-www-form-urlencoded' }
  try {
    return await tokenClient({
      method: form === undefined ? 'GET' : 'POST',
      url,
      headers: form === undefined ? headers : { ...contentType, ...headers },
      body: Buffer.from(form === undefined ? '' : new URLSearchParams(form).toString()),
      timeoutMs,
    })
  } catch (cause) {
    throw unavailable(what, cause instanceof Error ? cause.message : String(cause), cause)
  }
}

/**
 * Asks, and reads the answer as RFC 6749 §5.1 has it, with Azure's `expires_on` (seconds since 1970) beside
 * `expires_in`; both may be text. Throws SluiceError CREDENTIALS_UNAVAILABLE.
 */
export async function requestToken(tokenClient: Send, now: () => number, request: TokenRequest): Promise<IssuedToken> {
  const { what, answerHeader, secrets = [] } = request
  const host = hostOf(request.url)
  const answer = await askTokenServer(tokenClient, request)
  if (answerHeader !== undefined && answer.headers[answerHeader[0]] !== answerHeader[1])
    throw unavailable(what, `what answers at ${host} is something else`)
  const fields = jsonObject(answer.body)
  if (answer.status !== 200) {
    const said = [fields?.error, fields?.error_description].filter((text) => typeof text === 'string')
    const why = said.map((text) => quotable(masked(text, secrets)))
    throw unavailable(what, [`${host} answered ${answer.status}`, ...why].join(': '))
  }
  if (fields === undefined) throw unavailable(what, `the answer of ${host} is no JSON object`)
  const token = fields.access_token
  if (typeof token !== 'string' || !isHeaderSafe(token))
    throw unavailable(what, `the answer of ${host} holds no usable access_token`)
  const expiresAt = fields.expires_in === undefined ? seconds(fields.expires_on) : now() + seconds(fields.expires_in)
  if (!Number.isFinite(expiresAt)) throw unavailable(what, `the answer of ${host} does not say when the token expires`)
  return { value: token, expiresAt }
}

/** The one error of everything that gets credentials. */
export function unavailable(what: string, why: string, cause?: unknown): SluiceError {
  return new SluiceError('CREDENTIALS_UNAVAILABLE', `${what}: ${why}`, cause === undefined ? {} : { cause })
}

/**
 * Text from outside without the secrets that were sent, as they are or as a form or JSON has them. They go by way of a
 * character that no header holds: the mask itself may look like a secret.
 */
export function masked(text: string, secrets: readonly string[]): string {
  const forms = secrets.filter((secret) => secret !== '').flatMap(formsOf)
  const longestFirst = forms.sort((a, b) => b.length - a.length)
  return longestFirst.reduce((left, secret) => left.replaceAll(secret, '\0'), text).replaceAll('\0', secretMask)
}

function formsOf(secret: string): readonly string[] {
  const inForm = new URLSearchParams({ '': secret }).toString().slice(1)
  return [secret, inForm, inForm.replaceAll('+', '%20'), JSON.stringify(secret).slice(1, -1)]
}

/** Text from outside, fit to stand in an error: one line, not endless. */
export function quotable(text: string): string {
  const line = text.replace(/[\s\x00-\x1f\x7f-\x9f]+/g, ' ').trim()
  return line.length > maxQuotedLength ? `${line.slice(0, maxQuotedLength)}…` : line
}

/** A token that can go into a header as it is. */
export const isHeaderSafe = (token: string): boolean => /^[\x21-\x7e]+$/.test(token)

/** The host of a URL for errors; its path and query may hold secrets. */
export const hostOf = (url: string): string => (URL.canParse(url) ? new URL(url).host : 'the token server')

/** undefined: no JSON, or no object. */
export function jsonObject(text: Uint8Array | string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(typeof text === 'string' ? text : Buffer.from(text).toString('utf8'))
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : undefined
  } catch {
    return undefined
  }
}

/** Milliseconds of a number of seconds, or of its digits; NaN if it is neither. */
function seconds(value: unknown): number {
  if (typeof value === 'number') return value * 1000
  return typeof value === 'string' && /^\d{1,15}$/.test(value) ? Number(value) * 1000 : Number.NaN
}
