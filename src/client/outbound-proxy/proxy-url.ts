// A proxy's URL taken apart, as net/http of Go understands it. It may carry a password: no text repeats it.

import { Secret } from '../../config/secret.ts'
import type { Address } from '../dial.ts'

export interface OutboundProxy extends Address {
  readonly protocol: 'http:' | 'https:' | 'socks5:'
  /** host:port, for texts. */
  readonly shown: string
  readonly login?: Login
  /** All of it: requests by different proxies or users share no connection. */
  readonly url: Secret
}

export interface Login {
  readonly user: Secret
  readonly password: Secret
}

const ports = { 'http:': 80, 'https:': 443, 'socks5:': 1080 } as const

/** `what` names the setting for the text: `proxy_url`. Throws an Error that doesn't show the URL. */
export function parseProxyUrl(text: string, what: string): OutboundProxy {
  if (!URL.canParse(text)) throw new Error(`${what} is not a URL`)
  const { protocol: scheme, hostname: host, port, username, password } = new URL(text)
  // Go leaves names to the proxy in both.
  const protocol = scheme === 'socks5h:' ? 'socks5:' : scheme
  if (protocol !== 'http:' && protocol !== 'https:' && protocol !== 'socks5:')
    throw new Error(`${what} begins with ${scheme}//, not with http://, https://, socks5:// or socks5h://`)
  const hostname = host.replace(/^\[|\]$/g, '').toLowerCase()
  if (hostname === '' || hostname.includes('%')) throw new Error(`${what} names no host`)
  const login = username === '' && password === '' ? undefined : loginOf(username, password, what)
  if (protocol === 'socks5:' && login !== undefined && !fitsSocks(login))
    throw new Error(`${what}: user and password of SOCKS 5 have at most 255 bytes each, and the user at least one`)
  const number = port === '' ? ports[protocol] : Number(port)
  return {
    protocol,
    hostname,
    port: number,
    shown: `${host}:${number}`,
    url: new Secret(text),
    ...(login !== undefined && { login }),
  }
}

function loginOf(user: string, password: string, what: string): Login {
  try {
    return { user: new Secret(decodeURIComponent(user)), password: new Secret(decodeURIComponent(password)) }
  } catch {
    throw new Error(`the user or the password in ${what} is not percent-encoded as URLs want it`)
  }
}

const fitsSocks = ({ user, password }: Login): boolean =>
  user.reveal() !== '' && [user, password].every((part) => Buffer.byteLength(part.reveal()) <= 255)

/** Value of Proxy-Authorization. */
export const basicLogin = ({ user, password }: Login): Secret =>
  new Secret(`Basic ${Buffer.from(`${user.reveal()}:${password.reveal()}`).toString('base64')}`)
