// The head of an answer, read strictly (RFC 9112): whatever could be understood in two ways is refused, since a
// connection on which upstream and we disagree where an answer ends would give one tenant's answer to another.

/** Upstream's bytes are not an HTTP/1.1 answer; the text says why. */
export class MalformedAnswer extends Error {
  override readonly name = 'MalformedAnswer'
}

/** `ResponseHead.length` of a body in chunks. */
export const CHUNKED = -1
/** `ResponseHead.length` of a body that ends with the connection. */
export const UNTIL_CLOSE = -2

export interface ResponseHead {
  /** 100–599. */
  readonly status: number
  /** Names in lower case, repeated ones joined with ", ". */
  readonly headers: Readonly<Record<string, string>>
  /** Bytes of body, or CHUNKED, or UNTIL_CLOSE. */
  readonly length: number
  /** The connection may carry another request. */
  readonly keepAlive: boolean
  /** How long upstream keeps an idle connection by its own word, in ms; Infinity if it does not say. */
  readonly idleLimitMs: number
}

const statusLine = /^HTTP\/1\.([01]) ([1-5]\d\d)(?: [^\0-\x08\x0a-\x1f\x7f]*)?$/
const token = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/
const control = /[\0-\x08\x0a-\x1f\x7f]/

/**
 * Reads a head: status line and header lines, latin1, without the empty line at its end.
 * `method` is the request's. Throws MalformedAnswer.
 */
export function parseResponseHead(text: string, method: string): ResponseHead {
  let eol = text.indexOf('\r\n')
  if (eol < 0) eol = text.length
  const match = statusLine.exec(text.slice(0, eol))
  if (match === null) throw new MalformedAnswer('its first line is not a status line of HTTP/1.1')
  const isOld = match[1] === '0'
  const status = Number(match[2])
  const headers: Record<string, string> = {}
  for (let at = eol + 2; at < text.length; at = eol + 2) {
    eol = text.indexOf('\r\n', at)
    if (eol < 0) eol = text.length
    const colon = text.indexOf(':', at)
    if (colon < 0 || colon > eol) throw new MalformedAnswer('a header line has no colon')
    const name = text.slice(at, colon).toLowerCase()
    if (!token.test(name)) throw new MalformedAnswer('a header has a name that no header can have')
    const value = trimBlanks(text, colon + 1, eol)
    if (control.test(value)) throw new MalformedAnswer(`its header ${name} holds a control character`)
    const before = headers[name]
    if (before !== undefined && (name === 'content-length' || name === 'transfer-encoding'))
      throw new MalformedAnswer(`it has two ${name} headers`)
    // A header may be called __proto__; on a plain object that is an assignment without effect.
    headers[name] = before === undefined || name === '__proto__' ? value : `${before}, ${value}`
  }
  return {
    status,
    headers,
    length: bodyLength(status, headers, method, isOld),
    keepAlive: keepsAlive(headers.connection, isOld),
    idleLimitMs: idleLimit(headers['keep-alive']),
  }
}

function trimBlanks(text: string, start: number, end: number): string {
  while (start < end && isBlank(text.charCodeAt(start))) start++
  while (end > start && isBlank(text.charCodeAt(end - 1))) end--
  return text.slice(start, end)
}

const isBlank = (c: number): boolean => c === 0x20 || c === 0x09

/** RFC 9112, section 6.3. */
function bodyLength(status: number, headers: Readonly<Record<string, string>>, method: string, isOld: boolean): number {
  const { 'content-length': length, 'transfer-encoding': coding } = headers
  if (coding !== undefined) {
    if (length !== undefined) throw new MalformedAnswer('it has both a Content-Length and a Transfer-Encoding')
    if (isOld) throw new MalformedAnswer('it is HTTP/1.0 and has a Transfer-Encoding')
    if (coding.toLowerCase() !== 'chunked') throw new MalformedAnswer('its Transfer-Encoding is not chunked')
  }
  if (length !== undefined && !/^\d{1,15}$/.test(length))
    throw new MalformedAnswer('its Content-Length is not a number of bytes')
  if (status < 200 || status === 204 || status === 304 || method === 'HEAD') return 0
  if (coding !== undefined) return CHUNKED
  return length === undefined ? UNTIL_CLOSE : Number(length)
}

function keepsAlive(connection: string | undefined, isOld: boolean): boolean {
  if (connection === undefined) return !isOld
  const options = connection.toLowerCase().split(/[\t ,]+/)
  return !options.includes('close') && (!isOld || options.includes('keep-alive'))
}

// One second less than what upstream says: a request must not meet the closing connection on its way.
function idleLimit(keepAlive: string | undefined): number {
  const seconds = keepAlive === undefined ? null : /(?:^|[\t ,])timeout=(\d{1,6})(?:$|[\t ,;])/i.exec(keepAlive)
  return seconds === null ? Number.POSITIVE_INFINITY : Math.max(0, Number(seconds[1]) * 1000 - 1000)
}
