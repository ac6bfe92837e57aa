// Where a tenant's parts go and with what: the endpoint's own, or what an override puts in its place.

import { compileGlobs } from '../config/glob.ts'
import type { Override, RateLimit } from '../config/tenancy-settings.ts'

/** Everything about one tenant's requests that does not change from one to the next. */
export interface Target {
  readonly url: string
  /** Complete but for the tenant header and what travels with the push; names in lower case. */
  readonly headers: Readonly<Record<string, string>>
  readonly timeoutMs: number
  readonly rateLimit: RateLimit
}

/** Makes the function from tenant to target; the first override whose globs match the final id wins. */
export function compileTargets(base: Target, overrides: readonly Override[]): (tenant: string) => Target {
  const rules = overrides.map((override) => ({
    matches: compileGlobs(override.tenants),
    target: overridden(base, override),
  }))
  return (tenant) => rules.find((rule) => rule.matches(tenant))?.target ?? base
}

function overridden(base: Target, override: Override): Target {
  const { basicAuth, headers = {} } = override
  const lower = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]))
  return {
    url: override.url ?? base.url,
    headers: { ...base.headers, ...lower, ...(basicAuth && { authorization: basicAuthorization(basicAuth) }) },
    timeoutMs: override.remoteTimeoutMs ?? base.timeoutMs,
    rateLimit: override.rateLimit ?? base.rateLimit,
  }
}

/** The Authorization value of Basic auth (RFC 7617), credentials as UTF-8. */
export function basicAuthorization(auth: { readonly username: string; readonly password: string }): string {
  return `Basic ${Buffer.from(`${auth.username}:${auth.password}`).toString('base64')}`
}
