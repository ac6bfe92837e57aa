// What a token server answers (RFC 6749, section 5), read as golang.org/x/oauth2 reads it: many servers keep to the
// letter of no standard.

import { headerBytes, headerValueProblem } from '../../config/header-rules.ts'
import type { HttpResponse } from '../../wire/message.ts'
import type { IssuedToken } from '../token-cache.ts'
import { jsonObject, quotable } from '../token-request.ts'

/** An answer must be shorter, in bytes: so one that the transport has cut at this length is told apart. */
export const maxTokenAnswerBytes = 1 << 20

/** The answer is no token. The text holds what the server says of it, and nothing of an answer that may be one. */
export class NoToken extends Error {}

/**
 * The value is a whole Authorization. `now` in ms, when the answer came. `mask` takes secrets out of what is shown of
 * the answer. Throws NoToken.
 */
export function readTokenAnswer(answer: HttpResponse, now: number, mask: (text: string) => string): IssuedToken {
  const { status, body } = answer
  const fields = fieldsOf(answer)
  const quoted = (text: string) => JSON.stringify(quotable(mask(text)))
  const error = textOf(fields?.error)
  const details = [error, textOf(fields?.error_description), textOf(fields?.error_uri)].filter((part) => part !== '')
  // Some servers answer 200 with an error.
  if (error !== '') throw new NoToken([status, ...details.map(quoted)].join(' '))
  if (status < 200 || status > 299) {
    const said = Buffer.from(body).toString('utf8').trim()
    throw new NoToken(said === '' ? `${status}` : `${status} ${quoted(said)}`)
  }
  const unusable = (why: string) => new NoToken(`${status}, but its answer ${why}`)
  if (body.length >= maxTokenAnswerBytes) throw unusable('is 1 MiB or longer')
  if (fields === undefined) throw unusable('is neither JSON nor a form')
  const token = textOf(fields.access_token)
  if (token === '') throw unusable('is missing access_token')
  const value = `${tokenType(textOf(fields.token_type))} ${token}`
  if (headerValueProblem(value) !== undefined) throw unusable('holds a token that no header may hold')
  const seconds = lifetime(fields.expires_in)
  if (Number.isNaN(seconds)) throw unusable('has an expires_in that is no number')
  return { value: headerBytes(value), expiresAt: seconds === 0 ? undefined : now + seconds * 1000 }
}

function fieldsOf({ headers, body }: HttpResponse): Readonly<Record<string, unknown>> | undefined {
  if (body.length >= maxTokenAnswerBytes) return undefined
  const type = headers['content-type']?.split(';')[0]?.trim().toLowerCase()
  const text = Buffer.from(body).toString('utf8')
  const isForm = type === 'application/x-www-form-urlencoded' || type === 'text/plain'
  return isForm && !text.trimStart().startsWith('{') ? Object.fromEntries(new URLSearchParams(text)) : jsonObject(text)
}

const textOf = (value: unknown): string => (typeof value === 'string' ? value : '')

/** The scheme as servers of the protected resource expect it, some of which tell cases apart. */
function tokenType(type: string): string {
  const known = ['Bearer', 'MAC', 'Basic'].find((name) => name.toLowerCase() === type.toLowerCase())
  return known ?? (type || 'Bearer')
}

/** In seconds, given as a number or, by some servers, as text. 0: none is given, the token does not end. */
function lifetime(value: unknown): number {
  if (value === undefined || value === null || value === '') return 0
  const seconds = typeof value === 'string' ? Number(value) : value
  return typeof seconds === 'number' ? Math.min(Math.trunc(seconds), 2 ** 31 - 1) : Number.NaN
}
