// A URL to send to, taken apart once: settings name few of them and requests name them often.

import type { Secret } from '../config/secret.ts'
import { SluiceError } from '../errors.ts'

export interface Target {
  readonly protocol: 'http:' | 'https:'
  /** Without the brackets of IPv6. */
  readonly hostname: string
  readonly port: number
  /** scheme://host:port: requests of one origin share its connections. */
  readonly origin: string
  /** Value of the Host header: with the port unless it is the scheme's own. */
  readonly host: string
  /** As on the request line: path and query, or all of the URL for a proxy that forwards the request. */
  readonly path: string
  /** host:port, always with the port. */
  readonly authority: string
  /** For texts: host:port, and a proxy on the way; no text ever shows more of a URL. */
  readonly shown: string
  /** Sent with each request, to the proxy that forwards it. */
  readonly proxyAuthorization?: Secret
}

/**
 * Takes apart an http or https URL. User and password don't belong in it (they are Basic auth, a link's matter).
 * Throws SluiceError INTERNAL: settings were judged before.
 */
export function parseTarget(url: string): Target {
  if (!URL.canParse(url)) throw new SluiceError('INTERNAL', 'the URL to send to is no URL')
  const { protocol, hostname, port, host, pathname, search, username, password } = new URL(url)
  if (protocol !== 'http:' && protocol !== 'https:')
    throw new SluiceError('INTERNAL', `there is no sending to ${protocol} URLs, only to http: and https:`)
  if (username !== '' || password !== '')
    throw new SluiceError('INTERNAL', `the URL of ${host} carries credentials, which are a link's matter`)
  const number = port === '' ? (protocol === 'http:' ? 80 : 443) : Number(port)
  return {
    protocol,
    hostname: hostname.replace(/^\[|\]$/g, ''),
    port: number,
    origin: `${protocol}//${hostname}:${number}`,
    host,
    path: pathname + search,
    authority: `${hostname}:${number}`,
    shown: `${hostname}:${number}`,
  }
}
