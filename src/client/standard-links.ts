// The links that settings ask for. Those that fetch tokens send through connections of their
// own, which live as long as the links do.

import type {
  HttpClientSettings,
  OutboundProxySettings,
  TlsSettings,
} from '../config/http-client/http-client-settings.ts'
import type { Send } from '../wire/message.ts'
import { authorization } from './authorization.ts'
import { azuread } from './azuread/azuread.ts'
import { basicAuth } from './basic-auth.ts'
import type { Link } from './chain.ts'
import { googleIam } from './google-iam/google-iam.ts'
import { httpHeaders } from './http-headers.ts'
import { oauth2 } from './oauth2/oauth2.ts'
import { maxTokenAnswerBytes } from './oauth2/token-answer.ts'
import { redirects } from './redirects.ts'
import { setHeaders } from './set-headers.ts'
import { sigv4 } from './sigv4/sigv4.ts'
import { createTransport, type Transport } from './transport.ts'

export interface LinkOptions {
  /** The process's variables, which AWS, Azure, Google and outbound proxies look at; default process.env. */
  readonly env?: NodeJS.ProcessEnv
  /** Time of day in ms; default Date.now. */
  readonly now?: () => number
}

/** In Prometheus' order, outermost first. */
export const linkNames = [
  'redirects',
  'googleIam',
  'azuread',
  'sigv4',
  'headers',
  'httpHeaders',
  'oauth2',
  'basicAuth',
  'authorization',
] as const

export type LinkName = (typeof linkNames)[number]

export interface StandardLinks {
  /** Those that settings ask for, in the order of `linkNames`. */
  readonly links: ReadonlyMap<LinkName, Link>
  /** Ends the connections to token servers. */
  destroy(): void
}

/** Throws SluiceError CONFIG_INVALID where settings can't be used: no AWS region, a CA that is none. */
export function standardLinks(settings: HttpClientSettings, options: LinkOptions = {}): StandardLinks {
  const { env = process.env, now = Date.now } = options
  const transports: Transport[] = []
  const tokenClient = (tls: TlsSettings, proxy: OutboundProxySettings) => {
    const transport = createTransport({ tls, proxy, env, dualStack: true, maxKeptBytes: maxTokenAnswerBytes })
    transports.push(transport)
    return transport.send
  }
  // As the SDKs of the clouds: the environment names the proxy. But metadata servers, which alone are asked over http:,
  // are the machine's own: no proxy leads to them, and one would read the tokens.
  const cloud = () => {
    const direct = tokenClient({}, {})
    const byEnvironment = tokenClient({}, { fromEnvironment: true })
    const send: Send = (request) => (request.url.startsWith('http:') ? direct : byEnvironment)(request)
    return { tokenClient: send, now, env }
  }
  const makers: Readonly<Record<LinkName, () => Link | undefined>> = {
    redirects: () => (settings.followRedirects ? redirects() : undefined),
    googleIam: () => settings.googleIam && googleIam(settings.googleIam, cloud()),
    azuread: () => settings.azuread && azuread(settings.azuread, cloud()),
    sigv4: () => settings.sigv4 && sigv4(settings.sigv4, cloud()),
    headers: () => (isEmpty(settings.headers) ? undefined : setHeaders(settings.headers)),
    httpHeaders: () => (isEmpty(settings.httpHeaders) ? undefined : httpHeaders(settings.httpHeaders)),
    oauth2: () =>
      settings.oauth2 &&
      oauth2(settings.oauth2, { tokenClient: tokenClient(settings.oauth2.tls, settings.oauth2.proxy), now }),
    basicAuth: () => settings.basicAuth && basicAuth(settings.basicAuth),
    authorization: () => settings.authorization && authorization(settings.authorization),
  }
  const links = new Map<LinkName, Link>()
  for (const name of linkNames) {
    const link = makers[name]()
    if (link !== undefined) links.set(name, link)
  }
  return {
    links,
    destroy: () => {
      for (const transport of transports) transport.destroy()
    },
  }
}

const isEmpty = (record: object): boolean => Object.keys(record).length === 0
