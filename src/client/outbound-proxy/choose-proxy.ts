// Directly, or by which proxy: settled once for each URL that is sent to.

import type { OutboundProxySettings } from '../../config/http-client/http-client-settings.ts'
import { SluiceError } from '../../errors.ts'
import type { Target } from '../target.ts'
import { type NoProxy, parseNoProxy } from './no-proxy.ts'
import { type OutboundProxy, parseProxyUrl } from './proxy-url.ts'

export type Environment = Readonly<Record<string, string | undefined>>

/** Undefined: directly. Throws SluiceError UPSTREAM_UNREACHABLE if the environment names a proxy that can't be used. */
export type ChooseProxy = (target: Target) => OutboundProxy | undefined

/** Throws SluiceError CONFIG_INVALID if proxy_url can't be used. */
export function proxyChooser(settings: OutboundProxySettings, env: Environment): ChooseProxy {
  if (settings.fromEnvironment === true) return (target) => fromEnvironment(target, env)
  const url = settings.url?.reveal() ?? ''
  if (url === '') return () => undefined
  const proxy = configured(url)
  // Without no_proxy even localhost goes by the proxy, as with Prometheus.
  if (settings.noProxy === undefined || settings.noProxy === '') return () => proxy
  const isDirect = parseNoProxy(settings.noProxy)
  return ({ hostname, port }) => (isDirect(hostname, port) ? undefined : proxy)
}

function configured(url: string): OutboundProxy {
  try {
    return parseProxyUrl(url, 'proxy_url')
  } catch (cause) {
    throw new SluiceError('CONFIG_INVALID', cause instanceof Error ? cause.message : String(cause))
  }
}

function fromEnvironment({ protocol, hostname, port }: Target, env: Environment): OutboundProxy | undefined {
  const name = protocol === 'https:' ? 'HTTPS_PROXY' : 'HTTP_PROXY'
  const url = variable(env, name)
  if (url === '') return undefined
  // There, a client's header `Proxy:` arrives as this variable.
  if (protocol === 'http:' && (env.REQUEST_METHOD ?? '') !== '')
    throw unusable('refusing to use HTTP_PROXY value in CGI environment; see golang.org/s/cgihttpproxy')
  const isDirect: NoProxy = parseNoProxy(variable(env, 'NO_PROXY'))
  if (isDirect(hostname, port)) return undefined
  try {
    return parseProxyUrl(/^[a-z][a-z0-9+.-]*:\/\//i.test(url) ? url : `http://${url}`, name)
  } catch (cause) {
    // Going directly instead would lead traffic past a proxy that somebody wanted.
    throw unusable(cause instanceof Error ? cause.message : String(cause))
  }
}

const variable = (env: Environment, name: string): string => env[name] || env[name.toLowerCase()] || ''
const unusable = (text: string): SluiceError => new SluiceError('UPSTREAM_UNREACHABLE', text)
