// The links that settings ask for, in Prometheus' order. Those that fetch tokens send through connections of their
// own, which live as long as the links do.

import type {
  HttpClientSettings,
  OutboundProxySettings,
  TlsSettings,
} from '../config/http-client/http-client-settings.ts'
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

export interface StandardLinks {
  /** Outermost first: redirects, google_iam, azuread, sigv4, headers, http_headers, oauth2, basic_auth, authorization. */
  readonly links: readonly Link[]
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
  // As the SDKs of the clouds: the environment names the proxy.
  const cloud = () => ({ tokenClient: tokenClient({}, { fromEnvironment: true }), now, env })
  const links: Link[] = []
  if (settings.followRedirects) links.push(redirects())
  if (settings.googleIam !== undefined) links.push(googleIam(settings.googleIam, cloud()))
  if (settings.azuread !== undefined) links.push(azuread(settings.azuread, cloud()))
  if (settings.sigv4 !== undefined) links.push(sigv4(settings.sigv4, cloud()))
  if (Object.keys(settings.headers).length > 0) links.push(setHeaders(settings.headers))
  if (Object.keys(settings.httpHeaders).length > 0) links.push(httpHeaders(settings.httpHeaders))
  if (settings.oauth2 !== undefined) {
    const { tls, proxy } = settings.oauth2
    links.push(oauth2(settings.oauth2, { tokenClient: tokenClient(tls, proxy), now }))
  }
  if (settings.basicAuth !== undefined) links.push(basicAuth(settings.basicAuth))
  if (settings.authorization !== undefined) links.push(authorization(settings.authorization))
  return {
    links,
    destroy: () => {
      for (const transport of transports) transport.destroy()
    },
  }
}
