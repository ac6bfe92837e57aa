// The tunnel of an HTTP proxy: CONNECT (RFC 9110, section 9.3.6). Of its answer only the status counts.

import { headerBytes, headerValueProblem } from '../../config/header-rules.ts'
import type { Secret } from '../../config/secret.ts'
import { SluiceError } from '../../errors.ts'
import { parseResponseHead } from '../http1/response-head.ts'
import { type Measure, ProxyMisspoke, type Talk } from './handshake.ts'
import { basicLogin, type Login, type OutboundProxy } from './proxy-url.ts'

export type ConnectHeaders = Readonly<Record<string, readonly Secret[]>>

/** The framing is CONNECT's own: Go does not send these either. */
const own: ReadonlySet<string> = new Set(['host', 'content-length', 'transfer-encoding', 'trailer'])

const headerName = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/

/**
 * The header lines of every CONNECT; the login of the proxy's URL goes before a Proxy-Authorization of the headers.
 * Throws SluiceError CONFIG_INVALID on what no header may hold; no text shows a value.
 */
export function connectHeaderLines(headers: ConnectHeaders, login: Login | undefined): string {
  const wrong = (text: string) => new SluiceError('CONFIG_INVALID', `proxy_connect_header: ${text}`)
  let lines = login === undefined ? '' : `Proxy-Authorization: ${basicLogin(login).reveal()}\r\n`
  for (const [name, values] of Object.entries(headers)) {
    if (!headerName.test(name)) throw wrong(`${JSON.stringify(name)} is not the name of a header`)
    for (const secret of values) {
      const value = secret.reveal().trim()
      const problem = headerValueProblem(value)
      if (problem !== undefined) throw wrong(`${name}: ${problem}`)
      const lower = name.toLowerCase()
      const isOurs = own.has(lower) || (login !== undefined && lower === 'proxy-authorization')
      if (!isOurs) lines += `${name}: ${headerBytes(value)}\r\n`
    }
  }
  return lines
}

/** `authority` is upstream's host:port. */
export function connectTalk(authority: string, headerLines: string, proxy: OutboundProxy): Talk {
  return function* (say) {
    say(Buffer.from(`CONNECT ${authority} HTTP/1.1\r\nHost: ${authority}\r\n${headerLines}\r\n`, 'latin1'))
    const head = yield wholeHead
    const { status } = parseResponseHead(head.toString('latin1', 0, head.length - endOfHead.length), 'CONNECT')
    if (status !== 200) throw refused(authority, status, proxy)
  }
}

const protocol = 'HTTP/1.'
const endOfHead = '\r\n\r\n'

const wholeHead: Measure = (received) => {
  if (!protocol.startsWith(received.toString('latin1', 0, protocol.length)))
    throw new ProxyMisspoke('it does not speak HTTP/1.1')
  const at = received.indexOf(endOfHead)
  return at < 0 ? 0 : at + endOfHead.length
}

function refused(authority: string, status: number, { login, shown }: OutboundProxy): SluiceError {
  const why =
    status !== 407
      ? `it refused the way to ${authority} with status ${status}`
      : login === undefined
        ? 'it demands a user and a password (407), and the URL of the proxy holds none'
        : 'it does not accept the user and the password in the URL of the proxy (407)'
  return new SluiceError('UPSTREAM_UNREACHABLE', `the proxy ${shown}: ${why}`)
}
