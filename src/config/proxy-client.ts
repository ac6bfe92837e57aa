// How the proxy's two upstreams are reached and signed in to: the group `client.`, ct's `auth.egress` and what stands
// in the URLs made one.

import type { HttpClientSettings } from './http-client/http-client-settings.ts'
import { authKeys } from './http-client/settle-auth.ts'
import { defaultHttpClient, settlePart } from './http-client/settle-http-client.ts'
import { Secret } from './secret.ts'
import type { SettingValue } from './setting-spec.ts'
import { type Settings, settingPaths } from './settings.ts'
import type { BasicAuth } from './tenancy-settings.ts'
import { parseUpstream, type Upstream } from './upstream-url.ts'

/** What is given under `client.`, by the paths of the HTTP client's own table. */
export function clientRows(settings: Settings): ReadonlyMap<string, SettingValue> {
  const given = settingPaths.filter((path) => path.startsWith('client.') && settings[path] !== undefined)
  return new Map(given.map((path) => [path.slice('client.'.length), settings[path] as SettingValue]))
}

const signsIn = (part: Partial<HttpClientSettings>): boolean => authKeys.some((key) => part[key] !== undefined)

/** As in ct, user and password in a URL win over what goes to both upstreams. */
export function resolveUpstream(url: string, settings: Settings): Upstream {
  const upstream = parseUpstream(url)
  const username = settings['auth.egress.username']
  if (upstream.basicAuth !== undefined || username === '' || signsIn(settlePart(clientRows(settings)))) return upstream
  const basicAuth: BasicAuth = { username, password: settings['auth.egress.password'] }
  return { ...upstream, basicAuth }
}

/** ct's bundle, where `client.tls_config` names no authorities. */
export function resolveCaBundle(settings: Settings): string | undefined {
  const path = settings['auth.egress.tls_config.ca_bundle_file']
  return path === '' || settlePart(clientRows(settings)).tls?.ca !== undefined ? undefined : path
}

const inline = (text: string) => ({ kind: 'inline', secret: new Secret(text) }) as const

/** The client for one upstream, complete. */
export function resolveClient(settings: Settings, { basicAuth }: Upstream): HttpClientSettings {
  const part = settlePart(clientRows(settings))
  const bundle = resolveCaBundle(settings)
  const auth = basicAuth && { username: inline(basicAuth.username), password: inline(basicAuth.password) }
  const rest = Object.fromEntries(
    Object.entries(part).filter(([key]) => auth === undefined || !(authKeys as readonly string[]).includes(key)),
  )
  return {
    ...defaultHttpClient,
    ...rest,
    ...(auth && { basicAuth: auth }),
    tls: { ...(bundle !== undefined && { ca: { kind: 'file', path: bundle } as const }), ...part.tls },
  }
}
